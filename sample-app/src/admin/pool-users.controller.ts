import { BadRequestException, Body, Get, Param, Post, Query } from '@nestjs/common';
import { type AdminUser, CognitoService, CognitoUser, type CognitoUserPrincipal, RequireGroups } from 'nest-cognito';
import { type Answer, withNotice } from '../frame/answer.js';
import { type FormMaker, textField, trimmedField } from '../frame/form.js';
import { type Html, html } from '../frame/html.js';
import { PageController } from '../frame/page.controller.js';
import { detailsOf } from '../account/details.js';

const PAGE_SIZE = 20;

const NOTICES: Readonly<Record<string, string>> = {
  enabled: 'The user may sign in again.',
  disabled: 'The user may no longer sign in.',
  groups: 'The groups are changed.',
};

/** The users of the pool, for the group `admin` alone. */
@RequireGroups({ any: ['admin'] })
@PageController('admin')
export class PoolUsersController {
  constructor(private readonly cognito: CognitoService) {}

  @Get()
  async list(@Query() query: unknown): Promise<Answer> {
    const page = await this.cognito.users.list({ limit: PAGE_SIZE, paginationToken: textField(query, 'after') });
    const more = page.paginationToken && new URLSearchParams({ after: page.paginationToken }).toString();
    return {
      title: 'Users',
      body: () =>
        html`<h1>Users of the pool</h1>
          <div class="card scroll">${tableOf(page.users)}</div>
          ${more === undefined ? '' : html`<p class="below"><a rel="next" href="/admin?${more}">More users</a></p>`}`,
    };
  }

  @Get('users/:username')
  async show(
    @Param('username') username: string,
    @CognitoUser() principal: CognitoUserPrincipal,
    @Query() query: unknown,
  ): Promise<Answer> {
    const user = await this.cognito.users.get({ username });
    const memberOf = new Set((await this.cognito.users.groupsOf({ username })).map(({ groupName }) => groupName));
    const groups = (await this.cognito.groups.list()).groups.map(({ groupName }) => groupName);
    const isSelf = user.sub === principal.sub;
    return {
      title: user.username,
      notice: NOTICES[textField(query, 'notice') ?? ''],
      body: (form) =>
        html`<h1>${user.username}</h1>
          <section class="card" aria-label="Account">
            ${accountOf(user)} ${isSelf ? '' : standingForm(user, form)}
          </section>
          <section class="card" aria-labelledby="groups">
            <h2 id="groups">Groups</h2>
            ${groups.map((group) => groupForm(user.username, group, memberOf.has(group), form))}
          </section>
          <p class="below"><a href="/admin">All users</a></p>`,
    };
  }

  @Post('users/:username/standing')
  async setStanding(
    @Param('username') username: string,
    @CognitoUser() principal: CognitoUserPrincipal,
    @Body() body: unknown,
  ): Promise<Answer> {
    if (username === principal.username) throw refusal('Nobody shuts themselves out.');
    const wanted = trimmedField(body, 'standing');
    if (wanted === 'enabled') await this.cognito.users.enable({ username });
    else if (wanted === 'disabled') await this.cognito.users.disable({ username });
    else throw refusal('A user is enabled or disabled.');
    return withNotice(pathOf(username), wanted);
  }

  @Post('users/:username/groups')
  async setMembership(@Param('username') username: string, @Body() body: unknown): Promise<Answer> {
    const membership = { username, groupName: trimmedField(body, 'group') };
    const wanted = trimmedField(body, 'membership');
    if (wanted === 'add') await this.cognito.groups.addUser(membership);
    else if (wanted === 'remove') await this.cognito.groups.removeUser(membership);
    else throw refusal('A user is added or removed.');
    return withNotice(pathOf(username), 'groups');
  }
}

function pathOf(username: string): string {
  return `/admin/users/${encodeURIComponent(username)}`;
}

function refusal(message: string): BadRequestException {
  return new BadRequestException({ statusCode: 400, error: 'Bad Request', code: 'FORM_INVALID', message });
}

function tableOf(users: readonly AdminUser[]): Html {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">User</th>
        <th scope="col">E-mail</th>
        <th scope="col">Status</th>
      </tr>
    </thead>
    <tbody>
      ${users.map(
        ({ username, attributes, status, enabled }) =>
          html`<tr>
            <td><a href="${pathOf(username)}">${username}</a></td>
            <td class="long">${breakable(attributes['email'])}</td>
            <td>${status}${enabled ? '' : ', disabled'}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** A narrow column breaks an address after its @, and elsewhere only if it must. */
function breakable(address = ''): Html {
  const [name, ...domain] = address.split('@');
  return domain.length === 0 ? html`${name}` : html`${name}@<wbr />${domain.join('@')}`;
}

function accountOf({ sub, attributes, status, enabled, createdAt }: AdminUser): Html {
  return detailsOf([
    ['Name', [attributes['given_name'], attributes['family_name']].filter(Boolean).join(' ')],
    ['E-mail', attributes['email']],
    ['Id (sub)', sub],
    ['Status', `${status}${enabled ? '' : ', disabled'}`],
    ['Since', createdAt?.toISOString().slice(0, 10)],
  ]);
}

function standingForm({ username, enabled }: AdminUser, form: FormMaker): Html {
  const standing = enabled ? 'disabled' : 'enabled';
  return form(
    `${pathOf(username)}/standing`,
    html`<input type="hidden" name="standing" value="${standing}" />
      <button class="${enabled ? 'danger' : ''}">${enabled ? 'Disable the user' : 'Enable the user'}</button>`,
  );
}

function groupForm(username: string, group: string, isMember: boolean, form: FormMaker): Html {
  return form(
    `${pathOf(username)}/groups`,
    html`<input type="hidden" name="group" value="${group}" />
      <input type="hidden" name="membership" value="${isMember ? 'remove' : 'add'}" />
      <div class="row">
        <p>${group}</p>
        <button class="second" aria-label="${isMember ? 'Remove from' : 'Add to'} ${group}">
          ${isMember ? 'Remove' : 'Add'}
        </button>
      </div>`,
  );
}
