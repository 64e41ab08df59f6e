import { isSameText } from '../operations/app-client.js';
import type { AppClient } from '../state/app-clients.js';
import type { Pool } from '../state/pool.js';
import type { EndpointRequest, Parameters } from './endpoint-request.js';
import { OAuthError } from './oauth-error.js';

interface Offered {
  readonly clientId: string;
  readonly secret: string | undefined;
}

/**
 * Which app client asks: by `Authorization: Basic`, or by parameters of the form.
 *
 * @param status of the refusal of a client: 400 at the token endpoint, 401 where a token is revoked
 * @throws OAuthError `invalid_client`, or `invalid_request` for two ways at once
 */
export function authenticatedClient(pool: Pool, request: EndpointRequest, form: Parameters, status = 400): AppClient {
  const { clientId, secret } = offeredBy(request, form, status);
  const client = pool.client(clientId);
  if (!client) throw new OAuthError('invalid_client', undefined, status);
  if (!isRight(client, secret)) throw new OAuthError('invalid_client', 'invalid_client_secret', status);
  return client;
}

function isRight({ clientSecret }: AppClient, offered: string | undefined): boolean {
  if (clientSecret === undefined) return offered === undefined || offered === '';
  return offered !== undefined && isSameText(offered, clientSecret);
}

function offeredBy({ headers: { authorization } }: EndpointRequest, form: Parameters, status: number): Offered {
  const clientId = form.one('client_id');
  const secret = form.one('client_secret');
  if (authorization === undefined) return { clientId: clientId ?? form.required('client_id'), secret };
  const basic = readBasic(authorization);
  if (!basic) throw new OAuthError('invalid_client', undefined, status);
  const isOfAnother = clientId !== undefined && clientId !== basic.clientId;
  if (secret !== undefined || isOfAnother) throw new OAuthError('invalid_request');
  return basic;
}

function readBasic(authorization: string): Offered | undefined {
  const [, encoded] = /^basic ([\w+/]+=*)$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return { clientId: unescaped(text.slice(0, colon)), secret: unescaped(text.slice(colon + 1)) };
}

// RFC 6749, section 2.3.1, escapes both as in a form, and many clients send them as they are. Those of a real pool are
// letters and digits, for which it makes no difference.
function unescaped(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
