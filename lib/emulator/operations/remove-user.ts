import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { endWaitingSignIns } from './waiting-sign-ins.js';

/** Removes an account with all that belongs to it: tokens, waiting sign-ins, codes, devices and passkeys. */
export function removeUser(pool: Pool, user: User): void {
  pool.users.remove(user);
  pool.grants.revokeAllOf(user);
  // A waiting sign-in holds on to the account itself: it must not end in tokens for somebody who is gone.
  endWaitingSignIns(pool, user);
  pool.codes.discardAll(user.username);
  pool.devices.removeAllOf(user.username);
  for (const { credentialId } of pool.passkeys.of(user.username)) pool.passkeys.remove(credentialId);
}
