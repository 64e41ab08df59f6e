import type { Pool } from '../state/pool.js';
import { authenticatedClient } from './client-authentication.js';
import type { EndpointRequest } from './endpoint-request.js';
import { OAuthError } from './oauth-error.js';

/** POST /oauth2/revoke: ends the sign-in of a refresh token; one that nobody knows is ended already. */
export async function revoke(pool: Pool, request: EndpointRequest): Promise<void> {
  const form = await request.form();
  const client = authenticatedClient(pool, request, form, 401);
  const token = form.required('token');
  if (!client.enableTokenRevocation) throw new OAuthError('invalid_request');
  // A signed token has three parts, a refresh token five.
  if (token.split('.').length === 3) throw new OAuthError('unsupported_token_type');
  const grant = pool.grants.byRefreshToken(token);
  if (grant && grant.clientId !== client.clientId) throw new OAuthError('unauthorized_client');
  if (grant) grant.revoked = true;
}
