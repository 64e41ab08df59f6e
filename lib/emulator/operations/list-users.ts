import { declarationOf } from '../state/attribute-schema.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { RULES, type Members } from '../wire/members.js';
import { invalidParameter } from '../wire/wire-error.js';
import { requirePool } from './administration.js';
import { attributeList } from './attributes.js';
import { pageOf, pageRequest } from './pages.js';
import { listedUser } from './user-description.js';
import { userFilter } from './user-filter.js';

/** ListUsers: the users that a filter lets through, by the page. */
export function listUsers(pool: Pool, members: Members): object {
  requirePool(pool, members);
  const filter = members.optionalText('Filter', { max: 256 }) ?? '';
  const names = members.optionalTexts('AttributesToGet', RULES.attributeName);
  const request = pageRequest(pool, members, ['ListUsers', filter, ...(names ?? [])], { token: 'PaginationToken' });
  const { items, next } = pageOf(pool, request, filtered(pool, userFilter(filter)), ({ username }) => username);
  if (names) requireAttributes(pool, items, names);
  return { Users: items.map((user) => listedUser(user, names)), PaginationToken: next };
}

function* filtered(pool: Pool, passes: (user: User) => boolean): Generator<User> {
  for (const user of pool.users.all()) if (passes(user)) yield user;
}

// The service refuses to show an attribute that not every user of the result has.
function requireAttributes(pool: Pool, users: readonly User[], names: readonly string[]): void {
  for (const name of names) {
    const isKnown = name === 'sub' || declarationOf(pool.settings.schema, name) !== undefined;
    const isEverywhere = users.every((user) => attributeList(user).some(({ Name }) => Name === name));
    if (!isKnown || !isEverywhere) throw invalidParameter('One or more requested attributes do not exist.');
  }
}
