import { isPasswordOf } from '../srp-verifier.js';
import { policyViolation } from '../state/password-policy.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { invalidPassword, passwordUsedBefore } from '../wire/wire-error.js';
import { setPassword } from './password-check.js';

/** How most operations begin to say what is wrong with a new password. */
const WORDING = 'Password does not conform to policy';

/**
 * Refuses a password that the pool's policy does not allow, or that the user has had before; changes nothing.
 *
 * @param wording what the operation says before the broken rule
 * @throws WireError `InvalidPasswordException`, `PasswordHistoryPolicyViolationException`
 */
export function checkNewPassword(pool: Pool, user: User, password: string, wording = WORDING): void {
  const violation = policyViolation(password, pool.settings.passwordPolicy);
  if (violation) throw invalidPassword(`${wording}: ${violation}`);
  if (wasUsedBefore(pool, user, password)) throw passwordUsedBefore();
}

/** Sets a new password by the rules of {@link checkNewPassword}, and remembers the former one as far as the policy says. */
export function setNewPassword(pool: Pool, user: User, password: string, wording = WORDING): void {
  checkNewPassword(pool, user, password, wording);
  const { passwordHistorySize } = pool.settings.passwordPolicy;
  const former = user.password ? [user.password, ...user.passwordHistory] : user.passwordHistory;
  setPassword(pool, user, password);
  user.passwordHistory = former.slice(0, passwordHistorySize);
}

// The present password counts too: with a history, changing it means changing it.
function wasUsedBefore(pool: Pool, user: User, password: string): boolean {
  const { passwordHistorySize } = pool.settings.passwordPolicy;
  if (passwordHistorySize === 0) return false;
  const former = [user.password, ...user.passwordHistory.slice(0, passwordHistorySize)];
  const identity = pool.identityOf(user.username);
  return former.some((verifier) => verifier !== undefined && isPasswordOf(identity, password, verifier));
}
