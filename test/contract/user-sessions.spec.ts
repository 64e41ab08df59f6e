import {
  AdminDisableProviderForUserCommand,
  AdminGetUserCommand,
  AdminLinkProviderForUserCommand,
  AdminListUserSessionsCommand,
  AdminRevokeUserSessionCommand,
  type CognitoIdentityProviderClient,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  InitiateAuthCommand,
  ListUserSessionsCommand,
  RevokeUserSessionCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { decoded } from '../unit/emulator/wire-client.js';
import { refusalOf, sdkFor } from './sdk.js';

const PASSWORD = 'Passw0rd!';
const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'many'];

let pool: CognitoEmulator;
let sdk: CognitoIdentityProviderClient;
let UserPoolId: string;

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    identityProviders: ['Google', 'Corp'],
    users: names.map((username) => ({ username, password: PASSWORD })),
  });
  ({ userPoolId: UserPoolId } = pool.options);
  sdk = sdkFor(pool);
});

afterAll(async () => {
  sdk.destroy();
  await pool.stop();
});

const signIn = async (USERNAME: string) => {
  const { AuthenticationResult } = await sdk.send(
    new InitiateAuthCommand({
      ClientId: pool.options.clientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD },
    }),
  );
  const { AccessToken = '', RefreshToken = '' } = AuthenticationResult ?? {};
  return { AccessToken, RefreshToken };
};
const sessionsOf = async (Username: string, page: object = {}) =>
  sdk.send(new AdminListUserSessionsCommand({ UserPoolId, Username, ...page }));
const ownSessions = async (AccessToken: string) =>
  (await sdk.send(new ListUserSessionsCommand({ AccessToken }))).Sessions ?? [];
const revoke = async (Username: string, SessionId: string | undefined) =>
  sdk.send(new AdminRevokeUserSessionCommand({ UserPoolId, Username, SessionId }));
const revokeOwn = async (AccessToken: string, SessionId: string | undefined, changes: object = {}) =>
  sdk.send(new RevokeUserSessionCommand({ AccessToken, SessionId, ...changes }));
const getUser = async (AccessToken: string) => sdk.send(new GetUserCommand({ AccessToken }));
const refresh = async (RefreshToken: string) =>
  sdk.send(new GetTokensFromRefreshTokenCommand({ ClientId: pool.options.clientId, RefreshToken }));

const REVOKED = 'NotAuthorizedException: Access Token has been revoked';
const UNKNOWN = 'ResourceNotFoundException: Session does not exist.';

