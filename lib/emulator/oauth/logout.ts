import type { Pool } from '../state/pool.js';
import type { HttpAnswer } from '../wire/http.js';
import { targetOf } from './authorization-request.js';
import { endPageSession } from './browser.js';
import type { EndpointRequest } from './endpoint-request.js';
import { PageRefusal } from './oauth-error.js';
import { isRegistered, redirect } from './redirects.js';

/** GET /logout: signs the browser out of the pages and sends it to `logout_uri`, or to the next sign-in. Tokens live on. */
export function logout(pool: Pool, request: EndpointRequest): HttpAnswer {
  const { query } = request;
  const clientId = query.one('client_id');
  if (clientId === undefined) throw new PageRefusal("Required String parameter 'client_id' is not present");
  const client = pool.client(clientId);
  if (!client) throw new PageRefusal('invalid_client');
  const logoutUri = query.one('logout_uri');
  if (logoutUri === undefined) return toNextSignIn(pool, request);
  if (!isRegistered(client.oauth.logoutUrls, logoutUri)) throw new PageRefusal('logout_mismatch');
  return redirect(logoutUri, { 'set-cookie': endPageSession(pool, request) });
}

function toNextSignIn(pool: Pool, request: EndpointRequest): HttpAnswer {
  const { query } = request;
  for (const name of ['redirect_uri', 'response_type']) {
    if (query.one(name) === undefined) throw new PageRefusal(`Required String parameter '${name}' is not present`);
  }
  targetOf(pool, query);
  return redirect(`/login?${query.toString()}`, { 'set-cookie': endPageSession(pool, request) });
}
