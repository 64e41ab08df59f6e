import {
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminUserGlobalSignOutCommand,
  type AuthenticationResultType,
  type CognitoIdentityProviderClient,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  GlobalSignOutCommand,
  InitiateAuthCommand,
  RevokeTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator, type EmulatorTokens } from '../../lib/emulator/index.js';
import { decoded } from '../unit/emulator/wire-client.js';
import { refusalOf, sdkFor } from './sdk.js';

const PASSWORD = 'Passw0rd!';
const SECRET = 'aSecretOfTheClientThatHasOne';

const clients = [
  { clientId: 'plain' },
  { clientId: 'other' },
  { clientId: 'secretive', clientSecret: SECRET },
  { clientId: 'rotating', refreshTokenRotation: { feature: 'ENABLED' as const, retryGracePeriodSeconds: 30 } },
  { clientId: 'strict', refreshTokenRotation: { feature: 'ENABLED' as const, retryGracePeriodSeconds: 0 } },
  { clientId: 'irrevocable', enableTokenRevocation: false },
  { clientId: 'shortsighted', readAttributes: ['email'] },
];

let pool: CognitoEmulator;
let sdk: CognitoIdentityProviderClient;

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    clientId: 'main',
    clients,
    deviceConfiguration: {},
    groups: [{ name: 'staff', precedence: 1, roleArn: 'arn:aws:iam::123456789012:role/staff' }],
    users: [
      { username: 'alice', password: PASSWORD, attributes: { email: 'alice@example.com', given_name: 'Alice' } },
      { username: 'bob', password: PASSWORD, groups: ['staff'] },
    ],
  });
  sdk = sdkFor(pool);
});

afterEach(() => {
  pool.clock.reset();
  pool.triggers.preTokenGeneration = undefined;
});

afterAll(async () => {
  sdk.destroy();
  await pool.stop();
});

const tokensOf = async (clientId: string, name = 'alice'): Promise<EmulatorTokens> =>
  pool.tokensFor(name, { clientId });

interface Renewal {
  readonly ClientSecret?: string;
  readonly DeviceKey?: string;
  readonly ClientMetadata?: Record<string, string>;
}

async function renew(ClientId: string, RefreshToken: string, more: Renewal = {}): Promise<AuthenticationResultType> {
  const { AuthenticationResult = {} } = await sdk.send(
    new GetTokensFromRefreshTokenCommand({ ClientId, RefreshToken, ...more }),
  );
  return AuthenticationResult;
}

async function renewByFlow(
  ClientId: string,
  REFRESH_TOKEN: string,
  more: Record<string, string> = {},
): Promise<AuthenticationResultType> {
  const { AuthenticationResult = {} } = await sdk.send(
    new InitiateAuthCommand({
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      ClientId,
      AuthParameters: { REFRESH_TOKEN, ...more },
    }),
  );
  return AuthenticationResult;
}

async function signIn(ClientId: string, USERNAME = 'alice'): Promise<AuthenticationResultType> {
  const { AuthenticationResult = {} } = await sdk.send(
    new InitiateAuthCommand({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId,
      AuthParameters: { USERNAME, PASSWORD },
    }),
  );
  return AuthenticationResult;
}

const getUser = async (AccessToken = '') => sdk.send(new GetUserCommand({ AccessToken }));
const revoke = async (ClientId: string, Token: string, ClientSecret?: string) =>
  sdk.send(new RevokeTokenCommand({ ClientId, Token, ClientSecret }));
const claimsOf = (token = '') => decoded(token).payload;

const UNKNOWN = 'NotAuthorizedException: Invalid Refresh Token.';
const REVOKED = 'NotAuthorizedException: Refresh Token has been revoked';
const ACCESS_REVOKED = 'NotAuthorizedException: Access Token has been revoked';
const REUSED = /^RefreshTokenReuseException: /;

