import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CognitoErrorCode } from '../../../lib/errors/catalogue.js';
import type { JsonWebKey, PoolOptions } from '../../../lib/options/pool.options.js';
import { resolvePool } from '../../../lib/options/resolved-pool.js';
import { CognitoTokenVerifier, type TokenRequirement } from '../../../lib/tokens/token-verifier.service.js';
import { resolveTokensOptions, type TokensOptions } from '../../../lib/tokens/tokens.options.js';
import { VerifiedTokenCache } from '../../../lib/tokens/verified-token-cache.js';
import { encode, makeKey, signToken } from './token-factory.js';

const issuer = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI';
const key = makeKey();
const seconds = (offset = 0): number => Math.floor(Date.now() / 1000) + offset;
let served: JsonWebKey[];
let server: Server;
let uri: string;

function claims(changed: Readonly<Record<string, unknown>> = {}) {
  return {
    sub: '34c84488-e0e1-70ae-d2ee-991ad1a898c8',
    iss: issuer,
    client_id: 'client',
    token_use: 'access',
    scope: 'openid',
    iat: seconds(-60),
    exp: seconds(3600),
    username: 'alice',
    'cognito:groups': ['readers'],
    ...changed,
  };
}

function verifierOf(options: TokensOptions = {}): CognitoTokenVerifier {
  const pool: PoolOptions = { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: 'client', jwks: { uri } };
  const staff: PoolOptions = { userPoolId: 'eu-west-1_StaffPool', clientId: 'client', jwks: { uri } };
  // The same user pool for another app client: only its own name tells it from the first.
  const partners: PoolOptions = { ...pool, clientId: 'partner' };
  const pools = Object.entries({ default: pool, staff, partners });
  return new CognitoTokenVerifier(
    pools.map(([name, written]) => resolvePool(name, written)),
    resolveTokensOptions(options),
  );
}

async function codeOf(
  verifier: CognitoTokenVerifier,
  token: string,
  requirement: TokenRequirement = {},
): Promise<CognitoErrorCode | 'passed'> {
  return verifier.verify(token, requirement).then(
    () => 'passed' as const,
    (error: { code: CognitoErrorCode }) => error.code,
  );
}

