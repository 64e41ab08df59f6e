import { Logger } from '@nestjs/common';
import { Keyv } from 'keyv';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { resolveCognitoOptions } from '../../../lib/cognito.options.js';
import { resolvePool } from '../../../lib/options/resolved-pool.js';
import type { KeyValueStore } from '../../../lib/tokens/key-value-store.js';
import type { RevocationOptions } from '../../../lib/tokens/revocation.options.js';
import { type RevocationAnswer, RevocationStore, type TokenOrigin } from '../../../lib/tokens/revocation-store.js';
import { CognitoTokenVerifier } from '../../../lib/tokens/token-verifier.service.js';
import { resolveTokensOptions } from '../../../lib/tokens/tokens.options.js';
import type { CognitoService } from '../../../lib/user-pool/cognito.service.js';
import type { SignInTokens } from '../../../lib/user-pool/sign-in-result.js';
import { CognitoEmulator } from '../../../lib/testing/index.js';
import { closeDesks, codeOf, deskOf, errorOf, signedIn } from '../../support/desk.js';
import { makeKey, signToken } from './token-factory.js';

const password = 'Passw0rd!';
let pool: CognitoEmulator;
let nobody = 0;

beforeAll(async () => {
  const users = Array.from({ length: 20 }, (_, index) => ({ username: `user${index}`, password }));
  pool = await CognitoEmulator.start({ users: [...users, { username: 'bob', password }] });
});

afterEach(() => {
  pool.clock.reset();
  vi.restoreAllMocks();
});

afterAll(async () => {
  await closeDesks();
  await pool.stop();
});

/** A desk, the verifier of its guards, and a user of its own who has signed in. */
async function setUp(store: RevocationOptions['store'] = new Keyv({ throwOnErrors: true })) {
  const revocation = { store, timeout: 200 };
  const verifier = new CognitoTokenVerifier(
    [resolvePool('default', pool.options)],
    resolveTokensOptions({ revocation }),
  );
  const desk = deskOf(pool.options, { verifier });
  nobody += 1;
  const username = `user${nobody - 1}`;
  const { tokens } = signedIn(await desk.signIn({ username, password }));
  return { desk, verifier, username, tokens };
}

const judge = (verifier: CognitoTokenVerifier, accessToken: string) =>
  verifier.verify(accessToken).then(
    () => 'passed',
    (error: { code: string }) => error.code,
  );

describe('a sign-out', () => {
  it.each<[string, (desk: CognitoService, tokens: SignInTokens, username: string) => Promise<void>]>([
    ['everywhere', (desk, { accessToken }) => desk.signOut({ accessToken })],
    ['of a user by themselves', (desk, tokens) => desk.asUser(tokens).signOut({ scope: 'global' })],
    ['by an administrator', (desk, _, username) => desk.users.signOut({ username })],
    ['by being disabled', (desk, _, username) => desk.users.disable({ username })],
    ['by being deleted', (desk, _, username) => desk.users.delete({ username })],
    ['by deleting the own account', (desk, { accessToken }) => desk.profile.deleteUser({ accessToken })],
  ])('%s ends every token of the user, and no other user’s', async (_, end) => {
    const { desk, verifier, tokens, username } = await setUp();
    const other = await pool.tokensFor('bob');
    expect([await judge(verifier, tokens.accessToken), await judge(verifier, other.accessToken)]).toEqual(
      Array(2).fill('passed'),
    );
    await end(desk, tokens, username);
    expect(await judge(verifier, tokens.accessToken)).toBe('COGNITO_TOKEN_REVOKED');
    expect(await codeOf(verifier.verify(tokens.idToken, { tokenUse: 'id' }))).toBe('COGNITO_TOKEN_REVOKED');
    expect(await codeOf(verifier.verifyPair(tokens))).toBe('COGNITO_TOKEN_REVOKED');
    expect(await judge(verifier, other.accessToken)).toBe('passed');
  });

  it.each<[string, (desk: CognitoService, tokens: SignInTokens) => Promise<void>]>([
    ['RevokeToken', (desk, tokens) => desk.revokeToken(tokens)],
    ['a local sign-out', (desk, tokens) => desk.signOut({ scope: 'local', ...tokens })],
    ['a user who leaves', (desk, tokens) => desk.asUser(tokens).signOut()],
  ])('of one sign-in by %s ends its tokens, renewed ones too, and no other sign-in', async (_, end) => {
    const { desk, verifier, tokens, username } = await setUp();
    const { accessToken: renewed } = await desk.refresh(tokens);
    const { tokens: elsewhere } = signedIn(await desk.signIn({ username, password }));
    await end(desk, tokens);
    expect(await judge(verifier, tokens.accessToken)).toBe('COGNITO_TOKEN_REVOKED');
    expect(await judge(verifier, renewed)).toBe('COGNITO_TOKEN_REVOKED');
    expect(await judge(verifier, elsewhere.accessToken)).toBe('passed');
  });

  it('of one sign-in needs an access token beside the opaque refresh token, and ends nothing without', async () => {
    const { desk, verifier, tokens } = await setUp();
    const { refreshToken } = tokens;
    expect(await codeOf(desk.revokeToken({ refreshToken }))).toBe('COGNITO_PARAMETER_INVALID');
    await desk.refresh({ refreshToken });
    expect(await judge(verifier, tokens.accessToken)).toBe('passed');
    const forged = `${tokens.accessToken.slice(0, -8)}AAAAAAAA`;
    expect(await codeOf(desk.revokeToken({ refreshToken, accessToken: forged }))).toBe(
      'COGNITO_TOKEN_SIGNATURE_INVALID',
    );
    // Without the option it asks for no more than Cognito does.
    await deskOf(pool.options).revokeToken({ refreshToken });
  });
});