describe('GetTokensFromRefreshToken', () => {
  it('continues the sign-in: the same origin and time, a new id, no new refresh token', async () => {
    const { accessToken, refreshToken } = await tokensOf('plain');
    pool.clock.advance({ minutes: 30 });
    const renewed = await renew('plain', refreshToken);
    expect(renewed).toMatchObject({ ExpiresIn: 3600, TokenType: 'Bearer' });
    expect(renewed.RefreshToken).toBeUndefined();
    const [before, after, id] = [accessToken, renewed.AccessToken, renewed.IdToken].map(claimsOf);
    expect([after?.['origin_jti'], after?.['auth_time'], after?.['sub']]).toEqual([
      before?.['origin_jti'],
      before?.['auth_time'],
      before?.['sub'],
    ]);
    expect(after?.['jti']).not.toBe(before?.['jti']);
    expect(id?.['origin_jti']).toBe(before?.['origin_jti']);
    const later = Number(after?.['iat']) - Number(before?.['iat']);
    expect([later >= 1800, later < 1860]).toEqual([true, true]);
    expect((await getUser(renewed.AccessToken)).Username).toBe('alice');
  });

  it('refuses what is made up, spoilt, of another client, over, revoked, or of a user who is disabled', async () => {
    const { refreshToken } = await tokensOf('plain');
    expect(await refusalOf(renew('plain', 'made-up'))).toBe(UNKNOWN);
    expect(await refusalOf(renew('plain', `${refreshToken}A`))).toBe(UNKNOWN);
    expect(await refusalOf(renew('other', refreshToken))).toBe(UNKNOWN);
    expect(await refusalOf(renew('nobody', refreshToken))).toBe(
      'ResourceNotFoundException: User pool client nobody does not exist.',
    );
    expect(await renew('plain', refreshToken)).toHaveProperty('AccessToken');
    pool.clock.advance({ days: 30 });
    expect(await refusalOf(renew('plain', refreshToken))).toBe('NotAuthorizedException: Refresh Token has expired');
    pool.clock.reset();
    await revoke('plain', refreshToken);
    expect(await refusalOf(renew('plain', refreshToken))).toBe(REVOKED);
  });

  it('takes the secret of a client that has one, as it is', async () => {
    const { refreshToken } = await tokensOf('secretive');
    expect(await refusalOf(renew('secretive', refreshToken))).toBe(
      'NotAuthorizedException: Client secretive is configured for secret but secret was not received',
    );
    const ClientSecret = `${SECRET}Wrong`;
    expect(await refusalOf(renew('secretive', refreshToken, { ClientSecret }))).toBe(
      'NotAuthorizedException: Unable to verify secret for client secretive',
    );
    expect(await renew('secretive', refreshToken, { ClientSecret: SECRET })).toHaveProperty('AccessToken');
  });

  it('wants the key of the device that signed in', async () => {
    const { RefreshToken = '', NewDeviceMetadata, AccessToken } = await signIn('plain');
    const { DeviceKey = '' } = NewDeviceMetadata ?? {};
    const foreign = (await signIn('plain', 'bob')).NewDeviceMetadata?.DeviceKey ?? '';
    expect(DeviceKey).toMatch(/^local_[0-9a-f-]{36}$/);
    expect(await refusalOf(renew('plain', RefreshToken))).toBe(UNKNOWN);
    expect(await refusalOf(renew('plain', RefreshToken, { DeviceKey: foreign }))).toBe(UNKNOWN);
    const renewed = await renew('plain', RefreshToken, { DeviceKey });
    expect(claimsOf(renewed.AccessToken)['device_key']).toBe(DeviceKey);
    expect(claimsOf(AccessToken)['device_key']).toBe(DeviceKey);
    expect(await refusalOf(renewByFlow('plain', RefreshToken))).toBe('NotAuthorizedException: Invalid Refresh Token');
    expect(await renewByFlow('plain', RefreshToken, { DEVICE_KEY: DeviceKey })).toHaveProperty('AccessToken');
  });
});

describe('REFRESH_TOKEN_AUTH', () => {
  it('gives new tokens, with the words of its own when it refuses', async () => {
    const { refreshToken } = await tokensOf('plain');
    const renewed = await renewByFlow('plain', refreshToken);
    expect(renewed.AccessToken).toBeDefined();
    expect(renewed.RefreshToken).toBeUndefined();
    expect(await refusalOf(renewByFlow('other', refreshToken))).toBe('NotAuthorizedException: Invalid Refresh Token');
  });

  it('wants a secret hash over the internal user name', async () => {
    const { refreshToken } = await tokensOf('secretive');
    const hashOf = (name: string): string => createHmac('sha256', SECRET).update(`${name}secretive`).digest('base64');
    const ask = async (SECRET_HASH: string) => renewByFlow('secretive', refreshToken, { SECRET_HASH });
    expect(await refusalOf(ask(hashOf('bob')))).toBe(
      'NotAuthorizedException: Unable to verify secret hash for client secretive',
    );
    // Whoever has no secret is not told whether there is such a token.
    for (const token of [refreshToken, 'made.up']) {
      expect(await refusalOf(renewByFlow('secretive', token))).toBe(
        'NotAuthorizedException: Client secretive is configured with secret but SECRET_HASH was not received',
      );
    }
    expect(await ask(hashOf('alice'))).toHaveProperty('AccessToken');
  });

  it('is closed to a client that rotates, whose tokens go on serving the other way', async () => {
    const { refreshToken } = await tokensOf('rotating');
    expect(await refusalOf(renewByFlow('rotating', refreshToken))).toBe(
      'InvalidParameterException: REFRESH_TOKEN_AUTH flow not enabled for this client',
    );
    expect(await renew('rotating', refreshToken)).toHaveProperty('RefreshToken');
  });
});

