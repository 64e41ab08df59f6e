import type { Pool } from '../state/pool.js';
import { CONTACTS, type Contact, type User } from '../state/users.js';
import { RULES, type Members } from '../wire/members.js';
import { codeMismatch, expiredCode, invalidParameter, limitExceeded } from '../wire/wire-error.js';
import { requireFree, sendVerification, updateAttributes, verificationOf } from './attribute-update.js';
import { attributeChange } from './attributes.js';
import { prepareMessage } from './code-delivery.js';
import { signedIn } from './signed-in.js';

/** UpdateUserAttributes: a new contact has to be verified, at once or before it takes the place of the old one. */
export async function updateUserAttributes(pool: Pool, members: Members): Promise<object> {
  const { user, client } = await signedIn(pool, members);
  const clientMetadata = members.textRecord('ClientMetadata');
  const change = attributeChange(pool, user, members.requiredAttributes('UserAttributes'), client);
  const { clientId } = client;
  return { CodeDeliveryDetailsList: await updateAttributes(pool, user, change, { clientId, clientMetadata }) };
}

/** GetUserAttributeVerificationCode: sends a code to a contact, to the new one where it waits for its verification. */
export async function getUserAttributeVerificationCode(pool: Pool, members: Members): Promise<object> {
  const { user, client } = await signedIn(pool, members);
  const contact = contactMember(members);
  const clientMetadata = members.textRecord('ClientMetadata');
  const destination = valueToVerify(user, contact);
  if (destination === undefined) throw invalidParameter(`The user has no ${contact} that a code could be sent to.`);
  if (!pool.limits.admits('GetUserAttributeVerificationCode', user.username)) throw limitExceeded();
  const address = { contact, destination };
  const { clientId } = client;
  const message = await prepareMessage(pool, {
    user,
    address,
    purpose: 'VerifyUserAttribute',
    clientId,
    clientMetadata,
  });
  return { CodeDeliveryDetails: sendVerification(pool, message) };
}

/** VerifyUserAttribute: the code shows that a contact is the user's; a value that waited for it now counts. */
export async function verifyUserAttribute(pool: Pool, members: Members): Promise<object> {
  const { user } = await signedIn(pool, members);
  const contact = contactMember(members);
  const code = members.text('Code', RULES.code);
  if (!pool.limits.admits('VerifyUserAttribute', user.username)) throw limitExceeded();
  const checked = pool.codes.check(verificationOf(contact), user.username, code);
  if (checked.state !== 'right') throw checked.state === 'wrong' ? codeMismatch() : expiredCode();
  const { destination } = checked.address;
  // A code for an address that has been replaced says nothing about the new one.
  if (destination !== valueToVerify(user, contact)) throw expiredCode();
  const verified = { [contact]: destination, [`${contact}_verified`]: 'true' };
  requireFree(pool, user, verified);
  pool.codes.discard(verificationOf(contact), user.username);
  delete user.pendingContacts[contact];
  user.attributes = { ...user.attributes, ...verified };
  user.modifiedAt = pool.clock.now();
  return {};
}

/** The value that a code would be about: the one that waits, else the one that counts. */
function valueToVerify(user: User, contact: Contact): string | undefined {
  return user.pendingContacts[contact] ?? user.attributes[contact];
}

function contactMember(members: Members): Contact {
  const name = members.text('AttributeName', RULES.attributeName);
  const contact = CONTACTS.find((known) => known === name);
  if (!contact) throw invalidParameter('Only email and phone_number can be verified.');
  return contact;
}
