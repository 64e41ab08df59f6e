import { CognitoError } from '../errors/cognito.error.js';

/** Real tokens have one to three kilobytes; Node's own limit for all headers together is 16. */
const MAX_LENGTH = 16 * 1024;

/** What a part may end with, by its length over a multiple of four; one character more says nothing. */
const LAST_CHARACTERS: readonly (string | undefined)[] = [undefined, '', 'AQgw', 'AEIMQUYcgkosw048'];

/** Refuses what is no text, or a longer one than any token, before it is looked for among the tokens that are known. */
export function assertTokenSize(token: unknown): void {
  // A cookie that is missing is no text at all.
  if (typeof token !== 'string' || token.length > MAX_LENGTH) throw new CognitoError('COGNITO_TOKEN_MALFORMED');
}

/**
 * Refuses what the library underneath would let pass as a token: padding (RFC 7515 section 2), and parts that can be spelt in
 * another way. That there are three of them, in base64url, is seen there.
 */
export function assertTokenShape(token: string): void {
  assertTokenSize(token);
  const [first, second] = [token.indexOf('.'), token.lastIndexOf('.')];
  const isCanonical = endsWell(token, 0, first) && endsWell(token, first + 1, second) && endsWell(token, second + 1);
  if (!isCanonical || token.includes('=')) throw new CognitoError('COGNITO_TOKEN_MALFORMED');
}

/** Whether the unused bits of a part are zero (RFC 4648 section 3.5), so that one token has one spelling. */
function endsWell(token: string, start: number, end: number = token.length): boolean {
  const allowed = LAST_CHARACTERS[(end - start) % 4];
  return allowed === undefined || allowed.includes(token.charAt(end - 1));
}

/** The last second that a Date can hold; beyond it comparing and printing times goes wrong. */
const LAST_SECOND = 8_640_000_000_000;

/** Refuses times that are no times before anything is computed with them. */
export function assertTokenTimes(payload: Readonly<Record<string, unknown>>): void {
  for (const claim of ['exp', 'nbf', 'iat'] as const) {
    const time = payload[claim];
    if (typeof time === 'number' && Math.abs(time) > LAST_SECOND)
      throw new CognitoError('COGNITO_TOKEN_CLAIMS_INVALID');
  }
}
