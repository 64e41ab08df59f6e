import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../../lib/emulator/index.js';
import { call, decoded, refusal, SrpSignIn, tokensOf } from './wire-client.js';

interface KeySet {
  keys: (JsonWebKey & { kid: string; use: string; alg: string })[];
}

const USERS = [
  {
    username: 'alice',
    password: 'Passw0rd!',
    attributes: { email: 'alice@example.com', given_name: 'Alice', 'custom:team': 'blue' },
    groups: ['admin', 'staff'],
  },
  { username: 'bob', password: 'Passw0rd!' },
  { username: 'off', password: 'Passw0rd!', enabled: false },
];

let pool: CognitoEmulator;

beforeAll(async () => {
  pool = await CognitoEmulator.start({ users: USERS, clients: [{ clientId: 'other' }] });
});

afterAll(async () => pool.stop());

async function keySetOf({ options }: CognitoEmulator): Promise<KeySet> {
  return (await (await fetch(`${options.issuer}/.well-known/jwks.json`)).json()) as KeySet;
}

async function isSignedBy(of: CognitoEmulator, token: string): Promise<boolean> {
  const { kid } = decoded(token).header;
  const key = (await keySetOf(of)).keys.find((candidate) => candidate.kid === kid);
  if (!key) return false;
  const [header = '', payload = '', signature = ''] = token.split('.');
  const publicKey = createPublicKey({ key, format: 'jwk' });
  return verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url'));
}

describe('tokens of a sign-in', () => {
  it('carry the claims of the service, in its order', async () => {
    const tokens = await tokensOf(new SrpSignIn(pool, 'alice', 'Passw0rd!').run());
    const access = decoded(tokens['AccessToken']);
    const id = decoded(tokens['IdToken']);
    expect(Object.keys(access.header)).toEqual(['kid', 'alg']);
    expect(access.header['kid']).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(Object.keys(access.payload).join(' ')).toBe(
      'sub cognito:groups iss client_id origin_jti event_id token_use scope auth_time exp iat jti username',
    );
    expect(Object.keys(id.payload).join(' ')).toBe(
      'sub cognito:groups email_verified iss cognito:username origin_jti aud event_id token_use auth_time exp iat jti email given_name custom:team',
    );
    const { clientId, issuer } = pool.options;
    expect(access.payload).toMatchObject({
      'cognito:groups': ['admin', 'staff'],
      iss: issuer,
      client_id: clientId,
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      username: 'alice',
    });
    expect(id.payload).toMatchObject({ aud: clientId, token_use: 'id', email_verified: true, 'custom:team': 'blue' });
    expect(id.payload['sub']).toBe(access.payload['sub']);
    expect(id.payload['origin_jti']).toBe(access.payload['origin_jti']);
    expect(id.payload['jti']).not.toBe(access.payload['jti']);
    expect(Number(access.payload['exp']) - Number(access.payload['iat'])).toBe(3600);
  });

  it('leave out groups and contacts that a user does not have', async () => {
    const { payload } = decoded((await pool.tokensFor('bob')).idToken);
    expect(payload).not.toHaveProperty('cognito:groups');
    expect(payload).not.toHaveProperty('email_verified');
  });

  it('are signed by two keys, one for each use', async () => {
    const { accessToken, idToken } = await pool.tokensFor('alice');
    expect(decoded(accessToken).header['kid']).not.toBe(decoded(idToken).header['kid']);
    expect(await isSignedBy(pool, accessToken)).toBe(true);
    expect(await isSignedBy(pool, idToken)).toBe(true);
    expect(await isSignedBy(pool, `${accessToken.slice(0, -4)}AAAA`)).toBe(false);
  });
});

describe('the published documents', () => {
  it('are two public keys and nothing private', async () => {
    const { keys } = await keySetOf(pool);
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      expect(Object.keys(key).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
      expect(key).toMatchObject({ alg: 'RS256', e: 'AQAB', kty: 'RSA', use: 'sig' });
    }
  });

  it('tell where the keys and the issuer are', async () => {
    const { issuer } = pool.options;
    const response = await fetch(`${issuer}/.well-known/openid-configuration`);
    expect(await response.json()).toMatchObject({ issuer, jwks_uri: `${issuer}/.well-known/jwks.json` });
    const foreign = await fetch(`${pool.options.endpoint}/local_foreign/.well-known/jwks.json`);
    expect(foreign.status).toBe(404);
  });

  it('have no key in common between two starts', async () => {
    const second = await CognitoEmulator.start({ userPoolId: pool.options.userPoolId, users: USERS });
    const [first, again] = await Promise.all([keySetOf(pool), keySetOf(second)]);
    const known = new Set(first.keys.flatMap(({ kid, n }) => [kid, n]));
    expect(again.keys.some(({ kid, n = '' }) => known.has(kid) || known.has(n))).toBe(false);
    const { accessToken } = await second.tokensFor('alice');
    expect(await isSignedBy(pool, accessToken)).toBe(false);
    expect(await refusal(call(pool, 'GetUser', { AccessToken: accessToken }))).toBe(
      'NotAuthorizedException: Invalid Access Token',
    );
    await second.stop();
  });
});

