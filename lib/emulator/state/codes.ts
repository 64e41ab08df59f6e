import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import type { EmulatorClock } from './clock.js';
import type { Contact } from './users.js';

export const CODE_PURPOSES = ['confirmation', 'passwordReset', 'emailVerification', 'phoneVerification'] as const;

/** What a code is good for; a code of one kind never opens another door. */
export type CodePurpose = (typeof CODE_PURPOSES)[number];

/** An address of a user. */
export interface Address {
  readonly contact: Contact;
  readonly destination: string;
}

/** A code that is out; what is kept of it is its SHA-256. */
export interface Code extends Address {
  readonly purpose: CodePurpose;
  /** The internal user name of whom it was sent to. */
  readonly username: string;
  readonly digest: Buffer;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The outcome of offering a code; a right one tells where it was sent, and so what it proves. */
export type CodeCheck = { state: 'right'; address: Address } | { state: 'wrong' | 'expired' };

const DIGITS = 6;
const HOUR = 60 * 60 * 1000;
const LIFETIME: Record<CodePurpose, number> = {
  confirmation: 24 * HOUR,
  passwordReset: HOUR,
  emailVerification: 24 * HOUR,
  phoneVerification: 24 * HOUR,
};

/** The codes that are out: one for each user and purpose, the newest replacing the one before. */
export class Codes {
  private readonly codes = new Map<string, Code>();

  constructor(private readonly clock: EmulatorClock) {}

  /** @returns the six digits, to be sent to the address */
  issue(purpose: CodePurpose, username: string, { contact, destination }: Address): string {
    const code = String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0');
    const expiresAt = this.clock.now() + LIFETIME[purpose];
    this.add({ purpose, username, digest: digestOf(code), contact, destination, expiresAt });
    return code;
  }

  add(code: Code): void {
    this.codes.set(keyOf(code.purpose, code.username), code);
  }

  /** All that are out, expired or not. */
  all(): Code[] {
    return [...this.codes.values()];
  }

  check(purpose: CodePurpose, username: string, offered: string): CodeCheck {
    const code = this.codes.get(keyOf(purpose, username));
    if (!code || code.expiresAt <= this.clock.now()) return { state: 'expired' };
    if (!timingSafeEqual(code.digest, digestOf(offered))) return { state: 'wrong' };
    return { state: 'right', address: { contact: code.contact, destination: code.destination } };
  }

  discard(purpose: CodePurpose, username: string): void {
    this.codes.delete(keyOf(purpose, username));
  }

  /** Takes back every code of a user. */
  discardAll(username: string): void {
    for (const purpose of CODE_PURPOSES) this.discard(purpose, username);
  }
}

function keyOf(purpose: CodePurpose, username: string): string {
  return `${purpose}:${username}`;
}

function digestOf(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}
