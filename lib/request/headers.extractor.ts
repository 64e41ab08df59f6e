import type { CognitoRequest } from './cognito-request.js';
import { ownText } from './own-text.js';
import { type SentHeader, sentHeader } from './sent-header.js';
import { isToken } from './token-characters.js';
import type { ExtractedToken, TokenExtractor } from './token-extractor.js';

/** The headers that a {@link HeadersExtractor} reads, in any case. */
export interface HeadersExtractorOptions {
  /** Default `ACCESSTOKEN`. */
  readonly access?: string | undefined;
  /** Default `IDTOKEN`. */
  readonly id?: string | undefined;
}

/**
 * Reads access and id token from a header each. Both have to be good and of one sign-in; with one header alone the request
 * carries no credential of this kind.
 *
 * The principal is made of the token that the route wants (`tokenUse`), the access token where it takes either. A refresh token
 * is never read here: it does not belong on a request for anything but new tokens.
 */
export class HeadersExtractor implements TokenExtractor {
  readonly #access: string;
  readonly #id: string;

  /** @throws TypeError for names that no headers can have, or that are one name */
  constructor({ access = 'ACCESSTOKEN', id = 'IDTOKEN' }: HeadersExtractorOptions = {}) {
    if (!isToken(access) || !isToken(id)) throw new TypeError('The name of a header is a word.');
    this.#access = access.toLowerCase();
    this.#id = id.toLowerCase();
    if (this.#access === this.#id) throw new TypeError('Access and id token travel in a header each.');
  }

  extract(request: CognitoRequest): ExtractedToken | undefined {
    const access = sentHeader(request, this.#access);
    const id = sentHeader(request, this.#id);
    if (access === 'absent' || id === 'absent') return undefined;
    return { token: textOf(access), idToken: textOf(id), from: 'header' };
  }
}

/** The empty token is refused as malformed. */
function textOf(header: Exclude<SentHeader, 'absent'>): string {
  return header === 'ambiguous' ? '' : ownText(header.value.trim(), header.value);
}