describe('rotation', () => {
  it('gives a new refresh token each time, and the old one serves for the grace that the client has', async () => {
    const { refreshToken: first } = await tokensOf('rotating');
    const { RefreshToken: second = '' } = await renew('rotating', first);
    expect(second).not.toBe(first);
    pool.clock.advance({ seconds: 20 });
    const { RefreshToken: again = '' } = await renew('rotating', first);
    expect(new Set([first, second, again]).size).toBe(3);
    pool.clock.advance({ seconds: 10 });
    expect(await refusalOf(renew('rotating', first))).toMatch(REUSED);
    // What it gave in time is good, and what came of that too.
    const { RefreshToken: third = '' } = await renew('rotating', second);
    expect(await renew('rotating', third)).toHaveProperty('AccessToken');
    expect(await renew('rotating', again)).toHaveProperty('AccessToken');
  });

  it('without a grace takes a token once, also of many who ask at once', async () => {
    const { refreshToken } = await tokensOf('strict');
    pool.triggers.preTokenGeneration = async () => new Promise((resolve) => setImmediate(resolve));
    const outcomes = await Promise.all(Array.from({ length: 8 }, async () => refusalOf(renew('strict', refreshToken))));
    expect(outcomes.filter((outcome) => outcome === 'not refused')).toHaveLength(1);
    expect(outcomes.filter((outcome) => REUSED.test(outcome))).toHaveLength(7);
  });

  it('does not lengthen a sign-in: the last token ends when the first would have', async () => {
    const { refreshToken: first } = await tokensOf('rotating');
    pool.clock.advance({ days: 29 });
    const { RefreshToken: second = '' } = await renew('rotating', first);
    pool.clock.advance({ hours: 23 });
    const { RefreshToken: third = '' } = await renew('rotating', second);
    pool.clock.advance({ hours: 1 });
    expect(await refusalOf(renew('rotating', third))).toBe('NotAuthorizedException: Refresh Token has expired');
  });

  it('asks again once a trigger has taken its time: meanwhile the user may have been disabled', async () => {
    const { refreshToken } = await tokensOf('rotating', 'bob');
    const { userPoolId: UserPoolId } = pool.options;
    pool.triggers.preTokenGeneration = async () => {
      await sdk.send(new AdminDisableUserCommand({ UserPoolId, Username: 'bob' }));
    };
    expect(await refusalOf(renew('rotating', refreshToken))).toBe(REVOKED);
    await sdk.send(new AdminEnableUserCommand({ UserPoolId, Username: 'bob' }));
  });

  it('of one sign-in is over for all its tokens when one of them is revoked', async () => {
    const { refreshToken: first } = await tokensOf('rotating');
    const { RefreshToken: second = '', AccessToken } = await renew('rotating', first);
    await revoke('rotating', first);
    expect(await refusalOf(renew('rotating', second))).toBe(REVOKED);
    expect(await refusalOf(getUser(AccessToken))).toBe(ACCESS_REVOKED);
  });
});

