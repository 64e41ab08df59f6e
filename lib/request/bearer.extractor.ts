import { CognitoError } from '../errors/cognito.error.js';
import type { CognitoRequest } from './request-of.js';
import type { ExtractedToken, TokenExtractor } from './token-extractor.js';

/**
 * Reads `Authorization: Bearer <token>` (RFC 6750 section 2.1): the scheme in any case, exactly one token behind it.
 *
 * Another scheme is no credential of this kind; the bare scheme is one that is missing.
 */
export class BearerExtractor implements TokenExtractor {
  extract({ headers }: CognitoRequest): ExtractedToken | undefined {
    const header = headers['authorization'];
    if (typeof header !== 'string') return undefined;
    const [scheme, token, ...rest] = header.trim().split(/ +/);
    if (scheme?.toLowerCase() !== 'bearer' || token === undefined) return undefined;
    if (rest.length > 0) throw new CognitoError('COGNITO_TOKEN_MALFORMED');
    return { token, from: 'bearer' };
  }
}
