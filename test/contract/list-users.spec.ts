import { type CognitoIdentityProviderClient, ListUsersCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { refusalOf, sdkFor } from './sdk.js';

const password = 'Passw0rd!';
const UNPARSABLE = 'InvalidParameterException: Error while parsing filter.';

let pool: CognitoEmulator;
let sdk: CognitoIdentityProviderClient;

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    users: [
      {
        username: 'alice',
        password,
        attributes: { email: 'alice@example.com', given_name: 'Alice', name: 'A "Al" L' },
      },
      { username: 'albert', password, attributes: { email: 'albert@example.com', given_name: 'Albert' } },
      { username: 'Bob', password, attributes: { email: 'bob@example.org', name: 'back\\slash' }, enabled: false },
      { username: 'carol', password, attributes: { email: 'carol@example.org' }, status: 'UNCONFIRMED' },
      { username: 'quote', password, attributes: { email: 'q@example.org', name: '"' } },
    ],
  });
  sdk = sdkFor(pool);
});

afterAll(async () => {
  sdk.destroy();
  await pool.stop();
});

const list = async (members: object = {}) =>
  sdk.send(new ListUsersCommand({ UserPoolId: pool.options.userPoolId, ...members }));
const namesFor = async (Filter: string) => ((await list({ Filter })).Users ?? []).map(({ Username }) => Username);

describe('the filter', () => {
  it.each([
    ['', ['Bob', 'albert', 'alice', 'carol', 'quote']],
    ['username = "alice"', ['alice']],
    ['username="alice"', ['alice']],
    ['  username   ^=   "al" ', ['albert', 'alice']],
    ['username = "ALICE"', []],
    ['username = "bob"', []],
    ['email ^= "a"', ['albert', 'alice']],
    ['email = "alice@example.com"', ['alice']],
    ['email = "alice@"', []],
    ['given_name = "Albert"', ['albert']],
    ['given_name ^= ""', ['albert', 'alice']],
    ['cognito:user_status = "unconfirmed"', ['carol']],
    ['cognito:user_status ^= "CONF"', ['Bob', 'albert', 'alice', 'quote']],
    ['status = "Disabled"', ['Bob']],
    ['status = "disabled"', []],
    ['name = "A \\"Al\\" L"', ['alice']],
    ['name ^= "A \\""', ['alice']],
    ['name = "back\\\\slash"', ['Bob']],
    ['name = "\\""', ['quote']],
    ['username = "x\\" or username = \\"alice"', []],
  ])('%s', async (filter, names) => {
    expect(await namesFor(filter)).toEqual(names);
  });

  it('finds a user by sub, and nobody by somebody else’s', async () => {
    const { sub } = Object.fromEntries(
      ((await list({ Filter: 'username = "alice"' })).Users?.[0]?.Attributes ?? []).map(({ Name, Value }) => [
        Name,
        Value,
      ]),
    );
    expect(await namesFor(`sub = "${sub}"`)).toEqual(['alice']);
    expect(await namesFor('sub = "00000000-0000-0000-0000-000000000000"')).toEqual([]);
  });

  it.each([
    'username',
    'username = alice',
    "username = 'alice'",
    'username == "alice"',
    'username = "alice" and username = "albert"',
    'username = "x" or username = "alice"',
    'username = "alice',
    'username = "a"b"',
    'username = "a\\b"',
    'username = "alice\\"',
    '= "alice"',
  ])('refuses %s', async (filter) => {
    expect(await refusalOf(list({ Filter: filter }))).toBe(UNPARSABLE);
  });

  it('refuses attributes that cannot be searched for, and more than 256 characters', async () => {
    for (const name of ['custom:team', 'nickname', 'email_verified', 'password']) {
      expect(await refusalOf(list({ Filter: `${name} = "x"` }))).toBe(
        `InvalidParameterException: Invalid search attribute: ${name}`,
      );
    }
    const longest = `username = "${'x'.repeat(243)}"`;
    expect(longest).toHaveLength(256);
    await expect(list({ Filter: longest })).resolves.toMatchObject({ Users: [] });
    expect(await refusalOf(list({ Filter: `${longest} ` }))).toMatch(/^InvalidParameterException: 1 validation error/);
  });
});

