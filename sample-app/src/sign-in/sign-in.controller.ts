import { Body, Get, Inject, Post, Query, Req } from '@nestjs/common';
import { type CognitoError, CognitoService, isCognitoError } from 'nest-cognito';
import { CognitoAttemptLimiter } from 'nest-cognito/auth-api';
import { CognitoSessionService, type HttpRequest } from 'nest-cognito/session';
import { alertFor } from '../frame/alert-for.js';
import { type Alert, type Answer, SeeOther } from '../frame/answer.js';
import { field, textField, trimmedField } from '../frame/form.js';
import { type Html, html } from '../frame/html.js';
import { PublicPageController } from '../frame/page.controller.js';
import { MANAGED_LOGIN } from './managed-login.js';
import { returnPath } from './return-path.js';
import { SignInSteps } from './sign-in-steps.js';

const NOTICES: Readonly<Record<string, string>> = {
  confirmed: 'Your account is ready. Sign in.',
  'password-changed': 'Your password has been changed. Sign in.',
};

/** Sign in, over SRP or at Cognito's own pages, and out. */
@PublicPageController()
export class SignInController {
  constructor(
    private readonly cognito: CognitoService,
    private readonly sessions: CognitoSessionService,
    private readonly steps: SignInSteps,
    private readonly attempts: CognitoAttemptLimiter,
    @Inject(MANAGED_LOGIN) private readonly hasManagedLogin: boolean,
  ) {}

  @Get('sign-in')
  show(@Query() query: unknown): Answer {
    const notice = NOTICES[textField(query, 'notice') ?? ''];
    const code = textField(query, 'error');
    const alert = code === undefined ? undefined : alertOfManagedLogin(code);
    return this.#page({ username: '', wanted: returnPath(textField(query, 'return')), notice, alert });
  }

  @Post('sign-in')
  async signIn(@Req() request: HttpRequest, @Body() body: unknown): Promise<Answer> {
    const username = trimmedField(body, 'username');
    const wanted = returnPath(textField(body, 'return'));
    try {
      const details = { username, password: textField(body, 'password') ?? '' };
      const attempt = { action: 'login', ip: request.ip, account: username } as const;
      const result = await this.attempts.attempt(attempt, () => this.cognito.signIn(details));
      return await this.steps.proceed(request, result, wanted);
    } catch (thrown) {
      if (!isCognitoError(thrown)) throw thrown;
      return this.#page({
        username,
        wanted,
        status: thrown.status,
        alert: alertFor(thrown, helpFor(thrown, username)),
      });
    }
  }

  @Post('sign-out')
  async signOut(@Req() request: HttpRequest): Promise<Answer> {
    await this.sessions.end(request);
    return new SeeOther('/signed-out');
  }

  /** Where Cognito's own sign-out page sends people back to, too. */
  @Get('signed-out')
  signedOut(): Answer {
    const body = () =>
      html`<h1>Good-bye</h1>
        <p><a class="button" href="/sign-in">Sign in again</a></p>`;
    return { title: 'Signed out', notice: 'You are signed out.', body };
  }

  #page({ username, wanted, status, alert, notice }: SignInPage): Answer {
    return {
      title: 'Sign in',
      status,
      alert,
      notice,
      body: (form) =>
        html`<div class="narrow">
          <h1>Sign in</h1>
          <div class="card">
            ${form('/sign-in', fieldsOf(username, wanted, alert?.code === 'COGNITO_CREDENTIALS_INCORRECT'))}
          </div>
          ${this.hasManagedLogin ? managedLogin(wanted) : ''}
          <p class="below"><a href="/forgot-password">Forgot your password?</a></p>
          <p class="below">New here? <a href="/sign-up">Create an account</a></p>
        </div>`,
    };
  }
}

interface SignInPage {
  readonly username: string;
  /** Where to go afterwards. */
  readonly wanted: string;
  readonly status?: number;
  readonly alert?: Alert | undefined;
  readonly notice?: string | undefined;
}

function fieldsOf(username: string, wanted: string, invalid: boolean): Html {
  return html`<input type="hidden" name="return" value="${wanted}" />
    ${field({ name: 'username', label: 'Username', autocomplete: 'username', value: username })}
    ${field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', invalid })}
    <button class="wide">Sign in</button>`;
}

function managedLogin(wanted: string): Html {
  const query = new URLSearchParams({ returnTo: wanted }).toString();
  return html`<p class="below">
    <a class="button second wide" href="/oauth/login?${query}">Sign in at Cognito’s own page</a>
  </p>`;
}

function alertOfManagedLogin(code: string): Alert {
  const safe = /^[A-Z_]{1,60}$/.test(code) ? code : 'COGNITO_OAUTH_REFUSED';
  return { code: safe, message: 'Signing in at Cognito’s own page did not work.' };
}

function helpFor(error: CognitoError, username: string): Html | undefined {
  const query = new URLSearchParams({ username }).toString();
  if (error.code === 'COGNITO_USER_NOT_CONFIRMED')
    return html`<a href="/confirm?${query}">Confirm it with the code</a>.`;
  if (error.code === 'COGNITO_PASSWORD_RESET_REQUIRED') return html`<a href="/forgot-password">Choose a new one</a>.`;
  return undefined;
}
