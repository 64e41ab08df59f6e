/**
 * Encodes a non-negative integer as the shortest big-endian two's complement number.
 *
 * This is the one encoding that Cognito hashes: no fixed width, no leading zeros, but a zero byte in front of a first byte
 * of 80 or more, so that the number does not read as negative (RFC 5054 pads to the length of N; Cognito does not).
 *
 * @param integer not negative; zero becomes one zero byte
 */
export function pad(integer: bigint): Buffer {
  const digits = integer.toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return Buffer.from(startsWithHighBit(even) ? `00${even}` : even, 'hex');
}

function startsWithHighBit(evenDigits: string): boolean {
  return evenDigits[0] !== undefined && evenDigits[0] >= '8';
}
