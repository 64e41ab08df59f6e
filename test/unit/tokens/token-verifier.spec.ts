import { createHash, createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CognitoErrorCode } from '../../../lib/errors/catalogue.js';
import type { PoolOptions } from '../../../lib/options/pool.options.js';
import { resolvePool } from '../../../lib/options/resolved-pool.js';
import { TokenHeaders } from '../../../lib/tokens/token-header.js';
import { CognitoTokenVerifier } from '../../../lib/tokens/token-verifier.service.js';
import { resolveTokensOptions, type TokensOptions } from '../../../lib/tokens/tokens.options.js';
import { encode, makeKey, signToken } from './token-factory.js';

const issuer = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI';
const updatedIssuer = 'https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI';
const key = makeKey();
const keys = { keys: [key.jwk] };
const pool: PoolOptions = { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: ['client', 'second'], jwks: { keys } };

function verifierOf(options: TokensOptions = {}, written: PoolOptions = pool): CognitoTokenVerifier {
  return new CognitoTokenVerifier([resolvePool('default', written)], resolveTokensOptions(options));
}

const verifier = verifierOf();
const seconds = (offset = 0): number => Math.floor(Date.now() / 1000) + offset;

function access(claims: Readonly<Record<string, unknown>> = {}) {
  return {
    sub: '34c84488-e0e1-70ae-d2ee-991ad1a898c8',
    iss: issuer,
    client_id: 'client',
    origin_jti: 'origin',
    jti: 'jti',
    token_use: 'access',
    scope: 'aws.cognito.signin.user.admin',
    auth_time: seconds(-60),
    iat: seconds(-60),
    exp: seconds(3600),
    username: 'alice',
    ...claims,
  };
}

function id(claims: Readonly<Record<string, unknown>> = {}) {
  const { client_id: _client, scope: _scope, username: _username, ...common } = access();
  return { ...common, token_use: 'id', aud: 'client', 'cognito:username': 'alice', email_verified: true, ...claims };
}

async function codeOf(outcome: Promise<unknown>): Promise<CognitoErrorCode | 'passed'> {
  return outcome.then(
    () => 'passed' as const,
    (error: { code: CognitoErrorCode }) => error.code,
  );
}

const judge = (token: string, use?: 'id' | 'access' | 'either') => codeOf(verifier.verify(token, { tokenUse: use }));

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('a good token', () => {
  it('passes as what it is', async () => {
    expect(await verifier.verify(signToken(key, access()))).toMatchObject({
      kind: 'access',
      pool: 'default',
      clientId: 'client',
      kid: key.kid,
      claims: { username: 'alice' },
    });
    expect(await verifier.verify(signToken(key, id()), { tokenUse: 'id' })).toMatchObject({ kind: 'id' });
  });

  it('may come from either issuer of the pool and from any configured client', async () => {
    expect(await judge(signToken(key, access({ iss: updatedIssuer })))).toBe('passed');
    expect(await judge(signToken(key, access({ client_id: 'second' })))).toBe('passed');
    expect(await judge(signToken(key, id({ aud: 'second' })), 'id')).toBe('passed');
  });

  it('may be a machine: no user name, its subject the client', async () => {
    const machine = access({ username: undefined, sub: 'client', origin_jti: undefined, scope: 'api/read' });
    expect(await verifier.verify(signToken(key, machine))).toMatchObject({ kind: 'machine', clientId: 'client' });
    expect(await judge(signToken(key, access({ username: undefined })))).toBe('COGNITO_TOKEN_CLAIMS_INVALID');
  });
});

describe('a token that cannot be one', () => {
  const good = signToken(key, access());
  const [header, payload, signature] = good.split('.');

  it.each([
    ['empty', ''],
    ['text', 'hello'],
    ['two parts', `${header}.${payload}`],
    ['four parts', `${good}.x`],
    ['an empty signature', `${header}.${payload}.`],
    ['padding', `${header}=.${payload}.${signature}`],
    ['white space', ` ${good}`],
    ['a line end', `${good}\n`],
    ['standard base64', `${header}.${payload}.${signature?.slice(0, -2)}+/`],
    ['a header that is no JSON', `${Buffer.from('{').toString('base64url')}.${payload}.${signature}`],
    ['a payload that is no object', signToken(key, 'text' as never)],
    ['more than 16 KB', signToken(key, access({ filler: 'x'.repeat(16 * 1024) }))],
    ['nothing', undefined as never],
    ['a list', [good] as never],
    ['what calls itself a token', { length: 1, toString: () => good } as never],
  ])('is malformed: %s', async (_, token) => {
    expect(await judge(token)).toBe('COGNITO_TOKEN_MALFORMED');
  });
});

