import { CognitoError } from '../errors/cognito.error.js';

/** The headers of all tokens that a key signs are spelt alike, and pools have few keys. */
const MOST_REMEMBERED = 64;
/** Characters; Cognito's have about a hundred. */
const LONGEST_REMEMBERED = 512;

/** Reads the headers of tokens, each spelling once. */
export class TokenHeaders {
  readonly #kids = new Map<string, string>();

  /**
   * The id of the key that a token names.
   *
   * @throws {@link CognitoError} `COGNITO_TOKEN_MALFORMED`, `COGNITO_TOKEN_ALGORITHM_REFUSED`, `COGNITO_TOKEN_KEY_UNKNOWN`
   */
  kidOf(token: string): string {
    const written = token.slice(0, token.indexOf('.'));
    return this.#kids.get(written) ?? this.#read(written);
  }

  #read(written: string): string {
    const kid = acceptedKid(decoded(written));
    // What is remembered depends on the spelling alone, so it is no harm that anybody can have it forgotten.
    if (this.#kids.size >= MOST_REMEMBERED) this.#kids.clear();
    if (written.length <= LONGEST_REMEMBERED) this.#kids.set(Buffer.from(written).toString(), kid);
    return kid;
  }
}

function decoded(written: string): Readonly<Record<string, unknown>> {
  try {
    const header: unknown = JSON.parse(Buffer.from(written, 'base64url').toString());
    if (typeof header === 'object' && header !== null && !Array.isArray(header)) return { ...header };
  } catch {
    // No JSON is as bad as the wrong JSON.
  }
  throw new CognitoError('COGNITO_TOKEN_MALFORMED');
}

/**
 * Refuses every signature but plain RS256 before a key is looked for: no `none`, no HMAC under the public key, no `crit`
 * that would have to be understood (RFC 7515 section 4.1.11), no unencoded payload (RFC 7797).
 */
function acceptedKid(header: Readonly<Record<string, unknown>>): string {
  const { alg = '', kid = '' } = header;
  if (typeof alg !== 'string' || typeof kid !== 'string') throw new CognitoError('COGNITO_TOKEN_MALFORMED');
  if (alg !== 'RS256' || 'crit' in header || 'b64' in header) throw new CognitoError('COGNITO_TOKEN_ALGORITHM_REFUSED');
  if (kid === '') throw new CognitoError('COGNITO_TOKEN_KEY_UNKNOWN');
  return kid;
}