describe('a user who was signed out', () => {
  it('is refused with a token that was renewed two seconds later, and passes after signing in again', async () => {
    const { verifier, key, claims } = minted();
    await verifier.revocations.endUser({ pool: 'default', sub: 'alice-sub' });
    const now = Math.floor(Date.now() / 1000);
    const renewed = signToken(key, claims({ iat: now + 2, auth_time: now - 60 }));
    expect(await judge(verifier, renewed)).toBe('COGNITO_TOKEN_REVOKED');
    expect(await judge(verifier, signToken(key, claims({ iat: now + 2, auth_time: now + 2 })))).toBe('passed');
    expect(await judge(verifier, signToken(key, claims({ auth_time: undefined })))).toBe('COGNITO_TOKEN_REVOKED');
    expect(await judge(verifier, signToken(key, claims({ sub: 'bob-sub' })))).toBe('passed');
  });

  it('is told from others by user and moment of the sign-in where tokens carry no origin', async () => {
    const { verifier, key, claims } = minted();
    const token = signToken(key, claims({ origin_jti: undefined, auth_time: 1000 }));
    await verifier.revocations.endSignIn(await verifier.verify(token));
    expect(await judge(verifier, token)).toBe('COGNITO_TOKEN_REVOKED');
    const later = claims({ origin_jti: undefined, auth_time: 1001 });
    expect(await judge(verifier, signToken(key, later))).toBe('passed');
    expect(await judge(verifier, signToken(key, { ...later, sub: 'bob-sub', auth_time: 1000 }))).toBe('passed');
  });

  it('is remembered for a day and the tolerance, which no token outlives', async () => {
    const lifetimes: number[] = [];
    const store = {
      ...silent,
      set: (_key: string, _value: unknown, ttl: number) => Promise.resolve(lifetimes.push(ttl)),
    };
    const { verifier, key, claims } = minted(store, 30);
    await verifier.revocations.endUser({ pool: 'default', sub: 'alice-sub' });
    await verifier.revocations.endSignIn(await verifier.verify(signToken(key, claims())));
    expect(lifetimes).toEqual([86_430_000, 86_430_000]);
  });

  it('may not do it to a user with a token that Cognito would refuse', async () => {
    const { desk, verifier, tokens, username } = await setUp();
    const limited = await pool.tokensFor(username, { claims: { scope: 'openid' } });
    expect(await codeOf(desk.signOut({ accessToken: limited.accessToken }))).toBe('COGNITO_SCOPE_MISSING');
    pool.clock.advance({ hours: 2 });
    expect(await codeOf(desk.signOut({ accessToken: tokens.accessToken }))).toBe('COGNITO_TOKEN_EXPIRED');
    pool.clock.reset();
    expect(await judge(verifier, tokens.accessToken)).toBe('passed');
  });
});

const silent: KeyValueStore = {
  get: () => Promise.resolve(undefined),
  set: () => Promise.resolve(true),
  delete: () => Promise.resolve(true),
};