describe('RevokeToken', () => {
  it('ends one sign-in, and leaves the others of the user', async () => {
    const [one, other] = [await tokensOf('plain'), await tokensOf('plain')];
    expect((await revoke('plain', one.refreshToken)).$metadata.httpStatusCode).toBe(200);
    expect(await refusalOf(getUser(one.accessToken))).toBe(ACCESS_REVOKED);
    expect((await getUser(other.accessToken)).Username).toBe('alice');
    expect(await renew('plain', other.refreshToken)).toHaveProperty('AccessToken');
  });

  it('is for refresh tokens, of this client, with its secret', async () => {
    const { accessToken, refreshToken } = await tokensOf('secretive');
    expect(await refusalOf(revoke('secretive', accessToken, SECRET))).toMatch(/^UnsupportedTokenTypeException: /);
    expect(await refusalOf(revoke('plain', refreshToken))).toMatch(/^UnauthorizedException: /);
    expect(await refusalOf(revoke('secretive', refreshToken))).toMatch(/^UnauthorizedException: /);
    expect(await refusalOf(revoke('secretive', refreshToken, `${SECRET}Wrong`))).toMatch(/^UnauthorizedException: /);
    expect((await getUser(accessToken)).Username).toBe('alice');
    await revoke('secretive', refreshToken, SECRET);
    expect(await refusalOf(getUser(accessToken))).toBe(ACCESS_REVOKED);
  });

  it('does not tell whether there is such a token', async () => {
    expect(await refusalOf(revoke('plain', 'a.made.up.token.here'))).toBe('not refused');
  });

  it('is not supported where revocation is off, and tokens carry no ids there', async () => {
    const { accessToken, idToken, refreshToken } = await tokensOf('irrevocable');
    for (const claims of [accessToken, idToken].map(claimsOf)) {
      expect(claims).not.toHaveProperty('origin_jti');
      expect(claims).not.toHaveProperty('jti');
      expect(claims).toHaveProperty('event_id');
    }
    expect(await refusalOf(revoke('irrevocable', refreshToken))).toMatch(/^UnsupportedOperationException: /);
    expect((await getUser(accessToken)).Username).toBe('alice');
    expect(await renew('irrevocable', refreshToken)).toHaveProperty('AccessToken');
    await sdk.send(new GlobalSignOutCommand({ AccessToken: accessToken }));
    expect(await refusalOf(getUser(accessToken))).toBe(ACCESS_REVOKED);
  });
});

describe('signing out everywhere', () => {
  const ways: [string, (tokens: EmulatorTokens) => Promise<unknown>][] = [
    ['GlobalSignOut', async ({ accessToken: AccessToken }) => sdk.send(new GlobalSignOutCommand({ AccessToken }))],
    [
      'AdminUserGlobalSignOut',
      async () => {
        const { userPoolId: UserPoolId } = pool.options;
        return sdk.send(new AdminUserGlobalSignOutCommand({ UserPoolId, Username: 'alice' }));
      },
    ],
  ];

  it.each(ways)('by %s ends every sign-in of the user, and nobody else’s', async (_, signOut) => {
    const [one, other, bobs] = [await tokensOf('plain'), await tokensOf('other'), await tokensOf('plain', 'bob')];
    await signOut(one);
    for (const { accessToken } of [one, other]) expect(await refusalOf(getUser(accessToken))).toBe(ACCESS_REVOKED);
    expect(await refusalOf(renew('other', other.refreshToken))).toBe(REVOKED);
    expect((await getUser(bobs.accessToken)).Username).toBe('bob');
    // A new sign-in is not touched by what went before.
    expect((await getUser((await tokensOf('plain')).accessToken)).Username).toBe('alice');
  });

  it('needs a good token, or a user that there is', async () => {
    expect(await refusalOf(sdk.send(new GlobalSignOutCommand({ AccessToken: 'a.b.c' })))).toBe(
      'NotAuthorizedException: Invalid Access Token',
    );
    const { userPoolId: UserPoolId } = pool.options;
    const ask = async (input: { UserPoolId: string; Username: string }) =>
      refusalOf(sdk.send(new AdminUserGlobalSignOutCommand(input)));
    expect(await ask({ UserPoolId, Username: 'nobody' })).toBe('UserNotFoundException: User does not exist.');
    expect(await ask({ UserPoolId: 'local_other', Username: 'alice' })).toMatch(/^ResourceNotFoundException: /);
  });
});

