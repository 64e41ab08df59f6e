import { Body, Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type CognitoError, type CognitoErrorCode, CognitoService, isCognitoError } from 'nest-cognito';
import { ErrorPages } from './error-pages.filter.js';
import { field, textField, trimmedField } from './form.js';
import { type Html, html } from './html.js';
import { alertFor, Pages } from './pages.js';

const FIELDS: Partial<Record<CognitoErrorCode, string>> = {
  COGNITO_USERNAME_EXISTS: 'username',
  COGNITO_PASSWORD_POLICY: 'password',
};

/** Sign up; the code that confirms it is asked for on a page of its own. */
@UseFilters(ErrorPages)
@Controller('sign-up')
export class SignUpController {
  constructor(
    private readonly pages: Pages,
    private readonly cognito: CognitoService,
  ) {}

  @Get()
  show(@Req() request: Request, @Res() response: Response): void {
    this.#page(request, response, {});
  }

  @Post()
  async signUp(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    const username = trimmedField(body, 'username');
    try {
      const password = textField(body, 'password') ?? '';
      const { userConfirmed } = await this.cognito.signUp({ username, password, attributes: attributesOf(body) });
      const next = userConfirmed ? '/sign-in?notice=confirmed' : `/confirm?username=${encodeURIComponent(username)}`;
      response.redirect(303, next);
    } catch (thrown) {
      if (!isCognitoError(thrown)) throw thrown;
      this.#page(request, response, body, thrown);
    }
  }

  #page(request: Request, response: Response, typed: unknown, error?: CognitoError): void {
    this.pages.send(request, response, {
      title: 'Sign up',
      status: error?.status,
      alert: error === undefined ? undefined : alertFor(error),
      body: (form) =>
        html`<div class="narrow">
          <h1>Create an account</h1>
          <div class="card">
            ${form('/sign-up', html`${fieldsOf(typed, error)} <button class="wide">Create the account</button>`)}
          </div>
          <p class="below">Have an account? <a href="/sign-in">Sign in</a></p>
        </div>`,
    });
  }
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
      hint: 'At least 8 characters: small and capital letters, a digit and a symbol.',
      invalid: refused === 'password',
    }),
  ];
}

function attributesOf(body: unknown): Record<string, string> {
  const written = ['email', 'given_name', 'family_name'].map((name) => [name, trimmedField(body, name)] as const);
  return Object.fromEntries(written.filter(([, value]) => value !== ''));
}
