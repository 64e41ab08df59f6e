import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { N, g } from '../srp/group.js';
import { modularPower } from '../srp/modular-power.js';
import { pad } from '../srp/pad.js';

/** What a pool keeps instead of a password. */
export interface PasswordVerifier {
  readonly salt: bigint;
  readonly verifier: bigint;
}

/** The server's half of one key agreement: `publicValue` is SRP_B. */
export interface ServerEphemeral {
  readonly secret: bigint;
  readonly publicValue: bigint;
}

/** Everything that a PASSWORD_CLAIM_SIGNATURE is computed over. */
export interface PasswordClaim {
  /** Pool name and user id, one after the other (for a device: its group key and its key). */
  readonly identity: string;
  readonly secretBlock: Buffer;
  readonly timestamp: string;
}

const KEY_DERIVATION_INFO = Buffer.concat([Buffer.from('Caldera Derived Key', 'utf8'), Buffer.of(1)]);
const SECRET_BYTES = 32;
const SALT_BYTES = 16;

const multiplier = integerOf(sha256(pad(N), pad(g)));

/** Makes the verifier of a password: `g^x mod N` with `x = H(PAD(salt) | H(identity ":" password))`. */
export function createPasswordVerifier(
  identity: string,
  password: string,
  salt: bigint = drawSalt(),
): PasswordVerifier {
  return { salt, verifier: modularPower(g, exponentOf(identity, password, salt)) };
}

/**
 * Makes the same verifier when it is first asked for, and then once: the power takes half a millisecond.
 *
 * Until then `x` is kept, as secret as the password itself: it is for passwords that are at hand in the clear anyway.
 */
export function deferPasswordVerifier(identity: string, password: string, salt: bigint = drawSalt()): PasswordVerifier {
  let exponent = exponentOf(identity, password, salt);
  let verifier: bigint | undefined;
  return {
    salt,
    get verifier() {
      verifier ??= modularPower(g, exponent);
      exponent = 0n;
      return verifier;
    },
  };
}

/** Whether a password sent in the clear (USER_PASSWORD_AUTH) is the one behind a verifier. */
export function isPasswordOf(identity: string, password: string, stored: PasswordVerifier): boolean {
  const offered = createPasswordVerifier(identity, password, stored.salt).verifier;
  return timingSafeEqual(sha256(pad(offered)), sha256(pad(stored.verifier)));
}

/** Whether SRP_A may be used at all: a multiple of N makes the shared secret 0, which needs no password to know. */
export function isUsablePublicValue(clientPublicValue: bigint): boolean {
  return clientPublicValue > 0n && clientPublicValue % N !== 0n;
}

/** Draws the server's half: `B = (k*v + g^b) mod N`. */
export function createServerEphemeral(
  verifier: bigint,
  secret: bigint = integerOf(randomBytes(SECRET_BYTES)),
): ServerEphemeral {
  const publicValue = (multiplier * verifier + modularPower(g, secret)) % N;
  return publicValue === 0n ? createServerEphemeral(verifier) : { secret, publicValue };
}

/** `u = H(PAD(A) | PAD(B))` */
export function scramblerOf(clientPublicValue: bigint, serverPublicValue: bigint): bigint {
  return integerOf(sha256(pad(clientPublicValue), pad(serverPublicValue)));
}

/** `S = (A * v^u)^b mod N`, the server's way to the secret that both sides share. */
export function sharedSecretOf(
  clientPublicValue: bigint,
  { secret, publicValue }: ServerEphemeral,
  verifier: bigint,
): bigint {
  const scrambler = scramblerOf(clientPublicValue, publicValue);
  return modularPower((clientPublicValue * modularPower(verifier, scrambler)) % N, secret);
}

/** HKDF-SHA256 of the shared secret, salted with `u`, cut to 16 bytes. */
export function proofKeyOf(scrambler: bigint, sharedSecret: bigint): Buffer {
  const pseudoRandomKey = hmac(pad(scrambler), pad(sharedSecret));
  return hmac(pseudoRandomKey, KEY_DERIVATION_INFO).subarray(0, 16);
}

/** The bytes that PASSWORD_CLAIM_SIGNATURE must carry. */
export function signatureOf(proofKey: Buffer, { identity, secretBlock, timestamp }: PasswordClaim): Buffer {
  return hmac(proofKey, Buffer.from(identity, 'utf8'), secretBlock, Buffer.from(timestamp, 'utf8'));
}

/** Whether a client's signature proves that it knows the password behind the verifier. */
export function provesPassword(
  clientPublicValue: bigint,
  ephemeral: ServerEphemeral,
  verifier: bigint,
  claim: PasswordClaim,
  signature: Buffer,
): boolean {
  if (!isUsablePublicValue(clientPublicValue)) return false;
  const sharedSecret = sharedSecretOf(clientPublicValue, ephemeral, verifier);
  const proofKey = proofKeyOf(scramblerOf(clientPublicValue, ephemeral.publicValue), sharedSecret);
  const expected = signatureOf(proofKey, claim);
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}

function exponentOf(identity: string, password: string, salt: bigint): bigint {
  return integerOf(sha256(pad(salt), sha256(Buffer.from(`${identity}:${password}`, 'utf8'))));
}

function drawSalt(): bigint {
  return integerOf(randomBytes(SALT_BYTES));
}

function sha256(...parts: Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function hmac(key: Buffer, ...parts: Buffer[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

function integerOf(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}
