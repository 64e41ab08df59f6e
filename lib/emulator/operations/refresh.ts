import type { AppClient } from '../state/app-clients.js';
import type { Grant } from '../state/grants.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import type { TokenChange } from '../tokens/token-change.js';
import { notAuthorized, refreshTokenReuse } from '../wire/wire-error.js';
import { requireSecretHash, requireSomeSecretHash } from './app-client.js';
import { required, type Texts } from './challenge-answer.js';
import { requireEnabled } from './complete-sign-in.js';
import { tokenChangeOf } from './token-generation.js';

/** What is offered for new tokens. */
export interface Renewal {
  readonly refreshToken: string;
  readonly deviceKey: string | undefined;
  readonly clientMetadata: Readonly<Record<string, string>>;
  /** The operation's words for a token that it does not know. */
  readonly unknownToken: string;
}

/** REFRESH_TOKEN_AUTH: new tokens of an old sign-in. */
export async function startWithRefreshToken(
  pool: Pool,
  client: AppClient,
  parameters: Texts,
  clientMetadata: Readonly<Record<string, string>> = {},
): Promise<object> {
  const secretHash = parameters.get('SECRET_HASH');
  requireSomeSecretHash(client, secretHash);
  const renewal = {
    refreshToken: required(parameters, 'REFRESH_TOKEN'),
    deviceKey: parameters.get('DEVICE_KEY'),
    clientMetadata,
    unknownToken: 'Invalid Refresh Token',
  };
  const grant = grantOf(pool, client, renewal);
  // The hash is made over the internal user name, which only the token tells.
  if (client.clientSecret !== undefined) requireSecretHash(client, grant.username, secretHash);
  return { ...(await refreshed(pool, client, renewal)), ChallengeParameters: {} };
}

/** What new tokens are made of. */
export interface Renewed {
  readonly user: User;
  readonly grant: Grant;
  readonly change: TokenChange | undefined;
  /** The refresh token that takes the place of the old one. */
  readonly rotated: string | undefined;
}

/** New access and id tokens of an old sign-in: `auth_time` and `origin_jti` stay, the rest is as of now. */
export async function refreshed(pool: Pool, client: AppClient, renewal: Renewal): Promise<object> {
  const { user, grant, change, rotated } = await renewed(pool, client, renewal);
  const { accessToken, idToken, expiresIn } = await pool.mint.mint(user, grant, client, { change });
  return {
    AuthenticationResult: {
      AccessToken: accessToken,
      ExpiresIn: expiresIn,
      IdToken: idToken,
      ...(rotated !== undefined && { RefreshToken: rotated }),
      TokenType: 'Bearer',
    },
  };
}

/** Uses a refresh token, which may have to be replaced. @throws WireError for one that is not good any more */
export async function renewed(pool: Pool, client: AppClient, renewal: Renewal): Promise<Renewed> {
  const grant = grantOf(pool, client, renewal);
  const user = userOf(pool, grant);
  const { clientMetadata } = renewal;
  const { scopes } = grant;
  const source = 'TokenGeneration_RefreshTokens';
  const change = await tokenChangeOf(pool, client, user, { source, clientMetadata, scopes });
  // The trigger took its time, in which the token may have been used up, and the user disabled.
  requireEnabled(userOf(pool, grantOf(pool, client, renewal)));
  const rotated =
    client.rotationGrace === undefined ? undefined : pool.grants.rotate(renewal.refreshToken, client.rotationGrace);
  grant.lastActiveAt = pool.clock.now();
  return { user, grant, change, rotated };
}

/** The sign-in that a refresh token continues, if it still may. */
function grantOf(pool: Pool, client: AppClient, { refreshToken, deviceKey, unknownToken }: Renewal): Grant {
  const grant = pool.grants.byRefreshToken(refreshToken);
  if (!grant || grant.clientId !== client.clientId) throw notAuthorized(unknownToken);
  if (grant.revoked) throw notAuthorized('Refresh Token has been revoked');
  if (grant.expiresAt <= pool.clock.now()) throw notAuthorized('Refresh Token has expired');
  if (grant.deviceKey !== undefined && grant.deviceKey !== deviceKey) throw notAuthorized(unknownToken);
  if (pool.grants.isSpent(refreshToken)) throw refreshTokenReuse();
  return grant;
}

function userOf(pool: Pool, { username }: Grant): User {
  const user = pool.users.byName(username);
  if (!user) throw notAuthorized('Refresh Token has been revoked');
  requireEnabled(user);
  return user;
}
