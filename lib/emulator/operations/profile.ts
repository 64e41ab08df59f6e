import type { Pool } from '../state/pool.js';
import { RULES, type Members } from '../wire/members.js';
import { applyChange, attributeChange, attributeList } from './attributes.js';
import {
  getUserAttributeVerificationCode,
  updateUserAttributes,
  verifyUserAttribute,
} from './attribute-verification.js';
import { mfaMembers } from './auth-factors.js';
import { changePassword } from './change-password.js';
import type { Operations } from './operation.js';
import { removeUser } from './remove-user.js';
import { signedIn } from './signed-in.js';

/** What signed-in users do with their own account. */
export function profileOperations(pool: Pool): Operations {
  return {
    GetUser: async (members) => getUser(pool, members),
    UpdateUserAttributes: async (members) => updateUserAttributes(pool, members),
    DeleteUserAttributes: async (members) => deleteUserAttributes(pool, members),
    GetUserAttributeVerificationCode: async (members) => getUserAttributeVerificationCode(pool, members),
    VerifyUserAttribute: async (members) => verifyUserAttribute(pool, members),
    ChangePassword: async (members) => changePassword(pool, members),
    DeleteUser: async (members) => deleteUser(pool, members),
  };
}

async function getUser(pool: Pool, members: Members): Promise<object> {
  const { user, client } = await signedIn(pool, members);
  return { Username: user.username, UserAttributes: attributeList(user, client), ...mfaMembers(user) };
}

async function deleteUserAttributes(pool: Pool, members: Members): Promise<object> {
  const { user, client } = await signedIn(pool, members);
  const names = members.texts('UserAttributeNames', RULES.attributeName);
  const blank = Object.fromEntries(names.map((name) => [name, '']));
  applyChange(pool, user, attributeChange(pool, user, blank, client));
  return {};
}

async function deleteUser(pool: Pool, members: Members): Promise<object> {
  const { user } = await signedIn(pool, members);
  removeUser(pool, user);
  return {};
}
