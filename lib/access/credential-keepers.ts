import type { CognitoRequest } from '../request/cognito-request.js';
import type { ExtractedToken } from '../request/token-extractor.js';

/** Who keeps a credential that is not written on the request itself: a port, which the session room fills. */
export interface CredentialKeeper {
  /**
   * Looks for the credential of a request; what it carries is judged by the verifier.
   *
   * @returns undefined when there is none
   * @throws an error of 503 when that cannot be said
   */
  credentialOf(request: CognitoRequest): Promise<ExtractedToken | undefined>;
}

/** The keepers of an application, asked in turn after the extractors have found nothing. */
export class CredentialKeepers {
  readonly #keepers: CredentialKeeper[] = [];

  /** Asks this one too, after those that are known already. */
  add(keeper: CredentialKeeper): void {
    this.#keepers.push(keeper);
  }

  /** What the first one has that has something. */
  async credentialOf(request: CognitoRequest): Promise<ExtractedToken | undefined> {
    for (const keeper of this.#keepers) {
      const found = await keeper.credentialOf(request);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
