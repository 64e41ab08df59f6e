import { isPasswordOf } from '../srp-verifier.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { RULES, type Members } from '../wire/members.js';
import { limitExceeded, notAuthorized } from '../wire/wire-error.js';
import { setNewPassword } from './new-password-rules.js';
import { refuseWhileLocked } from './password-check.js';
import { signedIn } from './signed-in.js';
import { endWaitingSignIns } from './waiting-sign-ins.js';

/** ChangePassword: a token alone does not replace a password, unless the user has none yet. */
export async function changePassword(pool: Pool, members: Members): Promise<object> {
  const { user } = await signedIn(pool, members);
  const previous = members.optionalText('PreviousPassword', RULES.password);
  const proposed = members.text('ProposedPassword', RULES.password);
  if (!pool.limits.admits('ChangePassword', user.username)) throw limitExceeded();
  requirePreviousPassword(pool, user, previous);
  setNewPassword(pool, user, proposed);
  user.modifiedAt = pool.clock.now();
  endWaitingSignIns(pool, user);
  return {};
}

function requirePreviousPassword(pool: Pool, { username, password }: User, previous: string | undefined): void {
  if (!password) return;
  refuseWhileLocked(pool, username);
  if (previous !== undefined && isPasswordOf(pool.identityOf(username), previous, password)) return;
  pool.lockout.recordFailure(pool.users.canonical(username));
  throw notAuthorized();
}
