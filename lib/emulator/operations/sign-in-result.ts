import type { AppClient } from '../state/app-clients.js';
import type { SignInAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { notAuthorized, passwordResetRequired, userNotConfirmed } from '../wire/wire-error.js';
import { requireEnabled } from './complete-sign-in.js';
import { afterFirstFactor } from './second-factor.js';
import { openSession } from './sessions.js';

const DAY = 24 * 60 * 60 * 1000;

/** What follows a right password: a refusal, the next challenge, or tokens. */
export async function afterPassword(
  pool: Pool,
  client: AppClient,
  user: User,
  attempt: SignInAttempt,
): Promise<object> {
  requireEnabled(user);
  if (user.status === 'UNCONFIRMED') throw userNotConfirmed();
  if (user.status === 'RESET_REQUIRED') throw passwordResetRequired();
  if (user.status === 'FORCE_CHANGE_PASSWORD') return demandNewPassword(pool, client, user, attempt);
  return afterFirstFactor(pool, client, user, attempt);
}

function demandNewPassword(pool: Pool, client: AppClient, user: User, attempt: SignInAttempt): object {
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
    Session: openSession(pool, {
      challengeName,
      clientId: client.clientId,
      username: user.username,
      user,
      attempt,
      memory: {},
    }),
  };
}
