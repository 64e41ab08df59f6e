import { CognitoError } from '../errors/cognito.error.js';

/** Real tokens have one to three kilobytes; Node's own limit for all headers together is 16. */
const MAX_LENGTH = 16 * 1024;

/**
 * Base64url without padding or white space (RFC 7515 section 2), whose unused bits are zero (RFC 4648 section 3.5): one token has
 * one spelling. The library underneath is more lenient.
 */
const BASE64URL = String.raw`(?=[\w-])(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?`;
const COMPACT_JWS = new RegExp(String.raw`^${BASE64URL}\.${BASE64URL}\.${BASE64URL}$`);

/** Refuses what cannot be a token before anything is decoded. */
export function assertTokenShape(token: unknown): void {
  // A cookie that is missing has no shape at all.
  if (typeof token !== 'string' || token.length > MAX_LENGTH || !COMPACT_JWS.test(token))
    throw new CognitoError('COGNITO_TOKEN_MALFORMED');
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

/**
 * Refuses every signature but plain RS256 before a key is looked for: no `none`, no HMAC under the public key, no `crit`
 * that would have to be understood (RFC 7515 section 4.1.11), no unencoded payload (RFC 7797).
 */
export function assertTokenHeader(header: Readonly<Record<string, unknown>>): { kid: string } {
  if (header['alg'] !== 'RS256' || 'crit' in header || 'b64' in header) {
    throw new CognitoError('COGNITO_TOKEN_ALGORITHM_REFUSED');
  }
  if (typeof header['kid'] !== 'string' || header['kid'] === '') throw new CognitoError('COGNITO_TOKEN_KEY_UNKNOWN');
  return { kid: header['kid'] };
}
