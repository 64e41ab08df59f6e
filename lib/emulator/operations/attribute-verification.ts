import type { Address, CodePurpose } from '../state/codes.js';
import type { Pool } from '../state/pool.js';
import { CONTACTS, type Contact, type User } from '../state/users.js';
import { RULES, type Members } from '../wire/members.js';
import { aliasExists, codeMismatch, expiredCode, invalidParameter, limitExceeded } from '../wire/wire-error.js';
import { applyChange, attributeChange, type AttributeChange, type Attributes, takenSignInName } from './attributes.js';
import { type CodeDeliveryDetails, post, type PreparedMessage, prepareMessage } from './code-delivery.js';
import { takenAlias } from './new-account.js';
import { type SignedIn, signedIn } from './signed-in.js';

const PURPOSE: Record<Contact, CodePurpose> = { email: 'emailVerification', phone_number: 'phoneVerification' };

/** UpdateUserAttributes: a new contact has to be verified, at once or before it takes the place of the old one. */
export async function updateUserAttributes(pool: Pool, members: Members): Promise<object> {
  const caller = await signedIn(pool, members);
  const { user, client } = caller;
  const clientMetadata = members.textRecord('ClientMetadata');
  const change = attributeChange(pool, user, members.requiredAttributes('UserAttributes'), client);
  requireFree(pool, user, change.written);
  const addresses = newAddresses(user, change);
  const messages = await Promise.all(
    addresses
      .filter(({ contact }) => isVerified(pool, contact))
      .map(async (address) => prepare(pool, caller, address, 'UpdateUserAttribute', clientMetadata)),
  );
  // The triggers took their time: somebody else may have come first.
  requireFree(pool, user, change.written);
  takeOver(pool, user, change, addresses);
  return { CodeDeliveryDetailsList: messages.map((message) => send(pool, message)) };
}

/** GetUserAttributeVerificationCode: sends a code to a contact, to the new one where it waits for its verification. */
export async function getUserAttributeVerificationCode(pool: Pool, members: Members): Promise<object> {
  const caller = await signedIn(pool, members);
  const { user } = caller;
  const contact = contactMember(members);
  const clientMetadata = members.textRecord('ClientMetadata');
  const destination = valueToVerify(user, contact);
  if (destination === undefined) throw invalidParameter(`The user has no ${contact} that a code could be sent to.`);
  if (!pool.limits.admits('GetUserAttributeVerificationCode', user.username)) throw limitExceeded();
  const message = await prepare(pool, caller, { contact, destination }, 'VerifyUserAttribute', clientMetadata);
  return { CodeDeliveryDetails: send(pool, message) };
}

/** VerifyUserAttribute: the code shows that a contact is the user's; a value that waited for it now counts. */
export async function verifyUserAttribute(pool: Pool, members: Members): Promise<object> {
  const { user } = await signedIn(pool, members);
  const contact = contactMember(members);
  const code = members.text('Code', RULES.code);
  if (!pool.limits.admits('VerifyUserAttribute', user.username)) throw limitExceeded();
  const checked = pool.codes.check(PURPOSE[contact], user.username, code);
  if (checked.state !== 'right') throw checked.state === 'wrong' ? codeMismatch() : expiredCode();
  const { destination } = checked.address;
  // A code for an address that has been replaced says nothing about the new one.
  if (destination !== valueToVerify(user, contact)) throw expiredCode();
  const verified = { [contact]: destination, [`${contact}_verified`]: 'true' };
  requireFree(pool, user, verified);
  pool.codes.discard(PURPOSE[contact], user.username);
  delete user.pendingContacts[contact];
  user.attributes = { ...user.attributes, ...verified };
  user.modifiedAt = pool.clock.now();
  return {};
}

/** The contacts that get another value than they have. */
function newAddresses(user: User, { written }: AttributeChange): Address[] {
  return CONTACTS.flatMap((contact) => {
    const destination = written[contact];
    const isNew = destination !== undefined && destination !== user.attributes[contact];
    return isNew ? [{ contact, destination }] : [];
  });
}

function takeOver(pool: Pool, user: User, { written, removed }: AttributeChange, addresses: readonly Address[]): void {
  const waiting = addresses.filter(({ contact }) => waitsForVerification(pool, contact));
  const atOnce = Object.entries(written).filter(([name]) => !waiting.some(({ contact }) => contact === name));
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

/** The value that a code would be about: the one that waits, else the one that counts. */
function valueToVerify(user: User, contact: Contact): string | undefined {
  return user.pendingContacts[contact] ?? user.attributes[contact];
}

// Nobody gets an address or a name that somebody else signs in with.
function requireFree(pool: Pool, user: User, attributes: Attributes): void {
  const taken = takenSignInName(pool, attributes, user) ?? takenAlias(pool, attributes, user);
  if (taken) throw aliasExists(taken);
}

async function prepare(
  pool: Pool,
  { user, client: { clientId } }: SignedIn,
  address: Address,
  purpose: 'UpdateUserAttribute' | 'VerifyUserAttribute',
  clientMetadata: Readonly<Record<string, string>>,
): Promise<PreparedMessage> {
  return prepareMessage(pool, { user, address, purpose, clientId, clientMetadata });
}

function send(pool: Pool, message: PreparedMessage): CodeDeliveryDetails {
  const { user, address } = message;
  return post(pool, message, pool.codes.issue(PURPOSE[address.contact], user.username, address));
}

function contactMember(members: Members): Contact {
  const name = members.text('AttributeName', RULES.attributeName);
  const contact = CONTACTS.find((known) => known === name);
  if (!contact) throw invalidParameter('Only email and phone_number can be verified.');
  return contact;
}
