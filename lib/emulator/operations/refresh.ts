import type { AppClient } from '../state/app-clients.js';
import type { Grant } from '../state/grants.js';
import type { Pool } from '../state/pool.js';
import { notAuthorized } from '../wire/wire-error.js';
import { requireSecretHash, requireSomeSecretHash } from './app-client.js';
import { required, type Texts } from './challenge-answer.js';
import { requireEnabled } from './complete-sign-in.js';

/** REFRESH_TOKEN_AUTH: new tokens of an old sign-in. */
export async function startWithRefreshToken(pool: Pool, client: AppClient, parameters: Texts): Promise<object> {
  const secretHash = parameters.get('SECRET_HASH');
  requireSomeSecretHash(client, secretHash);
  const grant = grantOf(pool, client, required(parameters, 'REFRESH_TOKEN'), 'Invalid Refresh Token');
  // The hash is made over the internal user name, which only the token tells.
  if (client.clientSecret !== undefined) requireSecretHash(client, grant.username, secretHash);
  return refreshed(pool, client, grant);
}

/**
 * The sign-in that a refresh token continues.
 *
 * @param unknownToken the operation's words for a token that it does not know
 */
export function grantOf(pool: Pool, client: AppClient, refreshToken: string, unknownToken: string): Grant {
  const grant = pool.grants.byRefreshToken(refreshToken);
  if (!grant || grant.clientId !== client.clientId) throw notAuthorized(unknownToken);
  if (grant.revoked) throw notAuthorized('Refresh Token has been revoked');
  if (grant.expiresAt <= pool.clock.now()) throw notAuthorized('Refresh Token has expired');
  return grant;
}

/** New access and id tokens of an old sign-in: `auth_time` and `origin_jti` stay, the rest is as of now. */
export async function refreshed(pool: Pool, client: AppClient, grant: Grant): Promise<object> {
  const user = pool.users.byName(grant.username);
  if (!user) throw notAuthorized('Refresh Token has been revoked');
  requireEnabled(user);
  const { accessToken, idToken, expiresIn } = await pool.mint.mint(user, grant, client);
  grant.lastActiveAt = pool.clock.now();
  return {
    AuthenticationResult: { AccessToken: accessToken, ExpiresIn: expiresIn, IdToken: idToken, TokenType: 'Bearer' },
    ChallengeParameters: {},
  };
}
