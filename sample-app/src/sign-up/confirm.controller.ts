import { Body, Get, Post, Query, Req } from '@nestjs/common';
import { type CognitoError, CognitoService, isCognitoError } from 'nest-cognito';
import { CognitoAttemptLimiter } from 'nest-cognito/auth-api';
import type { HttpRequest } from 'nest-cognito/session';
import { alertFor } from '../frame/alert-for.js';
import { type Answer, withNotice } from '../frame/answer.js';
import { field, type FormMaker, textField, trimmedField } from '../frame/form.js';
import { Frame } from '../frame/frame.js';
import { type Html, html } from '../frame/html.js';
import { PublicPageController } from '../frame/page.controller.js';

/** Confirm a sign-up with the code that was sent, or have it sent again. */
@PublicPageController('confirm')
export class ConfirmController {
  constructor(
    private readonly frame: Frame,
    private readonly cognito: CognitoService,
    private readonly attempts: CognitoAttemptLimiter,
  ) {}

  @Get()
  show(@Query() query: unknown): Answer {
    const notice = textField(query, 'notice') === 'sent' ? 'A new code is on its way.' : undefined;
    return this.#page(trimmedField(query, 'username'), { notice });
  }

  @Post()
  async confirm(@Req() request: HttpRequest, @Body() body: unknown): Promise<Answer> {
    const username = trimmedField(body, 'username');
    try {
      const details = { username, code: trimmedField(body, 'code') };
      const attempt = { action: 'confirm', ip: request.ip, account: username } as const;
      await this.attempts.attempt(attempt, () => this.cognito.confirmSignUp(details));
      return withNotice('/sign-in', 'confirmed');
    } catch (thrown) {
      if (!isCognitoError(thrown)) throw thrown;
      return this.#page(username, { error: thrown });
    }
  }

  @Post('resend')
  async resend(@Req() request: HttpRequest, @Body() body: unknown): Promise<Answer> {
    const username = trimmedField(body, 'username');
    try {
      const attempt = { action: 'code', ip: request.ip, account: username } as const;
      await this.attempts.attempt(attempt, () => this.cognito.resendConfirmationCode({ username }));
      return withNotice('/confirm', 'sent', { username });
    } catch (thrown) {
      if (!isCognitoError(thrown)) throw thrown;
      return this.#page(username, { error: thrown });
    }
  }

  #page(username: string, { error, notice }: Outcome): Answer {
    return {
      title: 'Confirm',
      status: error?.status,
      alert: error && alertFor(error),
      notice,
      body: (form) =>
        html`<div class="narrow">
          <h1>Confirm your e-mail</h1>
          <p class="quiet">
            A code was sent to the address of this account.
            ${this.frame.hasInbox ? html`Look for it in the <a href="/inbox">inbox</a>.` : ''}
          </p>
          <div class="card">${codeForm(form, username, error)}</div>
          ${username === '' ? '' : resendForm(form, username)}
        </div>`,
    };
  }
}

interface Outcome {
  readonly error?: CognitoError;
  readonly notice?: string | undefined;
}

function codeForm(form: FormMaker, username: string, error: CognitoError | undefined): Html {
  const invalid = error?.code === 'COGNITO_CODE_MISMATCH' || error?.code === 'COGNITO_CODE_EXPIRED';
  return form(
    '/confirm',
    html`${field({ name: 'username', label: 'Username', autocomplete: 'username', value: username })}
      ${field({ name: 'code', label: 'Code', autocomplete: 'one-time-code', numeric: true, invalid })}
      <button class="wide">Confirm</button>`,
  );
}

function resendForm(form: FormMaker, username: string): Html {
  const content = html`<input type="hidden" name="username" value="${username}" />
    <button class="plain">Send another code</button>`;
  return html`<div class="below">${form('/confirm/resend', content)}</div>`;
}
