import { randomUUID } from 'node:crypto';
import { tokenChangeOf } from '../operations/token-generation.js';
import type { PageSession } from '../state/page-sign-ins.js';
import type { Pool } from '../state/pool.js';
import type { HttpAnswer } from '../wire/http.js';
import {
  authorizationOf,
  type AuthorizationRequest,
  type AuthorizationTarget,
  refusalTo,
  targetOf,
} from './authorization-request.js';
import { pageSessionOf } from './browser.js';
import type { EndpointRequest } from './endpoint-request.js';
import { grantRefusal, OAuthError } from './oauth-error.js';
import { redirect, withParameters } from './redirects.js';

/** GET /oauth2/authorize: on to the sign-in page, or straight back for whoever is signed in at the pages. */
export async function authorize(pool: Pool, request: EndpointRequest): Promise<HttpAnswer> {
  const target = targetOf(pool, request.query);
  return orRefusal(target, async () => {
    const asked = authorizationOf(pool, target, request.query);
    const session = pageSessionOf(pool, request);
    if (session && !wantsSignIn(asked)) return sendBack(pool, asked, session);
    if (asked.prompt === 'none') throw new OAuthError('login_required');
    return redirect(`/login?${request.query.toString()}`);
  });
}

/** Sends the browser back with what its client asked for. */
export async function sendBack(
  pool: Pool,
  { target, flow, scopes, nonce, codeChallenge }: AuthorizationRequest,
  session: PageSession,
  headers: HttpAnswer['headers'] = {},
): Promise<HttpAnswer> {
  const { client, redirectUri, namesRedirectUri, state } = target;
  if (flow === 'implicit') return sendTokens(pool, { target, scopes, nonce }, session, headers);
  const code = randomUUID();
  const { clientId } = client;
  const stood = { clientId, redirectUri, namesRedirectUri, session, scopes, nonce, codeChallenge };
  pool.authorizationCodes.put(code, stood);
  return redirect(withParameters(redirectUri, { code, state }), headers);
}

/** Answers refusals at the client's address. */
export async function orRefusal(target: AuthorizationTarget, answer: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  try {
    return await answer();
  } catch (error) {
    const refusal = grantRefusal(error);
    if (refusal instanceof OAuthError) return refusalTo(target, refusal);
    throw error;
  }
}

// Tokens travel in the fragment, which stays in the browser; no refresh token is among them.
async function sendTokens(
  pool: Pool,
  { target: { client, redirectUri, state }, scopes, nonce }: Pick<AuthorizationRequest, 'target' | 'scopes' | 'nonce'>,
  { user, authenticatedAt }: PageSession,
  headers: HttpAnswer['headers'],
): Promise<HttpAnswer> {
  const change = await tokenChangeOf(pool, client, user, { source: 'TokenGeneration_HostedAuth', scopes });
  const { grant } = pool.grants.open(user, client, { authenticatedAt, scopes });
  const { accessToken, idToken, expiresIn } = await pool.mint.mint(user, grant, client, {
    change,
    endpoint: { nonce },
  });
  const answer = {
    id_token: scopes.includes('openid') ? idToken : undefined,
    access_token: accessToken,
    token_type: 'bearer',
    expires_in: String(expiresIn),
    state,
  };
  return redirect(withParameters(redirectUri, answer, 'fragment'), headers);
}

function wantsSignIn({ prompt }: AuthorizationRequest): boolean {
  return prompt === 'login' || prompt === 'select_account';
}
