import type { Pool } from '../state/pool.js';
import { RULES, type Members } from '../wire/members.js';
import { administeredUser } from './administration.js';
import { post, prepareMessage } from './code-delivery.js';
import { setNewPassword } from './new-password-rules.js';
import { noVerifiedAddress, notInThisState, verifiedAddress } from './recovery.js';
import { endWaitingSignIns } from './waiting-sign-ins.js';

/** AdminSetUserPassword: a password to keep, or one that has to be changed at the next sign-in. */
export function adminSetUserPassword(pool: Pool, members: Members): object {
  const user = administeredUser(pool, members);
  const password = members.text('Password', RULES.password);
  const isPermanent = members.flag('Permanent');
  setNewPassword(pool, user, password);
  user.status = isPermanent ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD';
  user.modifiedAt = pool.clock.now();
  // What began with the former password must not end in tokens, nor set a password of its own.
  endWaitingSignIns(pool, user);
  return {};
}

/** AdminResetUserPassword: the password serves no more, and the user gets a code for a new one. */
export async function adminResetUserPassword(pool: Pool, members: Members): Promise<object> {
  const user = administeredUser(pool, members);
  const clientMetadata = members.textRecord('ClientMetadata');
  if (user.status !== 'CONFIRMED' && user.status !== 'RESET_REQUIRED') throw notInThisState();
  const address = verifiedAddress(pool, user);
  if (!address) throw noVerifiedAddress();
  const message = await prepareMessage(pool, { user, address, purpose: 'ForgotPassword', clientMetadata });
  post(pool, message, pool.codes.issue('passwordReset', user.username, address));
  user.status = 'RESET_REQUIRED';
  user.modifiedAt = pool.clock.now();
  endWaitingSignIns(pool, user);
  return {};
}
