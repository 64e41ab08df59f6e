import type { Pool } from '../state/pool.js';
import { RULES, type Members } from '../wire/members.js';
import { poolNotFound, userNotFound } from '../wire/wire-error.js';
import { attributeList } from './attributes.js';
import type { Operations } from './operation.js';

/** What administrators do with users; any AWS signature is accepted. */
export function userOperations(pool: Pool): Operations {
  return {
    AdminGetUser: (members) => adminGetUser(pool, members),
  };
}

function adminGetUser(pool: Pool, members: Members): object {
  requirePool(pool, members);
  const user = pool.users.bySignInName(members.text('Username', RULES.username));
  if (!user) throw userNotFound();
  return {
    Username: user.username,
    UserAttributes: attributeList(user),
    Enabled: user.enabled,
    UserStatus: user.status,
    UserCreateDate: user.createdAt / 1000,
    UserLastModifiedDate: user.modifiedAt / 1000,
  };
}

function requirePool(pool: Pool, members: Members): void {
  const userPoolId = members.text('UserPoolId', RULES.userPoolId);
  if (userPoolId !== pool.settings.userPoolId) throw poolNotFound(userPoolId);
}
