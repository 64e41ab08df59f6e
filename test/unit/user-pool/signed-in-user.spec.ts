import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CognitoErrorCode } from '../../../lib/errors/catalogue.js';
import { CognitoError } from '../../../lib/errors/cognito.error.js';
import type { PoolOptions } from '../../../lib/options/pool.options.js';
import { resolvePool } from '../../../lib/options/resolved-pool.js';
import { resolveSecrets } from '../../../lib/options/secrets.options.js';
import { CognitoEmulator, errorAnswer } from '../../../lib/testing/index.js';
import { CognitoTokenVerifier } from '../../../lib/tokens/token-verifier.service.js';
import { resolveTokensOptions } from '../../../lib/tokens/tokens.options.js';
import type { CognitoService } from '../../../lib/user-pool/cognito.service.js';
import type { RefreshedTokens } from '../../../lib/user-pool/sign-in-result.js';
import type { SignedInUser, SignedInUserOptions } from '../../../lib/user-pool/signed-in-user.js';
import type { RefreshFlow } from '../../../lib/user-pool/user-pool.options.js';
import { UserPools } from '../../../lib/user-pool/user-pools.js';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const opened: UserPools[] = [];

function deskOf(options: PoolOptions, refreshFlow?: RefreshFlow): CognitoService {
  const pools = [resolvePool('default', options)];
  const verifier = new CognitoTokenVerifier(pools, resolveTokensOptions({}));
  const belongings = { credentials, client: undefined, secrets: resolveSecrets(undefined, false), refreshFlow };
  const desks = new UserPools(pools, belongings, verifier);
  opened.push(desks);
  return desks.main;
}

async function codeOf(outcome: Promise<unknown>): Promise<CognitoErrorCode | 'fine'> {
  return outcome.then(
    () => 'fine',
    (error: unknown) => {
      if (error instanceof CognitoError) return error.code;
      throw error;
    },
  );
}

const password = 'Passw0rd!';
const clientSecret = 'aSecretOfTheClientThatHasOne';
const rotation = { feature: 'ENABLED' as const, retryGracePeriodSeconds: 0 };

let pool: CognitoEmulator;
/** The same pool, at the desk of the client of that name. */
let plain: CognitoService;
let rotating: CognitoService;
let secretive: CognitoService;
/** Operations in the order of their answers. */
let asked: string[];
const count = (operation: string): number => asked.filter((name) => name === operation).length;

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    clientId: 'plain',
    mfaConfiguration: 'OPTIONAL',
    clients: [
      { clientId: 'rotating', refreshTokenRotation: rotation },
      { clientId: 'secretive', clientSecret },
      { clientId: 'brief', accessTokenValidity: 300, idTokenValidity: 300 },
    ],
    users: ['alice', 'bob'].map((username) => ({
      username,
      password,
      attributes: { email: `${username}@example.com` },
    })),
  });
  plain = deskOf(pool.options);
  rotating = deskOf({ ...pool.options, clientId: 'rotating' });
  secretive = deskOf({ ...pool.options, clientId: 'secretive', clientSecret });
});

beforeEach(() => {
  asked = [];
  pool.hooks.beforeAnswer = (operation, answer) => {
    asked.push(operation);
    return answer;
  };
});

afterEach(() => {
  pool.clock.reset();
  pool.triggers.preTokenGeneration = undefined;
});

afterAll(async () => {
  await pool.stop();
  await Promise.all(opened.map((desks) => desks.close()));
});

const tokensOf = async (clientId = 'plain', name = 'alice') => pool.tokensFor(name, { clientId });

