import { Body, Get, Post } from '@nestjs/common';
import { type CognitoError, CognitoService, CognitoTokens, isCognitoError } from 'nest-cognito';
import type { RequestTokens } from 'nest-cognito';
import { alertFor } from '../frame/alert-for.js';
import { type Answer, withNotice } from '../frame/answer.js';
import { field, textField } from '../frame/form.js';
import { type Html, html } from '../frame/html.js';
import { PageController } from '../frame/page.controller.js';
import { PASSWORD_HINT } from '../frame/words.js';
import { accessTokenOf } from './access-token.js';

/** A new password for those who know the old one. */
@PageController('profile/password')
export class PasswordController {
  constructor(private readonly cognito: CognitoService) {}

  @Get()
  show(): Answer {
    return pageOf();
  }

  @Post()
  async change(@CognitoTokens() tokens: RequestTokens, @Body() body: unknown): Promise<Answer> {
    try {
      await this.cognito.profile.changePassword({
        accessToken: accessTokenOf(tokens),
        previousPassword: textField(body, 'previous_password') ?? '',
        proposedPassword: textField(body, 'proposed_password') ?? '',
      });
      return withNotice('/profile', 'password-changed');
    } catch (thrown) {
      if (!isCognitoError(thrown)) throw thrown;
      return pageOf(thrown);
    }
  }
}

function pageOf(error?: CognitoError): Answer {
  return {
    title: 'Change your password',
    status: error === undefined || error.status !== 401 ? error?.status : 400,
    alert: error && (isOldWrong(error) ? { code: error.code, message: 'That is not your password.' } : alertFor(error)),
    body: (form) =>
      html`<div class="narrow">
        <h1>Change your password</h1>
        <div class="card">${form('/profile/password', fieldsOf(error))}</div>
        <p class="below"><a href="/profile">Back to the profile</a></p>
      </div>`,
  };
}

function isOldWrong(error: CognitoError | undefined): boolean {
  return error?.code === 'COGNITO_CREDENTIALS_INCORRECT';
}

function fieldsOf(error: CognitoError | undefined): Html {
  return html`${field({
      name: 'previous_password',
      label: 'Password now',
      type: 'password',
      autocomplete: 'current-password',
      invalid: isOldWrong(error),
    })}
    ${field({
      name: 'proposed_password',
      label: 'New password',
      type: 'password',
      autocomplete: 'new-password',
      hint: PASSWORD_HINT,
      invalid: error !== undefined && !isOldWrong(error),
    })} <button class="wide">Change it</button>`;
}
