import { createHash } from 'node:crypto';
import { isSameText } from '../operations/app-client.js';
import { renewed } from '../operations/refresh.js';
import { tokenChangeOf } from '../operations/token-generation.js';
import type { AppClient, OAuthFlow } from '../state/app-clients.js';
import type { AuthorizationCode } from '../state/page-sign-ins.js';
import type { Pool } from '../state/pool.js';
import type { SignedTokens } from '../tokens/token-mint.js';
import { isUsable } from './browser.js';
import { authenticatedClient } from './client-authentication.js';
import type { EndpointRequest, Parameters } from './endpoint-request.js';
import { grantRefusal, OAuthError } from './oauth-error.js';
import { machineScopes } from './scopes.js';

const VERIFIER = /^[\w.~-]{43,128}$/;

/** POST /oauth2/token. @returns the body of the answer */
export async function token(pool: Pool, request: EndpointRequest): Promise<object> {
  const form = await request.form();
  const grantType = form.one('grant_type');
  const client = authenticatedClient(pool, request, form);
  switch (grantType) {
    case undefined:
      throw new OAuthError('invalid_request');
    case 'authorization_code':
      return redeemCode(pool, client, form);
    case 'refresh_token':
      return refresh(pool, client, form);
    case 'client_credentials':
      return forMachine(pool, client, form);
    default:
      throw new OAuthError('unsupported_grant_type');
  }
}

async function redeemCode(pool: Pool, client: AppClient, form: Parameters): Promise<object> {
  requireFlow(client, 'code');
  const { session, scopes, nonce } = takeCode(pool, client, form);
  const { user, authenticatedAt } = session;
  const source = 'TokenGeneration_HostedAuth';
  const change = await tokenChangeOf(pool, client, user, { source, scopes }).catch(refuseAsOAuth);
  // The trigger took its time; and five minutes may have passed since the sign-in.
  if (!isUsable(pool, user)) throw new OAuthError('invalid_grant');
  const { grant, refreshToken } = pool.grants.open(user, client, { authenticatedAt, scopes });
  const tokens = await pool.mint.mint(user, grant, client, { change, endpoint: { nonce } });
  return tokenAnswer(tokens, scopes, refreshToken);
}

/** A code serves once: whoever holds it and offers the wrong address or verifier has used it up. */
function takeCode(pool: Pool, client: AppClient, form: Parameters): AuthorizationCode {
  const code = form.required('code');
  const redirectUri = form.one('redirect_uri');
  const verifier = form.one('code_verifier');
  const found = pool.authorizationCodes.find(code);
  // Another client must not be able to use it up.
  if (found.state !== 'live' || found.value.clientId !== client.clientId) throw new OAuthError('invalid_grant');
  const { value } = found;
  if (redirectUri === undefined && value.namesRedirectUri) throw new OAuthError('invalid_request');
  pool.authorizationCodes.spend(code);
  if (redirectUri !== undefined && redirectUri !== value.redirectUri) throw new OAuthError('invalid_grant');
  if (!isProof(value.codeChallenge, verifier)) throw new OAuthError('invalid_grant');
  return value;
}

// A verifier without a challenge tells that somebody has taken the challenge out of the request (RFC 9700, 4.8.2).
function isProof(challenge: string | undefined, verifier: string | undefined): boolean {
  if (challenge === undefined || verifier === undefined) return challenge === verifier;
  if (!VERIFIER.test(verifier)) return false;
  return isSameText(createHash('sha256').update(verifier, 'ascii').digest('base64url'), challenge);
}

async function refresh(pool: Pool, client: AppClient, form: Parameters): Promise<object> {
  if (!client.oauth.flows.some((flow) => flow !== 'client_credentials')) throw new OAuthError('unauthorized_client');
  const renewal = {
    refreshToken: form.required('refresh_token'),
    deviceKey: undefined,
    clientMetadata: {},
    unknownToken: 'Invalid Refresh Token',
  };
  const { user, grant, change, rotated } = await renewed(pool, client, renewal).catch(refuseAsOAuth);
  const tokens = await pool.mint.mint(user, grant, client, { change, endpoint: { nonce: undefined } });
  return tokenAnswer(tokens, grant.scopes ?? ['openid'], rotated);
}

async function forMachine(pool: Pool, client: AppClient, form: Parameters): Promise<object> {
  requireFlow(client, 'client_credentials');
  if (client.clientSecret === undefined) throw new OAuthError('unauthorized_client');
  const scopes = machineScopes(pool, client, form.one('scope'));
  const { accessToken, expiresIn } = await pool.mint.mintForMachine(client, scopes);
  return { access_token: accessToken, expires_in: expiresIn, token_type: 'Bearer' };
}

function tokenAnswer(
  { accessToken, idToken, expiresIn }: SignedTokens,
  scopes: readonly string[],
  refreshToken: string | undefined,
): object {
  return {
    ...(scopes.includes('openid') && { id_token: idToken }),
    access_token: accessToken,
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    expires_in: expiresIn,
    token_type: 'Bearer',
  };
}

function requireFlow({ oauth }: AppClient, flow: OAuthFlow): void {
  if (!oauth.flows.includes(flow)) throw new OAuthError('unauthorized_client');
}

function refuseAsOAuth(error: unknown): never {
  throw grantRefusal(error);
}
