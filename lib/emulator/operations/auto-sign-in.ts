import type { AppClient } from '../state/app-clients.js';
import { newAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { findSession, openSession, refuseDeadSession } from './sessions.js';
import { afterConfirmation } from './sign-in-result.js';
import type { SignInStep } from './sign-in-step.js';

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

/** USER_AUTH with the Session of ConfirmSignUp: the code that confirmed the account is the first factor. */
export async function continueAutomatically(step: SignInStep, handle: string): Promise<object> {
  const { pool, client, claimant, attempt } = step;
  const { user } = findSession(pool, client, 'AUTO_SIGN_IN', claimant.userId, handle);
  if (!user) throw refuseDeadSession('unknown');
  pool.sessions.spend(handle);
  return afterConfirmation(pool, client, user, attempt);
}
