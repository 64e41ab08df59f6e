import { Secret, TOTP } from 'otpauth';
import type { SoftwareToken } from '../state/users.js';
import { softwareTokenUsed } from '../wire/wire-error.js';

const SECRET_BYTES = 32;
const PERIOD_SECONDS = 30;
/** How many time steps the clock of an authenticator app may be off, each way. */
const WINDOW = 1;
const CODE = /^\d{6}$/;

/** Draws what an authenticator app and the pool share, in base32. */
export function createSharedSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32;
}

/**
 * The time step that a code belongs to (RFC 6238: 30 s, six digits, HMAC-SHA1); `undefined` for a wrong code.
 *
 * @param now milliseconds since the epoch
 */
export function stepOf(secret: string, code: string, now: number): number | undefined {
  if (!CODE.test(code)) return undefined;
  const shared = { secret: Secret.fromBase32(secret), period: PERIOD_SECONDS, digits: 6, algorithm: 'SHA1' };
  const delta = TOTP.validate({ ...shared, token: code, timestamp: now, window: WINDOW });
  return delta === null ? undefined : Math.floor(now / 1000 / PERIOD_SECONDS) + delta;
}

/**
 * The same token with the offered code used up; `undefined` for a wrong code.
 *
 * @throws WireError `ExpiredCodeException` for a right one that was used before, or is older than one that was
 */
export function withCodeUsed(token: SoftwareToken, code: string, now: number): SoftwareToken | undefined {
  const step = stepOf(token.secret, code, now);
  if (step === undefined) return undefined;
  if (isUsed(token.lastStep, step)) throw softwareTokenUsed();
  return { ...token, lastStep: step };
}

// A step far ahead was taken by a clock that has been set back since: it says nothing about the codes of today.
function isUsed(lastStep: number | undefined, step: number): boolean {
  return lastStep !== undefined && step <= lastStep && lastStep - step <= 2 * WINDOW;
}
