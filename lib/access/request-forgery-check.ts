import { CognitoError } from '../errors/cognito.error.js';
import { type HttpRequest, mayChangeSomething } from '../request/http-request.js';
import { pageOriginOf } from './page-origin.js';

/** Who tells the application's own pages from others by a proof that they carry: a port, which the session room fills. */
export interface ForgeryProof {
  /** @throws `COGNITO_CSRF_REFUSED` for a request without the proof, or with one that was given to another browser */
  assertProven(request: HttpRequest): Promise<void>;
}

/**
 * Refuses requests that a foreign page made a browser send. A browser sends its cookies with those, too, so whatever changes
 * something and is let in by a cookie is asked here, on every route.
 *
 * The page has to be one of the application's own by `Sec-Fetch-Site` and `Origin`; with `CognitoSessionModule` the request
 * carries a CSRF token, too. Without that module a request that names no page is refused.
 */
export class RequestForgeryCheck {
  #proof: ForgeryProof | undefined;

  /** @param allowedOrigins origins, besides the application's own, whose pages may send requests */
  constructor(private readonly allowedOrigins: readonly string[] = []) {}

  /** Asks for this proof from now on. */
  demand(proof: ForgeryProof): void {
    this.#proof = proof;
  }

  /**
   * Lets a request pass that changes nothing, or that a page of the application's own sent.
   *
   * @throws {@link CognitoError} `COGNITO_CSRF_REFUSED` (403)
   */
  async assertOwn(request: HttpRequest): Promise<void> {
    if (!mayChangeSomething(request)) return;
    const page = pageOriginOf(request, this.allowedOrigins);
    if (page === 'foreign') throw refused('It comes from a page of another origin; see `allowedOrigins`.');
    if (this.#proof !== undefined) return this.#proof.assertProven(request);
    if (page === 'unknown') throw refused('It has neither Sec-Fetch-Site nor Origin, and so may come from any page.');
  }
}

function refused(reason: string): CognitoError {
  return new CognitoError('COGNITO_CSRF_REFUSED', { detail: `The request would count by its cookies. ${reason}` });
}