beforeAll(async () => {
  server = createServer((_, response) => response.end(JSON.stringify({ keys: served })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  served = [key.jwk];
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a remembered token', () => {
  it('is not verified anew within the time that was written, and with `false` each time', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const token = signToken(key, claims());
    const verifier = verifierOf({ tokenCache: { ttl: 60 } });
    const first = await verifier.verify(token);
    vi.setSystemTime(Date.now() + 59_000);
    // The same object and not an equal one: it was not read from the token again.
    expect((await verifier.verify(token)).claims).toBe(first.claims);
    vi.setSystemTime(Date.now() + 2_000);
    const later = await verifier.verify(token);
    expect(later.claims).not.toBe(first.claims);
    expect(later.claims).toEqual(first.claims);
    const forgetful = verifierOf({ tokenCache: false });
    expect((await forgetful.verify(token)).claims).not.toBe((await forgetful.verify(token)).claims);
  });

  it('of one pool is refused by another', async () => {
    const verifier = verifierOf();
    const token = signToken(key, claims());
    expect(await codeOf(verifier, token)).toBe('passed');
    expect(await codeOf(verifier, token, { pool: 'staff' })).toBe('COGNITO_TOKEN_WRONG_ISSUER');
    expect(await codeOf(verifier, token, { pool: 'partners' })).toBe('COGNITO_TOKEN_WRONG_CLIENT');
    expect(await codeOf(verifier, token)).toBe('passed');
  });

  it('of one kind is refused where the other is wanted', async () => {
    const verifier = verifierOf();
    const idToken = signToken(
      key,
      claims({
        token_use: 'id',
        aud: 'client',
        client_id: undefined,
        username: undefined,
        'cognito:username': 'alice',
      }),
    );
    expect(await codeOf(verifier, idToken, { tokenUse: 'id' })).toBe('passed');
    expect(await codeOf(verifier, idToken, { tokenUse: 'access' })).toBe('COGNITO_TOKEN_WRONG_USE');
    expect(await codeOf(verifier, idToken, { tokenUse: 'either' })).toBe('passed');
  });

  it('does not vouch for another payload or header under its signature', async () => {
    const verifier = verifierOf();
    const token = signToken(key, claims());
    const [header = '', payload = '', signature = ''] = token.split('.');
    expect(await codeOf(verifier, token)).toBe('passed');
    const admin = encode(claims({ 'cognito:groups': ['admin'] }));
    expect(await codeOf(verifier, `${header}.${admin}.${signature}`)).toBe('COGNITO_TOKEN_SIGNATURE_INVALID');
    const other = encode({ kid: key.kid, alg: 'RS256', typ: 'JWT' });
    expect(await codeOf(verifier, `${other}.${payload}.${signature}`)).toBe('COGNITO_TOKEN_SIGNATURE_INVALID');
    expect(await codeOf(verifier, token)).toBe('passed');
  });

  it('is refused when its key has left the key set, or another took its name', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const token = signToken(key, claims({ exp: seconds(7200) }));
    const verifier = verifierOf({ tokenCache: { ttl: 7200 } });
    expect(await codeOf(verifier, token)).toBe('passed');
    served = [makeKey().jwk];
    vi.advanceTimersByTime(301_000);
    expect(await codeOf(verifier, token)).toBe('COGNITO_TOKEN_KEY_UNKNOWN');
    served = [key.jwk];
    vi.advanceTimersByTime(301_000);
    expect(await codeOf(verifier, token)).toBe('passed');
    served = [makeKey(key.kid).jwk];
    vi.advanceTimersByTime(301_000);
    expect(await codeOf(verifier, token)).toBe('COGNITO_TOKEN_SIGNATURE_INVALID');
  });

  it('is refused when it has expired, with the tolerance that was written, and before its time when the clock goes back', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const [strict, tolerant] = [verifierOf(), verifierOf({ clockTolerance: 30 })];
    const token = signToken(key, claims({ exp: seconds(60), nbf: seconds(-60) }));
    expect([await codeOf(strict, token), await codeOf(tolerant, token)]).toEqual(['passed', 'passed']);
    vi.setSystemTime(Date.now() + 61_500);
    expect([await codeOf(strict, token), await codeOf(tolerant, token)]).toEqual(['COGNITO_TOKEN_EXPIRED', 'passed']);
    vi.setSystemTime(Date.now() + 31_000);
    expect(await codeOf(tolerant, token)).toBe('COGNITO_TOKEN_EXPIRED');
    vi.setSystemTime(Date.now() - 90_000 - 180_000);
    expect(await codeOf(tolerant, token)).toBe('COGNITO_TOKEN_NOT_YET_VALID');
  });

  it('cannot be changed by whoever was given it', async () => {
    const verifier = verifierOf();
    const token = signToken(key, claims({ address: { locality: 'Bern' } }));
    const first = await verifier.verify(token);
    const groups = first.claims['cognito:groups'] as string[];
    expect(() => groups.push('admin')).toThrow(TypeError);
    expect(() => Object.assign(first.claims, { sub: 'somebody else' })).toThrow(TypeError);
    expect(() => Object.assign(first.claims['address'] as object, { locality: 'Rome' })).toThrow(TypeError);
    expect(() => Object.assign(first, { pool: 'staff' })).toThrow(TypeError);
    const { claims: again } = await verifier.verify(token);
    expect(again).toMatchObject({ 'cognito:groups': ['readers'], address: { locality: 'Bern' } });
  });

  it('that is good in nothing but its signature is refused each time for the same reason', async () => {
    const verifier = verifierOf();
    const token = signToken(key, claims({ exp: undefined }));
    expect(await codeOf(verifier, token)).toBe('COGNITO_TOKEN_CLAIMS_INVALID');
    expect(await codeOf(verifier, token)).toBe('COGNITO_TOKEN_CLAIMS_INVALID');
  });
});

