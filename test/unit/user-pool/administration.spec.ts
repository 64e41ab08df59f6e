import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../../lib/testing/index.js';
import type { AdminUser } from '../../../lib/user-pool/admin-user.js';
import type { CognitoService } from '../../../lib/user-pool/cognito.service.js';
import { where } from '../../../lib/user-pool/user-filter.js';
import { closeDesks, codeOf, deskOf, signedIn } from '../../support/desk.js';
import { decoded } from '../emulator/wire-client.js';
import { type Fault, FaultServer, type SeenRequest } from '../../support/fault-server.js';

const PASSWORD = 'Passw0rd!';
const NEW_PASSWORD = 'N3w-Passw0rd!';
const crowd = Array.from({ length: 130 }, (_, index) => `crowd-${String(index).padStart(3, '0')}`);

let pool: CognitoEmulator;
let desk: CognitoService;
let count = 0;

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    identityProviders: ['Google'],
    passwordPolicy: { passwordHistorySize: 1 },
    schema: [{ name: 'custom:age', type: 'Number' }],
    groups: [{ name: 'staff', precedence: 1 }],
    users: crowd.map((username) => ({ username, password: PASSWORD, groups: ['crowd'] })),
  });
  desk = deskOf(pool.options, {
    attributes: { given_name: 'firstName', 'custom:age': { property: 'age', type: 'number' } },
  });
});

afterAll(async () => {
  await closeDesks();
  await pool.stop();
});

const fresh = () => `user-${(count += 1)}`;
const signIn = async (username: string, password = PASSWORD) => desk.signIn({ username, password });

/** A confirmed user with a verified address. */
async function join(username = fresh()): Promise<string> {
  const attributes = { email: `${username}@example.com`, email_verified: true, firstName: 'New' };
  await desk.users.create({ username, attributes, messageAction: 'SUPPRESS' });
  await desk.users.setPassword({ username, password: PASSWORD });
  return username;
}

