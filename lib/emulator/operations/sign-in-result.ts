import type { AppClient } from '../state/app-clients.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { notAuthorized, passwordResetRequired, userNotConfirmed } from '../wire/wire-error.js';
import { openSession } from './sessions.js';

const DAY = 24 * 60 * 60 * 1000;

/** What follows a right password: a refusal, the next challenge, or tokens. */
export async function afterPassword(pool: Pool, client: AppClient, user: User): Promise<object> {
  requireEnabled(user);
  if (user.status === 'UNCONFIRMED') throw userNotConfirmed();
  if (user.status === 'RESET_REQUIRED') throw passwordResetRequired();
  if (user.status === 'FORCE_CHANGE_PASSWORD') return demandNewPassword(pool, client, user);
  return signedIn(pool, client, user);
}

/** The tokens of a sign-in that is complete. */
export async function signedIn(pool: Pool, client: AppClient, user: User): Promise<object> {
  const { grant, refreshToken } = pool.grants.open(user, client);
  const { accessToken, idToken, expiresIn } = await pool.mint.mint(user, grant, client);
  return {
    AuthenticationResult: {
      AccessToken: accessToken,
      ExpiresIn: expiresIn,
      IdToken: idToken,
      RefreshToken: refreshToken,
      TokenType: 'Bearer',
    },
    ChallengeParameters: {},
  };
}

export function requireEnabled(user: User): void {
  if (!user.enabled) throw notAuthorized('User is disabled.');
}

function demandNewPassword(pool: Pool, client: AppClient, user: User): object {
  const lifetime = pool.settings.passwordPolicy.temporaryPasswordValidityDays * DAY;
  if (pool.clock.now() > user.passwordSetAt + lifetime) {
    throw notAuthorized('Temporary password has expired and must be reset by an administrator.');
  }
  const challengeName = 'NEW_PASSWORD_REQUIRED';
  return {
    ChallengeName: challengeName,
    ChallengeParameters: {
      USER_ID_FOR_SRP: user.username,
      requiredAttributes: '[]',
      userAttributes: JSON.stringify(user.attributes),
    },
    Session: openSession(pool, { challengeName, clientId: client.clientId, user }),
  };
}