describe('the sessions of a user', () => {
  it('are their sign-ins, each with its times, and the user’s own is marked', async () => {
    const first = await signIn('alice');
    pool.clock.advance({ minutes: 5 });
    const second = await signIn('alice');
    const sessions = await ownSessions(second.AccessToken);
    expect(sessions).toHaveLength(2);
    for (const session of sessions) {
      expect(session.SessionId).toMatch(/^tkn[a-z0-9]{25}$/);
      expect(session).toMatchObject({ SessionType: 'TOKEN', ClientId: pool.options.clientId });
    }
    const current = sessions.find(({ IsCurrentSession }) => IsCurrentSession);
    const older = sessions.find(({ IsCurrentSession }) => !IsCurrentSession);
    expect(current?.CreateDate?.getTime()).toBeGreaterThan(older?.CreateDate?.getTime() ?? Infinity);

    pool.clock.advance({ minutes: 5 });
    await refresh(first.RefreshToken);
    const byAdmin = (await sessionsOf('alice')).Sessions ?? [];
    expect(byAdmin.map(({ SessionId }) => SessionId)).toEqual(sessions.map(({ SessionId }) => SessionId));
    expect(byAdmin.map(({ IsCurrentSession }) => IsCurrentSession)).toEqual([false, false]);
    const refreshed = byAdmin.find(({ SessionId }) => SessionId === older?.SessionId);
    expect(refreshed?.LastActiveDate?.getTime()).toBeGreaterThan(older?.LastActiveDate?.getTime() ?? Infinity);
    expect(refreshed?.CreateDate).toEqual(older?.CreateDate);
  });

  it('are ended one by one by the user, who cannot end the present one nor one of somebody else', async () => {
    const [here, elsewhere, foreign] = [await signIn('bob'), await signIn('bob'), await signIn('carol')];
    const sessions = await ownSessions(here.AccessToken);
    const current = sessions.find(({ IsCurrentSession }) => IsCurrentSession)?.SessionId;
    const other = sessions.find(({ IsCurrentSession }) => !IsCurrentSession)?.SessionId;
    const [foreignSession] = await ownSessions(foreign.AccessToken);

    expect(await refusalOf(revokeOwn(here.AccessToken, current))).toMatch(/^InvalidParameterException/);
    expect(await refusalOf(revokeOwn(here.AccessToken, foreignSession?.SessionId))).toBe(UNKNOWN);
    await expect(getUser(foreign.AccessToken)).resolves.toMatchObject({ Username: 'carol' });

    await revokeOwn(here.AccessToken, other, { RevokeAssociatedSessions: 'LINKED' });
    expect(await refusalOf(getUser(elsewhere.AccessToken))).toBe(REVOKED);
    expect(await refusalOf(refresh(elsewhere.RefreshToken))).toMatch(/^NotAuthorizedException: Refresh Token has been/);
    await expect(getUser(here.AccessToken)).resolves.toMatchObject({ Username: 'bob' });
    await expect(revokeOwn(here.AccessToken, other)).resolves.toBeDefined();
    expect((await ownSessions(here.AccessToken)).map(({ SessionId }) => SessionId)).toEqual([current]);
    expect(await refusalOf(ownSessions(elsewhere.AccessToken))).toBe(REVOKED);
  });

  it('are ended by an administrator, under the name of their user only', async () => {
    const mine = await signIn('dave');
    const [session] = (await sessionsOf('dave')).Sessions ?? [];
    expect(await refusalOf(revoke('carol', session?.SessionId))).toBe(UNKNOWN);
    expect(await refusalOf(revoke('dave', `tkn${'0'.repeat(25)}`))).toBe(UNKNOWN);
    expect(await refusalOf(revoke('nobody', session?.SessionId))).toBe('UserNotFoundException: User does not exist.');
    for (const wrong of ['', 'tkn', `xyz${'0'.repeat(25)}`, `tkn${'A'.repeat(25)}`]) {
      expect(await refusalOf(revoke('dave', wrong))).toMatch(/^InvalidParameterException: 1 validation error/);
    }
    expect(
      await refusalOf(revokeOwn(mine.AccessToken, session?.SessionId, { RevokeAssociatedSessions: 'ALL' })),
    ).toMatch(/^InvalidParameterException/);
    await expect(getUser(mine.AccessToken)).resolves.toMatchObject({ Username: 'dave' });
    await revoke('dave', session?.SessionId);
    expect(await refusalOf(getUser(mine.AccessToken))).toBe(REVOKED);
    expect((await sessionsOf('dave')).Sessions).toEqual([]);
  });

  it('are listed by the page when there are many, and those that are over are not', async () => {
    for (let index = 0; index < 61; index += 1) await pool.tokensFor('many');
    const first = await sessionsOf('many');
    expect(first.Sessions).toHaveLength(60);
    const { NextToken } = first;
    expect((await sessionsOf('many', { NextToken })).Sessions).toHaveLength(1);
    expect(await refusalOf(sessionsOf('carol', { NextToken }))).toMatch(/^InvalidParameterException/);
    pool.clock.advance({ days: 31 });
    expect((await sessionsOf('many')).Sessions).toEqual([]);
    pool.clock.reset();
  });
});

