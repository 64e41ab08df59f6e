import crypto from 'node:crypto';
import { g, N } from './group.js';
import { modularPower } from './modular-power.js';
import { pad } from './pad.js';
import { SrpError } from './srp-error.js';

/**
 * Whose secret is proved: for a user the pool's name (the pool id after its first underscore) and the user id for SRP;
 * for a device the device group key and the device key.
 */
export interface SrpIdentity {
  readonly scope: string;
  readonly name: string;
}

/** A client's one-time key pair. */
export interface Ephemeral {
  readonly a: bigint;
  readonly A: bigint;
}

/** 256 bits, the least that RFC 5054 section 3.1 asks for; more would only make the powers slower. */
const EPHEMERAL_BYTES = 32;
const CLAIM_KEY_BYTES = 16;

/** The multiplier of SRP-6a, `H(PAD(N) | PAD(g))`. */
export const k = toInteger(sha256(pad(N), pad(g)));

/** Draws a fresh key pair; one whose public value would be zero is drawn again. */
export function createEphemeral(): Ephemeral {
  const a = toInteger(crypto.randomBytes(EPHEMERAL_BYTES));
  const A = modularPower(g, a);
  return a === 0n || A % N === 0n ? createEphemeral() : { a, A };
}

/** The scrambling parameter `u = H(PAD(A) | PAD(B))`. Throws {@link SrpError} when it is zero. */
export function scrambler(A: bigint, B: bigint): bigint {
  const u = toInteger(sha256(pad(A), pad(B)));
  if (u === 0n) throw new SrpError('scrambler-is-zero');
  return u;
}

/** The private key `x = H(PAD(salt) | H(scope | name | ":" | password))`; text is UTF-8, never normalised or trimmed. */
export function privateKey(identity: SrpIdentity, password: string, salt: bigint): bigint {
  const inner = sha256(Buffer.from(`${identity.scope}${identity.name}:${password}`, 'utf8'));
  return toInteger(sha256(pad(salt), inner));
}

/** The client's side of the shared secret, `S = (B - k * g^x) ^ (a + u * x) mod N`. */
export function sharedSecret(a: bigint, B: bigint, u: bigint, x: bigint): bigint {
  return modularPower(B - k * modularPower(g, x), a + u * x);
}

/** The key of the claim's signature: HKDF-SHA256 (RFC 5869) over PAD(S), salted with PAD(u), 16 bytes. */
export function claimKey(S: bigint, u: bigint): Buffer {
  return Buffer.from(crypto.hkdfSync('sha256', pad(S), pad(u), 'Caldera Derived Key', CLAIM_KEY_BYTES));
}

/** Refuses a public value that is a multiple of N: the secret would be zero whatever the password. */
export function assertPublicValue(value: bigint): void {
  if (value % N === 0n) throw new SrpError('public-value-is-zero');
}

function sha256(...parts: Buffer[]): Buffer {
  const hash = crypto.createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function toInteger(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}
