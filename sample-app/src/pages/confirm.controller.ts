import { Body, Controller, Get, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type CognitoError, CognitoService, isCognitoError } from 'nest-cognito';
import { ErrorPages } from './error-pages.filter.js';
import { field, type FormMaker, textField, trimmedField } from './form.js';
import { type Html, html } from './html.js';
import { alertFor, Pages } from './pages.js';

/** Confirm a sign-up with the code that was sent, or have it sent again. */
@UseFilters(ErrorPages)
@Controller('confirm')
export class ConfirmController {
  constructor(
    private readonly pages: Pages,
    private readonly cognito: CognitoService,
  ) {}

  @Get()
  show(@Req() request: Request, @Res() response: Response, @Query() query: unknown): void {
    const notice = textField(query, 'notice') === 'sent' ? 'A new code is on its way.' : undefined;
    this.#page(request, response, trimmedField(query, 'username'), { notice });
  }

  @Post()
  async confirm(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    const username = trimmedField(body, 'username');
    try {
      await this.cognito.confirmSignUp({ username, code: trimmedField(body, 'code') });
      response.redirect(303, '/sign-in?notice=confirmed');
    } catch (thrown) {
      if (!isCognitoError(thrown)) throw thrown;
      this.#page(request, response, username, { error: thrown });
    }
  }

  @Post('resend')
  async resend(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    const username = trimmedField(body, 'username');
    try {
      await this.cognito.resendConfirmationCode({ username });
      response.redirect(303, `/confirm?notice=sent&username=${encodeURIComponent(username)}`);
    } catch (thrown) {
      if (!isCognitoError(thrown)) throw thrown;
      this.#page(request, response, username, { error: thrown });
    }
  }

  #page(request: Request, response: Response, username: string, { error, notice }: Outcome): void {
    this.pages.send(request, response, {
      title: 'Confirm',
      status: error?.status,
      alert: error === undefined ? undefined : alertFor(error),
      notice,
      body: (form) =>
        html`<div class="narrow">
          <h1>Confirm your e-mail</h1>
          <p class="quiet">
            A code was sent to the address of this account.
            ${this.pages.hasInbox ? html`Look for it in the <a href="/inbox">inbox</a>.` : ''}
          </p>
          <div class="card">${codeForm(form, username, error)}</div>
          ${username === '' ? '' : resendForm(form, username)}
        </div>`,
    });
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
