import type { CognitoRequest } from './cognito-request.js';
import type { ExtractedToken, TokenExtractor } from './token-extractor.js';

/**
 * Asks extractors in turn; the first that finds something decides, be it good or bad. The option `extractors` does the same
 * with its list: this one is for where a single extractor is wanted.
 */
export class FirstOfExtractor implements TokenExtractor {
  readonly #extractors: readonly TokenExtractor[];

  constructor(extractors: readonly TokenExtractor[]) {
    this.#extractors = [...extractors];
  }

  extract(request: CognitoRequest): ExtractedToken | undefined {
    for (const extractor of this.#extractors) {
      const found = extractor.extract(request);
      if (found) return found;
    }
    return undefined;
  }
}
