import {
  type CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { refusalOf, sdkFor } from './sdk.js';

let pool: CognitoEmulator;
let sdk: CognitoIdentityProviderClient;

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    users: ['alice', 'bob'].map((username) => ({ username, password: 'Passw0rd!' })),
    clientSecret: 'a secret of the client',
    explicitAuthFlows: ['ALLOW_USER_SRP_AUTH'],
    clients: [{ clientId: 'rotating', refreshTokenRotation: { feature: 'ENABLED', retryGracePeriodSeconds: 10 } }],
  });
  sdk = sdkFor(pool);
});

afterAll(async () => {
  sdk.destroy();
  await pool.stop();
});

const UserPoolId = (): string => pool.options.userPoolId;
const clientNamed = async (ClientId: string) => {
  const answer = await sdk.send(new DescribeUserPoolClientCommand({ UserPoolId: UserPoolId(), ClientId }));
  return answer.UserPoolClient;
};

describe('DescribeUserPool', () => {
  it('tells about how many users there are, and refuses another pool', async () => {
    const { UserPool } = await sdk.send(new DescribeUserPoolCommand({ UserPoolId: UserPoolId() }));
    expect(UserPool).toMatchObject({ Id: UserPoolId(), EstimatedNumberOfUsers: 2 });

    const other = sdk.send(new DescribeUserPoolCommand({ UserPoolId: 'local_other' }));
    expect(await refusalOf(other)).toMatch(/^ResourceNotFoundException/);
  });
});

describe('DescribeUserPoolClient', () => {
  it('tells what an app client may do', async () => {
    expect(await clientNamed(pool.options.clientId)).toMatchObject({
      ClientId: pool.options.clientId,
      ClientSecret: 'a secret of the client',
      ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'],
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
      AccessTokenValidity: 3600,
      TokenValidityUnits: { AccessToken: 'seconds' },
      AuthSessionValidity: 3,
    });
  });

  it('tells whether refresh tokens rotate', async () => {
    const rotating = await clientNamed('rotating');
    expect(rotating?.RefreshTokenRotation).toEqual({ Feature: 'ENABLED', RetryGracePeriodSeconds: 10 });
    expect(rotating?.ClientSecret).toBeUndefined();
    expect((await clientNamed(pool.options.clientId))?.RefreshTokenRotation).toBeUndefined();
  });

  it('refuses a client that the pool does not have', async () => {
    expect(await refusalOf(clientNamed('nobody'))).toMatch(/^ResourceNotFoundException/);
  });
});
