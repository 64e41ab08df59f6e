import {
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  GlobalSignOutCommand,
  InitiateAuthCommand,
  RevokeTokenCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { refusalOf, sdkFor } from './sdk.js';

const SECRET = 'a-secret-of-24-letters-ab';
const REVOKED = 'NotAuthorizedException: Access Token has been revoked';

let pool: CognitoEmulator;
let sdk: CognitoIdentityProviderClient;

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    users: [
      {
        username: 'alice',
        password: 'Passw0rd!',
        attributes: { email: 'alice@example.com', given_name: 'Alice' },
      },
      { username: 'bob', password: 'Passw0rd!' },
    ],
    clients: [{ clientId: 'confidential', clientSecret: SECRET }, { clientId: 'other' }],
  });
  sdk = sdkFor(pool);
});

afterAll(async () => {
  sdk.destroy();
  await pool.stop();
});

const getUser = async (AccessToken = '') => sdk.send(new GetUserCommand({ AccessToken }));
const revoke = async (Token = '', changes: object = {}) =>
  sdk.send(new RevokeTokenCommand({ ClientId: pool.options.clientId, Token, ...changes }));
const renew = async (RefreshToken = '', changes: object = {}) =>
  sdk.send(new GetTokensFromRefreshTokenCommand({ ClientId: pool.options.clientId, RefreshToken, ...changes }));
const renewTheOldWay = async (REFRESH_TOKEN = '') =>
  sdk.send(
    new InitiateAuthCommand({
      ClientId: pool.options.clientId,
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      AuthParameters: { REFRESH_TOKEN },
    }),
  );

async function signIn(USERNAME = 'alice'): Promise<{ AccessToken: string; RefreshToken: string }> {
  const { AuthenticationResult: tokens } = await sdk.send(
    new InitiateAuthCommand({
      ClientId: pool.options.clientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD: 'Passw0rd!' },
    }),
  );
  return { AccessToken: tokens?.AccessToken ?? '', RefreshToken: tokens?.RefreshToken ?? '' };
}

function claimsOf(token = ''): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

describe('GetUser', () => {
  it('gives the attributes as texts, the subject first', async () => {
    const { Username, UserAttributes } = await getUser((await signIn()).AccessToken);
    expect(Username).toBe('alice');
    expect(UserAttributes?.[0]).toEqual({ Name: 'sub', Value: expect.any(String) as string });
    expect(UserAttributes).toContainEqual({ Name: 'email_verified', Value: 'true' });
    expect(UserAttributes).toContainEqual({ Name: 'given_name', Value: 'Alice' });
  });

  it('is refused without a good access token', async () => {
    expect(await refusalOf(getUser('garbage'))).toBe('NotAuthorizedException: Invalid Access Token');
  });
});