describe('a linked provider', () => {
  const account = (ProviderAttributeValue: string, ProviderName = 'Google') => ({
    ProviderName,
    ProviderAttributeName: 'Cognito_Subject',
    ProviderAttributeValue,
  });
  const link = async (username: string, SourceUser: object, changes: object = {}) =>
    sdk.send(
      new AdminLinkProviderForUserCommand({
        UserPoolId,
        DestinationUser: { ProviderName: 'Cognito', ProviderAttributeValue: username },
        SourceUser,
        ...changes,
      }),
    );
  const disable = async (User: object) => sdk.send(new AdminDisableProviderForUserCommand({ UserPoolId, User }));
  const identitiesOf = async (username: string) =>
    decoded((await pool.tokensFor(username)).idToken).payload['identities'];

  it('shows among the attributes and in the id token, until it is taken away', async () => {
    expect(await identitiesOf('carol')).toBeUndefined();
    await link('carol', account('g-1'));
    await link('carol', { ...account('carol@corp', 'Corp'), ProviderAttributeName: 'email' });
    expect(await identitiesOf('carol')).toEqual([
      {
        userId: 'g-1',
        providerName: 'Google',
        providerType: 'Google',
        issuer: null,
        primary: 'false',
        dateCreated: expect.stringMatching(/^\d{13}$/),
      },
      expect.objectContaining({ userId: 'carol@corp', providerName: 'Corp', providerType: 'OIDC' }),
    ]);
    const { UserAttributes } = await sdk.send(new AdminGetUserCommand({ UserPoolId, Username: 'carol' }));
    const attribute = UserAttributes?.find(({ Name }) => Name === 'identities')?.Value ?? '';
    expect(JSON.parse(attribute)).toMatchObject([
      { userId: 'g-1', providerName: 'Google', primary: false },
      { userId: 'carol@corp' },
    ]);
    expect(decoded((await pool.tokensFor('carol')).accessToken).payload).not.toHaveProperty('identities');

    await disable(account('g-1'));
    expect(await identitiesOf('carol')).toMatchObject([{ userId: 'carol@corp' }]);
    expect(await refusalOf(disable(account('g-1')))).toBe('UserNotFoundException: User does not exist.');
  });

  it('is refused for an account that is taken, an unknown provider or user, and a sixth time', async () => {
    await link('dave', account('taken'));
    expect(await refusalOf(link('erin', account('taken')))).toMatch(/^InvalidParameterException: Merging is not/);
    expect(await refusalOf(link('dave', account('taken')))).toMatch(
      /^InvalidParameterException: SourceUser is already/,
    );
    expect(await refusalOf(link('nobody', account('free')))).toBe('UserNotFoundException: User does not exist.');
    expect(await refusalOf(link('erin', account('free', 'Facebook')))).toBe(
      'ResourceNotFoundException: Identity provider Facebook does not exist.',
    );
    expect(await refusalOf(link('erin', account('alice', 'Cognito')))).toMatch(/^InvalidParameterException/);
    expect(await refusalOf(link('erin', { ...account('free'), ProviderAttributeName: '' }))).toMatch(
      /^InvalidParameterException/,
    );
    expect(await refusalOf(link('erin', { ProviderName: 'Google' }))).toMatch(/^InvalidParameterException/);
    expect(await refusalOf(link('erin', account('free'), { DestinationUser: undefined }))).toMatch(
      /^InvalidParameterException/,
    );
    expect(await identitiesOf('erin')).toBeUndefined();

    for (const id of ['2', '3', '4', '5']) await link('dave', account(id));
    expect(await refusalOf(link('dave', account('6')))).toMatch(/^LimitExceededException/);
    expect(await identitiesOf('dave')).toHaveLength(5);
  });

  it('named Cognito is the password of a user of the pool, which serves no more', async () => {
    await expect(signIn('erin')).resolves.toBeDefined();
    expect(await refusalOf(disable(account('nobody', 'Cognito')))).toBe('UserNotFoundException: User does not exist.');
    await disable(account('erin', 'Cognito'));
    expect(await refusalOf(signIn('erin'))).toBe('NotAuthorizedException: Incorrect username or password.');
    await expect(signIn('carol')).resolves.toBeDefined();
  });
});
