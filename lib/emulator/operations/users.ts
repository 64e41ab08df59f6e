import type { Pool } from '../state/pool.js';
import type { Members } from '../wire/members.js';
import { administeredUser } from './administration.js';
import { attributeList } from './attributes.js';
import type { Operations } from './operation.js';

/** What administrators do with users; any AWS signature is accepted. */
export function userOperations(pool: Pool): Operations {
  return {
    AdminGetUser: (members) => adminGetUser(pool, members),
  };
}

function adminGetUser(pool: Pool, members: Members): object {
  const user = administeredUser(pool, members);
  return {
    Username: user.username,
    UserAttributes: attributeList(user),
    Enabled: user.enabled,
    UserStatus: user.status,
    UserCreateDate: user.createdAt / 1000,
    UserLastModifiedDate: user.modifiedAt / 1000,
  };
}