describe('a store that does not answer', () => {
  const fails = () => Promise.reject(new Error('S3cr3t connection string'));
  const hangs = () => new Promise<never>(() => undefined);

  it.each<[string, Partial<KeyValueStore>]>([
    ['fails', { get: fails }],
    ['hangs', { get: hangs }],
    ...['x', '', ' ', false, true, []].map((held): [string, Partial<KeyValueStore>] => [
      `holds ${JSON.stringify(held)}, which nobody wrote,`,
      { get: (key) => Promise.resolve(key.includes(':user:') ? held : undefined) },
    ]),
  ])('because it %s is 503, never a pass', async (_, broken) => {
    const { verifier, key, claims } = minted({ ...silent, ...broken });
    const error = await errorOf(verifier.verify(signToken(key, claims())));
    expect(error).toMatchObject({ code: 'COGNITO_REVOCATION_UNAVAILABLE', status: 503, retryAfter: 1 });
    expect(error.message).not.toContain('S3cr3t');
  });

  it.each<[string, KeyValueStore['set']]>([
    ['fails', fails],
    ['hangs', hangs],
    ['says no', () => Promise.resolve(false)],
  ])('fails a sign-out when it %s, and Cognito is not told, so that it may be tried again', async (_, set) => {
    let write = set;
    const { desk, tokens } = await setUp({ ...silent, set: (...entry) => write(...entry) });
    expect(await codeOf(desk.signOut(tokens))).toBe('COGNITO_REVOCATION_UNAVAILABLE');
    await desk.profile.get(tokens);
    write = () => Promise.resolve(true);
    await desk.signOut(tokens);
    expect(await codeOf(desk.profile.get(tokens))).toBe('COGNITO_TOKEN_REVOKED');
  });

  it('loses no tokens of a sign-in or a renewal', async () => {
    const { desk, verifier, tokens } = await setUp({ ...silent, get: fails });
    const renewed = await desk.refresh(tokens);
    expect(await judge(verifier, renewed.accessToken)).toBe('COGNITO_REVOCATION_UNAVAILABLE');
  });

  it('may be one of the application’s own', async () => {
    let answer: RevocationAnswer = 'live';
    const asked: TokenOrigin[] = [];
    class OwnStore extends RevocationStore {
      override ask(origin: TokenOrigin) {
        asked.push(origin);
        return Promise.resolve(answer);
      }
      override endSignIn = () => Promise.resolve();
      override endUser = () => Promise.resolve();
    }
    const { verifier, key, claims } = minted(new OwnStore());
    const token = signToken(key, claims());
    expect(await judge(verifier, token)).toBe('passed');
    answer = 'revoked';
    expect(await judge(verifier, token)).toBe('COGNITO_TOKEN_REVOKED');
    answer = 'unknown';
    expect(await judge(verifier, token)).toBe('COGNITO_REVOCATION_UNAVAILABLE');
    answer = 'perhaps' as RevocationAnswer;
    expect(await judge(verifier, token)).toBe('COGNITO_REVOCATION_UNAVAILABLE');
    expect(asked[0]).toMatchObject({ userPoolId: 'eu-west-1_AbCdEfGhI', sub: 'alice-sub', originJti: 'origin' });
  });
});

/** A verifier of tokens that are signed here. */
function minted(store: RevocationOptions['store'] = new Keyv({ throwOnErrors: true }), clockTolerance = 0) {
  const key = makeKey();
  const issuer = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI';
  const jwks = { keys: { keys: [key.jwk] } };
  const verifier = new CognitoTokenVerifier(
    [resolvePool('default', { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: 'client', jwks })],
    resolveTokensOptions({ clockTolerance, revocation: { store, timeout: 100 } }),
  );
  const now = Math.floor(Date.now() / 1000);
  const claims = (changed: Readonly<Record<string, unknown>> = {}) => ({
    sub: 'alice-sub',
    iss: issuer,
    client_id: 'client',
    token_use: 'access',
    username: 'alice',
    origin_jti: 'origin',
    auth_time: now - 60,
    iat: now - 60,
    exp: now + 3600,
    ...changed,
  });
  return { verifier, key, claims };
}

describe('the option', () => {
  const required = { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: 'client' };
  const start = (revocation: unknown) => () => resolveCognitoOptions({ ...required, revocation: revocation as never });

  it('takes a Keyv that throws, anything that keeps values, and the memory of the process', () => {
    for (const store of [new Keyv({ throwOnErrors: true }), silent, 'memory']) expect(start({ store })).not.toThrow();
  });

  it.each<[string, unknown, RegExp]>([
    ['a Keyv that swallows its errors', new Keyv(), /revocation\.store: swallows its errors: .*throwOnErrors: true/],
    [
      'a Keyv whose adapter does',
      new Keyv({
        store: { ...silent, clear: () => undefined, throwOnErrors: false, opts: {} } as never,
        throwOnErrors: true,
      }),
      /revocation\.store: swallows its errors/,
    ],
    ['nothing', undefined, /revocation\.store: has to be an object/],
    ['a word', 'redis', /revocation\.store: has to be an object/],
  ])('refuses %s, and says what to do', (_, store, mend) => {
    expect(start({ store })).toThrow(mend);
  });

  it('warns when sign-outs are known to one process alone, and not otherwise', () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    minted();
    expect(warn).not.toHaveBeenCalled();
    minted('memory');
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toMatch(/this process alone/);
  });
});
