import crypto from 'node:crypto';
import { bigIntPower } from './bigint-power.js';
import { MODULUS_BYTES, N } from './group.js';

/**
 * Computes `base ^ exponent mod N`.
 *
 * The work runs on OpenSSL: encrypting with the raw RSA primitive under the public key (N, exponent) *is* a modular power.
 * A self-test at first use, and any later throw, fall back to BigInt. Neither way is constant-time.
 *
 * @param base any integer, negative ones included; reduced mod N
 * @param exponent not negative; of any length
 */
export function modularPower(base: bigint, exponent: bigint): bigint {
  const reducedBase = ((base % N) + N) % N;
  // N is prime, so exponents count mod N-1 for every base but zero; OpenSSL refuses an exponent of N or more.
  if (reducedBase === 0n) return exponent === 0n ? 1n : 0n;
  const reducedExponent = exponent % (N - 1n);
  if (reducedExponent === 0n) return 1n;
  return opensslIsTrustworthy()
    ? opensslOrBigInt(reducedBase, reducedExponent)
    : bigIntPower(reducedBase, reducedExponent, N);
}

let selfTestVerdict: boolean | undefined;

/** Compares OpenSSL with BigInt once per process, on the two shapes of exponent that could be mishandled. */
function opensslIsTrustworthy(): boolean {
  selfTestVerdict ??= [513, 1025].every((bits) => agrees(randomInteger(3000), evenExponent(bits)));
  return selfTestVerdict;
}

function agrees(base: bigint, exponent: bigint): boolean {
  try {
    return opensslPower(base, exponent) === bigIntPower(base, exponent, N);
  } catch {
    return false;
  }
}

function evenExponent(bits: number): bigint {
  return ((1n << BigInt(bits - 1)) | randomInteger(bits - 1)) & ~1n;
}

function randomInteger(bits: number): bigint {
  return BigInt(`0x${crypto.randomBytes(Math.floor(bits / 8)).toString('hex')}`);
}

function opensslOrBigInt(base: bigint, exponent: bigint): bigint {
  try {
    return opensslPower(base, exponent);
  } catch {
    return bigIntPower(base, exponent, N);
  }
}

const modulusAsBase64Url = bytesOf(N, MODULUS_BYTES).toString('base64url');

function opensslPower(base: bigint, exponent: bigint): bigint {
  const e = bytesOf(exponent).toString('base64url');
  const key = crypto.createPublicKey({ key: { kty: 'RSA', n: modulusAsBase64Url, e }, format: 'jwk' });
  const power = crypto.publicEncrypt(
    { key, padding: crypto.constants.RSA_NO_PADDING },
    // The raw primitive takes exactly one block; a shorter input is an error, not a number.
    bytesOf(base, MODULUS_BYTES),
  );
  return BigInt(`0x${power.toString('hex')}`);
}

function bytesOf(integer: bigint, length?: number): Buffer {
  const digits = integer.toString(16);
  const width = length === undefined ? digits.length + (digits.length % 2) : length * 2;
  return Buffer.from(digits.padStart(width, '0'), 'hex');
}
