import type { CognitoRequest } from './request-of.js';
import type { ExtractedToken, TokenExtractor } from './token-extractor.js';

/**
 * Reads `Authorization: Bearer <token>` (RFC 6750 section 2.1), the scheme in any case.
 *
 * Another scheme is no credential of this kind; the bare scheme is one that is missing. Everything behind the scheme is the
 * token, so that a second one makes it malformed instead of being overlooked.
 */
export class BearerExtractor implements TokenExtractor {
  extract({ headers }: CognitoRequest): ExtractedToken | undefined {
    const header = headers['authorization'];
    if (typeof header !== 'string') return undefined;
    const token = /^bearer +(.+)$/i.exec(header.trim())?.[1];
    return token === undefined ? undefined : { token, from: 'bearer' };
  }
}