describe('a page', () => {
  it('has as many users as asked for, and the next one goes on where it ended', async () => {
    const first = await list({ Limit: 2 });
    expect(first.Users?.map(({ Username }) => Username)).toEqual(['Bob', 'albert']);
    const second = await list({ Limit: 2, PaginationToken: first.PaginationToken });
    expect(second.Users?.map(({ Username }) => Username)).toEqual(['alice', 'carol']);
    const third = await list({ Limit: 2, PaginationToken: second.PaginationToken });
    expect(third.Users?.map(({ Username }) => Username)).toEqual(['quote']);
    expect(third.PaginationToken).toBeUndefined();
    expect((await list({ Limit: 5 })).PaginationToken).toBeUndefined();
    expect((await list({ Limit: 0 })).Users).toHaveLength(5);
  });

  it('is opened by a token of the same question only', async () => {
    const Filter = 'username ^= "al"';
    const { PaginationToken = '' } = await list({ Limit: 1, Filter });
    expect((await list({ Limit: 1, Filter, PaginationToken })).Users).toMatchObject([{ Username: 'alice' }]);
    const refused = 'InvalidParameterException: Invalid pagination token.';
    const [key = '', seal = ''] = PaginationToken.split('.');
    for (const question of [
      { PaginationToken },
      { Filter: 'username ^= "a"', PaginationToken },
      { Filter, AttributesToGet: ['email'], PaginationToken },
      { Filter, PaginationToken: 'made-up' },
      { Filter, PaginationToken: key },
      { Filter, PaginationToken: `${Buffer.from('a').toString('base64url')}.${seal}` },
    ]) {
      expect(await refusalOf(list({ Limit: 1, ...question }))).toBe(refused);
    }
  });

  it.each([{ Limit: 61 }, { Limit: -1 }, { PaginationToken: '' }, { PaginationToken: 'two words' }])(
    'is refused with %j',
    async (wrong) => {
      expect(await refusalOf(list(wrong))).toMatch(/^InvalidParameterException: 1 validation error detected/);
    },
  );
});

describe('the attributes', () => {
  it('are all there, or those that are asked for', async () => {
    const [whole] = (await list({ Filter: 'username = "alice"' })).Users ?? [];
    expect(whole).toMatchObject({ Username: 'alice', Enabled: true, UserStatus: 'CONFIRMED' });
    expect(whole?.UserCreateDate).toBeInstanceOf(Date);
    expect(whole?.Attributes?.map(({ Name }) => Name)).toEqual(
      expect.arrayContaining(['sub', 'email', 'email_verified', 'given_name']),
    );
    const some = await list({ AttributesToGet: ['email'] });
    expect(some.Users).toHaveLength(5);
    for (const { Attributes } of some.Users ?? []) expect(Attributes).toMatchObject([{ Name: 'email' }]);
  });

  it('are refused when the pool does not know them, or a user of the result has none', async () => {
    const refused = 'InvalidParameterException: One or more requested attributes do not exist.';
    expect(await refusalOf(list({ AttributesToGet: ['shoe_size'] }))).toBe(refused);
    expect(await refusalOf(list({ AttributesToGet: ['given_name'] }))).toBe(refused);
    await expect(list({ AttributesToGet: ['given_name'], Filter: 'username ^= "al"' })).resolves.toMatchObject({
      Users: [{ Username: 'albert' }, { Username: 'alice' }],
    });
    expect(await refusalOf(list({ AttributesToGet: 'email' }))).toMatch(/^SerializationException/);
    expect(await refusalOf(list({ AttributesToGet: [''] }))).toMatch(/^InvalidParameterException/);
  });
});
