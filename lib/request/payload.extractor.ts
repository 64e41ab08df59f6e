import type { CognitoRequest } from './cognito-request.js';
import { RpcRequest } from './rpc-request.js';
import type { ExtractedToken, TokenExtractor } from './token-extractor.js';

/**
 * Reads the token from the data of a message of another service, for transports that carry nothing beside it; `accessToken`
 * in `{ accessToken: '…', id: 7 }`. Finds nothing in an HTTP request.
 */
export class PayloadExtractor implements TokenExtractor {
  readonly #property: string;

  /** @param options `property`: the name under which senders put the token */
  constructor({ property }: { readonly property: string }) {
    this.#property = property;
  }

  extract(request: CognitoRequest): ExtractedToken | undefined {
    const payload = request instanceof RpcRequest ? request.payload : undefined;
    if (typeof payload !== 'object' || payload === null || !Object.hasOwn(payload, this.#property)) return undefined;
    const token = (payload as Readonly<Record<string, unknown>>)[this.#property];
    return typeof token === 'string' ? { token, from: 'other' } : undefined;
  }
}
