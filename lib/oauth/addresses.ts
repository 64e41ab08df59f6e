import { CognitoError } from '../errors/cognito.error.js';
import type { CognitoRequest } from '../request/request-of.js';

/** The address as it came: `originalUrl` on Express, where `url` may be cut by a mount; `url` on Fastify. */
export function queryOf(request: CognitoRequest): URLSearchParams {
  const { originalUrl, url } = request as { readonly originalUrl?: string; readonly url?: string };
  const address = originalUrl ?? url ?? '';
  const mark = address.indexOf('?');
  return new URLSearchParams(mark === -1 ? '' : address.slice(mark + 1));
}

/** The one state of an answer. @throws {@link CognitoError} `COGNITO_OAUTH_STATE_INVALID` for none and for several */
export function stateOf(answer: URLSearchParams): string {
  const [state, second] = answer.getAll('state');
  if (state !== undefined && second === undefined) return state;
  throw new CognitoError('COGNITO_OAUTH_STATE_INVALID', {
    detail: 'An answer of Cognito’s pages has exactly one state.',
  });
}

/** An address with these parameters. */
export function withQuery(address: string, parameters: Readonly<Record<string, string>>): string {
  // Cognito reads %20 everywhere and + not in every parameter.
  return `${address}?${new URLSearchParams(parameters).toString().replaceAll('+', '%20')}`;
}
