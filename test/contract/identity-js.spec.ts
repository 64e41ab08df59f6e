import {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserPool,
  type CognitoUserSession,
} from 'amazon-cognito-identity-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';

// The peer talks to `endpoint` when it is given one; nothing else of it is touched.
describe('amazon-cognito-identity-js against the emulator', () => {
  let pool: CognitoEmulator;

  beforeAll(async () => {
    pool = await CognitoEmulator.start({
      users: [
        {
          username: 'alice',
          password: 'Passw0rd!',
          attributes: { email: 'alice@example.com', given_name: 'Alice' },
          groups: ['admin'],
        },
        { username: 'nina', password: 'Temp-Passw0rd', status: 'FORCE_CHANGE_PASSWORD' },
      ],
    });
  });

  afterAll(async () => pool.stop());

  it('signs alice in over SRP and reads her attributes', async () => {
    const alice = userNamed('alice');
    const session = await signIn(alice, 'Passw0rd!');
    expect(session.getIdToken().payload).toMatchObject({ 'cognito:username': 'alice', email: 'alice@example.com' });

    const attributes = await attributesOf(alice);
    expect(attributes).toMatchObject({ email: 'alice@example.com', email_verified: 'true', given_name: 'Alice' });
  });

  it('is refused with a wrong password', async () => {
    await expect(signIn(userNamed('alice'), 'Passw0rd?')).rejects.toMatchObject({
      code: 'NotAuthorizedException',
      message: 'Incorrect username or password.',
    });
  });

  it('is refused for a user that does not exist, in the same words', async () => {
    await expect(signIn(userNamed('nobody'), 'Passw0rd!')).rejects.toMatchObject({
      code: 'NotAuthorizedException',
      message: 'Incorrect username or password.',
    });
  });

  it('is led through a new password and signs in with it afterwards', async () => {
    const nina = userNamed('nina');
    await expect(signIn(nina, 'Temp-Passw0rd')).rejects.toMatchObject({ challenge: 'NEW_PASSWORD_REQUIRED' });
    const session = await new Promise<CognitoUserSession>((onSuccess, onFailure) => {
      nina.completeNewPasswordChallenge('Lasting-Passw0rd', {}, { onSuccess, onFailure });
    });
    expect(session.isValid()).toBe(true);
    await expect(signIn(userNamed('nina'), 'Lasting-Passw0rd')).resolves.toBeDefined();
    await expect(signIn(userNamed('nina'), 'Temp-Passw0rd')).rejects.toMatchObject({ code: 'NotAuthorizedException' });
  });

  it('refreshes its session and signs out everywhere', async () => {
    const alice = userNamed('alice');
    const session = await signIn(alice, 'Passw0rd!');
    await refresh(alice, session);
    await new Promise<string>((onSuccess, onFailure) => alice.globalSignOut({ onSuccess, onFailure }));
    await expect(attributesOf(alice)).rejects.toMatchObject({ message: 'Access Token has been revoked' });
  });

  function userNamed(username: string): CognitoUser {
    const { userPoolId, clientId, endpoint } = pool.options;
    const userPool = new CognitoUserPool({ UserPoolId: userPoolId, ClientId: clientId, endpoint });
    return new CognitoUser({ Username: username, Pool: userPool });
  }
});

async function signIn(user: CognitoUser, password: string): Promise<CognitoUserSession> {
  const details = new AuthenticationDetails({ Username: user.getUsername(), Password: password });
  return new Promise((onSuccess, onFailure) => {
    user.authenticateUser(details, {
      onSuccess,
      onFailure,
      newPasswordRequired: () => onFailure({ challenge: 'NEW_PASSWORD_REQUIRED' }),
    });
  });
}

async function refresh(user: CognitoUser, session: CognitoUserSession): Promise<unknown> {
  return new Promise((resolve, reject) => {
    user.refreshSession(session.getRefreshToken(), (error: Error | null, renewed: unknown) => {
      if (error) reject(error);
      else resolve(renewed);
    });
  });
}

async function attributesOf(user: CognitoUser): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    user.getUserAttributes((error, attributes = []) => {
      if (error) reject(error);
      else resolve(Object.fromEntries(attributes.map(({ Name, Value }) => [Name, Value])));
    });
  });
}
