import type { Pool } from '../state/pool.js';
import { CONTACTS } from '../state/users.js';
import { RULES, type Members } from '../wire/members.js';
import { aliasExists, invalidParameter } from '../wire/wire-error.js';
import { administeredUser } from './administration.js';
import { applyChange, attributeChange, type AttributeChange, type Attributes, takenSignInName } from './attributes.js';
import { takenAlias } from './new-account.js';
import type { User } from '../state/users.js';

/** AdminUpdateUserAttributes: an administrator may also say that an address is verified. */
export function adminUpdateUserAttributes(pool: Pool, members: Members): object {
  const user = administeredUser(pool, members);
  if (!members.has('UserAttributes')) members.texts('UserAttributes');
  const change = attributeChange(pool, user, writtenByAdministrator(members));
  requirePossible(pool, user, change);
  applyChange(pool, user, change);
  return {};
}

/** AdminDeleteUserAttributes. */
export function adminDeleteUserAttributes(pool: Pool, members: Members): object {
  const user = administeredUser(pool, members);
  const names = members.texts('UserAttributeNames', RULES.attributeName);
  const change = attributeChange(pool, user, Object.fromEntries(names.map((name) => [name, ''])));
  requirePossible(pool, user, change);
  applyChange(pool, user, change);
  return {};
}

/** Attributes as an administrator writes them, who may write `True` as well as `true`. */
export function writtenByAdministrator(members: Members): Attributes {
  const entries = Object.entries(members.attributes('UserAttributes'));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, name.endsWith('_verified') ? value.toLowerCase() : value]),
  );
}

/** Refuses to call an address verified that is not there. */
export function requireVerifiable(attributes: Attributes): void {
  const missing = CONTACTS.find((contact) => attributes[`${contact}_verified`] === 'true' && !attributes[contact]);
  if (missing) throw invalidParameter(`${missing} is required to set ${missing}_verified to true.`);
}

function requirePossible(pool: Pool, user: User, change: AttributeChange): void {
  const draft = { ...user, pendingContacts: {} };
  applyChange(pool, draft, change);
  requireVerifiable(draft.attributes);
  const taken = takenSignInName(pool, change.written, user) ?? takenAlias(pool, draft.attributes, user);
  if (taken) throw aliasExists(taken);
}