describe('what is said at once of a remembered token', () => {
  it('is what would be said otherwise, and of no other token', async () => {
    const verifier = verifierOf();
    const token = signToken(key, claims());
    expect(verifier.recall(token, {})).toBeUndefined();
    const verified = await verifier.verify(token);
    expect(verifier.recall(token, {})).toBe(verified);
    const [header = '', , signature = ''] = token.split('.');
    expect(verifier.recall(`${header}.${encode(claims({ sub: 'other' }))}.${signature}`, {})).toBeUndefined();
  });

  it('is nothing for another pool, kind or client', async () => {
    const verifier = verifierOf();
    const token = signToken(key, claims());
    await verifier.verify(token);
    for (const requirement of [
      { pool: 'staff' },
      { pool: 'partners' },
      { pool: 'none' },
      { tokenUse: 'id' },
    ] as const) {
      expect(verifier.recall(token, requirement)).toBeUndefined();
    }
    expect(verifier.recall(token, { tokenUse: 'either' })).toBeDefined();
    // What another pool has remembered last is nothing to this one, and the other way round.
    expect(await codeOf(verifier, token, { pool: 'partners' })).toBe('COGNITO_TOKEN_WRONG_CLIENT');
    expect([verifier.recall(token, {}), verifier.recall(token, { pool: 'partners' })]).toEqual([undefined, undefined]);
  });

  it('is nothing once it has expired, with the tolerance that was written', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const verifier = verifierOf({ clockTolerance: 5 });
    const token = signToken(key, claims({ exp: seconds(60) }));
    await verifier.verify(token);
    vi.setSystemTime(Date.now() + 64_000);
    expect(verifier.recall(token, {})).toBeDefined();
    vi.setSystemTime(Date.now() + 2_000);
    expect(verifier.recall(token, {})).toBeUndefined();
  });

  it('is nothing once its key has left the key set, is old, or another took its name', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const token = signToken(key, claims({ exp: seconds(7200) }));
    const verifier = verifierOf({ tokenCache: { ttl: 7200 } });
    await verifier.verify(token);
    expect(verifier.recall(token, {})).toBeDefined();
    vi.advanceTimersByTime(301_000);
    expect(verifier.recall(token, {})).toBeUndefined();
    served = [makeKey(key.kid).jwk];
    expect(await codeOf(verifier, signToken(key, claims({ sub: 'other' })))).toBe('COGNITO_TOKEN_SIGNATURE_INVALID');
    expect(verifier.recall(token, {})).toBeUndefined();
  });

  it('is nothing where a store has to be asked whether the sign-in has ended', async () => {
    const token = signToken(key, claims());
    const verifier = verifierOf({ revocation: { store: 'memory' } });
    const verified = await verifier.verify(token);
    expect(verifier.recall(token, {})).toBeUndefined();
    await verifier.revocations.endUser({ pool: 'default', sub: verified.claims.sub });
    expect(await codeOf(verifier, token)).toBe('COGNITO_TOKEN_REVOKED');
  });

  it('is nothing to whoever only identifies it once it has expired', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const token = signToken(key, claims({ exp: seconds(60) }));
    const verifier = verifierOf();
    await verifier.verify(token);
    vi.setSystemTime(Date.now() + 61_000);
    expect(await verifier.identify(token, 'default', 'accepted')).toMatchObject({ kind: 'access' });
    expect(verifier.recall(token, {})).toBeUndefined();
    expect(await codeOf(verifier, token)).toBe('COGNITO_TOKEN_EXPIRED');
  });

  it('is nothing where `verify` was replaced, on one object or on the class', async () => {
    const token = signToken(key, claims());
    const verifier = verifierOf();
    await verifier.verify(token);
    for (const replaced of [verifier, CognitoTokenVerifier.prototype]) {
      const spy = vi.spyOn(replaced, 'verify');
      expect(verifier.recall(token, {})).toBeUndefined();
      spy.mockRestore();
      expect(verifier.recall(token, {})).toBeDefined();
    }
  });
});

describe('the memory of tokens', () => {
  it('leaves alone what another pool has remembered of the same token', () => {
    const cache = new VerifiedTokenCache({ ttl: 60_000, maxBytes: 100_000 });
    const [first, second] = [{ issuer: 'first' }, { issuer: 'second' }];
    cache.set('first', 'token', first as never);
    expect(cache.get('second', 'token')).toBeUndefined();
    cache.set('second', 'token', second as never);
    cache.delete('first', 'token');
    expect([cache.get('first', 'token'), cache.get('second', 'token')]).toEqual([undefined, second]);
  });

  it('takes no more than it was given, and forgets what was used least', () => {
    const cache = new VerifiedTokenCache({ ttl: 60_000, maxBytes: 100_000 });
    const signed = {
      payload: {},
      issuer,
      key: { kid: key.kid, jwk: { ...key.jwk, kid: key.kid }, object: key.publicKey },
    };
    const tokens = Array.from({ length: 200 }, (_, index) => `${index}`.padStart(1000, 'x'));
    for (const token of tokens) {
      cache.set('default', token, signed as never);
      cache.get('default', tokens[0] ?? '');
    }
    const kept = tokens.filter((token) => cache.get('default', token) !== undefined);
    // Each takes 1536 bytes and two for each of its 1000 characters.
    expect(kept).toEqual([tokens[0], ...tokens.slice(-27)]);
  });
});