describe('a signature', () => {
  const [header = '', payload = '', signature = ''] = signToken(key, access()).split('.');

  it('over another payload is refused', async () => {
    const other = encode(access({ username: 'admin' }));
    expect(await judge(`${header}.${payload}.${signature}`)).toBe('passed');
    expect(await judge(`${header}.${other}.${signature}`)).toBe('COGNITO_TOKEN_SIGNATURE_INVALID');
  });

  it('of another key under the known key id is refused', async () => {
    const forger = makeKey();
    expect(await judge(signToken(forger, access(), { kid: key.kid, alg: 'RS256' }))).toBe(
      'COGNITO_TOKEN_SIGNATURE_INVALID',
    );
    expect(await judge(signToken(forger, access()))).toBe('COGNITO_TOKEN_KEY_UNKNOWN');
  });

  it.each([
    ['alg none', { kid: key.kid, alg: 'none' }],
    ['no alg', { kid: key.kid }],
    ['RS384', { kid: key.kid, alg: 'RS384' }],
    ['PS256', { kid: key.kid, alg: 'PS256' }],
    ['ES256', { kid: key.kid, alg: 'ES256' }],
    ['rs256 in small letters', { kid: key.kid, alg: 'rs256' }],
    ['a critical extension', { kid: key.kid, alg: 'RS256', crit: ['exp'] }],
    ['an unencoded payload', { kid: key.kid, alg: 'RS256', b64: false }],
  ])('is refused with %s', async (_, changed) => {
    expect(await judge(signToken(key, access(), changed))).toBe('COGNITO_TOKEN_ALGORITHM_REFUSED');
  });

  it('by RS384 is refused also when the key does not say what it is for', async () => {
    const { alg: _alg, use: _use, ...bare } = key.jwk;
    const lenient = verifierOf({}, { ...pool, jwks: { keys: { keys: [bare] } } });
    expect(await codeOf(lenient.verify(signToken(key, access())))).toBe('passed');
    const token = signToken(key, access(), { kid: key.kid, alg: 'RS384' }, 'sha384');
    expect(await codeOf(lenient.verify(token))).toBe('COGNITO_TOKEN_ALGORITHM_REFUSED');
  });

  it('by HMAC under the public key is refused', async () => {
    const input = `${encode({ kid: key.kid, alg: 'HS256' })}.${encode(access())}`;
    const pem = key.publicKey.export({ format: 'pem', type: 'spki' });
    const mac = createHmac('sha256', pem).update(input).digest('base64url');
    expect(await judge(`${input}.${mac}`)).toBe('COGNITO_TOKEN_ALGORITHM_REFUSED');
  });

  it('without a key id is refused', async () => {
    expect(await judge(signToken(key, access(), { alg: 'RS256' }))).toBe('COGNITO_TOKEN_KEY_UNKNOWN');
  });

  it('of a short key, of a key for encryption, or of a key of another kind is refused', async () => {
    const short = makeKey('short', 1024);
    const encryption = { ...key.jwk, kid: 'enc', use: 'enc' };
    const other = { ...key.jwk, kid: 'ps', alg: 'PS256' };
    const curve = { ...key.jwk, kid: 'ec', kty: 'EC' };
    const strict = verifierOf({}, { ...pool, jwks: { keys: { keys: [short.jwk, encryption, other, curve] } } });
    expect(await codeOf(strict.verify(signToken(short, access())))).toBe('COGNITO_TOKEN_KEY_UNKNOWN');
    for (const kid of ['enc', 'ps', 'ec']) {
      expect(await codeOf(strict.verify(signToken(key, access(), { kid, alg: 'RS256' })))).toBe(
        'COGNITO_TOKEN_KEY_UNKNOWN',
      );
    }
  });
});