describe('a user made by an administrator', () => {
  it('comes back as it is kept, and signs in with the password of the invitation', async () => {
    const username = fresh();
    const input = Object.freeze({
      username,
      attributes: Object.freeze({ firstName: 'Nora', age: 42, email: `${username}@example.com`, email_verified: true }),
      desiredDeliveryMediums: Object.freeze(['EMAIL'] as const),
      temporaryPassword: '',
    });
    const made = await desk.users.create(input);
    expect(made).toMatchObject({ username, status: 'FORCE_CHANGE_PASSWORD', enabled: true });
    expect(made.attributes).toMatchObject({ given_name: 'Nora', 'custom:age': '42', email_verified: 'true' });
    expect(made.values).toMatchObject({ firstName: 'Nora', age: 42, email_verified: true, sub: made.sub });
    expect(made.createdAt).toBeInstanceOf(Date);
    expect(await desk.users.get({ username })).toEqual(made);
    const invitation = pool.inbox.last(`${username}@example.com`);
    const result = await signIn(username, invitation?.code);
    expect(result).toMatchObject({ status: 'challenge', challenge: { name: 'NEW_PASSWORD_REQUIRED' } });
  });

  it('is refused by code', async () => {
    const username = await join();
    expect(await codeOf(desk.users.create({ username }))).toBe('COGNITO_USERNAME_EXISTS');
    expect(await codeOf(desk.users.create({ username: fresh(), temporaryPassword: 'weakling' }))).toBe(
      'COGNITO_PASSWORD_POLICY',
    );
    expect(await codeOf(desk.users.create({ username: fresh(), attributes: { 'custom:x': 'y' } }))).toBe(
      'COGNITO_ATTRIBUTE_REFUSED',
    );
    expect(await codeOf(desk.users.create({ username, messageAction: 'RESEND' }))).toBe('COGNITO_USER_STATE_INVALID');
    expect(await codeOf(desk.users.get({ username: 'nobody' }))).toBe('COGNITO_USER_NOT_FOUND');
  });

  it('has attributes that are written and removed under the application’s names', async () => {
    const username = await join();
    await desk.users.updateAttributes({ username, attributes: { age: 7, firstName: undefined, nickname: 'Nick' } });
    expect((await desk.users.get({ username })).values).toMatchObject({ age: 7, firstName: 'New', nickname: 'Nick' });
    await desk.users.deleteAttributes({ username, names: ['age', 'nickname'] });
    const { values } = await desk.users.get({ username });
    expect(values).not.toHaveProperty('age');
    expect(values).not.toHaveProperty('nickname');
    expect(await codeOf(desk.users.updateAttributes({ username, attributes: { age: 'old' } }))).toBe(
      'COGNITO_PARAMETER_INVALID',
    );
    expect(await codeOf(desk.users.deleteAttributes({ username: 'nobody', names: ['age'] }))).toBe(
      'COGNITO_USER_NOT_FOUND',
    );
  });

  it('keeps a password that is set, unless it is a temporary one', async () => {
    const username = await join();
    await desk.users.setPassword({ username, password: NEW_PASSWORD });
    expect((await desk.users.get({ username })).status).toBe('CONFIRMED');
    signedIn(await signIn(username, NEW_PASSWORD));
    expect(await codeOf(signIn(username))).toBe('COGNITO_CREDENTIALS_INCORRECT');
    expect(await codeOf(desk.users.setPassword({ username, password: NEW_PASSWORD }))).toBe('COGNITO_PASSWORD_REUSED');
    expect(await codeOf(desk.users.setPassword({ username, password: 'weakling' }))).toBe('COGNITO_PASSWORD_POLICY');
    await desk.users.setPassword({ username, password: 'Th1rd-Password!', permanent: false });
    expect((await desk.users.get({ username })).status).toBe('FORCE_CHANGE_PASSWORD');
  });

  it('gets a code for a new password when the old one is reset', async () => {
    const username = await join();
    await desk.users.resetPassword({ username });
    expect(await codeOf(signIn(username))).toBe('COGNITO_PASSWORD_RESET_REQUIRED');
    const code = pool.inbox.last(username)?.code ?? '';
    await desk.confirmForgotPassword({ username, code, newPassword: NEW_PASSWORD });
    signedIn(await signIn(username, NEW_PASSWORD));
    await desk.users.updateAttributes({ username, attributes: { email_verified: false } });
    expect(await codeOf(desk.users.resetPassword({ username }))).toBe('COGNITO_NOT_AUTHORIZED');
  });

  it('is confirmed without a code, once', async () => {
    const username = fresh();
    await desk.signUp({ username, password: PASSWORD });
    expect(await codeOf(signIn(username))).toBe('COGNITO_USER_NOT_CONFIRMED');
    await desk.users.confirm({ username });
    signedIn(await signIn(username));
    expect(await codeOf(desk.users.confirm({ username }))).toBe('COGNITO_NOT_AUTHORIZED');
  });

  it('is disabled, enabled, signed out and deleted', async () => {
    const [username, other] = [await join(), await join()];
    const { tokens } = signedIn(await signIn(username));
    const { tokens: others } = signedIn(await signIn(other));
    await desk.users.signOut({ username });
    expect(await codeOf(desk.profile.get(tokens))).toBe('COGNITO_TOKEN_REVOKED');
    await desk.users.disable({ username });
    expect(await codeOf(signIn(username))).toBe('COGNITO_USER_DISABLED');
    await desk.users.enable({ username });
    signedIn(await signIn(username));
    await desk.users.delete({ username });
    expect(await codeOf(desk.users.delete({ username }))).toBe('COGNITO_USER_NOT_FOUND');
    expect(await codeOf(signIn(username))).toBe('COGNITO_CREDENTIALS_INCORRECT');
    expect(await desk.profile.get(others)).toMatchObject({ username: other });
  });

  it('has sessions, which are ended one by one', async () => {
    const username = await join();
    const { tokens } = signedIn(await signIn(username));
    const { tokens: others } = signedIn(await signIn(username));
    const { sessions, nextToken } = await desk.users.listSessions({ username });
    expect(sessions).toHaveLength(2);
    expect(nextToken).toBeUndefined();
    expect(sessions[0]).toMatchObject({ type: 'TOKEN', clientId: pool.options.clientId, createdAt: expect.any(Date) });
    await desk.users.revokeSession({ username, sessionId: sessions[0]?.sessionId ?? '' });
    const outcomes = await Promise.all(
      [tokens, others].map(async (one) =>
        desk.profile.get(one).then(
          () => 'live',
          () => 'ended',
        ),
      ),
    );
    expect(outcomes.toSorted((one, two) => one.localeCompare(two))).toEqual(['ended', 'live']);
    const sessionId = sessions[1]?.sessionId ?? '';
    expect(await codeOf(desk.users.revokeSession({ username: crowd[0] ?? '', sessionId }))).toBe(
      'COGNITO_PARAMETER_INVALID',
    );
  });

  it('is linked to an account at a provider, and no longer', async () => {
    const username = await join();
    const account = { providerName: 'Google', providerUserId: `google-${username}` };
    await desk.users.linkProvider({ username, ...account });
    const { attributes } = await desk.users.get({ username });
    expect(attributes['identities']).toContain(account.providerUserId);
    expect(await codeOf(desk.users.linkProvider({ username: crowd[0] ?? '', ...account }))).toBe(
      'COGNITO_PARAMETER_INVALID',
    );
    expect(await codeOf(desk.users.linkProvider({ username, ...account, providerName: 'Facebook' }))).toBe(
      'COGNITO_PROVIDER_INVALID',
    );
    await desk.users.unlinkProvider(account);
    expect((await desk.users.get({ username })).attributes).not.toHaveProperty('identities');
    expect(await codeOf(desk.users.unlinkProvider(account))).toBe('COGNITO_USER_NOT_FOUND');
    // The pool as a provider would take the password away.
    const own = { providerName: 'Cognito', providerUserId: username };
    expect(await codeOf(desk.users.unlinkProvider(own))).toBe('COGNITO_PROVIDER_INVALID');
    signedIn(await signIn(username));
    for (const id of ['1', '2', '3', '4', '5']) {
      await desk.users.linkProvider({ username, providerName: 'Google', providerUserId: `${username}-${id}` });
    }
    expect(await codeOf(desk.users.linkProvider({ username, ...account }))).toBe('COGNITO_QUOTA_EXCEEDED');
  });
});

