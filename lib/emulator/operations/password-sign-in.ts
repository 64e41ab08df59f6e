import type { AppClient } from '../state/app-clients.js';
import type { SignInAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import { claimantOf } from './claimant.js';
import { checkPassword, refuseWhileLocked } from './password-check.js';
import { afterPassword } from './sign-in-result.js';
import { migrate } from './user-migration.js';

/** What somebody typed. */
export interface TypedCredentials {
  readonly name: string;
  readonly password: string;
}

/** A sign-in with the password in the clear, for the flows of the API that send it and for the pages. */
export async function signInWithPassword(
  pool: Pool,
  client: AppClient,
  { name, password }: TypedCredentials,
  attempt: SignInAttempt,
): Promise<object> {
  refuseWhileLocked(pool, name);
  const { validationData } = attempt;
  await migrate(pool, client, { occasion: 'Authentication', name, password, validationData });
  const user = checkPassword(pool, client, claimantOf(pool, client, name), password);
  return afterPassword(pool, client, user, attempt);
}