describe('the headers that were read', () => {
  it('are not all kept, however many are sent', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const headers = new TokenHeaders();
    const kidOf = (kid: string): string => headers.kidOf(`${encode({ kid, alg: 'RS256' })}.payload.signature`);
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < 20_000; index += 1) kidOf(`${index}`.padStart(300, 'x'));
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(4_000_000);
    expect([kidOf('a'), kidOf('b'), kidOf('a')]).toEqual(['a', 'b', 'a']);
  });
});

describe('claims', () => {
  const foreign = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_OtherPool';

  it.each<[string, Readonly<Record<string, unknown>>, CognitoErrorCode]>([
    ['another issuer', { iss: foreign }, 'COGNITO_TOKEN_WRONG_ISSUER'],
    ['an issuer with a slash more', { iss: `${issuer}/` }, 'COGNITO_TOKEN_WRONG_ISSUER'],
    ['an issuer in another case', { iss: issuer.toUpperCase() }, 'COGNITO_TOKEN_WRONG_ISSUER'],
    ['no issuer', { iss: undefined }, 'COGNITO_TOKEN_WRONG_ISSUER'],
    ['another client', { client_id: 'other' }, 'COGNITO_TOKEN_WRONG_CLIENT'],
    ['no client', { client_id: undefined }, 'COGNITO_TOKEN_WRONG_CLIENT'],
    ['a list of clients', { client_id: ['client'] }, 'COGNITO_TOKEN_WRONG_CLIENT'],
    ['the audience in place of the client', { client_id: undefined, aud: 'client' }, 'COGNITO_TOKEN_WRONG_CLIENT'],
    ['a foreign audience beside the client', { aud: 'https://other.example.com' }, 'COGNITO_TOKEN_WRONG_CLIENT'],
    ['no token use', { token_use: undefined }, 'COGNITO_TOKEN_WRONG_USE'],
    ['an unknown token use', { token_use: 'refresh' }, 'COGNITO_TOKEN_WRONG_USE'],
    ['an expiry that is past', { exp: seconds(-1) }, 'COGNITO_TOKEN_EXPIRED'],
    ['no expiry', { exp: undefined }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
    ['an expiry that is text', { exp: '99999999999' }, 'COGNITO_TOKEN_MALFORMED'],
    ['an expiry beyond all dates', { exp: 1e300 }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
    ['an expiry before all dates', { exp: -1e300 }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
    ['a beginning beyond all dates', { nbf: 1e300 }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
    ['an id that is no text', { jti: '' }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
    ['a time before which it is not good', { nbf: seconds(60) }, 'COGNITO_TOKEN_NOT_YET_VALID'],
    ['an issue time far ahead', { iat: seconds(3000) }, 'COGNITO_TOKEN_NOT_YET_VALID'],
    ['no issue time', { iat: undefined }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
    ['no subject', { sub: undefined }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
    ['an empty subject', { sub: '' }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
    ['an empty user name', { username: '' }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
    ['a user name that is a list', { username: ['alice'] }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
    ['groups that are text', { 'cognito:groups': 'admin' }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
    ['groups that are an object', { 'cognito:groups': { 0: 'admin' } }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
    ['groups that are not all text', { 'cognito:groups': ['a', 1] }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
    ['an origin that is no text', { origin_jti: 7 }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
    ['a sign-in time that is text', { auth_time: 'now' }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
  ])('with %s are refused', async (_, claims, code) => {
    expect(await judge(signToken(key, access(claims)))).toBe(code);
  });

  it.each<[string, Readonly<Record<string, unknown>>, CognitoErrorCode]>([
    ['another audience', { aud: 'other' }, 'COGNITO_TOKEN_WRONG_CLIENT'],
    ['a list as audience', { aud: ['client', 'other'] }, 'COGNITO_TOKEN_WRONG_CLIENT'],
    ['the client in place of the audience', { aud: undefined, client_id: 'client' }, 'COGNITO_TOKEN_WRONG_CLIENT'],
    ['no user name', { 'cognito:username': undefined }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
    ['an expiry that is past', { exp: seconds(-1) }, 'COGNITO_TOKEN_EXPIRED'],
  ])('of an id token with %s are refused', async (_, claims, code) => {
    expect(await judge(signToken(key, id(claims)), 'id')).toBe(code);
  });

  it('of the other kind of token are refused, either way round', async () => {
    expect(await judge(signToken(key, id()), 'access')).toBe('COGNITO_TOKEN_WRONG_USE');
    expect(await judge(signToken(key, access()), 'id')).toBe('COGNITO_TOKEN_WRONG_USE');
    expect(await judge(signToken(key, id()), 'either')).toBe('passed');
    expect(await judge(signToken(key, access()), 'either')).toBe('passed');
  });

  it('of no known kind are refused also where either kind is welcome', async () => {
    for (const use of ['refresh', 'ID', undefined]) {
      expect(await judge(signToken(key, access({ token_use: use })), 'either')).toBe('COGNITO_TOKEN_WRONG_USE');
    }
  });

  it('are judged with the tolerance that was written, and no more', async () => {
    const tolerant = verifierOf({ clockTolerance: 30 });
    expect(await codeOf(tolerant.verify(signToken(key, access({ exp: seconds(-20) }))))).toBe('passed');
    expect(await codeOf(tolerant.verify(signToken(key, access({ exp: seconds(-40) }))))).toBe('COGNITO_TOKEN_EXPIRED');
  });

  it('never show in an error', async () => {
    const refusals = [
      access({ client_id: 'S3cr3t' }),
      access({ iss: 'https://S3cr3t' }),
      access({ exp: 'S3cr3t' }),
      access({ scope: { S3cr3t: 1 } }),
      access({ exp: 7, username: 'S3cr3t' }),
    ];
    for (const claims of refusals) {
      const error: unknown = await verifier.verify(signToken(key, claims)).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('S3cr3t');
    }
  });
});

describe('a pair of tokens', () => {
  const pairOf = (a: object, b: object) =>
    codeOf(
      verifier.verifyPair({ accessToken: signToken(key, access({ ...a })), idToken: signToken(key, id({ ...b })) }),
    );

  it('belongs together by user, client and sign-in', async () => {
    expect(await pairOf({}, {})).toBe('passed');
    expect(await pairOf({ origin_jti: undefined }, {})).toBe('passed');
  });

  it('belongs together by the hash of the access token, where the id token has it', async () => {
    const [accessToken, other] = [signToken(key, access()), signToken(key, access({ jti: 'another' }))];
    const hash = createHash('sha256').update(accessToken).digest();
    const hashed = (length: number): string =>
      signToken(key, id({ at_hash: hash.subarray(0, length).toString('base64url') }));
    expect(await codeOf(verifier.verifyPair({ accessToken, idToken: hashed(16) }))).toBe('passed');
    for (const pair of [
      { accessToken: other, idToken: hashed(16) },
      { accessToken, idToken: hashed(32) },
      { accessToken, idToken: hashed(0) },
      { accessToken, idToken: signToken(key, id({ at_hash: null })) },
    ]) {
      expect(await codeOf(verifier.verifyPair(pair))).toBe('COGNITO_TOKEN_CLAIMS_INVALID');
    }
  });

  it.each<[string, object, object]>([
    ['two users', {}, { sub: 'somebody else' }],
    ['two clients', {}, { aud: 'second' }],
    ['two sign-ins', {}, { origin_jti: 'another' }],
  ])('of %s is refused', async (_, a, b) => {
    expect(await pairOf(a, b)).toBe('COGNITO_TOKEN_CLAIMS_INVALID');
  });

  it('is refused when one is the other kind, or belongs to a machine', async () => {
    const token = signToken(key, access());
    const machine = { username: undefined, sub: 'client', origin_jti: undefined };
    expect(await pairOf(machine, { sub: 'client', origin_jti: undefined })).toBe('COGNITO_TOKEN_CLAIMS_INVALID');
    expect(await codeOf(verifier.verifyPair({ accessToken: token, idToken: token }))).toBe('COGNITO_TOKEN_WRONG_USE');
  });

  it('that has expired is refused, and only identified: by its signature and all its other claims', async () => {
    const exp = Math.floor(Date.now() / 1000) - 3600;
    const expired = { accessToken: signToken(key, access({ exp })), idToken: signToken(key, id({ exp })) };
    expect(await codeOf(verifier.verifyPair(expired))).toBe('COGNITO_TOKEN_EXPIRED');
    expect(await codeOf(verifier.identifyPair(expired))).toBe('passed');
    const forged = { ...expired, accessToken: signToken(makeKey(key.kid), access({ exp })) };
    expect(await codeOf(verifier.identifyPair(forged))).toBe('COGNITO_TOKEN_SIGNATURE_INVALID');
    const foreign = { ...expired, accessToken: signToken(key, access({ exp, client_id: 'foreign' })) };
    expect(await codeOf(verifier.identifyPair(foreign))).toBe('COGNITO_TOKEN_WRONG_CLIENT');
    const mixed = { ...expired, idToken: signToken(key, id({ exp, sub: 'somebody else' })) };
    expect(await codeOf(verifier.identifyPair(mixed))).toBe('COGNITO_TOKEN_CLAIMS_INVALID');
  });
});

describe('named pools', () => {
  const staffKey = makeKey(key.kid);
  const staffIssuer = 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_StaffPool';
  const staff: PoolOptions = {
    userPoolId: 'us-east-1_StaffPool',
    clientId: 'staff',
    jwks: { keys: { keys: [staffKey.jwk] } },
  };
  const both = new CognitoTokenVerifier(
    [resolvePool('default', pool), resolvePool('staff', staff)],
    resolveTokensOptions({}),
  );
  const staffToken = signToken(staffKey, access({ iss: staffIssuer, client_id: 'staff' }));

  it('take their own tokens and not those of a sister', async () => {
    expect(await codeOf(both.verify(staffToken, { pool: 'staff' }))).toBe('passed');
    expect(await codeOf(both.verify(staffToken))).toBe('COGNITO_TOKEN_WRONG_ISSUER');
    expect(await codeOf(both.verify(signToken(key, access()), { pool: 'staff' }))).toBe('COGNITO_TOKEN_WRONG_ISSUER');
  });

  it('are refused when nobody configured them', async () => {
    expect(await codeOf(both.verify(staffToken, { pool: 'guests' }))).toBe('COGNITO_POOL_UNKNOWN');
    // The name may come from a request, and the sentence goes to the log.
    await expect(both.verify(staffToken, { pool: 'a\r\nERROR b' })).rejects.toThrow(String.raw`"a\r\nERROR b"`);
  });
});

describe('fetched keys', () => {
  let server: Server;
  let uri: string;
  let answer: { status: number; body: string; delay?: number; location?: string };
  let requests = 0;

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests += 1;
      if (request.url === '/elsewhere') {
        response.end(JSON.stringify(keys));
        return;
      }
      setTimeout(() => {
        response.writeHead(answer.status, answer.location === undefined ? {} : { location: answer.location });
        response.end(answer.body);
      }, answer.delay ?? 0);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  function fetching(written: PoolOptions['jwks'] = {}): CognitoTokenVerifier {
    requests = 0;
    answer = { status: 200, body: JSON.stringify(keys) };
    return verifierOf({}, { ...pool, jwks: { uri, retries: 0, ...written } });
  }

  it('are fetched once for many tokens at a time and kept', async () => {
    const remote = fetching();
    answer.delay = 30;
    const token = signToken(key, access());
    expect(await Promise.all(Array.from({ length: 50 }, () => codeOf(remote.verify(token))))).toEqual(
      Array(50).fill('passed'),
    );
    expect(await codeOf(remote.verify(token))).toBe('passed');
    expect(requests).toBe(1);
  });

  it('are fetched again when they are too old, and each time when they are not to be kept', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const remote = fetching({ cacheTtl: 60 });
    const token = signToken(key, access());
    await remote.verify(token);
    vi.setSystemTime(Date.now() + 59_000);
    await remote.verify(token);
    expect(requests).toBe(1);
    vi.setSystemTime(Date.now() + 2_000);
    await remote.verify(token);
    expect(requests).toBe(2);
    const forgetful = fetching({ cache: false });
    await forgetful.verify(token);
    await forgetful.verify(token);
    expect(requests).toBe(2);
  });

  it('are asked for an unknown key id once in a while, not for every token', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const remote = fetching();
    const stranger = makeKey();
    await remote.verify(signToken(key, access()));
    for (let i = 0; i < 20; i += 1) {
      expect(await codeOf(remote.verify(signToken(stranger, access())))).toBe('COGNITO_TOKEN_KEY_UNKNOWN');
    }
    expect(requests).toBe(1);
    vi.advanceTimersByTime(10_001);
    answer.body = JSON.stringify({ keys: [key.jwk, stranger.jwk] });
    expect(await codeOf(remote.verify(signToken(stranger, access())))).toBe('passed');
    expect(requests).toBe(2);
  });

  it('that cannot be had are 503 and not 401, at once, until a pause is over', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const remote = fetching();
    const token = signToken(key, access());
    answer = { status: 500, body: '' };
    const error: unknown = await remote.verify(token).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'COGNITO_KEYS_UNAVAILABLE', status: 503, retryAfter: 1 });
    expect(await codeOf(remote.verify(token))).toBe('COGNITO_KEYS_UNAVAILABLE');
    expect(requests).toBe(1);
    answer = { status: 200, body: JSON.stringify(keys) };
    vi.advanceTimersByTime(1_001);
    expect(await codeOf(remote.verify(token))).toBe('passed');
  });

  it.each([
    ['no JSON', { status: 200, body: '<html>' }],
    ['no key set', { status: 200, body: '{"keys":"none"}' }],
    ['a key that is none', { status: 200, body: '{"keys":[{"kid":"x","kty":"RSA","n":"","e":""}]}' }],
    ['too much', { status: 200, body: JSON.stringify({ ...keys, filler: 'x'.repeat(600_000) }) }],
    ['a redirect', { status: 302, body: '', location: '/elsewhere' }],
  ])('are not had from %s', async (_, given) => {
    const remote = fetching();
    answer = given;
    expect(await codeOf(remote.verify(signToken(key, access())))).toBe('COGNITO_KEYS_UNAVAILABLE');
  });

  it('are read one by one: a stranger among them takes nothing from the others', async () => {
    const remote = fetching();
    const curve = { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'ec' };
    const strangers = [curve, { kty: 'RSA', n: 'AQAB', e: 'AQAB' }, null, 'key'];
    answer.body = JSON.stringify({ keys: [...strangers, { ...key.jwk, alg: null }] });
    expect(await codeOf(remote.verify(signToken(key, access())))).toBe('passed');
  });

  it('that cannot be had say why in the log, and nothing of an answer', async () => {
    const why = async (given: typeof answer): Promise<string> => {
      const remote = fetching();
      answer = given;
      return remote.verify(signToken(key, access())).then(
        () => 'passed',
        (error: Error) => error.message,
      );
    };
    expect(await why({ status: 503, body: 'S3cr3t' })).toMatch(/\(status 503\)/);
    expect(await why({ status: 200, body: 'S3cr3t' })).toMatch(/\(not a key set\)/);
    const nobody = verifierOf({}, { ...pool, jwks: { uri: 'http://127.0.0.1:4/keys' } });
    await expect(nobody.verify(signToken(key, access()))).rejects.toThrow(/\(ECONNREFUSED\)/);
  });

  it('are given up after the time-out', async () => {
    const remote = fetching({ timeout: 20 });
    answer.delay = 300;
    expect(await codeOf(remote.verify(signToken(key, access())))).toBe('COGNITO_KEYS_UNAVAILABLE');
  });

  it('serve on for a day while their server is down, and no longer', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const remote = fetching();
    await remote.verify(signToken(key, access()));
    answer = { status: 503, body: '' };
    vi.advanceTimersByTime(60 * 60 * 1000);
    expect(await codeOf(remote.verify(signToken(key, access())))).toBe('passed');
    expect(requests).toBe(2);
    vi.advanceTimersByTime(24 * 60 * 60 * 1000);
    expect(await codeOf(remote.verify(signToken(key, access())))).toBe('COGNITO_KEYS_UNAVAILABLE');
  });

  it('stop being good when they leave the set', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const remote = fetching();
    expect(await codeOf(remote.verify(signToken(key, access())))).toBe('passed');
    answer.body = JSON.stringify({ keys: [makeKey().jwk] });
    vi.advanceTimersByTime(301_000);
    expect(await codeOf(remote.verify(signToken(key, access())))).toBe('COGNITO_TOKEN_KEY_UNKNOWN');
  });

  it('are never looked for at an issuer that only the token names', async () => {
    const remote = fetching();
    const token = signToken(key, access({ iss: new URL('/evil', uri).href }));
    expect(await codeOf(remote.verify(token))).toBe('COGNITO_TOKEN_WRONG_ISSUER');
    expect(requests).toBe(0);
  });
});
