import type { CognitoRequest } from './cognito-request.js';
import { ownText } from './own-text.js';
import { sentHeader } from './sent-header.js';
import { isToken } from './token-characters.js';
import type { ExtractedToken, TokenExtractor } from './token-extractor.js';

/** What a {@link BearerExtractor} may be told. */
export interface BearerExtractorOptions {
  /** The schemes that announce a token, in any case. Default `['Bearer']`. */
  readonly schemes?: readonly string[] | undefined;
}

/**
 * Reads `Authorization: Bearer <token>` (RFC 6750 section 2.1), the scheme in any case.
 *
 * Another scheme is no credential of this kind; the bare scheme is one that is missing. Everything behind the scheme is the
 * token, so that a second one makes it malformed instead of being overlooked. Two `Authorization` headers are refused.
 */
export class BearerExtractor implements TokenExtractor {
  readonly #schemes: ReadonlySet<string>;

  /** @throws TypeError for a scheme that cannot stand in a header */
  constructor({ schemes = ['Bearer'] }: BearerExtractorOptions = {}) {
    if (schemes.length === 0 || !schemes.every(isToken)) throw new TypeError('A scheme is a word, such as Bearer.');
    this.#schemes = new Set(schemes.map((scheme) => scheme.toLowerCase()));
  }

  extract(request: CognitoRequest): ExtractedToken | undefined {
    const header = sentHeader(request, 'authorization');
    if (header === 'absent') return undefined;
    // The empty token is refused as malformed, also where a token is optional.
    if (header === 'ambiguous') return { token: '', from: 'bearer' };
    const credentials = header.value.trim();
    const space = credentials.indexOf(' ');
    if (space < 0 || !this.#schemes.has(credentials.slice(0, space).toLowerCase())) return undefined;
    let start = space;
    while (credentials[start] === ' ') start += 1;
    return { token: ownText(credentials.slice(start), header.value), from: 'bearer' };
  }
}
