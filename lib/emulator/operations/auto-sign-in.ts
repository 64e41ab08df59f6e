import type { AppClient } from '../state/app-clients.js';
import { newAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { openSession } from './sessions.js';

/**
 * Lets a user who has just confirmed their account sign in without a further question: the Session that ConfirmSignUp
 * answers, which goes once into InitiateAuth with USER_AUTH.
 *
 * @returns the session; `undefined` for a client that does not permit USER_AUTH
 */
export function openAutoSignIn(pool: Pool, client: AppClient, user: User): string | undefined {
  if (!client.explicitAuthFlows.includes('ALLOW_USER_AUTH')) return undefined;
  return openSession(pool, {
    challengeName: 'AUTO_SIGN_IN',
    clientId: client.clientId,
    username: user.username,
    user,
    attempt: newAttempt('USER_AUTH'),
    memory: {},
  });
}