describe('lists', () => {
  const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
    const all: Item[] = [];
    for await (const item of items) all.push(item);
    return all;
  };

  it('of users have pages, and an iteration goes through all of them', async () => {
    const filter = where('username').startsWith('crowd-');
    const first = await desk.users.list({ filter });
    expect(first.users).toHaveLength(60);
    const second = await desk.users.list({ filter, limit: 10, paginationToken: first.paginationToken });
    expect(second.users.map(({ username }) => username)).toEqual(crowd.slice(60, 70));
    expect(await codeOf(desk.users.list({ paginationToken: first.paginationToken }))).toBe('COGNITO_PARAMETER_INVALID');
    expect(await codeOf(desk.users.list({ limit: 61 }))).toBe('COGNITO_PARAMETER_INVALID');

    const all = await collect(desk.users.iterate({ filter }));
    expect(all.map(({ username }) => username)).toEqual(crowd);
    expect((await collect(desk.users.iterate({ filter, pageSize: 50 }))).length).toBe(crowd.length);
  });

  it('of users show the attributes that are asked for, and always the sub', async () => {
    const username = await join();
    const { users } = await desk.users.list({
      filter: where('username').equals(username),
      attributesToGet: ['firstName'],
    });
    expect(users).toMatchObject([{ username, attributes: { given_name: 'New' }, values: { firstName: 'New' } }]);
    expect(Object.keys(users[0]?.attributes ?? {}).toSorted((one, two) => one.localeCompare(two))).toEqual([
      'given_name',
      'sub',
    ]);
    expect(users[0]?.sub).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('end with the reason of a signal, in the middle of a page too, and ask no more', async () => {
    const stopping = new AbortController();
    const seen: string[] = [];
    const reason = new Error('enough');
    const run = async () => {
      for await (const { username } of desk.users.iterate({ pageSize: 10, signal: stopping.signal })) {
        seen.push(username);
        if (seen.length === 3) stopping.abort(reason);
      }
    };
    await expect(run()).rejects.toBe(reason);
    expect(seen).toHaveLength(3);
    await expect(desk.groups.iterate({ signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason);
  });

  it('of groups and members go through all pages', async () => {
    const members = await collect(desk.groups.iterateMembers({ groupName: 'crowd', pageSize: 60 }));
    expect(members.map(({ username }) => username)).toEqual(crowd);
    const page = await desk.groups.members({ groupName: 'crowd', limit: 2 });
    expect(page.users.map(({ username }) => username)).toEqual(crowd.slice(0, 2));
    const next = await desk.groups.members({ groupName: 'crowd', limit: 1, nextToken: page.nextToken });
    expect(next.users.map(({ username }) => username)).toEqual(crowd.slice(2, 3));

    for (const letter of ['a', 'b', 'c']) await desk.groups.create({ groupName: `listed-${letter}` });
    const groups = await collect(desk.groups.iterate({ pageSize: 2 }));
    expect(groups.map(({ groupName }) => groupName)).toEqual(
      expect.arrayContaining(['crowd', 'listed-a', 'listed-b', 'listed-c', 'staff']),
    );
    const { groups: some, nextToken } = await desk.groups.list({ limit: 1 });
    expect(some).toHaveLength(1);
    expect((await desk.groups.list({ nextToken })).groups).toHaveLength(groups.length - 1);
  });
});

describe('a group', () => {
  it('is made, changed in part, joined, left and deleted', async () => {
    const input = Object.freeze({ groupName: 'editors', description: 'who edits', precedence: 0 });
    const made = await desk.groups.create(input);
    expect(made).toMatchObject({ ...input, roleArn: undefined, createdAt: expect.any(Date) });
    expect(await desk.groups.get({ groupName: 'editors' })).toEqual(made);
    expect(await desk.groups.update({ groupName: 'editors', precedence: 4 })).toMatchObject({
      description: 'who edits',
      precedence: 4,
    });

    const username = await join();
    await desk.groups.addUser({ groupName: 'editors', username });
    await desk.groups.addUser({ groupName: 'staff', username });
    const groups = await desk.users.groupsOf({ username });
    expect(groups.map(({ groupName }) => groupName)).toEqual(['editors', 'staff']);
    const { tokens } = signedIn(await signIn(username));
    expect(decoded(tokens.idToken).payload['cognito:groups']).toEqual(['staff', 'editors']);
    await desk.groups.removeUser({ groupName: 'staff', username });
    await desk.groups.delete({ groupName: 'editors' });
    expect(await desk.users.groupsOf({ username })).toEqual([]);
  });

  it('is refused by code', async () => {
    expect(await codeOf(desk.groups.create({ groupName: 'staff' }))).toBe('COGNITO_GROUP_EXISTS');
    expect(await codeOf(desk.groups.create({ groupName: 'wrong', precedence: -1 }))).toBe('COGNITO_PARAMETER_INVALID');
    const missing = { groupName: 'nothing', username: crowd[0] ?? '' };
    for (const call of [
      desk.groups.get(missing),
      desk.groups.update(missing),
      desk.groups.delete(missing),
      desk.groups.members(missing),
      desk.groups.addUser(missing),
      desk.groups.removeUser(missing),
    ]) {
      expect(await codeOf(call)).toBe('COGNITO_GROUP_NOT_FOUND');
    }
    expect(await codeOf(desk.groups.addUser({ groupName: 'staff', username: 'nobody' }))).toBe(
      'COGNITO_USER_NOT_FOUND',
    );
  });
});

describe('an application’s own kind of user and group', () => {
  class Member {
    readonly login: string;
    constructor(readonly account: AdminUser) {
      this.login = account.username.toUpperCase();
    }
  }

  it('is what the service reads, and the plain service stays as it was', async () => {
    const members = desk.users.as((user) => new Member(user));
    const username = crowd[0] ?? '';
    const one = await members.get({ username });
    expect(one).toBeInstanceOf(Member);
    expect(one.login).toBe(username.toUpperCase());
    const filter = where('username').equals(username);
    expect((await members.list({ filter })).users).toEqual([one]);
    for await (const each of members.iterate({ filter })) expect(each).toEqual(one);
    expect(await members.create({ username: fresh() })).toBeInstanceOf(Member);
    expect(await desk.users.get({ username })).toEqual(one.account);

    const teams = desk.groups.as(({ groupName }) => `team ${groupName}`);
    expect(await teams.get({ groupName: 'staff' })).toBe('team staff');
    expect((await teams.list()).groups).toContain('team staff');
    expect(await teams.create({ groupName: 'a-team' })).toBe('team a-team');
    expect((await desk.groups.get({ groupName: 'staff' })).groupName).toBe('staff');
  });
});

describe('what is sent', () => {
  let server: FaultServer | undefined;

  afterEach(() => server?.stop());

  const deskAt = async (answer: (request: SeenRequest) => Fault) => {
    server = await FaultServer.start(answer);
    return { server, desk: deskOf({ userPoolId: 'local_pool', clientId: 'client', endpoint: server.endpoint }) };
  };
  const json = (body: object): Fault => ({ status: 200, body: JSON.stringify(body) });

  it('leaves out a blank temporary password and what is undefined', async () => {
    const { server: seen, desk: admin } = await deskAt(() => json({ User: { Username: 'alice' } }));
    await admin.users.create({ username: 'alice', temporaryPassword: '', attributes: { name: undefined } });
    await admin.users.create({ username: 'alice', temporaryPassword: PASSWORD });
    await admin.groups.update({ groupName: 'staff', precedence: 0 }).catch(() => undefined);
    expect(seen.seen.map(({ body }) => body)).toEqual([
      { UserPoolId: 'local_pool', Username: 'alice', UserAttributes: [], ValidationData: [] },
      {
        UserPoolId: 'local_pool',
        Username: 'alice',
        UserAttributes: [],
        ValidationData: [],
        TemporaryPassword: PASSWORD,
      },
      { UserPoolId: 'local_pool', GroupName: 'staff', Precedence: 0 },
    ]);
  });

  it('goes on after an empty page, and does not go round in circles', async () => {
    const pages = new Map<unknown, object>([
      [undefined, { Users: [], PaginationToken: 'second' }],
      ['second', { Users: [{ Username: 'alice' }], PaginationToken: 'third' }],
      ['third', { Users: [] }],
    ]);
    const { desk: admin } = await deskAt(({ body }) => json(pages.get(body['PaginationToken']) ?? {}));
    const users: string[] = [];
    for await (const { username } of admin.users.iterate()) users.push(username);
    expect(users).toEqual(['alice']);
    server?.stop();

    const { server: circling, desk: endless } = await deskAt(() => json({ Users: [], PaginationToken: 'again' }));
    expect(await codeOf(endless.users.iterate().next())).toBe('COGNITO_UNEXPECTED');
    expect(circling.count('ListUsers')).toBe(2);
  });
});
