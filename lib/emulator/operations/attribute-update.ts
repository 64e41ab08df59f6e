import type { Address, CodePurpose } from '../state/codes.js';
import type { Pool } from '../state/pool.js';
import { CONTACTS, type Contact, type User } from '../state/users.js';
import { aliasExists } from '../wire/wire-error.js';
import {
  applyChange,
  type AttributeChange,
  type Attributes,
  takenSignInName,
  withUnverifiedContacts,
} from './attributes.js';
import { type CodeDeliveryDetails, post, type PreparedMessage, prepareMessage } from './code-delivery.js';
import { takenAlias } from './new-account.js';

/** On whose behalf attributes are changed, as triggers are told. */
export interface UpdateOccasion {
  /** Absent when an administrator changes them. */
  readonly clientId?: string | undefined;
  readonly clientMetadata: Readonly<Record<string, string>>;
}

const PURPOSE: Record<Contact, CodePurpose> = { email: 'emailVerification', phone_number: 'phoneVerification' };

/**
 * Makes a change of attributes that has been checked. A new contact has to be verified, at once or before it takes the place
 * of the old one; one that comes with its `_verified` flag, as administrators may write it, has been.
 *
 * @returns where codes were sent
 * @throws WireError `AliasExistsException` for what somebody else signs in with
 */
export async function updateAttributes(
  pool: Pool,
  user: User,
  change: AttributeChange,
  occasion: UpdateOccasion,
): Promise<CodeDeliveryDetails[]> {
  requireFree(pool, user, change.written);
  const addresses = unverifiedAddresses(user, change);
  const messages = await Promise.all(
    addresses
      .filter(({ contact }) => isVerified(pool, contact))
      .map(async (address) => prepareMessage(pool, { user, address, purpose: 'UpdateUserAttribute', ...occasion })),
  );
  // The triggers took their time: somebody else may have come first.
  requireFree(pool, user, change.written);
  takeOver(pool, user, change, addresses);
  return messages.map((message) => sendVerification(pool, message));
}

/** Sends a message with a code by which its address is verified. */
export function sendVerification(pool: Pool, message: PreparedMessage): CodeDeliveryDetails {
  const { user, address } = message;
  return post(pool, message, pool.codes.issue(verificationOf(address.contact), user.username, address));
}

/** What a code is good for that verifies a contact. */
export function verificationOf(contact: Contact): CodePurpose {
  return PURPOSE[contact];
}

/** Refuses attributes that would give a user an address or a name that somebody else signs in with. */
export function requireFree(pool: Pool, user: User, written: Attributes): void {
  const concerned = concernedBy(user, written);
  const taken = takenSignInName(pool, concerned, user) ?? takenAlias(pool, concerned, user);
  if (taken) throw aliasExists(taken);
}

/** The attributes that are written, as they will be, each contact together with its flag. */
function concernedBy(user: User, written: Attributes): Attributes {
  const changed = Object.entries(written).filter(([name, value]) => user.attributes[name] !== value);
  const after = { ...user.attributes, ...withUnverifiedContacts(Object.fromEntries(changed)), ...written };
  const names = new Set(
    Object.keys(written).flatMap((name) => [name, `${name}_verified`, name.replace(/_verified$/, '')]),
  );
  return Object.fromEntries(Object.entries(after).filter(([name]) => names.has(name)));
}

/** The contacts that get another value than they have, which nobody calls verified. */
function unverifiedAddresses(user: User, { written }: AttributeChange): Address[] {
  return CONTACTS.flatMap((contact) => {
    const destination = written[contact];
    const isNew = destination !== undefined && destination !== user.attributes[contact];
    return isNew && written[`${contact}_verified`] !== 'true' ? [{ contact, destination }] : [];
  });
}

function takeOver(pool: Pool, user: User, { written, removed }: AttributeChange, addresses: readonly Address[]): void {
  const waiting = addresses.filter(({ contact }) => waitsForVerification(pool, contact));
  const later = new Set(waiting.flatMap(({ contact }) => [contact as string, `${contact}_verified`]));
  const atOnce = Object.entries(written).filter(([name]) => !later.has(name));
  // Whatever waited so far is replaced, also by the old value.
  for (const contact of CONTACTS) if (written[contact] !== undefined) delete user.pendingContacts[contact];
  applyChange(pool, user, { written: Object.fromEntries(atOnce), removed });
  for (const { contact, destination } of waiting) user.pendingContacts[contact] = destination;
}

function waitsForVerification({ settings }: Pool, contact: Contact): boolean {
  return settings.attributesRequireVerificationBeforeUpdate.includes(contact);
}

function isVerified(pool: Pool, contact: Contact): boolean {
  return pool.settings.autoVerifiedAttributes.includes(contact) || waitsForVerification(pool, contact);
}
