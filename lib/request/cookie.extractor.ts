import type { CognitoRequest } from './cognito-request.js';
import { ownText } from './own-text.js';
import { isToken } from './token-characters.js';
import type { ExtractedToken, TokenExtractor } from './token-extractor.js';

/** What a {@link CookieExtractor} has to be told. */
export interface CookieExtractorOptions {
  /** The cookie's name, in this very case. A name that starts with `__Host-` cannot be set by a sibling domain. */
  readonly name: string;
}

/**
 * Reads a token from a cookie. A browser sends it by itself, whichever page the request comes from: protect what changes
 * something against cross-site requests.
 *
 * A cookie that is sent twice is refused, for a sibling domain can plant a second one.
 */
export class CookieExtractor implements TokenExtractor {
  readonly #name: string;

  /** @throws TypeError for a name that no cookie can have */
  constructor({ name }: CookieExtractorOptions) {
    if (!isToken(name)) throw new TypeError('The name of a cookie is a word.');
    this.#name = name;
  }

  extract({ headers }: CognitoRequest): ExtractedToken | undefined {
    const sent = headers['cookie'];
    const header = Array.isArray(sent) ? sent.join(';') : (sent ?? '');
    const values = valuesOf(this.#name, header);
    if (values.length === 0) return undefined;
    const [token = ''] = values;
    return { token: values.length === 1 ? ownText(token, header) : '', from: 'cookie' };
  }
}

/** The values under a name, as they are: nothing of a JWT needs quotes or escapes, so nothing is taken off or decoded. */
function valuesOf(name: string, header: string): string[] {
  const pairs = header.split(';').map((pair) => pair.trim());
  return pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
}
