const WINDOW_BITS = 5n;
const WINDOW_MASK = (1n << WINDOW_BITS) - 1n;

/**
 * Computes `base ^ exponent mod modulus` with BigInt alone, five bits of the exponent at a time.
 *
 * Five to six times slower than OpenSSL and not constant-time: it serves as the self-test's witness and as the way out
 * where OpenSSL refuses.
 */
export function bigIntPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const powers = smallPowers(base % modulus, modulus);
  let result = 1n;
  for (const window of windowsFromTheTop(exponent)) {
    for (let bit = 0n; bit < WINDOW_BITS; bit += 1n) result = (result * result) % modulus;
    result = (result * (powers[window] ?? 1n)) % modulus;
  }
  return result;
}

function smallPowers(base: bigint, modulus: bigint): bigint[] {
  const powers = [1n];
  for (let i = 1; i <= Number(WINDOW_MASK); i += 1) powers.push(((powers[i - 1] ?? 1n) * base) % modulus);
  return powers;
}

function windowsFromTheTop(exponent: bigint): number[] {
  const windows: number[] = [];
  for (let rest = exponent; rest > 0n; rest >>= WINDOW_BITS) windows.push(Number(rest & WINDOW_MASK));
  return windows.toReversed();
}
