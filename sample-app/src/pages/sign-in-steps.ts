import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type AnyChallenge, type CognitoError, CognitoService, type SignInResult } from 'nest-cognito';
import { BrowserSessions } from '../browser/browser-sessions.js';
import { field, textField, trimmedField } from './form.js';
import { type Html, html } from './html.js';
import { type Alert, alertFor, Pages } from './pages.js';

/** The challenges that this application has a form for. */
type KnownStep = Extract<
  AnyChallenge,
  { name: 'NEW_PASSWORD_REQUIRED' | 'SOFTWARE_TOKEN_MFA' | 'SMS_MFA' | 'EMAIL_OTP' }
>;

/** What follows a password: a session, or the page that asks for the next step. */
@Injectable()
export class SignInSteps {
  constructor(
    private readonly pages: Pages,
    private readonly cognito: CognitoService,
    private readonly sessions: BrowserSessions,
  ) {}

  /** Begins a session, or asks on. */
  async proceed(request: Request, response: Response, result: SignInResult): Promise<void> {
    if (result.status === 'challenge') {
      await this.ask(request, response, result.challenge);
      return;
    }
    this.sessions.begin(request, response, result.tokens);
    response.redirect(303, '/profile');
  }

  /** Asks for the answer to a challenge; after a refusal once more, with the reason. */
  async ask(request: Request, response: Response, challenge: AnyChallenge, refused?: CognitoError): Promise<void> {
    if (!isKnownStep(challenge)) {
      this.#send(request, response, html`<h1>Not possible here</h1>`, unknownStep(challenge.name), 403);
      return;
    }
    // The challenge waits in the browser, sealed: no process of this application has to remember it.
    const sealed = await this.cognito.sealChallenge(challenge);
    const alert = refused && alertFor(refused);
    this.pages.send(request, response, {
      title: 'Sign in',
      status: refused?.status,
      alert,
      body: (form) =>
        html`<div class="narrow">
          ${headingOf(challenge, this.pages.hasInbox)}
          <div class="card">
            ${form(
              '/sign-in/step',
              html`<input type="hidden" name="challenge" value="${sealed}" />
                ${fieldsOf(challenge, refused !== undefined)} <button class="wide">Continue</button>`,
            )}
          </div>
        </div>`,
    });
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

  #send(request: Request, response: Response, body: Html, alert: Alert, status: number): void {
    this.pages.send(request, response, { title: 'Sign in', status, alert, body: () => body });
  }
}

function isKnownStep(challenge: AnyChallenge): challenge is KnownStep {
  return ['NEW_PASSWORD_REQUIRED', 'SOFTWARE_TOKEN_MFA', 'SMS_MFA', 'EMAIL_OTP'].includes(challenge.name);
}

function unknownStep(name: string): Alert {
  return { code: name, message: 'This account asks for a further step, which this application does not know yet.' };
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
    hint: 'At least 8 characters, with upper and lower case, a digit and a symbol.',
    invalid,
  })}
  ${challenge.requiredAttributes.map((name) => field({ name, label: name.replaceAll('_', ' '), autocomplete: 'on' }))}`;
}
