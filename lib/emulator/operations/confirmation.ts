import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { notAuthorized } from '../wire/wire-error.js';
import { eventAttributes } from './event-attributes.js';
import { runTrigger } from './run-trigger.js';

/** What led to a confirmed account, and what triggers are told of it. */
export interface Confirmation {
  readonly by: 'ConfirmSignUp' | 'ConfirmForgotPassword';
  readonly clientId: string;
  readonly clientMetadata: Readonly<Record<string, string>>;
}

/** Refuses to confirm a sign-up that is no longer open. */
export function requireUnconfirmed({ status }: User): void {
  if (status !== 'UNCONFIRMED') throw notAuthorized(`User cannot be confirmed. Current status is ${status}`);
}

/**
 * Confirms an account, and tells the PostConfirmation trigger: it comes after the fact, so what it throws is answered and
 * changes nothing.
 */
export async function confirm(pool: Pool, user: User, { by, clientId, clientMetadata }: Confirmation): Promise<void> {
  pool.codes.discard('confirmation', user.username);
  user.status = 'CONFIRMED';
  user.modifiedAt = pool.clock.now();
  await runTrigger(pool, 'postConfirmation', {
    source: `PostConfirmation_${by}`,
    clientId,
    username: user.username,
    request: { userAttributes: eventAttributes(user), clientMetadata },
  });
}
