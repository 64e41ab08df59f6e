import {
  AdminAddUserToGroupCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  type CognitoIdentityProviderClient,
  CreateGroupCommand,
  DeleteGroupCommand,
  GetGroupCommand,
  ListGroupsCommand,
  ListUsersInGroupCommand,
  UpdateGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { decoded } from '../unit/emulator/wire-client.js';
import { refusalOf, sdkFor } from './sdk.js';

const PASSWORD = 'Passw0rd!';
const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const NOT_FOUND = 'ResourceNotFoundException: Group not found.';

let pool: CognitoEmulator;
let sdk: CognitoIdentityProviderClient;
let UserPoolId: string;

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    groups: [{ name: 'seeded', precedence: 5, description: 'from the start' }],
    users: [
      { username: 'alice', password: PASSWORD, groups: ['mentioned'] },
      { username: 'bob', password: PASSWORD },
      { username: 'loner', password: PASSWORD },
      ...Array.from({ length: 7 }, (_, index) => ({ username: `member-${index}`, password: PASSWORD })),
    ],
  });
  ({ userPoolId: UserPoolId } = pool.options);
  sdk = sdkFor(pool);
});

afterAll(async () => {
  sdk.destroy();
  await pool.stop();
});

const create = async (GroupName: string, changes: object = {}) =>
  sdk.send(new CreateGroupCommand({ UserPoolId, GroupName, ...changes }));
const add = async (Username: string, GroupName: string) =>
  sdk.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName }));
const remove = async (Username: string, GroupName: string) =>
  sdk.send(new AdminRemoveUserFromGroupCommand({ UserPoolId, Username, GroupName }));
const groupsOf = async (Username: string, page: object = {}) =>
  sdk.send(new AdminListGroupsForUserCommand({ UserPoolId, Username, ...page }));
const membersOf = async (GroupName: string, page: object = {}) =>
  sdk.send(new ListUsersInGroupCommand({ UserPoolId, GroupName, ...page }));
const get = async (GroupName: string) => sdk.send(new GetGroupCommand({ UserPoolId, GroupName }));

describe('a group', () => {
  it('is made, read, changed in part and deleted', async () => {
    const made = await create('editors', { Description: 'who edits', Precedence: 3, RoleArn: role('editor') });
    expect(made.Group).toMatchObject({
      GroupName: 'editors',
      UserPoolId,
      Description: 'who edits',
      Precedence: 3,
      RoleArn: role('editor'),
    });
    expect(made.Group?.CreationDate).toBeInstanceOf(Date);
    expect((await get('editors')).Group).toEqual(made.Group);

    pool.clock.advance({ minutes: 1 });
    const { Group } = await sdk.send(new UpdateGroupCommand({ UserPoolId, GroupName: 'editors', Precedence: 0 }));
    expect(Group).toMatchObject({ Description: 'who edits', Precedence: 0, RoleArn: role('editor') });
    expect(Group?.LastModifiedDate?.getTime()).toBeGreaterThan(Group?.CreationDate?.getTime() ?? Infinity);

    await add('bob', 'editors');
    await sdk.send(new DeleteGroupCommand({ UserPoolId, GroupName: 'editors' }));
    expect(await refusalOf(get('editors'))).toBe(NOT_FOUND);
    expect((await groupsOf('bob')).Groups).toEqual([]);
    await create('editors');
    expect((await membersOf('editors')).Users).toEqual([]);
  });

  it('is there from the start when it was seeded or a user was in it', async () => {
    expect((await get('seeded')).Group).toMatchObject({ Precedence: 5, Description: 'from the start' });
    expect((await membersOf('mentioned')).Users?.map(({ Username }) => Username)).toEqual(['alice']);
  });

  it('is refused twice, under another case it is another, and unknown ones are not found', async () => {
    await create('Twice');
    expect(await refusalOf(create('Twice'))).toBe('GroupExistsException: A group with the name already exists.');
    await expect(create('twice')).resolves.toBeDefined();
    const missing = { UserPoolId, GroupName: 'nothing' };
    for (const command of [
      sdk.send(new GetGroupCommand(missing)),
      sdk.send(new UpdateGroupCommand(missing)),
      sdk.send(new DeleteGroupCommand(missing)),
      membersOf('nothing'),
      add('alice', 'nothing'),
      remove('alice', 'nothing'),
    ]) {
      expect(await refusalOf(command)).toBe(NOT_FOUND);
    }
  });

  it.each([
    { GroupName: '' },
    { GroupName: 'x'.repeat(129) },
    { GroupName: 'two words' },
    { Description: 'x'.repeat(2049) },
    { Precedence: -1 },
    { Precedence: 2 ** 31 },
    { RoleArn: 'arn:aws:iam::123' },
    { RoleArn: 'role/of/twenty/characters' },
  ])('is refused with %j, and nothing is made', async (wrong) => {
    const name = `wrong-${Object.keys(wrong).join('')}`;
    expect(await refusalOf(create(name, wrong))).toMatch(/^InvalidParameterException: 1 validation error detected/);
    expect(await refusalOf(get(name))).toBe(NOT_FOUND);
  });

  it('takes a precedence that is a whole number only', async () => {
    expect(await refusalOf(create('fraction', { Precedence: 1.5 }))).toMatch(/^SerializationException/);
    await expect(create('whole', { Precedence: 2 ** 31 - 1 })).resolves.toBeDefined();
  });
});

