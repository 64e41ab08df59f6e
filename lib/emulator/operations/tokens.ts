import type { AppClient } from '../state/app-clients.js';
import type { Pool } from '../state/pool.js';
import { RULES, type Members } from '../wire/members.js';
import { notAuthorized, unauthorized, unsupportedOperation, unsupportedTokenType } from '../wire/wire-error.js';
import { administeredUser } from './administration.js';
import { clientOf, isSameText } from './app-client.js';
import type { Operations } from './operation.js';
import { refreshed } from './refresh.js';

/** What a signed-in user, their client or an administrator does with tokens: renew, revoke, sign out everywhere. */
export function tokenOperations(pool: Pool): Operations {
  return {
    GetTokensFromRefreshToken: async (members) => getTokensFromRefreshToken(pool, members),
    RevokeToken: (members) => revokeToken(pool, members),
    GlobalSignOut: async (members) => globalSignOut(pool, members),
    AdminUserGlobalSignOut: (members) => adminUserGlobalSignOut(pool, members),
  };
}

async function getTokensFromRefreshToken(pool: Pool, members: Members): Promise<object> {
  const client = clientOf(pool, members);
  const refreshToken = members.text('RefreshToken', RULES.token);
  const problem = secretProblem(client, members);
  if (problem) throw notAuthorized(problem);
  return refreshed(pool, client, {
    refreshToken,
    deviceKey: members.optionalText('DeviceKey', RULES.deviceKey),
    clientMetadata: members.textRecord('ClientMetadata'),
    unknownToken: 'Invalid Refresh Token.',
  });
}

function revokeToken(pool: Pool, members: Members): object {
  const client = clientOf(pool, members);
  const token = members.text('Token', RULES.token);
  const problem = secretProblem(client, members);
  if (problem) throw unauthorized(problem);
  if (!client.enableTokenRevocation) throw unsupportedOperation('Token revocation is not enabled for this client.');
  // A signed token has three parts, a refresh token five.
  if (token.split('.').length === 3) throw unsupportedTokenType();
  const grant = pool.grants.byRefreshToken(token);
  if (grant && grant.clientId !== client.clientId) throw unauthorized('The token was not issued to this client.');
  if (grant) grant.revoked = true;
  return {};
}

async function globalSignOut(pool: Pool, members: Members): Promise<object> {
  const { user } = await pool.accessTokens.bearerOf(members.text('AccessToken', RULES.token));
  pool.grants.revokeAllOf(user);
  return {};
}

function adminUserGlobalSignOut(pool: Pool, members: Members): object {
  pool.grants.revokeAllOf(administeredUser(pool, members));
  return {};
}

function secretProblem({ clientId, clientSecret }: AppClient, members: Members): string | undefined {
  const offered = members.optionalText('ClientSecret', RULES.clientSecret);
  if (clientSecret === undefined) return undefined;
  if (offered === undefined) return `Client ${clientId} is configured for secret but secret was not received`;
  return isSameText(offered, clientSecret) ? undefined : `Unable to verify secret for client ${clientId}`;
}
