import { z } from 'zod';
import type { Address } from '../state/codes.js';
import type { MessagePurpose } from '../state/inbox.js';
import { isEmail, isPhoneNumber } from '../state/attribute-names.js';
import type { Pool } from '../state/pool.js';
import { CONTACTS, type Contact, type User } from '../state/users.js';
import { invalidLambdaResponse } from '../wire/wire-error.js';
import { NO_CLIENT } from './administration.js';
import { eventAttributes } from './event-attributes.js';
import { runTrigger } from './run-trigger.js';

/** Where a code went, as far as a client is told. */
export interface CodeDeliveryDetails {
  readonly AttributeName: Contact;
  readonly DeliveryMedium: 'EMAIL' | 'SMS';
  readonly Destination: string;
}

/** Whom a message goes to, and why. */
export interface MessageRequest {
  readonly user: User;
  readonly address: Address;
  readonly purpose: MessagePurpose;
  /** The client that asks for it; absent when an administrator does. */
  readonly clientId?: string | undefined;
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
}

/** A message that lacks nothing but its code. */
export interface PreparedMessage extends MessageRequest {
  readonly wording: Wording;
}

const wordingSchema = z
  .object({ emailSubject: z.string().nullish(), emailMessage: z.string().nullish(), smsMessage: z.string().nullish() })
  .nullish();

type Wording = NonNullable<z.infer<typeof wordingSchema>>;

const CODE_PARAMETER = '{####}';
const USERNAME_PARAMETER = '{username}';

/** The user's address of a kind; `undefined` when there is none. */
export function addressOf(user: User, contact: Contact): Address | undefined {
  const destination = user.attributes[contact];
  return destination === undefined ? undefined : { contact, destination };
}

/** The address that the pool verifies; `undefined` when the user has none such. */
export function autoVerifiedAddress(pool: Pool, user: User): Address | undefined {
  const contact = CONTACTS.find(
    (name) => pool.settings.autoVerifiedAttributes.includes(name) && user.attributes[name] !== undefined,
  );
  return contact && addressOf(user, contact);
}

/**
 * Asks the CustomMessage trigger how a message shall read. It may refuse, so this comes before anything is changed; then
 * {@link post} sends the message.
 *
 * @throws WireError `UserLambdaValidationException` when it refuses, `InvalidLambdaResponseException` for anything but words
 */
export async function prepareMessage(pool: Pool, request: MessageRequest): Promise<PreparedMessage> {
  const { user, purpose, clientId = NO_CLIENT, clientMetadata } = request;
  const response: unknown = await runTrigger(pool, 'customMessage', {
    source: `CustomMessage_${purpose}`,
    clientId,
    username: user.username,
    request: {
      userAttributes: eventAttributes(user),
      codeParameter: CODE_PARAMETER,
      ...(purpose === 'AdminCreateUser' && { usernameParameter: USERNAME_PARAMETER }),
      clientMetadata,
    },
  });
  const wording = wordingSchema.safeParse(response);
  if (!wording.success) throw invalidLambdaResponse();
  return { ...request, wording: wording.data ?? {} };
}

/** Puts a prepared message into the inbox. @returns what a client is told about it */
export function post(
  pool: Pool,
  { user, address, purpose, wording }: PreparedMessage,
  code: string,
): CodeDeliveryDetails {
  const details = detailsOf(address);
  const { username } = user;
  const text = details.DeliveryMedium === 'EMAIL' ? wording.emailMessage : wording.smsMessage;
  const written = text?.replaceAll(CODE_PARAMETER, code).replaceAll(USERNAME_PARAMETER, username);
  pool.inbox.deliver({
    destination: address.destination,
    medium: details.DeliveryMedium,
    username,
    purpose,
    code,
    ...(details.DeliveryMedium === 'EMAIL' &&
      typeof wording.emailSubject === 'string' && { subject: wording.emailSubject }),
    ...(written !== undefined && { text: written }),
    sentAt: new Date(pool.clock.now()),
  });
  return details;
}

/** Prepares and sends a message at once. @returns what a client is told about it */
export async function deliver(pool: Pool, request: MessageRequest, code: string): Promise<CodeDeliveryDetails> {
  return post(pool, await prepareMessage(pool, request), code);
}

/**
 * The details of a delivery that never happened, always the same for the same unknown name.
 *
 * @param contacts where a user who exists could have been reached
 */
export function inventDelivery(pool: Pool, name: string, contacts: readonly Contact[]): CodeDeliveryDetails {
  const canonical = pool.users.canonical(name);
  const [first = 0, second = 0, ...digits] = pool.disguiseOf('destination', canonical);
  const contact = contactFor(name, contacts) ?? (contacts.includes('email') ? 'email' : 'phone_number');
  if (contactFor(name, [contact])) return detailsOf({ contact, destination: canonical });
  const number = digits.slice(0, 11).map((byte) => byte % 10);
  return detailsOf({
    contact,
    destination: contact === 'email' ? `${letter(first)}@${letter(second)}` : `+${number.join('')}`,
  });
}

// Whoever is named by an address is reached there, if the pool uses addresses of that kind.
function contactFor(name: string, contacts: readonly Contact[]): Contact | undefined {
  const looksLike = isEmail(name) ? 'email' : isPhoneNumber(name) ? 'phone_number' : undefined;
  return looksLike && contacts.includes(looksLike) ? looksLike : undefined;
}

/** How a destination is shown: masked. */
export function detailsOf({ contact, destination }: Address): CodeDeliveryDetails {
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
