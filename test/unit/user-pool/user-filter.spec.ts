import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../../lib/testing/index.js';
import type { CognitoService } from '../../../lib/user-pool/cognito.service.js';
import { type FilterableAttribute, UserFilter, where } from '../../../lib/user-pool/user-filter.js';
import { CognitoError } from '../../../lib/errors/cognito.error.js';
import { closeDesks, codeOf, deskOf } from '../../support/desk.js';

const written = (filter: UserFilter) => UserFilter.expressionOf(filter);

/** The code that a call refuses with before anything is sent. */
function refused(build: () => unknown): string {
  try {
    build();
  } catch (thrown) {
    if (thrown instanceof CognitoError) return thrown.code;
    throw thrown;
  }
  return 'not refused';
}

describe('a filter', () => {
  it('is written as Cognito reads it, with what is special in a value escaped', () => {
    expect(written(where('email').equals('alice@example.com'))).toBe('email = "alice@example.com"');
    expect(written(where('family_name').startsWith('Mc'))).toBe('family_name ^= "Mc"');
    expect(written(where('cognito:user_status').equals('CONFIRMED'))).toBe('cognito:user_status = "CONFIRMED"');
    expect(written(where('name').equals('say "hi"'))).toBe('name = "say \\"hi\\""');
    expect(written(where('name').equals('back\\slash'))).toBe('name = "back\\\\slash"');
    expect(written(where('name').equals('$& $1 \\"'))).toBe('name = "$& $1 \\\\\\""');
  });

  it('is refused for what cannot be searched for, whoever got past the compiler', () => {
    const unchecked = (value: unknown) => value as FilterableAttribute;
    for (const name of ['custom:team', 'email = "x" or username', 'constructor', '']) {
      expect(refused(() => where(unchecked(name)))).toBe('COGNITO_PARAMETER_INVALID');
    }
    for (const value of [undefined, 7, ['alice'], { toString: () => 'alice' }]) {
      expect(refused(() => where('email').equals(unchecked(value)))).toBe('COGNITO_PARAMETER_INVALID');
    }
    expect(refused(() => where('email').equals('alice'))).toBe('not refused');
  });

  it('is no longer than Cognito takes, escapes counted', () => {
    const room = 256 - 'name = ""'.length;
    expect(written(where('name').equals('x'.repeat(room)))).toHaveLength(256);
    expect(refused(() => where('name').equals('x'.repeat(room + 1)))).toBe('COGNITO_PARAMETER_INVALID');
    expect(refused(() => where('name').equals('"'.repeat(room - 1)))).toBe('COGNITO_PARAMETER_INVALID');
  });
});

describe('a value that a stranger typed', () => {
  const INJECTION = '" or username = "x';
  let pool: CognitoEmulator;
  let desk: CognitoService;

  beforeAll(async () => {
    const password = 'Passw0rd!';
    pool = await CognitoEmulator.start({
      users: [
        { username: 'plain', password, attributes: { name: 'a"b' } },
        { username: 'escaped', password, attributes: { name: 'a\\"b' } },
        { username: 'slash', password, attributes: { name: 'a\\b' } },
        { username: 'injected', password, attributes: { name: INJECTION } },
        { username: 'x', password, attributes: { name: 'x' } },
      ],
    });
    desk = deskOf(pool.options);
  });

  afterAll(async () => {
    await closeDesks();
    await pool.stop();
  });

  const found = async (filter: UserFilter) => (await desk.users.list({ filter })).users.map(({ username }) => username);

  it('finds the user who is called just so', async () => {
    expect(await found(where('name').equals('a"b'))).toEqual(['plain']);
    // Written as it is, this value would read as the one before.
    expect(await found(where('name').equals('a\\"b'))).toEqual(['escaped']);
    expect(await found(where('name').equals('a\\b'))).toEqual(['slash']);
    expect(await found(where('name').equals(INJECTION))).toEqual(['injected']);
    expect(await found(where('name').startsWith('a\\'))).toEqual(['escaped', 'slash']);
    expect(await found(where('name').startsWith('"'))).toEqual(['injected']);
    expect(await found(where('username').equals('" or username = "x'))).toEqual([]);
  });

  it('does as a text what the builder prevents, so a text is not taken', async () => {
    const typed = 'a\\"b';
    const naive = new UserFilter(`name = "${typed}"`);
    expect(await found(naive)).toEqual(['plain']);
    const text = 'username = "x"' as unknown as UserFilter;
    expect(await codeOf(desk.users.list({ filter: text }))).toBe('COGNITO_PARAMETER_INVALID');
    const lookalike = { toString: () => 'username = "x"' } as unknown as UserFilter;
    expect(await codeOf(desk.users.list({ filter: lookalike }))).toBe('COGNITO_PARAMETER_INVALID');
    expect(await codeOf(desk.users.iterate({ filter: text }).next())).toBe('COGNITO_PARAMETER_INVALID');
    // No filter shows everybody; what is none must not.
    for (const nothing of ['', null, false, {}, Object.create(UserFilter.prototype)]) {
      expect(await codeOf(desk.users.list({ filter: nothing as never }))).toBe('COGNITO_PARAMETER_INVALID');
    }
  });
});
