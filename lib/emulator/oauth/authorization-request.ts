import type { AppClient, OAuthFlow } from '../state/app-clients.js';
import type { Pool } from '../state/pool.js';
import type { HttpAnswer } from '../wire/http.js';
import type { Parameters } from './endpoint-request.js';
import { OAuthError, PageRefusal } from './oauth-error.js';
import { isRegistered, redirect, withParameters } from './redirects.js';
import { grantedScopes } from './scopes.js';

/** Where the answer to a request goes: known to belong to the client. */
export interface AuthorizationTarget {
  readonly client: AppClient;
  readonly redirectUri: string;
  readonly namesRedirectUri: boolean;
  readonly place: 'query' | 'fragment';
  readonly state: string | undefined;
}

/** What a client asks of the person at the browser. */
export interface AuthorizationRequest {
  readonly target: AuthorizationTarget;
  readonly flow: Exclude<OAuthFlow, 'client_credentials'>;
  readonly scopes: readonly string[];
  readonly nonce: string | undefined;
  readonly codeChallenge: string | undefined;
  readonly prompt: string | undefined;
  readonly loginHint: string | undefined;
}

const FLOW_OF: ReadonlyMap<string, AuthorizationRequest['flow']> = new Map([
  ['code', 'code'],
  ['token', 'implicit'],
]);
const PROMPTS: ReadonlySet<string> = new Set(['none', 'login', 'select_account', 'consent']);
const S256 = /^[\w-]{43}$/;

/**
 * The client and its address. Nothing is sent to an address before this has found it to be the client's.
 *
 * @throws PageRefusal
 */
export function targetOf(pool: Pool, query: Parameters): AuthorizationTarget {
  const clientId = undoubted(query, 'client_id');
  if (clientId === undefined) throw new PageRefusal('Missing required parameter client_id in request URL');
  const client = pool.client(clientId);
  if (!client) throw new PageRefusal('invalid_client');
  const named = undoubted(query, 'redirect_uri');
  const redirectUri = named ?? client.oauth.defaultRedirectUri;
  if (redirectUri === undefined) throw new PageRefusal("Required String parameter 'redirect_uri' is not present");
  if (!isRegistered(client.oauth.callbackUrls, redirectUri)) throw new PageRefusal('redirect_mismatch');
  const place = lenient(query, 'response_type') === 'token' ? 'fragment' : 'query';
  const state = lenient(query, 'state');
  return { client, redirectUri, namesRedirectUri: named !== undefined, place, state };
}

/** The rest of a request. @throws OAuthError for the client to hear of */
export function authorizationOf(pool: Pool, target: AuthorizationTarget, query: Parameters): AuthorizationRequest {
  const { client } = target;
  query.one('state');
  const flow = FLOW_OF.get(query.required('response_type'));
  if (!flow) throw new OAuthError('unsupported_response_type');
  if (!client.oauth.flows.includes(flow)) throw new OAuthError('unauthorized_client');
  const codeChallenge = codeChallengeOf(query);
  const prompt = query.one('prompt');
  if (prompt !== undefined && !PROMPTS.has(prompt)) throw new OAuthError('invalid_request', 'prompt is not known');
  requireOwnPages(query.one('identity_provider') ?? query.one('idp_identifier'));
  const scopes = grantedScopes(pool, client, query.one('scope'));
  return { target, flow, scopes, nonce: query.one('nonce'), codeChallenge, prompt, loginHint: query.one('login_hint') };
}

/** Sends a refusal to the client, where everything else would have gone. */
export function refusalTo({ redirectUri, place, state }: AuthorizationTarget, error: OAuthError): HttpAnswer {
  const { code, description } = error;
  return redirect(withParameters(redirectUri, { error: code, error_description: description, state }, place));
}

function codeChallengeOf(query: Parameters): string | undefined {
  const challenge = query.one('code_challenge');
  const method = query.one('code_challenge_method');
  if (challenge === undefined && method === undefined) return undefined;
  if (method !== 'S256') throw new OAuthError('invalid_request', 'code_challenge_method must be S256');
  if (challenge === undefined || !S256.test(challenge)) {
    throw new OAuthError('invalid_request', 'code_challenge must be 43 characters of base64url');
  }
  return challenge;
}

// The local pool has nobody's pages but its own.
function requireOwnPages(provider: string | undefined): void {
  if (provider === undefined || provider === 'COGNITO') return;
  throw new OAuthError('invalid_request', 'The local pool has no pages of other identity providers');
}

function undoubted(query: Parameters, name: string): string | undefined {
  try {
    return query.one(name);
  } catch {
    throw new PageRefusal(`${name} is repeated`);
  }
}

// What is repeated is refused once there is somebody to tell.
function lenient(query: Parameters, name: string): string | undefined {
  try {
    return query.one(name);
  } catch {
    return undefined;
  }
}