describe('PreTokenGeneration', () => {
  it('of the first version changes the id token and the groups, at sign-in and at each refresh', async () => {
    const asked: unknown[] = [];
    pool.triggers.preTokenGeneration = ({ triggerSource, userName, request }) => {
      asked.push([triggerSource, userName, request.groupConfiguration, request.clientMetadata]);
      return {
        claimsOverrideDetails: {
          claimsToAddOrOverride: {
            tenant: 'acme',
            email: 'hidden@example.com',
            sub: 'forged',
            'cognito:username': 'x',
          },
          claimsToSuppress: ['given_name', 'token_use'],
          groupOverrideDetails: { groupsToOverride: ['admins'], iamRolesToOverride: [], preferredRole: 'arn:role' },
        },
      };
    };
    const { refreshToken } = await tokensOf('plain', 'bob');
    const signedIn = await signIn('other', 'bob');
    const long = 'x'.repeat(5000);
    const renewed = await renew('plain', refreshToken, { ClientMetadata: { device: 'phone', long } });
    const configuration = {
      groupsToOverride: ['staff'],
      iamRolesToOverride: ['arn:aws:iam::123456789012:role/staff'],
      preferredRole: 'arn:aws:iam::123456789012:role/staff',
    };
    expect(asked).toEqual([
      ['TokenGeneration_Authentication', 'bob', configuration, {}],
      ['TokenGeneration_RefreshTokens', 'bob', configuration, { device: 'phone', long }],
    ]);
    for (const { AccessToken, IdToken } of [signedIn, renewed]) {
      const [access, id] = [claimsOf(AccessToken), claimsOf(IdToken)];
      expect(id).toMatchObject({
        tenant: 'acme',
        email: 'hidden@example.com',
        'cognito:groups': ['admins'],
        'cognito:preferred_role': 'arn:role',
        'cognito:username': 'bob',
        token_use: 'id',
        sub: access['sub'],
      });
      expect(id).not.toHaveProperty('given_name');
      expect(id).not.toHaveProperty('cognito:roles');
      expect(access).toMatchObject({ 'cognito:groups': ['admins'], scope: 'aws.cognito.signin.user.admin' });
      expect(access).not.toHaveProperty('tenant');
    }
  });

  it('of the second version changes the access token and its scopes too', async () => {
    pool.triggers.preTokenGeneration = () => ({
      claimsAndScopeOverrideDetails: {
        idTokenGeneration: { claimsToAddOrOverride: { roles: ['reader', 'writer'] } },
        accessTokenGeneration: {
          claimsToAddOrOverride: { plan: { name: 'gold' }, scope: 'forged', client_id: 'forged' },
          scopesToAdd: ['notes/read'],
          scopesToSuppress: ['aws.cognito.signin.user.admin'],
        },
      },
    });
    const { AccessToken, IdToken } = await renew('plain', (await tokensOf('plain')).refreshToken);
    expect(claimsOf(IdToken)).toMatchObject({ roles: ['reader', 'writer'] });
    expect(claimsOf(AccessToken)).toMatchObject({ plan: { name: 'gold' }, scope: 'notes/read', client_id: 'plain' });
    expect(await refusalOf(getUser(AccessToken))).toBe(
      'NotAuthorizedException: Access Token does not have required scopes',
    );
  });

  it.each<[string, () => unknown, string]>([
    [
      'that throws',
      () => {
        throw new Error('not today');
      },
      'UserLambdaValidationException: PreTokenGeneration failed with error not today.',
    ],
    [
      'that answers claims of the first version that are no texts',
      () => ({ claimsOverrideDetails: { claimsToAddOrOverride: { age: 7 } } }),
      'InvalidLambdaResponseException: Unrecognizable lambda output',
    ],
    [
      'that answers something else',
      () => ({ claimsOverrideDetails: 'tenant' }),
      'InvalidLambdaResponseException: Unrecognizable lambda output',
    ],
    [
      'that answers what no token can carry',
      () => ({
        claimsAndScopeOverrideDetails: { idTokenGeneration: { claimsToAddOrOverride: { many: 10n } } },
      }),
      'InvalidLambdaResponseException: Unrecognizable lambda output',
    ],
  ])('%s refuses the refresh, and the refresh token is not used up', async (_, trigger, refusal) => {
    const { refreshToken } = await tokensOf('strict');
    pool.triggers.preTokenGeneration = trigger as never;
    expect(await refusalOf(renew('strict', refreshToken))).toBe(refusal);
    expect(await refusalOf(signIn('plain'))).toBe(refusal);
    pool.triggers.preTokenGeneration = undefined;
    expect(await renew('strict', refreshToken)).toHaveProperty('AccessToken');
  });
});

describe('an id token', () => {
  it('says no more of a user than its client may read', async () => {
    const [all, some] = [(await tokensOf('plain')).idToken, (await tokensOf('shortsighted')).idToken].map(claimsOf);
    expect(all).toMatchObject({ email: 'alice@example.com', given_name: 'Alice' });
    expect(some).toMatchObject({ email: 'alice@example.com', sub: all?.['sub'] });
    expect(some).not.toHaveProperty('given_name');
  });
});