describe('refresh', () => {
  it('of fifty at once is one request, and all get the same tokens', async () => {
    const { refreshToken } = await tokensOf('rotating');
    const all = await Promise.all(Array.from({ length: 50 }, async () => rotating.refresh({ refreshToken })));
    expect(count('GetTokensFromRefreshToken')).toBe(1);
    expect(new Set(all.map((tokens) => tokens.accessToken)).size).toBe(1);
    expect(all[0]).toMatchObject({ rotated: true, tokenType: 'Bearer', expiresIn: 3600 });
    // What is over is not remembered: the old token has been rotated away.
    expect(await codeOf(rotating.refresh({ refreshToken }))).toBe('COGNITO_REFRESH_TOKEN_REUSED');
    expect(count('GetTokensFromRefreshToken')).toBe(2);
  });

  it('of different tokens, devices or app clients at once is a request each', async () => {
    const [one, other] = [await tokensOf(), await tokensOf()];
    const outcomes = await Promise.all(
      [
        plain.refresh(one),
        plain.refresh(other),
        plain.refresh({ ...one, deviceKey: 'local_00000000-0000-0000-0000-000000000000' }),
        rotating.refresh(one),
      ].map(codeOf),
    );
    expect(outcomes).toEqual(['fine', 'fine', 'fine', 'COGNITO_REFRESH_TOKEN_INVALID']);
    expect(count('GetTokensFromRefreshToken')).toBe(4);
  });

  it('spends no token while new ones could not be verified', async () => {
    const { refreshToken } = await tokensOf('rotating');
    let keys: object = {};
    const keyServer = createServer((_, response) => response.end(JSON.stringify(keys)));
    await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve));
    const uri = `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}/jwks.json`;
    const desk = (): CognitoService => deskOf({ ...pool.options, clientId: 'rotating', jwks: { uri } });
    expect(await codeOf(desk().refresh({ refreshToken }))).toBe('COGNITO_KEYS_UNAVAILABLE');
    expect(asked).toEqual([]);

    keys = (await (await fetch(`${pool.options.issuer}/.well-known/jwks.json`)).json()) as object;
    expect(await desk().refresh({ refreshToken })).toMatchObject({ rotated: true });
    keyServer.close();
    keyServer.closeAllConnections();
  });

  it('that failed for many is tried anew by the next', async () => {
    const { refreshToken } = await tokensOf();
    pool.hooks.beforeAnswer = () => errorAnswer('TooManyRequestsException', 'Rate exceeded');
    const all = await Promise.all(Array.from({ length: 5 }, async () => codeOf(plain.refresh({ refreshToken }))));
    expect(new Set(all)).toEqual(new Set(['COGNITO_THROTTLED']));
    pool.hooks.beforeAnswer = undefined;
    expect(await codeOf(plain.refresh({ refreshToken }))).toBe('fine');
  });

  it('gives nobody the tokens of a user that they did not expect', async () => {
    const { refreshToken } = await tokensOf();
    const sub = async (name: string): Promise<string> => (await plain.users.get({ username: name })).sub;
    const [alice, bob] = [await sub('alice'), await sub('bob')];
    const codes = [alice, bob].map(async (expectedSub) => codeOf(plain.refresh({ refreshToken, expectedSub })));
    // Each is told for itself, though it was one request.
    expect(await Promise.all(codes)).toEqual(['fine', 'COGNITO_TOKEN_CLAIMS_INVALID']);
    expect(count('GetTokensFromRefreshToken')).toBe(1);
  });

  it('refuses what is made up, of another client, revoked or expired', async () => {
    const { refreshToken } = await tokensOf();
    const invalid = 'COGNITO_REFRESH_TOKEN_INVALID';
    expect(await codeOf(plain.refresh({ refreshToken: 'made.up' }))).toBe(invalid);
    expect(await codeOf(rotating.refresh({ refreshToken }))).toBe(invalid);
    pool.clock.advance({ days: 31 });
    expect(await codeOf(plain.refresh({ refreshToken }))).toBe(invalid);
    pool.clock.reset();
    expect(await codeOf(plain.refresh({ refreshToken }))).toBe('fine');
    await plain.revokeToken({ refreshToken });
    expect(await codeOf(plain.refresh({ refreshToken }))).toBe(invalid);
  });

  it('goes by REFRESH_TOKEN_AUTH where it is told to, with the internal name for a client with a secret', async () => {
    const { options } = pool;
    const old = deskOf(options, 'REFRESH_TOKEN_AUTH');
    const oldSecretive = deskOf({ ...options, clientId: 'secretive', clientSecret }, 'REFRESH_TOKEN_AUTH');
    expect(await old.refresh(await tokensOf())).toMatchObject({ rotated: false });
    const { refreshToken } = await tokensOf('secretive');
    expect(await codeOf(oldSecretive.refresh({ refreshToken }))).toBe('COGNITO_PARAMETER_INVALID');
    expect(await codeOf(oldSecretive.refresh({ refreshToken, username: 'bob' }))).toBe('COGNITO_CLIENT_MISCONFIGURED');
    expect(await codeOf(oldSecretive.refresh({ refreshToken, username: 'alice' }))).toBe('fine');
    expect([count('InitiateAuth'), count('GetTokensFromRefreshToken')]).toEqual([3, 0]);
    // The newer way needs no name.
    expect(await codeOf(secretive.refresh({ refreshToken }))).toBe('fine');
  });
});

