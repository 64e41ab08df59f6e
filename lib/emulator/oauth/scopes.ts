import type { AppClient } from '../state/app-clients.js';
import type { Pool } from '../state/pool.js';
import { API_SCOPE } from '../tokens/token-mint.js';
import { OAuthError } from './oauth-error.js';

const NEED_OPENID: readonly string[] = ['email', 'phone', 'profile'];
const STANDARD: readonly string[] = ['openid', ...NEED_OPENID, API_SCOPE];

/** The scopes that a person grants by signing in. @param asked the parameter; without it all that the client may have */
export function grantedScopes(pool: Pool, client: AppClient, asked: string | undefined): readonly string[] {
  const allowed = allowedScopes(pool, client);
  if (asked === undefined) return allowed;
  const scopes = split(asked);
  if (scopes.length === 0 || !scopes.every((scope) => allowed.includes(scope))) throw new OAuthError('invalid_scope');
  const lacksOpenid = !scopes.includes('openid') && scopes.some((scope) => NEED_OPENID.includes(scope));
  if (lacksOpenid) throw new OAuthError('invalid_scope', 'profile, email and phone go together with openid');
  return scopes;
}

/** The scopes of a client that acts for itself: custom ones alone. */
export function machineScopes(pool: Pool, client: AppClient, asked: string | undefined): readonly string[] {
  const allowed = allowedScopes(pool, client).filter((scope) => !STANDARD.includes(scope));
  const scopes = asked === undefined ? allowed : split(asked);
  if (scopes.length === 0 || !scopes.every((scope) => allowed.includes(scope))) throw new OAuthError('invalid_scope');
  return scopes;
}

function allowedScopes(pool: Pool, { oauth }: AppClient): readonly string[] {
  if (oauth.scopes) return oauth.scopes;
  const custom = pool.settings.resourceServers.flatMap(({ identifier, scopes }) =>
    scopes.map((scope) => `${identifier}/${scope}`),
  );
  return [...STANDARD, ...custom];
}

function split(asked: string): string[] {
  return [...new Set(asked.split(' ').filter(Boolean))];
}
