import { AdminGetUserCommand, type CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { refusalOf, sdkFor } from './sdk.js';

let pool: CognitoEmulator;
let sdk: CognitoIdentityProviderClient;

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    users: [
      { username: 'alice', password: 'Passw0rd!', attributes: { email: 'alice@example.com' } },
      { username: 'off', password: 'Passw0rd!', enabled: false, status: 'RESET_REQUIRED' },
    ],
  });
  sdk = sdkFor(pool);
});

afterAll(async () => {
  sdk.destroy();
  await pool.stop();
});

const adminGetUser = async (Username: string, UserPoolId = pool.options.userPoolId) =>
  sdk.send(new AdminGetUserCommand({ UserPoolId, Username }));

describe('AdminGetUser', () => {
  it('shows attributes, status, whether the user is enabled, and times', async () => {
    const user = await adminGetUser('alice');
    expect(user).toMatchObject({ Username: 'alice', UserStatus: 'CONFIRMED', Enabled: true });
    expect(user.UserAttributes).toContainEqual({ Name: 'email', Value: 'alice@example.com' });
    expect(Math.abs((user.UserCreateDate?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(user.UserLastModifiedDate).toEqual(user.UserCreateDate);
    expect(await adminGetUser('off')).toMatchObject({ UserStatus: 'RESET_REQUIRED', Enabled: false });
  });

  it('refuses an unknown user, and an unknown pool', async () => {
    expect(await refusalOf(adminGetUser('nobody'))).toBe('UserNotFoundException: User does not exist.');
    expect(await refusalOf(adminGetUser('alice', 'local_other'))).toBe(
      'ResourceNotFoundException: User pool local_other does not exist.',
    );
  });

  it('is not open to a page in a browser, not even to one of this machine', async () => {
    const ask = async (headers: Record<string, string>) =>
      fetch(pool.options.endpoint, {
        method: 'POST',
        headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.AdminGetUser', ...headers },
        body: JSON.stringify({ UserPoolId: pool.options.userPoolId, Username: 'alice' }),
      });
    expect((await ask({})).status).toBe(200);
    expect((await ask({ origin: 'http://localhost:3000' })).status).toBe(403);
  });
});
