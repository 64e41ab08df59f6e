import type { Pool } from '../state/pool.js';
import { RULES, type Members } from '../wire/members.js';
import { attributeList } from './attributes.js';
import type { Operations } from './operation.js';

/** What signed-in users do with their own account. */
export function profileOperations(pool: Pool): Operations {
  return {
    GetUser: async (members) => getUser(pool, members),
  };
}

async function getUser(pool: Pool, members: Members): Promise<object> {
  const { user } = await pool.accessTokens.bearerOf(members.text('AccessToken', RULES.token));
  return { Username: user.username, UserAttributes: attributeList(user) };
}
