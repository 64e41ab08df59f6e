import type { AppClient } from '../state/app-clients.js';
import type { SignInAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { complete } from './complete-sign-in.js';

/** What follows a first factor: a known device, a second factor, the demand to set one up, or the end of the sign-in. */
export async function afterFirstFactor(
  pool: Pool,
  client: AppClient,
  user: User,
  attempt: SignInAttempt,
): Promise<object> {
  return complete(pool, client, user, attempt);
}

/** What follows a custom sign-in whose trigger issues tokens: a remembered device is asked last, a second factor never. */
export async function afterCustomAuth(
  pool: Pool,
  client: AppClient,
  user: User,
  attempt: SignInAttempt,
): Promise<object> {
  return complete(pool, client, user, attempt);
}
