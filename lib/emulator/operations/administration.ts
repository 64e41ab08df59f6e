import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { RULES, type Members } from '../wire/members.js';
import { poolNotFound, userNotFound } from '../wire/wire-error.js';

/** What triggers are told in place of an app client, where an administrator called and no client. */
export const NO_CLIENT = 'CLIENT_ID_NOT_APPLICABLE';

/** Refuses a request that names another pool. */
export function requirePool(pool: Pool, members: Members): void {
  const userPoolId = members.text('UserPoolId', RULES.userPoolId);
  if (userPoolId !== pool.settings.userPoolId) throw poolNotFound(userPoolId);
}

/** The user that an administrator names, by user name or alias. */
export function administeredUser(pool: Pool, members: Members): User {
  requirePool(pool, members);
  const user = pool.users.bySignInName(members.text('Username', RULES.username));
  if (!user) throw userNotFound();
  return user;
}
