import type { CognitoRequest } from './request-of.js';

/** A credential as it was found on a request. */
export interface ExtractedToken {
  /** The JWT, not yet verified. */
  readonly token: string;
  /** Where it was found; what a browser sends by itself (a cookie) needs more care than what a script has to add. */
  readonly from: 'bearer' | 'cookie' | 'header' | 'other';
}

/** Finds a token on a request. Write one of your own for a credential that travels in another way. */
export interface TokenExtractor {
  /**
   * Reads the credential of a request; what it carries is judged by the verifier.
   *
   * @returns undefined when the request carries no credential of this kind
   */
  extract(request: CognitoRequest): ExtractedToken | undefined;
}