describe('members', () => {
  it('join once and leave, and others stay', async () => {
    await create('club');
    await add('alice', 'club');
    await add('alice', 'club');
    await add('bob', 'club');
    expect((await membersOf('club')).Users?.map(({ Username }) => Username)).toEqual(['alice', 'bob']);
    await remove('alice', 'club');
    await remove('alice', 'club');
    expect((await membersOf('club')).Users).toMatchObject([
      { Username: 'bob', Enabled: true, UserStatus: 'CONFIRMED' },
    ]);
    expect(await refusalOf(add('nobody', 'club'))).toBe('UserNotFoundException: User does not exist.');
    expect(await refusalOf(groupsOf('nobody'))).toBe('UserNotFoundException: User does not exist.');
  });

  it('are listed by the page, each once, and a token opens its own list only', async () => {
    await create('crowd');
    await create('other-crowd');
    for (let index = 0; index < 7; index += 1) await add(`member-${index}`, 'crowd');
    const seen: (string | undefined)[] = [];
    let NextToken: string | undefined;
    const sizes: number[] = [];
    do {
      const page = await membersOf('crowd', { Limit: 3, NextToken });
      sizes.push(page.Users?.length ?? 0);
      seen.push(...(page.Users ?? []).map(({ Username }) => Username));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(sizes).toEqual([3, 3, 1]);
    expect(seen).toEqual(Array.from({ length: 7 }, (_, index) => `member-${index}`));

    const first = (await membersOf('crowd', { Limit: 3 })).NextToken ?? '';
    const refused = 'InvalidParameterException: Invalid pagination token.';
    expect(await refusalOf(membersOf('other-crowd', { NextToken: first }))).toBe(refused);
    expect(await refusalOf(sdk.send(new ListGroupsCommand({ UserPoolId, NextToken: first })))).toBe(refused);
    expect(await refusalOf(membersOf('crowd', { NextToken: `A${first}` }))).toBe(refused);
    expect(await refusalOf(membersOf('crowd', { NextToken: Buffer.from('member-5').toString('base64url') }))).toBe(
      refused,
    );
    expect(await refusalOf(membersOf('crowd', { Limit: 61 }))).toMatch(/^InvalidParameterException/);
    expect(await refusalOf(membersOf('crowd', { Limit: -1 }))).toMatch(/^InvalidParameterException/);
  });

  it('who come and go between two pages neither hide nor repeat anybody else', async () => {
    await create('moving');
    for (const index of [1, 2, 3, 4]) await add(`member-${index}`, 'moving');
    const { NextToken } = await membersOf('moving', { Limit: 2 });
    await remove('member-2', 'moving');
    await remove('member-1', 'moving');
    await add('member-0', 'moving');
    expect((await membersOf('moving', { NextToken })).Users?.map(({ Username }) => Username)).toEqual([
      'member-3',
      'member-4',
    ]);
  });
});

describe('lists of groups', () => {
  it('go through all pages in the order of names', async () => {
    for (let index = 0; index < 5; index += 1) await create(`page-${index}`);
    const names: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await sdk.send(new ListGroupsCommand({ UserPoolId, Limit: 2, NextToken }));
      expect(page.Groups?.length).toBeLessThanOrEqual(2);
      names.push(...(page.Groups ?? []).map(({ GroupName = '' }) => GroupName));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(names).toEqual([...new Set(names)].toSorted());
    expect(names).toEqual(expect.arrayContaining(['page-0', 'page-4', 'seeded']));
    const whole = await sdk.send(new ListGroupsCommand({ UserPoolId, Limit: 0 }));
    expect(whole.Groups).toHaveLength(names.length);
    expect(whole.NextToken).toBeUndefined();
  });

  it('of a user belong to the user whose they are', async () => {
    for (const name of ['mine-1', 'mine-2', 'mine-3']) {
      await create(name);
      await add('member-6', name);
    }
    const first = await groupsOf('member-6', { Limit: 1 });
    expect(first.Groups).toHaveLength(1);
    const { NextToken } = first;
    expect((await groupsOf('member-6', { NextToken })).Groups?.length).toBeGreaterThan(1);
    expect(await refusalOf(groupsOf('member-5', { NextToken }))).toMatch(/^InvalidParameterException/);
  });
});

describe('tokens', () => {
  const claimsOf = async (username: string) => {
    const { accessToken, idToken } = await pool.tokensFor(username);
    return { access: decoded(accessToken).payload, id: decoded(idToken).payload };
  };

  it('name the groups by precedence, and in the id token their roles', async () => {
    await create('late', { RoleArn: role('late') });
    await create('second', { Precedence: 2, RoleArn: role('second') });
    await create('first', { Precedence: 1, RoleArn: role('first') });
    await create('foremost', { Precedence: 0 });
    for (const name of ['late', 'second', 'foremost', 'first']) await add('member-0', name);
    const { access, id } = await claimsOf('member-0');
    const ordered = ['foremost', 'first', 'second', 'late'];
    expect(access['cognito:groups']).toEqual(expect.arrayContaining(ordered));
    expect((access['cognito:groups'] as string[]).filter((name) => ordered.includes(name))).toEqual(ordered);
    expect(id['cognito:groups']).toEqual(access['cognito:groups']);
    expect(id['cognito:roles']).toEqual([role('first'), role('second'), role('late')]);
    expect(id['cognito:preferred_role']).toBe(role('first'));
    expect(access).not.toHaveProperty('cognito:roles');
    expect(access).not.toHaveProperty('cognito:preferred_role');

    await remove('member-0', 'first');
    expect((await claimsOf('member-0')).id['cognito:preferred_role']).toBe(role('second'));
  });

  it('prefer no role when two that come first differ, and the one that they share', async () => {
    await create('tie-1', { Precedence: 1, RoleArn: role('one') });
    await create('tie-2', { Precedence: 1, RoleArn: role('two') });
    await add('bob', 'tie-1');
    await add('bob', 'tie-2');
    const { id } = await claimsOf('bob');
    expect(id).not.toHaveProperty('cognito:preferred_role');
    expect(id['cognito:roles']).toEqual([role('one'), role('two')]);

    await sdk.send(new UpdateGroupCommand({ UserPoolId, GroupName: 'tie-2', RoleArn: role('one') }));
    const shared = (await claimsOf('bob')).id;
    expect(shared['cognito:preferred_role']).toBe(role('one'));
    expect(shared['cognito:roles']).toEqual([role('one')]);
  });

  it('say nothing of groups for a user who is in none', async () => {
    await create('short-lived', { RoleArn: role('short-lived') });
    await add('loner', 'short-lived');
    const before = await claimsOf('loner');
    expect(before.id).toMatchObject({ 'cognito:groups': ['short-lived'], 'cognito:roles': [role('short-lived')] });
    expect(before.access).toMatchObject({ 'cognito:groups': ['short-lived'] });
    await remove('loner', 'short-lived');
    const later = await claimsOf('loner');
    expect(later.id).not.toHaveProperty('cognito:groups');
    expect(later.access).not.toHaveProperty('cognito:groups');
    expect(later.id).not.toHaveProperty('cognito:roles');
  });
});

describe('pages of a browser', () => {
  it.each(['ListGroups', 'CreateGroup', 'ListUsersInGroup', 'ListUsers', 'AdminListGroupsForUser', 'GetGroup'])(
    'may not call %s, which an application may',
    async (operation) => {
      const ask = async (headers: Record<string, string>) =>
        fetch(pool.options.endpoint, {
          method: 'POST',
          headers: { 'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`, ...headers },
          body: JSON.stringify({ UserPoolId, GroupName: `from-${operation}`, Username: 'alice' }),
        });
      expect((await ask({ origin: 'http://localhost:3000' })).status).toBe(403);
      expect((await ask({})).status).not.toBe(403);
    },
  );
});
