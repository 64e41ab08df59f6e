import type { AppClient } from '../state/app-clients.js';
import type { Pool } from '../state/pool.js';
import type { Members } from '../wire/members.js';
import { requirePool } from './administration.js';
import { clientOf } from './app-client.js';
import type { Operations } from './operation.js';

/** What the pool tells an administrator about itself and its app clients. */
export function descriptionOperations(pool: Pool): Operations {
  return {
    DescribeUserPool: (members) => describeUserPool(pool, members),
    DescribeUserPoolClient: (members) => describeUserPoolClient(pool, members),
  };
}

function describeUserPool(pool: Pool, members: Members): object {
  requirePool(pool, members);
  const { userPoolId, usernameAttributes } = pool.settings;
  const users = [...pool.users.all()].length;
  return {
    UserPool: {
      Id: userPoolId,
      Name: userPoolId,
      EstimatedNumberOfUsers: users,
      UsernameAttributes: usernameAttributes,
    },
  };
}

function describeUserPoolClient(pool: Pool, members: Members): object {
  requirePool(pool, members);
  const client = clientOf(pool, members);
  const { clientId, clientSecret, rotationGrace: grace } = client;
  return {
    UserPoolClient: {
      UserPoolId: pool.settings.userPoolId,
      ClientId: clientId,
      ClientName: clientId,
      ClientSecret: clientSecret,
      ExplicitAuthFlows: client.explicitAuthFlows,
      PreventUserExistenceErrors: client.preventUserExistenceErrors,
      EnableTokenRevocation: client.enableTokenRevocation,
      // The service leaves the member out where refresh tokens never rotated.
      RefreshTokenRotation: grace === undefined ? undefined : { Feature: 'ENABLED', RetryGracePeriodSeconds: grace },
      ...validityOf(client),
      ReadAttributes: client.readAttributes,
      WriteAttributes: client.writeAttributes,
    },
  };
}

function validityOf(client: AppClient): object {
  const { accessTokenValidity, idTokenValidity, refreshTokenValidity, authSessionValidity } = client;
  return {
    AccessTokenValidity: accessTokenValidity,
    IdTokenValidity: idTokenValidity,
    RefreshTokenValidity: refreshTokenValidity,
    TokenValidityUnits: { AccessToken: 'seconds', IdToken: 'seconds', RefreshToken: 'seconds' },
    AuthSessionValidity: authSessionValidity,
  };
}