describe('signing out', () => {
  it('of one sign-in leaves the others, and everywhere leaves none', async () => {
    const [one, other] = [await tokensOf(), await tokensOf()];
    await plain.signOut({ scope: 'local', refreshToken: one.refreshToken });
    expect(await codeOf(plain.profile.get(one))).toBe('COGNITO_TOKEN_REVOKED');
    expect(await codeOf(plain.profile.get(other))).toBe('fine');
    const third = await tokensOf();
    await plain.signOut({ accessToken: other.accessToken });
    expect(await codeOf(plain.profile.get(third))).toBe('COGNITO_TOKEN_REVOKED');
    expect(asked.filter((name) => /Revoke|SignOut/.test(name))).toEqual(['RevokeToken', 'GlobalSignOut']);
  });
});

describe('a signed-in user', () => {
  const asUser = async (desk = plain, clientId = 'plain', options: SignedInUserOptions = {}) =>
    desk.asUser(await tokensOf(clientId), options);

  it('has a token that is checked, and renewed when it has expired or is about to', async () => {
    const user = await asUser();
    const before = user.tokens;
    expect(await user.checkToken()).toBe(false);
    pool.clock.advance({ seconds: 3600 - 70 });
    expect(await user.checkToken()).toBe(false);
    pool.clock.advance({ seconds: 10 });
    expect(await user.checkToken({ renew: false })).toBe(true);
    expect(user.tokens).toEqual(before);
    expect(await user.checkToken()).toBe(true);
    expect(await user.checkToken()).toBe(false);
    expect(count('GetTokensFromRefreshToken')).toBe(1);
    expect(user.tokens.accessToken).not.toBe(before.accessToken);
    expect(user.tokens.refreshToken).toBe(before.refreshToken);
  });

  it('is renewed as long before the end as it is told, and at half of a short life at the latest', async () => {
    const [early, brief] = [
      await asUser(plain, 'plain', { renewBefore: 600 }),
      await asUser(deskOf({ ...pool.options, clientId: 'brief' }), 'brief', { renewBefore: 3600 }),
    ];
    pool.clock.advance({ seconds: 135 });
    expect([await early.checkToken(), await brief.checkToken()]).toEqual([false, false]);
    pool.clock.advance({ seconds: 15 });
    expect([await early.checkToken(), await brief.checkToken()]).toEqual([false, true]);
    expect(await brief.checkToken()).toBe(false);
    pool.clock.advance({ seconds: 3000 });
    expect(await early.checkToken()).toBe(true);
  });

  it('renews once, and tells of it once, however many calls find the token expired', async () => {
    const onRenewed = vi.fn<(tokens: RefreshedTokens) => void>();
    const user = await asUser(rotating, 'rotating', { onRenewed });
    pool.clock.advance({ hours: 2 });
    const calls = Array.from({ length: 20 }, async (_, i) => (i % 2 === 0 ? user.get() : user.checkToken()));
    await Promise.all(calls);
    expect([count('GetTokensFromRefreshToken'), count('GetUser')]).toEqual([1, 10]);
    expect(onRenewed).toHaveBeenCalledTimes(1);
  });

  it('keeps the refresh token that rotation gives, over and over', async () => {
    const kept: RefreshedTokens[] = [];
    const user = await asUser(rotating, 'rotating', { onRenewed: (tokens) => void kept.push(tokens) });
    const first = user.tokens.refreshToken;
    for (let i = 0; i < 3; i += 1) {
      pool.clock.advance({ hours: 1 });
      expect(await user.get()).toMatchObject({ username: 'alice' });
    }
    expect(kept.map(({ rotated }) => rotated)).toEqual([true, true, true]);
    expect(new Set([first, ...kept.map(({ refreshToken }) => refreshToken)]).size).toBe(4);
    expect(user.tokens.refreshToken).toBe(kept[2]?.refreshToken);
  });

  it('takes tokens that have expired, and none that are not genuine', async () => {
    const { accessToken, idToken, refreshToken } = await pool.tokensFor('alice', { expiresIn: -60 });
    expect(await plain.asUser({ accessToken, idToken, refreshToken }).get()).toMatchObject({
      username: 'alice',
    });
    asked = [];
    const [header, payload = '', signature] = accessToken.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const later = Buffer.from(JSON.stringify({ ...claims, exp: Number(claims['exp']) + 9999 })).toString('base64url');
    const bobs = await tokensOf('plain', 'bob');
    const [fresh, foreign] = [await tokensOf(), await tokensOf('rotating')];
    const refused: [Parameters<CognitoService['asUser']>[0], CognitoErrorCode][] = [
      // An end that somebody has written is no end.
      [{ accessToken: `${header}.${later}.${signature}`, idToken, refreshToken }, 'COGNITO_TOKEN_SIGNATURE_INVALID'],
      [{ accessToken: 'a.b.c', idToken, refreshToken }, 'COGNITO_TOKEN_MALFORMED'],
      [{ accessToken: undefined as never, idToken, refreshToken }, 'COGNITO_TOKEN_MALFORMED'],
      [{ ...fresh, idToken: bobs.idToken }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
      [{ ...fresh, accessToken: fresh.idToken }, 'COGNITO_TOKEN_WRONG_USE'],
      [foreign, 'COGNITO_TOKEN_WRONG_CLIENT'],
    ];
    for (const [tokens, code] of refused) expect(await codeOf(plain.asUser(tokens).get())).toBe(code);
    expect(asked).toEqual([]);
    // Elsewhere an expired token stays what it is.
    expect(await codeOf(plain.profile.get({ accessToken }))).toBe('COGNITO_TOKEN_EXPIRED');
  });

  it('never turns into somebody else', async () => {
    const user = plain.asUser({ ...(await tokensOf()), refreshToken: (await tokensOf('plain', 'bob')).refreshToken });
    const before = user.tokens;
    expect(await codeOf(user.get())).toBe('fine');
    pool.clock.advance({ hours: 1 });
    expect(await codeOf(user.get())).toBe('COGNITO_TOKEN_CLAIMS_INVALID');
    expect(user.tokens).toEqual(before);
  });

  it('passes on what goes wrong with a renewal, and tries anew with the next call', async () => {
    const user = await asUser();
    pool.clock.advance({ hours: 1 });
    pool.hooks.beforeAnswer = () => errorAnswer('InternalErrorException', 'oops', 500);
    expect(await codeOf(user.get())).toBe('COGNITO_UNAVAILABLE');
    pool.hooks.beforeAnswer = undefined;
    expect(await codeOf(user.get())).toBe('fine');
    await plain.revokeToken(user.tokens);
    pool.clock.advance({ hours: 1 });
    expect(await codeOf(user.get())).toBe('COGNITO_REFRESH_TOKEN_INVALID');
  });

  it('tells who waits for a renewal that its tokens were not stored, and has them all the same', async () => {
    const onRenewed = vi
      .fn<() => Promise<void>>()
      .mockRejectedValueOnce(new CognitoError('COGNITO_USER_STORE_UNAVAILABLE'));
    const user = await asUser(rotating, 'rotating', { onRenewed });
    pool.clock.advance({ hours: 1 });
    expect(await codeOf(user.get())).toBe('COGNITO_USER_STORE_UNAVAILABLE');
    expect(await codeOf(user.get())).toBe('fine');
    expect(onRenewed).toHaveBeenCalledTimes(1);
  });

  it('may be used, and signed out, by whoever is told of new tokens', async () => {
    const use = vi.fn<(of: SignedInUser) => Promise<void>>();
    const user: SignedInUser = await asUser(rotating, 'rotating', { onRenewed: async () => use(user) });
    use.mockImplementationOnce(async (of) => {
      // Late by its own clock, the new token is due already.
      pool.clock.advance({ hours: 1 });
      await of.checkToken();
      pool.clock.advance({ hours: -1 });
    });
    pool.clock.advance({ hours: 1 });
    asked = [];
    expect(await codeOf(user.get())).toBe('fine');
    expect(count('GetTokensFromRefreshToken')).toBe(1);

    use.mockImplementationOnce(async (of) => of.signOut());
    pool.clock.advance({ hours: 1 });
    expect(await codeOf(user.get())).toBe('COGNITO_SIGNED_OUT');
    expect(count('RevokeToken')).toBe(1);
  });

  it('does everything that takes an access token without being asked for one', async () => {
    const user = await asUser();
    await user.updateAttributes({ attributes: { given_name: 'Alice' } });
    expect((await user.get()).attributes).toMatchObject({ given_name: 'Alice' });
    await user.deleteAttributes({ names: ['given_name'] });
    expect((await user.get()).attributes).not.toHaveProperty('given_name');
    expect(await user.mfa.associateSoftwareToken({})).toHaveProperty('secretCode');
    const listed: unknown[] = [];
    for await (const device of user.devices.iterate()) listed.push(device);
    expect(listed).toEqual([]);
    expect(
      await codeOf(user.changePassword({ previousPassword: 'Wr0ng-Passw0rd', proposedPassword: 'N3w-Passw0rd' })),
    ).toBe('COGNITO_CREDENTIALS_INCORRECT');
  });

  it('does nothing for somebody else, whatever token comes along', async () => {
    const [user, { accessToken }] = [await asUser(), await tokensOf('plain', 'bob')];
    const body: object = { accessToken };
    expect(await user.get(body)).toMatchObject({ username: 'alice' });
    expect(await user.mfa.getAuthFactors(body)).toMatchObject({ username: 'alice' });
  });

  it('binds exactly the methods that take an access token', async () => {
    const user = await asUser();
    const owning = (service: object, prefix = 'admin'): string[] =>
      Object.getOwnPropertyNames(Object.getPrototypeOf(service)).filter(
        (name) => name !== 'constructor' && !name.startsWith(prefix),
      );
    for (const room of ['mfa', 'devices', 'passkeys'] as const) {
      expect(Object.keys(user[room]).toSorted()).toEqual(owning(plain[room]).toSorted());
    }
    const rooms = new Set(['mfa', 'devices', 'passkeys']);
    expect(
      Object.keys(user)
        .filter((name) => !rooms.has(name))
        .toSorted(),
    ).toEqual(owning(plain.profile).toSorted());
  });

  it('shows no token when it is printed', async () => {
    const user = await asUser(secretive, 'secretive', { allowedOrigins: ['https://api.example.com'] });
    await user.get();
    const { accessToken, idToken, refreshToken } = user.tokens;
    const shown = `${inspect(user, { depth: 12, showHidden: true, getters: true })}${JSON.stringify(user)}`;
    for (const secret of [accessToken, idToken, refreshToken, clientSecret]) {
      expect(shown).not.toContain(secret.slice(0, 40));
    }
  });

  it('takes origins and headers that are some, when it is made', async () => {
    const tokens = await tokensOf();
    for (const options of [
      { allowedOrigins: ['http://api.example.com'] },
      { header: 'No header' },
      { prefix: 'a\nb' },
      { renewBefore: Number.NaN },
      { renewBefore: -1 },
      { renewBefore: '60' as never },
    ]) {
      expect(() => plain.asUser(tokens, options)).toThrow(expect.objectContaining({ code: 'COGNITO_OPTIONS_INVALID' }));
    }
  });

  describe('who signs out', () => {
    const everything = (user: SignedInUser): Promise<unknown>[] => [
      user.get(),
      user.mfa.getAuthFactors(),
      user.checkToken(),
      user.fetch('https://api.example.com'),
      Promise.resolve().then(() => user.tokens),
    ];

    it('of this sign-in leaves the others, and everywhere leaves none', async () => {
      const [one, other, third] = [await asUser(), await asUser(), await asUser()];
      const { accessToken } = one.tokens;
      await one.signOut();
      expect(await codeOf(plain.profile.get({ accessToken }))).toBe('COGNITO_TOKEN_REVOKED');
      expect(await codeOf(other.get())).toBe('fine');
      await other.signOut({ scope: 'global' });
      expect(await codeOf(third.get())).toBe('COGNITO_TOKEN_REVOKED');
    });

    it('can do nothing any more, and signing out again does nothing', async () => {
      const user = await asUser();
      await user.signOut();
      asked = [];
      expect(new Set(await Promise.all(everything(user).map(codeOf)))).toEqual(new Set(['COGNITO_SIGNED_OUT']));
      await user.signOut();
      expect(asked).toEqual([]);
    });

    it('everywhere with a token that has expired renews it for that', async () => {
      const [user, other] = [await asUser(), await asUser()];
      pool.clock.advance({ hours: 2 });
      await user.signOut({ scope: 'global' });
      expect(await codeOf(other.get())).toBe('COGNITO_REFRESH_TOKEN_INVALID');
    });

    it('while the tokens are being renewed is not brought back, and the new tokens are ended too', async () => {
      const onRenewed = vi.fn<(tokens: RefreshedTokens) => void>();
      const user = await asUser(rotating, 'rotating', { onRenewed });
      pool.clock.advance({ hours: 1 });
      const given: string[] = [];
      let arrived = (): void => undefined;
      const underWay = new Promise<void>((resolve) => (arrived = resolve));
      let letGo = (): void => undefined;
      const held = new Promise<void>((resolve) => (letGo = resolve));
      pool.hooks.beforeAnswer = async (operation, answer) => {
        asked.push(operation);
        if (operation !== 'GetTokensFromRefreshToken') return answer;
        given.push(
          (answer.body as { AuthenticationResult: { RefreshToken: string } }).AuthenticationResult.RefreshToken,
        );
        arrived();
        await held;
        return answer;
      };
      const calls = [user.get(), user.checkToken()].map(codeOf);
      await underWay;
      const signedOut = user.signOut();
      // Long enough for a revocation that does not wait to be answered.
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(asked).toEqual(['GetTokensFromRefreshToken']);
      letGo();
      await signedOut;
      expect(await Promise.all(calls)).toEqual(['COGNITO_SIGNED_OUT', 'COGNITO_SIGNED_OUT']);
      expect(new Set(await Promise.all(everything(user).map(codeOf)))).toEqual(new Set(['COGNITO_SIGNED_OUT']));
      expect(asked).toEqual(['GetTokensFromRefreshToken', 'RevokeToken']);
      expect(onRenewed).not.toHaveBeenCalled();
      const [refreshToken = ''] = given;
      pool.hooks.beforeAnswer = undefined;
      expect(await codeOf(rotating.refresh({ refreshToken }))).toBe('COGNITO_REFRESH_TOKEN_INVALID');
    });

    it('in vain is told so, is out all the same, and may try again', async () => {
      const user = await asUser();
      const { refreshToken } = user.tokens;
      pool.hooks.beforeAnswer = () => errorAnswer('InternalErrorException', 'oops', 500);
      // It was carried out, and nobody knows.
      expect(await codeOf(user.signOut())).toBe('COGNITO_UNAVAILABLE');
      expect(new Set(await Promise.all(everything(user).map(codeOf)))).toEqual(new Set(['COGNITO_SIGNED_OUT']));
      pool.hooks.beforeAnswer = undefined;
      expect(await codeOf(user.signOut())).toBe('fine');
      expect(await codeOf(plain.refresh({ refreshToken }))).toBe('COGNITO_REFRESH_TOKEN_INVALID');
    });
  });

  describe('who fetches', () => {
    let server: Server;
    let origin: string;
    let carried: (string | undefined)[];

    beforeAll(async () => {
      server = createServer((request, response) => {
        carried.push(request.headers.authorization);
        response.end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });

    beforeEach(() => {
      carried = [];
    });

    afterAll(() => {
      server.close();
      server.closeAllConnections();
    });

    it('carries the access token, and a new one when it has expired', async () => {
      const user = await asUser(rotating, 'rotating', { allowedOrigins: [origin] });
      const { accessToken } = user.tokens;
      await user.fetch(origin);
      pool.clock.advance({ hours: 1 });
      await Promise.all([user.fetch(origin), user.fetch(`${origin}/other`)]);
      const renewed = `Bearer ${user.tokens.accessToken}`;
      expect(carried).toEqual([`Bearer ${accessToken}`, renewed, renewed]);
      expect(renewed).not.toContain(accessToken);
      expect(count('GetTokensFromRefreshToken')).toBe(1);
    });

    it('gets one new token for one that is refused, also when the refusal comes late', async () => {
      const late: (() => void)[] = [];
      const refusing = createServer(({ url, headers }, response) => {
        const isOld = headers.authorization === `Bearer ${first}`;
        if (isOld) response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' });
        if (isOld && url === '/late') late.push(() => response.end());
        else response.end();
      });
      await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
      const api = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`;
      const user = await asUser(rotating, 'rotating', { allowedOrigins: [api] });
      const first = user.tokens.accessToken;
      const waiting = user.fetch(`${api}/late`);
      await vi.waitUntil(() => late.length === 1);
      expect((await user.fetch(api)).status).toBe(200);
      for (const end of late) end();
      expect((await waiting).status).toBe(200);
      expect(count('GetTokensFromRefreshToken')).toBe(1);
      refusing.close();
      refusing.closeAllConnections();
    });

    it('sends it nowhere unless told where', async () => {
      const user = await asUser();
      expect(await codeOf(user.fetch(origin))).toBe('COGNITO_ORIGIN_REFUSED');
      expect(carried).toEqual([]);
    });
  });
});
