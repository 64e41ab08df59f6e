import { Body, Get, Post, Query, Req } from '@nestjs/common';
import { type CognitoError, CognitoService, isCognitoError } from 'nest-cognito';
import { CognitoAttemptLimiter } from 'nest-cognito/auth-api';
import type { HttpRequest } from 'nest-cognito/session';
import { alertFor } from '../frame/alert-for.js';
import { type Answer, SeeOther, withNotice } from '../frame/answer.js';
import { field, textField, trimmedField } from '../frame/form.js';
import { Frame } from '../frame/frame.js';
import { type Html, html } from '../frame/html.js';
import { PublicPageController } from '../frame/page.controller.js';
import { PASSWORD_HINT } from '../frame/words.js';

/** A new password, for those who have lost the old one. */
@PublicPageController('forgot-password')
export class ForgotPasswordController {
  constructor(
    private readonly frame: Frame,
    private readonly cognito: CognitoService,
    private readonly attempts: CognitoAttemptLimiter,
  ) {}

  @Get()
  show(): Answer {
    return askPage('');
  }

  @Post()
  async ask(@Req() request: HttpRequest, @Body() body: unknown): Promise<Answer> {
    const username = trimmedField(body, 'username');
    try {
      const attempt = { action: 'code', ip: request.ip, account: username } as const;
      await this.attempts.attempt(attempt, () => this.cognito.forgotPassword({ username }));
    } catch (thrown) {
      if (!isCognitoError(thrown)) throw thrown;
      // Whether there is such an account is nobody's business: both see the page that asks for the code.
      if (thrown.kind !== 'challenge' && thrown.code !== 'COGNITO_NOT_AUTHORIZED') return askPage(username, thrown);
    }
    return new SeeOther(`/forgot-password/confirm?${new URLSearchParams({ username }).toString()}`);
  }

  @Get('confirm')
  showConfirmation(@Query() query: unknown): Answer {
    return this.#confirmPage(trimmedField(query, 'username'));
  }

  @Post('confirm')
  async confirm(@Req() request: HttpRequest, @Body() body: unknown): Promise<Answer> {
    const username = trimmedField(body, 'username');
    try {
      const newPassword = textField(body, 'new_password') ?? '';
      const details = { username, code: trimmedField(body, 'code'), newPassword };
      const attempt = { action: 'confirm', ip: request.ip, account: username } as const;
      await this.attempts.attempt(attempt, () => this.cognito.confirmForgotPassword(details));
      return withNotice('/sign-in', 'password-changed');
    } catch (thrown) {
      if (!isCognitoError(thrown)) throw thrown;
      return this.#confirmPage(username, thrown);
    }
  }

  #confirmPage(username: string, error?: CognitoError): Answer {
    return {
      title: 'Choose a new password',
      status: error?.status,
      alert: error && alertFor(error),
      body: (form) =>
        html`<div class="narrow">
          <h1>Choose a new password</h1>
          <p class="quiet">
            If there is such an account, a code was sent to its address.
            ${this.frame.hasInbox ? html`Look for it in the <a href="/inbox">inbox</a>.` : ''}
          </p>
          <div class="card">${form('/forgot-password/confirm', confirmFields(username, error))}</div>
        </div>`,
    };
  }
}

function askPage(username: string, error?: CognitoError): Answer {
  return {
    title: 'Forgot your password?',
    status: error?.status,
    alert: error && alertFor(error),
    body: (form) =>
      html`<div class="narrow">
        <h1>Forgot your password?</h1>
        <div class="card">
          ${form(
            '/forgot-password',
            html`${field({ name: 'username', label: 'Username', autocomplete: 'username', value: username })}
              <button class="wide">Send a code</button>`,
          )}
        </div>
        <p class="below"><a href="/sign-in">Back to the sign-in</a></p>
      </div>`,
  };
}

function confirmFields(username: string, error: CognitoError | undefined): Html {
  const isBadPassword = error?.code === 'COGNITO_PASSWORD_POLICY' || error?.code === 'COGNITO_PASSWORD_REUSED';
  return html`${field({ name: 'username', label: 'Username', autocomplete: 'username', value: username })}
    ${field({
      name: 'code',
      label: 'Code',
      autocomplete: 'one-time-code',
      numeric: true,
      invalid: error !== undefined && !isBadPassword,
    })}
    ${field({
      name: 'new_password',
      label: 'New password',
      type: 'password',
      autocomplete: 'new-password',
      hint: PASSWORD_HINT,
      invalid: isBadPassword,
    })} <button class="wide">Set the password</button>`;
}
