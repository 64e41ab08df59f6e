import { Injectable } from '@nestjs/common';
import { type AnyChallenge, type CognitoError, CognitoService, type SignInResult } from 'nest-cognito';
import { CognitoSessionService, type HttpRequest } from 'nest-cognito/session';
import { alertFor } from '../frame/alert-for.js';
import { type Answer, SeeOther } from '../frame/answer.js';
import { field, textField, trimmedField } from '../frame/form.js';
import { Frame } from '../frame/frame.js';
import { type Html, html } from '../frame/html.js';
import { PASSWORD_HINT } from '../frame/words.js';

/** The challenges that this application has a form for. */
type KnownStep = Extract<
  AnyChallenge,
  { name: 'NEW_PASSWORD_REQUIRED' | 'SOFTWARE_TOKEN_MFA' | 'SMS_MFA' | 'EMAIL_OTP' }
>;

/** What follows a password: a session, or the page that asks for the next step. */
@Injectable()
export class SignInSteps {
  constructor(
    private readonly frame: Frame,
    private readonly cognito: CognitoService,
    private readonly sessions: CognitoSessionService,
  ) {}

  /** Begins a session, or asks on. @param wanted where to go afterwards */
  async proceed(request: HttpRequest, result: SignInResult, wanted: string): Promise<Answer> {
    if (result.status === 'challenge') return this.ask(result.challenge, wanted);
    await this.sessions.start(request, { tokens: result.tokens });
    return new SeeOther(wanted);
  }

  /** Asks for the answer to a challenge; after a refusal once more, with the reason. */
  async ask(challenge: AnyChallenge, wanted: string, refused?: CognitoError): Promise<Answer> {
    if (!isKnownStep(challenge)) return unknownStep(challenge.name);
    // The challenge waits in the browser, sealed: no process of this application has to remember it.
    const sealed = await this.cognito.sealChallenge(challenge);
    return {
      title: 'Sign in',
      status: refused?.status,
      alert: refused && alertFor(refused),
      body: (form) =>
        html`<div class="narrow">
          ${headingOf(challenge, this.frame.hasInbox)}
          <div class="card">
            ${form(
              '/sign-in/step',
              html`<input type="hidden" name="challenge" value="${sealed}" />
                <input type="hidden" name="return" value="${wanted}" />
                ${fieldsOf(challenge, refused !== undefined)} <button class="wide">Continue</button>`,
            )}
          </div>
        </div>`,
    };
  }

  /** Gives Cognito what was filled in. */
  answer(challenge: AnyChallenge, body: unknown): Promise<SignInResult> {
    if (challenge.name === 'NEW_PASSWORD_REQUIRED') {
      const attributes = challenge.requiredAttributes.map((name) => [name, trimmedField(body, name)]);
      return this.cognito.respondToChallenge(challenge, {
        newPassword: textField(body, 'new_password') ?? '',
        attributes: Object.fromEntries(attributes),
      });
    }
    if (!isKnownStep(challenge)) throw new TypeError('No form was shown for this challenge.');
    return this.cognito.respondToChallenge(challenge, { code: trimmedField(body, 'code') });
  }
}

function isKnownStep(challenge: AnyChallenge): challenge is KnownStep {
  return ['NEW_PASSWORD_REQUIRED', 'SOFTWARE_TOKEN_MFA', 'SMS_MFA', 'EMAIL_OTP'].includes(challenge.name);
}

function unknownStep(code: string): Answer {
  const message = 'This account asks for a further step, which this application does not know yet.';
  return { title: 'Sign in', status: 403, alert: { code, message }, body: () => html`<h1>Not possible here</h1>` };
}

function headingOf(challenge: KnownStep, hasInbox: boolean): Html {
  if (challenge.name === 'NEW_PASSWORD_REQUIRED') {
    return html`<h1>Choose a new password</h1>
      <p class="quiet">The one you signed in with was for the first time only.</p>`;
  }
  if (challenge.name === 'SOFTWARE_TOKEN_MFA') {
    return html`<h1>Enter the code</h1>
      <p class="quiet">Your authenticator app shows it.</p>`;
  }
  return html`<h1>Enter the code</h1>
    <p class="quiet">
      It was sent to ${challenge.delivery?.destination ?? 'you'}.
      ${hasInbox ? html`Look for it in the <a href="/inbox">inbox</a>.` : ''}
    </p>`;
}

function fieldsOf(challenge: KnownStep, invalid: boolean): Html {
  if (challenge.name !== 'NEW_PASSWORD_REQUIRED') {
    return field({ name: 'code', label: 'Code', autocomplete: 'one-time-code', numeric: true, invalid });
  }
  return html`${field({
    name: 'new_password',
    label: 'New password',
    type: 'password',
    autocomplete: 'new-password',
    hint: PASSWORD_HINT,
    invalid,
  })}
  ${challenge.requiredAttributes.map((name) => field({ name, label: name.replaceAll('_', ' '), autocomplete: 'on' }))}`;
}
