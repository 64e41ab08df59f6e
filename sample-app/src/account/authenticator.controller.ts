import { Body, Get, Post } from '@nestjs/common';
import { type CognitoError, CognitoService, CognitoTokens, CognitoUser, isCognitoError } from 'nest-cognito';
import type { CognitoUserPrincipal, RequestTokens } from 'nest-cognito';
import { toString as qrCodeOf } from 'qrcode';
import { alertFor } from '../frame/alert-for.js';
import { type Answer, withNotice } from '../frame/answer.js';
import { field, type FormMaker, trimmedField } from '../frame/form.js';
import { Html, html } from '../frame/html.js';
import { PageController } from '../frame/page.controller.js';
import { accessTokenOf } from './access-token.js';

/** An authenticator app as the second factor: on with a QR code, and off again. */
@PageController('profile/authenticator')
export class AuthenticatorController {
  constructor(private readonly cognito: CognitoService) {}

  @Get()
  async show(@CognitoTokens() tokens: RequestTokens): Promise<Answer> {
    const { enabled } = await this.cognito.mfa.getAuthFactors({ accessToken: accessTokenOf(tokens) });
    return pageOf(enabled.includes('SOFTWARE_TOKEN_MFA') ? switchOff : begin);
  }

  @Post()
  async begin(
    @CognitoTokens() tokens: RequestTokens,
    @CognitoUser() { username }: CognitoUserPrincipal,
  ): Promise<Answer> {
    const label = { issuer: 'Notebook', accountName: username };
    const input = { accessToken: accessTokenOf(tokens), label };
    const { otpauthUri, secretCode } = await this.cognito.mfa.associateSoftwareToken(input);
    // The code is drawn here and travels in the page: the secret goes to nobody but whoever looks at it.
    const drawn = new Html(await qrCodeOf(otpauthUri, { type: 'svg', margin: 2 }));
    return pageOf((form) => scan(form, drawn, secretCode));
  }

  @Post('verify')
  async verify(@CognitoTokens() tokens: RequestTokens, @Body() body: unknown): Promise<Answer> {
    const accessToken = accessTokenOf(tokens);
    try {
      await this.cognito.mfa.verifySoftwareToken({ accessToken, code: trimmedField(body, 'code') });
    } catch (thrown) {
      if (!isCognitoError(thrown)) throw thrown;
      return pageOf((form) => askForCode(form, true), thrown);
    }
    await this.cognito.mfa.setPreference({ accessToken, softwareToken: { enabled: true, preferred: true } });
    return withNotice('/profile', 'authenticator-on');
  }

  @Post('off')
  async switchOff(@CognitoTokens() tokens: RequestTokens): Promise<Answer> {
    const accessToken = accessTokenOf(tokens);
    await this.cognito.mfa.setPreference({ accessToken, softwareToken: { enabled: false } });
    return withNotice('/profile', 'authenticator-off');
  }
}

function pageOf(content: (form: FormMaker) => Html, error?: CognitoError): Answer {
  return {
    title: 'Authenticator app',
    status: error === undefined || error.status !== 401 ? error?.status : 400,
    alert: error && alertFor(error),
    body: (form) =>
      html`<div class="narrow">
        <h1>Authenticator app</h1>
        ${content(form)}
        <p class="below"><a href="/profile">Back to the profile</a></p>
      </div>`,
  };
}

function begin(form: FormMaker): Html {
  return html`<p class="quiet">An app on your phone shows a code, which is asked for after your password.</p>
    <div class="card">${form('/profile/authenticator', html`<button class="wide">Set it up</button>`)}</div>`;
}

function switchOff(form: FormMaker): Html {
  return html`<p class="quiet">It is on: you are asked for its code when you sign in.</p>
    <div class="card">
      ${form('/profile/authenticator/off', html`<button class="wide danger">Switch it off</button>`)}
    </div>`;
}

function scan(form: FormMaker, drawn: Html, secretCode: string): Html {
  return html`<p class="quiet">Scan this with the app, then type the code that it shows.</p>
    <div class="qr" role="img" aria-label="QR code for the authenticator app">${drawn}</div>
    <details>
      <summary>It cannot be scanned?</summary>
      <p>Type this key into the app: <span class="code" id="key">${secretCode}</span></p>
    </details>
    ${askForCode(form, false)}`;
}

function askForCode(form: FormMaker, invalid: boolean): Html {
  return html`<div class="card">
    ${form(
      '/profile/authenticator/verify',
      html`${field({ name: 'code', label: 'Code', autocomplete: 'one-time-code', numeric: true, invalid })}
        <button class="wide">Switch it on</button>`,
    )}
  </div>`;
}
