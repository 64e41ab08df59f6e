import type { Pool } from '../state/pool.js';
import type { Members } from '../wire/members.js';
import { administeredUser } from './administration.js';
import { attributeList } from './attributes.js';
import { mfaMembers } from './auth-factors.js';
import { adminCreateUser } from './create-user.js';
import { listUsers } from './list-users.js';
import type { Operations } from './operation.js';
import { removeUser } from './remove-user.js';
import { adminDeleteUserAttributes, adminUpdateUserAttributes } from './user-attributes.js';
import { accountState } from './user-description.js';
import { adminResetUserPassword, adminSetUserPassword } from './user-passwords.js';

/** What administrators do with users; any AWS signature is accepted. */
export function userOperations(pool: Pool): Operations {
  return {
    AdminCreateUser: async (members) => adminCreateUser(pool, members),
    AdminGetUser: (members) => adminGetUser(pool, members),
    AdminUpdateUserAttributes: async (members) => adminUpdateUserAttributes(pool, members),
    AdminDeleteUserAttributes: (members) => adminDeleteUserAttributes(pool, members),
    AdminEnableUser: (members) => adminEnableUser(pool, members),
    AdminDisableUser: (members) => adminDisableUser(pool, members),
    AdminDeleteUser: (members) => adminDeleteUser(pool, members),
    AdminSetUserPassword: (members) => adminSetUserPassword(pool, members),
    AdminResetUserPassword: async (members) => adminResetUserPassword(pool, members),
    ListUsers: (members) => listUsers(pool, members),
  };
}

function adminGetUser(pool: Pool, members: Members): object {
  const user = administeredUser(pool, members);
  return { Username: user.username, UserAttributes: attributeList(user), ...accountState(user), ...mfaMembers(user) };
}

function adminEnableUser(pool: Pool, members: Members): object {
  const user = administeredUser(pool, members);
  user.enabled = true;
  user.modifiedAt = pool.clock.now();
  return {};
}

function adminDisableUser(pool: Pool, members: Members): object {
  const user = administeredUser(pool, members);
  user.enabled = false;
  user.modifiedAt = pool.clock.now();
  pool.grants.revokeAllOf(user);
  return {};
}

function adminDeleteUser(pool: Pool, members: Members): object {
  removeUser(pool, administeredUser(pool, members));
  return {};
}
