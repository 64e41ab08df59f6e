import { Body, Get, Post, Req } from '@nestjs/common';
import { type CognitoError, type CognitoErrorCode, CognitoService, isCognitoError } from 'nest-cognito';
import { CognitoAttemptLimiter } from 'nest-cognito/auth-api';
import type { HttpRequest } from 'nest-cognito/session';
import { alertFor } from '../frame/alert-for.js';
import { type Answer, SeeOther, withNotice } from '../frame/answer.js';
import { field, textField, trimmedField } from '../frame/form.js';
import { type Html, html } from '../frame/html.js';
import { PublicPageController } from '../frame/page.controller.js';
import { PASSWORD_HINT } from '../frame/words.js';

const FIELDS: Partial<Record<CognitoErrorCode, string>> = {
  COGNITO_USERNAME_EXISTS: 'username',
  COGNITO_PASSWORD_POLICY: 'password',
};

/** Sign up; the code that confirms it is asked for on a page of its own. */
@PublicPageController('sign-up')
export class SignUpController {
  constructor(
    private readonly cognito: CognitoService,
    private readonly attempts: CognitoAttemptLimiter,
  ) {}

  @Get()
  show(): Answer {
    return pageOf({});
  }

  @Post()
  async signUp(@Req() request: HttpRequest, @Body() body: unknown): Promise<Answer> {
    const username = trimmedField(body, 'username');
    try {
      const details = { username, password: textField(body, 'password') ?? '', attributes: attributesOf(body) };
      const attempt = { action: 'signup', ip: request.ip, account: username } as const;
      const { userConfirmed } = await this.attempts.attempt(attempt, () => this.cognito.signUp(details));
      if (userConfirmed) return withNotice('/sign-in', 'confirmed');
      return new SeeOther(`/confirm?${new URLSearchParams({ username }).toString()}`);
    } catch (thrown) {
      if (!isCognitoError(thrown)) throw thrown;
      return pageOf(body, thrown);
    }
  }
}

function pageOf(typed: unknown, error?: CognitoError): Answer {
  return {
    title: 'Sign up',
    status: error?.status,
    alert: error && alertFor(error),
    body: (form) =>
      html`<div class="narrow">
        <h1>Create an account</h1>
        <div class="card">
          ${form('/sign-up', html`${fieldsOf(typed, error)} <button class="wide">Create the account</button>`)}
        </div>
        <p class="below">Have an account? <a href="/sign-in">Sign in</a></p>
      </div>`,
  };
}

function fieldsOf(typed: unknown, error: CognitoError | undefined): Html[] {
  const refused = error === undefined ? undefined : FIELDS[error.code];
  const common = (name: string) => ({ name, value: textField(typed, name), invalid: refused === name });
  return [
    field({ ...common('username'), label: 'Username', autocomplete: 'username' }),
    field({ ...common('email'), label: 'E-mail', type: 'email', autocomplete: 'email' }),
    field({ ...common('given_name'), label: 'First name', autocomplete: 'given-name', optional: true }),
    field({ ...common('family_name'), label: 'Last name', autocomplete: 'family-name', optional: true }),
    field({
      name: 'password',
      label: 'Password',
      type: 'password',
      autocomplete: 'new-password',
      hint: PASSWORD_HINT,
      invalid: refused === 'password',
    }),
  ];
}

function attributesOf(body: unknown): Record<string, string> {
  const written = ['email', 'given_name', 'family_name'].map((name) => [name, trimmedField(body, name)] as const);
  return Object.fromEntries(written.filter(([, value]) => value !== ''));
}
