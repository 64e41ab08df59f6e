import { Body, Get, Post, Query } from '@nestjs/common';
import {
  type CognitoError,
  CognitoService,
  CognitoTokens,
  CognitoUser,
  isCognitoError,
  LocalUser,
  UserSyncService,
} from 'nest-cognito';
import type { CognitoUserPrincipal, RequestTokens } from 'nest-cognito';
import { alertFor } from '../frame/alert-for.js';
import { type Answer, withNotice } from '../frame/answer.js';
import { field, textField, trimmedField } from '../frame/form.js';
import { type Html, html } from '../frame/html.js';
import { PageController } from '../frame/page.controller.js';
import { User } from '../users/user.entity.js';
import { accessTokenOf } from './access-token.js';
import { detailsOf, timeOf } from './details.js';

const NOTICES: Readonly<Record<string, string>> = {
  saved: 'Your details are saved.',
  'password-changed': 'Your password has been changed.',
  'authenticator-on': 'From now on your authenticator app is asked for when you sign in.',
  'authenticator-off': 'Your authenticator app is no longer asked for.',
};

/** What this application and the user pool know about whoever is signed in. */
@PageController('profile')
export class ProfileController {
  constructor(
    private readonly cognito: CognitoService,
    private readonly userSync: UserSyncService,
  ) {}

  @Get()
  async show(
    @CognitoUser() principal: CognitoUserPrincipal,
    @CognitoTokens() tokens: RequestTokens,
    @LocalUser() user: User,
    @Query() query: unknown,
  ): Promise<Answer> {
    const { attributes } = await this.cognito.profile.get({ accessToken: accessTokenOf(tokens) });
    return {
      title: 'Profile',
      notice: NOTICES[textField(query, 'notice') ?? ''],
      body: () =>
        html`<h1>Hello, ${user.firstName ?? principal.username}</h1>
          ${inThisApplication(user)} ${inTheUserPool(principal, attributes['email_verified'] === 'true')}
          <p class="actions">
            <a class="button" href="/profile/edit">Edit your details</a>
            <a class="button second" href="/profile/password">Change your password</a>
            <a class="button second" href="/profile/authenticator">Authenticator app</a>
          </p>`,
    };
  }

  @Get('edit')
  async showForm(@CognitoTokens() tokens: RequestTokens): Promise<Answer> {
    const { attributes } = await this.cognito.profile.get({ accessToken: accessTokenOf(tokens) });
    return editPage(attributes);
  }

  @Post('edit')
  async edit(
    @CognitoUser() principal: CognitoUserPrincipal,
    @CognitoTokens() tokens: RequestTokens,
    @Body() body: unknown,
  ): Promise<Answer> {
    const attributes = { given_name: trimmedField(body, 'given_name'), family_name: trimmedField(body, 'family_name') };
    try {
      await this.cognito.profile.updateAttributes({ accessToken: accessTokenOf(tokens), attributes });
    } catch (thrown) {
      if (!isCognitoError(thrown)) throw thrown;
      return editPage(attributes, thrown);
    }
    await this.userSync.sync(principal);
    return withNotice('/profile', 'saved');
  }
}

function inThisApplication(user: User): Html {
  return html`<section class="card" aria-labelledby="own">
    <h2 id="own">In this application</h2>
    ${detailsOf([
      ['Name', [user.firstName, user.lastName].filter(Boolean).join(' ')],
      ['E-mail', user.email],
      ['Id', user.id],
    ])}
  </section>`;
}

function inTheUserPool({ username, sub, groups, claims }: CognitoUserPrincipal, isVerified: boolean): Html {
  return html`<section class="card" aria-labelledby="pool">
    <h2 id="pool">In the user pool</h2>
    ${detailsOf([
      ['Username', username],
      ['Id (sub)', sub],
      ['E-mail', isVerified ? 'verified' : 'not verified'],
      ['Groups', groups.join(', ')],
      ['Signed in', timeOf(claims.auth_time)],
      ['Token until', timeOf(claims.exp)],
    ])}
  </section>`;
}

function editPage(attributes: Readonly<Record<string, string>>, error?: CognitoError): Answer {
  return {
    title: 'Edit your details',
    status: error?.status,
    alert: error && alertFor(error),
    body: (form) =>
      html`<div class="narrow">
        <h1>Your details</h1>
        <div class="card">
          ${form(
            '/profile/edit',
            html`${nameField('given_name', 'First name', attributes)}
              ${nameField('family_name', 'Last name', attributes)} <button class="wide">Save</button>`,
          )}
        </div>
        <p class="below"><a href="/profile">Back to the profile</a></p>
      </div>`,
  };
}

function nameField(
  name: 'given_name' | 'family_name',
  label: string,
  attributes: Readonly<Record<string, string>>,
): Html {
  const autocomplete = name.replace('_', '-');
  return field({ name, label, autocomplete, value: attributes[name], optional: true, plain: true });
}
