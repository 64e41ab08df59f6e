import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import type { AppClient } from '../state/app-clients.js';
import type { SentCode, SignInAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { Contact, User } from '../state/users.js';
import { deliver, type CodeDeliveryDetails } from './code-delivery.js';

// A code that stands in for the password is longer than one that comes on top of it.
const DIGITS = { 'first-factor': 8, 'second-factor': 6, 'set-up': 6 } as const satisfies Record<SentCode['as'], number>;

/** Who is to get a code, within which sign-in. */
export interface SignInCodeRequest {
  readonly client: AppClient;
  readonly user: User;
  readonly contact: Contact;
  /** Default: the user's own address of that kind. */
  readonly destination?: string | undefined;
  readonly as: SentCode['as'];
  readonly attempt: SignInAttempt;
}

/** A code that is on its way: what is kept, and what the challenge tells of it. */
export interface SignInCode {
  readonly memory: SentCode;
  readonly parameters: DeliveryParameters;
}

/** How a challenge tells where its code went. */
export type DeliveryParameters = Readonly<
  Record<'CODE_DELIVERY_DELIVERY_MEDIUM' | 'CODE_DELIVERY_DESTINATION', string>
>;

/** Sends a code that is good for one waiting sign-in; `undefined` when the user has no such contact. */
export async function sendSignInCode(pool: Pool, request: SignInCodeRequest): Promise<SignInCode | undefined> {
  const { client, user, contact, destination = user.attributes[contact], as, attempt } = request;
  if (destination === undefined) return undefined;
  const address = { contact, destination };
  const code = drawCode(as);
  const { clientId } = client;
  const { clientMetadata } = attempt;
  const delivery = await deliver(pool, { user, address, purpose: 'Authentication', clientId, clientMetadata }, code);
  return { memory: { digest: digestOf(code), contact, destination, as }, parameters: deliveryParameters(delivery) };
}

/** What is kept of a code that nobody was sent. */
export function unsentCode(contact: Contact, as: SentCode['as']): SentCode {
  return { digest: digestOf(drawCode(as)), contact, destination: undefined, as };
}

/** What a challenge tells of a delivery. */
export function deliveryParameters(delivery: CodeDeliveryDetails): DeliveryParameters {
  return {
    CODE_DELIVERY_DELIVERY_MEDIUM: delivery.DeliveryMedium,
    CODE_DELIVERY_DESTINATION: delivery.Destination,
  };
}

/** Whether this is the code that was sent. */
export function isSentCode({ digest }: SentCode, offered: string): boolean {
  return timingSafeEqual(digest, digestOf(offered));
}

/** Notes that a code reached its user: the address it went to is theirs, unless it was changed in the meantime. */
export function verifyContact(pool: Pool, user: User, { contact, destination }: SentCode): void {
  if (destination === undefined || user.attributes[contact] !== destination) return;
  if (user.attributes[`${contact}_verified`] === 'true') return;
  if (isAliasOfAnother(pool, user, contact, destination)) return;
  user.attributes = { ...user.attributes, [`${contact}_verified`]: 'true' };
  user.modifiedAt = pool.clock.now();
}

// As an alias an address belongs to whoever verified it first, also where two people read its messages.
function isAliasOfAnother(pool: Pool, user: User, contact: Contact, destination: string): boolean {
  return (
    pool.settings.aliasAttributes.includes(contact) && pool.users.ownerOf(contact, destination, user) !== undefined
  );
}

function drawCode(as: SentCode['as']): string {
  const digits = DIGITS[as];
  return String(randomInt(10 ** digits)).padStart(digits, '0');
}

function digestOf(code: string): Buffer {
  return createHash('sha256').update(code, 'utf8').digest();
}