describe('refreshing', () => {
  it('keeps the sign-in and renews the rest, both ways', async () => {
    const { AccessToken, RefreshToken } = await signIn();
    const before = claimsOf(AccessToken);
    pool.clock.advance({ minutes: 30 });
    for (const reply of [await renew(RefreshToken), await renewTheOldWay(RefreshToken)]) {
      const tokens = reply.AuthenticationResult;
      const after = claimsOf(tokens?.AccessToken);
      expect(tokens).toMatchObject({ ExpiresIn: 3600, TokenType: 'Bearer' });
      expect(tokens?.RefreshToken).toBeUndefined();
      expect(after).toMatchObject({ auth_time: before['auth_time'], origin_jti: before['origin_jti'] });
      expect(after['jti']).not.toBe(before['jti']);
      expect(Number(after['iat'])).toBeGreaterThan(Number(before['iat']));
      expect(claimsOf(tokens?.IdToken)['origin_jti']).toBe(before['origin_jti']);
    }
    pool.clock.reset();
  });

  it('is refused with garbage, for another client, and after thirty days', async () => {
    const { RefreshToken } = await signIn();
    expect(await refusalOf(renew('garbage'))).toBe('NotAuthorizedException: Invalid Refresh Token.');
    expect(await refusalOf(renewTheOldWay('garbage'))).toBe('NotAuthorizedException: Invalid Refresh Token');
    expect(await refusalOf(renew(RefreshToken, { ClientId: 'other' }))).toMatch(/Invalid Refresh Token/);
    pool.clock.advance({ days: 29 });
    await renew(RefreshToken);
    pool.clock.advance({ days: 1 });
    const expired = 'NotAuthorizedException: Refresh Token has expired';
    expect(await refusalOf(renew(RefreshToken))).toBe(expired);
    expect(await refusalOf(renewTheOldWay(RefreshToken))).toBe(expired);
    pool.clock.reset();
  });

  it('needs the secret of a client that has one', async () => {
    const { refreshToken } = await pool.tokensFor('alice', { clientId: 'confidential' });
    const withSecret = async (ClientSecret?: string) => renew(refreshToken, { ClientId: 'confidential', ClientSecret });
    expect(await refusalOf(withSecret())).toMatch(/configured for secret but secret was not received/);
    expect(await refusalOf(withSecret('another-secret-of-24-letters'))).toMatch(
      /^NotAuthorizedException: Unable to verify/,
    );
    expect((await withSecret(SECRET)).AuthenticationResult?.AccessToken).toBeDefined();
  });
});

describe('RevokeToken', () => {
  it('ends one sign-in with all its tokens, and no other', async () => {
    const [first, second] = [await signIn(), await signIn()];
    const { AuthenticationResult: renewed } = await renew(first.RefreshToken);
    await revoke(first.RefreshToken);
    expect(await refusalOf(getUser(first.AccessToken))).toBe(REVOKED);
    expect(await refusalOf(getUser(renewed?.AccessToken))).toBe(REVOKED);
    expect(await refusalOf(renew(first.RefreshToken))).toBe('NotAuthorizedException: Refresh Token has been revoked');
    await getUser(second.AccessToken);
    await revoke(first.RefreshToken);
    await revoke('unknown');
  });

  it('takes refresh tokens only, and only of this client', async () => {
    const { AccessToken, RefreshToken } = await signIn();
    expect(await refusalOf(revoke(AccessToken))).toMatch(/^UnsupportedTokenTypeException/);
    expect(await refusalOf(revoke(RefreshToken, { ClientId: 'other' }))).toMatch(/^UnauthorizedException/);
    const { refreshToken } = await pool.tokensFor('alice', { clientId: 'confidential' });
    const confidential = async (ClientSecret?: string) =>
      revoke(refreshToken, { ClientId: 'confidential', ClientSecret });
    expect(await refusalOf(confidential())).toMatch(/^UnauthorizedException/);
    expect(await refusalOf(confidential('another-secret-of-24-letters'))).toMatch(/^UnauthorizedException/);
    await getUser(AccessToken);
    await confidential(SECRET);
  });
});

describe('GlobalSignOut', () => {
  it('ends every sign-in of the user, and of nobody else', async () => {
    const [first, second, bob] = [await signIn(), await signIn(), await signIn('bob')];
    await sdk.send(new GlobalSignOutCommand({ AccessToken: first.AccessToken }));
    for (const { AccessToken, RefreshToken } of [first, second]) {
      expect(await refusalOf(getUser(AccessToken))).toBe(REVOKED);
      expect(await refusalOf(renew(RefreshToken))).toBe('NotAuthorizedException: Refresh Token has been revoked');
    }
    await getUser(bob.AccessToken);
    await getUser((await signIn()).AccessToken);
  });

  it('is refused with a token that was signed out', async () => {
    const { AccessToken } = await signIn();
    await sdk.send(new GlobalSignOutCommand({ AccessToken }));
    expect(await refusalOf(sdk.send(new GlobalSignOutCommand({ AccessToken })))).toBe(REVOKED);
  });
});
