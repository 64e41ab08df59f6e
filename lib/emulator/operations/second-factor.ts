import type { AppClient } from '../state/app-clients.js';
import type { SignInAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { complete } from './complete-sign-in.js';
import { demandDeviceProof } from './device-challenges.js';
import { demandSecondFactor } from './second-factors.js';

/** What follows a first factor: a known device, a second factor, the demand to set one up, or the end of the sign-in. */
export async function afterFirstFactor(
  pool: Pool,
  client: AppClient,
  user: User,
  attempt: SignInAttempt,
): Promise<object> {
  const half = { client, user, attempt };
  return (
    demandDeviceProof(pool, half) ?? (await demandSecondFactor(pool, half)) ?? complete(pool, client, user, attempt)
  );
}

/** What follows the last round of a custom sign-in, which knows no second factor: a known device, or the end. */
export async function afterCustomAuth(
  pool: Pool,
  client: AppClient,
  user: User,
  attempt: SignInAttempt,
): Promise<object> {
  return demandDeviceProof(pool, { client, user, attempt }) ?? complete(pool, client, user, attempt);
}
