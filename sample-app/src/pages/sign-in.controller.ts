import { Body, Controller, Get, Logger, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type CognitoError, CognitoService, isCognitoError } from 'nest-cognito';
import { BrowserSessions } from '../browser/browser-sessions.js';
import { ErrorPages } from './error-pages.filter.js';
import { field, textField, trimmedField } from './form.js';
import { type Html, html } from './html.js';
import { type Alert, alertFor, Pages } from './pages.js';
import { SignInSteps } from './sign-in-steps.js';

/** Sign in, over SRP, and out. */
@UseFilters(ErrorPages)
@Controller()
export class SignInController {
  readonly #logger = new Logger(SignInController.name);

  constructor(
    private readonly pages: Pages,
    private readonly cognito: CognitoService,
    private readonly sessions: BrowserSessions,
    private readonly steps: SignInSteps,
  ) {}

  @Get('sign-in')
  show(@Req() request: Request, @Res() response: Response, @Query() query: unknown): void {
    const notice = textField(query, 'notice') === 'confirmed' ? 'Your account is ready. Sign in.' : undefined;
    this.#page(request, response, { username: '', notice });
  }

  @Post('sign-in')
  async signIn(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    const username = trimmedField(body, 'username');
    try {
      const result = await this.cognito.signIn({ username, password: textField(body, 'password') ?? '' });
      await this.steps.proceed(request, response, result);
    } catch (thrown) {
      if (!isCognitoError(thrown)) throw thrown;
      const alert = alertFor(thrown, helpFor(thrown, username));
      this.#page(request, response, { username, status: thrown.status, alert });
    }
  }

  @Post('sign-out')
  async signOut(@Req() request: Request, @Res() response: Response): Promise<void> {
    const tokens = this.sessions.find(request);
    this.sessions.end(request, response);
    try {
      if (tokens !== undefined) await this.cognito.revokeToken({ refreshToken: tokens.refreshToken });
    } catch (thrown) {
      // Signed out here all the same; the refresh token was only ever known to this process.
      if (!isCognitoError(thrown)) throw thrown;
      this.#logger.warn(`A refresh token could not be revoked: ${thrown.code}`);
    }
    response.redirect(303, '/?notice=signed-out');
  }

  #page(request: Request, response: Response, shown: SignInPage): void {
    const { username, status, alert, notice } = shown;
    this.pages.send(request, response, {
      title: 'Sign in',
      status,
      alert,
      notice,
      body: (form) =>
        html`<div class="narrow">
          <h1>Sign in</h1>
          <div class="card">
            ${form(
              '/sign-in',
              html`${field({ name: 'username', label: 'Username', autocomplete: 'username', value: username })}
                ${field({
                  name: 'password',
                  label: 'Password',
                  type: 'password',
                  autocomplete: 'current-password',
                  invalid: alert?.code === 'COGNITO_CREDENTIALS_INCORRECT',
                })} <button class="wide">Sign in</button>`,
            )}
          </div>
          <p class="below">New here? <a href="/sign-up">Create an account</a></p>
        </div>`,
    });
  }
}

interface SignInPage {
  readonly username: string;
  readonly status?: number;
  readonly alert?: Alert;
  readonly notice?: string | undefined;
}

function helpFor(error: CognitoError, username: string): Html | undefined {
  if (error.code !== 'COGNITO_USER_NOT_CONFIRMED') return undefined;
  return html`<a href="/confirm?username=${encodeURIComponent(username)}">Confirm it with the code</a>.`;
}
