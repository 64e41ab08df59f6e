import type { Pool } from '../state/pool.js';
import { CONTACTS } from '../state/users.js';
import { RULES, type Members } from '../wire/members.js';
import { invalidParameter } from '../wire/wire-error.js';
import { administeredUser } from './administration.js';
import { updateAttributes } from './attribute-update.js';
import { applyChange, attributeChange, type Attributes } from './attributes.js';

/** AdminUpdateUserAttributes: an administrator may also say that an address is verified. */
export async function adminUpdateUserAttributes(pool: Pool, members: Members): Promise<object> {
  const user = administeredUser(pool, members);
  const written = writtenByAdministrator(members.requiredAttributes('UserAttributes'));
  const clientMetadata = members.textRecord('ClientMetadata');
  const change = attributeChange(pool, user, written);
  requireVerifiable(written, { ...user.attributes, ...written });
  await updateAttributes(pool, user, change, { clientMetadata });
  return {};
}

/** AdminDeleteUserAttributes. */
export function adminDeleteUserAttributes(pool: Pool, members: Members): object {
  const user = administeredUser(pool, members);
  const names = members.texts('UserAttributeNames', RULES.attributeName);
  applyChange(pool, user, attributeChange(pool, user, Object.fromEntries(names.map((name) => [name, '']))));
  return {};
}

/** Attributes as an administrator writes them, who may write `True` as well as `true`. */
export function writtenByAdministrator(attributes: Attributes): Attributes {
  const flags = CONTACTS.flatMap((contact) => {
    const value = attributes[`${contact}_verified`];
    return value === undefined ? [] : [[`${contact}_verified`, value.toLowerCase()]];
  });
  return { ...attributes, ...Object.fromEntries(flags) };
}

/** Refuses to call an address verified that is not among the attributes. */
export function requireVerifiable(written: Attributes, attributes: Attributes): void {
  const missing = CONTACTS.find((contact) => written[`${contact}_verified`] === 'true' && !attributes[contact]);
  if (missing) throw invalidParameter(`${missing} is required to set ${missing}_verified to true.`);
}
