import type { MessagePurpose } from '../state/inbox.js';
import type { Pool } from '../state/pool.js';
import { CONTACTS, type Contact, type User } from '../state/users.js';

/** Where a code went, as far as a client is told. */
export interface CodeDeliveryDetails {
  readonly AttributeName: Contact;
  readonly DeliveryMedium: 'EMAIL' | 'SMS';
  readonly Destination: string;
}

/** Sends a confirmation code to the contact that the pool verifies; `undefined` when the user has none such. */
export function sendConfirmationCode(pool: Pool, user: User, purpose: MessagePurpose): CodeDeliveryDetails | undefined {
  const contact = CONTACTS.find(
    (name) => pool.settings.autoVerifiedAttributes.includes(name) && user.attributes[name] !== undefined,
  );
  const destination = contact && user.attributes[contact];
  if (contact === undefined || destination === undefined) return undefined;
  const code = pool.codes.issue('confirmation', user.username, contact);
  return deliver(pool, user.username, contact, destination, purpose, code);
}

/** Puts a message into the inbox. @returns what a client is told about it */
export function deliver(
  pool: Pool,
  username: string,
  contact: Contact,
  destination: string,
  purpose: MessagePurpose,
  code: string,
): CodeDeliveryDetails {
  const details = detailsOf(contact, destination);
  const sentAt = new Date(pool.clock.now());
  pool.inbox.deliver({ destination, medium: details.DeliveryMedium, username, purpose, code, sentAt });
  return details;
}

/** The details of a delivery that never happened, always the same for the same unknown name. */
export function inventDelivery(pool: Pool, name: string): CodeDeliveryDetails {
  const [first = 0, second = 0] = pool.disguiseOf('destination', name);
  const address = name.includes('@') ? name : `${letter(first)}@${letter(second)}`;
  return detailsOf('email', address);
}

/** How a destination is shown: masked. */
export function detailsOf(contact: Contact, destination: string): CodeDeliveryDetails {
  return contact === 'email'
    ? { AttributeName: contact, DeliveryMedium: 'EMAIL', Destination: maskEmail(destination) }
    : { AttributeName: contact, DeliveryMedium: 'SMS', Destination: maskPhoneNumber(destination) };
}

function maskEmail(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return `${address.charAt(0)}***@${domain.charAt(0)}***`;
}

function maskPhoneNumber(number: string): string {
  return `+${'*'.repeat(Math.max(number.length - 5, 0))}${number.slice(-4)}`;
}

function letter(byte: number): string {
  return String.fromCodePoint(0x61 + (byte % 26));
}
