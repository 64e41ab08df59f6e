import { isUsablePublicValue } from '../srp-verifier.js';
import { invalidParameter } from '../wire/wire-error.js';

const LONGEST = 1024;

/** Reads SRP_A, of a user or of a device, and refuses one with which nothing would be proved. */
export function parsePublicValue(srpA: string): bigint {
  if (!/^[0-9a-f]+$/i.test(srpA) || srpA.length > LONGEST) throw invalidParameter('SRP_A is not a valid number.');
  const value = BigInt(`0x${srpA}`);
  if (!isUsablePublicValue(value)) throw invalidParameter('SRP_A must not be a multiple of N.');
  return value;
}
