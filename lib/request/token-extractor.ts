import type { CognitoRequest } from './request-of.js';

/** Where a credential travels: what a browser sends by itself (a cookie) needs more care than what a script has to add. */
export type CredentialSource = 'bearer' | 'cookie' | 'header' | 'other';

/** A credential as it was found on a request. */
export interface ExtractedToken {
  /** The JWT, not yet verified. With `idToken` beside it, the access token. */
  readonly token: string;
  /** The id token of the same sign-in: then both have to be good and belong together, or the request is refused. */
  readonly idToken?: string | undefined;
  /** Where it was found. */
  readonly from: CredentialSource;
}

/** Finds a token on a request. Write one of your own for a credential that travels in another way. */
export interface TokenExtractor {
  /**
   * Reads the credential of a request; what it carries is judged by the verifier. A token that is good is remembered: cut out of a
   * long text it keeps all of that in memory, so hand out a copy then.
   *
   * @returns undefined when the request carries no credential of this kind
   */
  extract(request: CognitoRequest): ExtractedToken | undefined;
}