describe('tokensFor', () => {
  it('makes tokens that the pool itself takes', async () => {
    const { accessToken, refreshToken, expiresIn } = await pool.tokensFor('alice');
    expect(expiresIn).toBe(3600);
    const user = await call(pool, 'GetUser', { AccessToken: accessToken });
    expect(user.body).toMatchObject({ Username: 'alice' });
    const renewed = call(pool, 'GetTokensFromRefreshToken', { RefreshToken: refreshToken });
    expect(decoded((await tokensOf(renewed))['AccessToken']).payload).toMatchObject({ username: 'alice' });
  });

  it('takes groups, claims, life and client from the test', async () => {
    const tokens = await pool.tokensFor('alice', {
      groups: ['other'],
      claims: { scope: 'notes/read', email: undefined },
      expiresIn: 60,
      clientId: 'other',
    });
    const { payload } = decoded(tokens.accessToken);
    expect(payload).toMatchObject({ 'cognito:groups': ['other'], scope: 'notes/read', client_id: 'other' });
    expect(Number(payload['exp']) - Number(payload['iat'])).toBe(60);
    expect(decoded(tokens.idToken).payload).not.toHaveProperty('email');
    expect(tokens.expiresIn).toBe(60);
  });

  it('writes claims into one token only, when told which', async () => {
    const tokens = await pool.tokensFor('alice', { tokenUse: 'id', claims: { nonce: 'n' } });
    expect(decoded(tokens.idToken).payload).toMatchObject({ nonce: 'n', token_use: 'id' });
    expect(decoded(tokens.accessToken).payload).not.toHaveProperty('nonce');
  });

  it('makes tokens that have expired', async () => {
    const { accessToken } = await pool.tokensFor('alice', { expiresIn: -10 });
    const { exp, iat, auth_time: authTime } = decoded(accessToken).payload;
    expect(Number(exp)).toBeLessThan(Date.now() / 1000);
    expect(Number(exp) - Number(iat)).toBe(3600);
    expect(Number(authTime)).toBeLessThanOrEqual(Number(iat));
    expect(await refusal(call(pool, 'GetUser', { AccessToken: accessToken }))).toBe(
      'NotAuthorizedException: Access Token has expired',
    );
  });

  it('knows no user that the pool does not have', async () => {
    await expect(pool.tokensFor('nobody')).rejects.toMatchObject({ code: 'EMULATOR_USER_UNKNOWN' });
  });
});

describe('access tokens at the API', () => {
  const getUser = async (AccessToken: string) => refusal(call(pool, 'GetUser', { AccessToken }));

  it('are refused when they are something else, changed, or without the scope', async () => {
    const { accessToken, idToken } = await pool.tokensFor('alice');
    const [header, , signature] = accessToken.split('.');
    const forged = Buffer.from(JSON.stringify({ ...decoded(accessToken).payload, username: 'bob' }));
    const invalid = 'NotAuthorizedException: Invalid Access Token';
    expect(await getUser(idToken)).toBe(invalid);
    expect(await getUser('garbage')).toBe(invalid);
    expect(await getUser(`${header}.${forged.toString('base64url')}.${signature}`)).toBe(invalid);
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    expect(await getUser(`${unsigned}.${forged.toString('base64url')}.`)).toBe(invalid);
    const scopeless = await pool.tokensFor('alice', { claims: { scope: 'openid' } });
    expect(await getUser(scopeless.accessToken)).toBe(
      'NotAuthorizedException: Access Token does not have required scopes',
    );
  });

  it('of a disabled user open nothing, and neither does the refresh token', async () => {
    const { accessToken, refreshToken } = await pool.tokensFor('off');
    const disabled = 'NotAuthorizedException: User is disabled.';
    expect(await getUser(accessToken)).toBe(disabled);
    expect(await refusal(call(pool, 'GetTokensFromRefreshToken', { RefreshToken: refreshToken }))).toBe(disabled);
  });

  it('of another issuer are refused, though the key is right', async () => {
    const { accessToken } = await pool.tokensFor('alice', { claims: { iss: 'https://elsewhere.example' } });
    expect(await getUser(accessToken)).toBe('NotAuthorizedException: Invalid Access Token');
    const relabelled = await pool.tokensFor('alice', { claims: { token_use: 'id' } });
    expect(await getUser(relabelled.accessToken)).toBe('NotAuthorizedException: Invalid Access Token');
  });

  it('expire by the clock of the pool', async () => {
    const { accessToken } = await pool.tokensFor('alice');
    pool.clock.advance({ minutes: 59 });
    expect((await call(pool, 'GetUser', { AccessToken: accessToken })).status).toBe(200);
    pool.clock.advance({ minutes: 1 });
    expect(await getUser(accessToken)).toBe('NotAuthorizedException: Access Token has expired');
    pool.clock.reset();
  });
});

describe('the hook of the token', () => {
  afterAll(() => {
    pool.hooks.token = undefined;
  });

  it('changes what is signed', async () => {
    pool.hooks.token = (header, payload) => ({ header: { ...header, typ: 'JWT' }, payload: { ...payload, iss: 'x' } });
    const { accessToken } = await pool.tokensFor('alice');
    expect(decoded(accessToken)).toMatchObject({ header: { typ: 'JWT' }, payload: { iss: 'x' } });
    expect(await isSignedBy(pool, accessToken)).toBe(true);
  });

  it('replaces a token outright', async () => {
    pool.hooks.token = () => 'a.b.c';
    expect(await pool.tokensFor('alice')).toMatchObject({ accessToken: 'a.b.c', idToken: 'a.b.c' });
  });
});
