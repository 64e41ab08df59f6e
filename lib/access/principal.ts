import type { CredentialSource } from '../request/token-extractor.js';
import type {
  AccessTokenClaims,
  IdTokenClaims,
  MachineTokenClaims,
  TokenUse,
  VerifiedAccessToken,
  VerifiedIdToken,
  VerifiedMachineToken,
  VerifiedToken,
} from '../tokens/claims.js';
import { deepFreeze } from '../tokens/deep-freeze.js';
import { privateSlot } from './private-slot.js';

interface PrincipalBase {
  /** The immutable id: of the user, or of the app client for a machine. */
  readonly sub: string;
  /** Names of the user's groups, case-sensitive; empty for machines. */
  readonly groups: readonly string[];
  /** OAuth scopes of an access token; empty for an id token. */
  readonly scopes: readonly string[];
  readonly tokenUse: TokenUse;
  /** The app client that the token was issued for. */
  readonly clientId: string;
  /** The pool's name: `default`, or the key under `pools`. */
  readonly pool: string;
}

/** A person who signed in. */
export interface CognitoUserPrincipal extends PrincipalBase {
  readonly kind: 'user';
  /** Cognito's own, unchangeable user name; the `sub` in pools whose users sign in by e-mail or phone. */
  readonly username: string;
  readonly claims: IdTokenClaims | AccessTokenClaims;
}

/** A service that signed in with its app client's secret (client credentials). Never has a local user. */
export interface CognitoMachinePrincipal extends PrincipalBase {
  readonly kind: 'machine';
  readonly username?: never;
  readonly claims: MachineTokenClaims;
}

/** Who a request comes from, as its token tells. Frozen; found at `request.user` behind a guard. */
export type CognitoPrincipal = CognitoUserPrincipal | CognitoMachinePrincipal;

/** The tokens that a request carried, each found good; what it did not carry is absent. */
export interface RequestTokens {
  readonly accessToken?: string | undefined;
  readonly idToken?: string | undefined;
}

/** What somebody came with. */
export interface Credential {
  /** The token that the principal is made of. */
  readonly token: string;
  readonly tokens: RequestTokens;
  /** Where it was found on the request. */
  readonly from: CredentialSource;
}

/** Credentials by the principal that they made: kept aside, so that no log of a principal holds a token. */
const credentials = privateSlot<CognitoPrincipal, Credential>();

/**
 * Makes the principal of a verified token.
 *
 * @param credential what was found on the request; `tokens` where there was more than the token itself
 */
export function principalOf(
  verified: VerifiedToken,
  { token, from, tokens = verified.kind === 'id' ? { idToken: token } : { accessToken: token } }: FoundCredential,
): CognitoPrincipal {
  const principal = deepFreeze(describe(verified));
  credentials.set(principal, Object.freeze({ token, from, tokens: Object.freeze(tokens) }));
  return principal;
}

/** Principals of tokens that came alone and as bearer, for as long as the token itself is remembered. */
const bearers = privateSlot<VerifiedToken, CognitoPrincipal>();

/**
 * Makes the principal of a verified bearer token, once for all requests that it comes with. Not for other sources: a token that was
 * cut out of a cookie header would keep the whole of it in memory.
 */
export function principalOfBearer(verified: VerifiedToken, token: string): CognitoPrincipal {
  const known = bearers.get(verified);
  if (known !== undefined) return known;
  const principal = principalOf(verified, { token, from: 'bearer' });
  bearers.set(verified, principal);
  return principal;
}

type FoundCredential = Omit<Credential, 'tokens'> & Partial<Credential>;

/**
 * What a principal came with.
 *
 * @returns undefined for a principal that was not made by this package
 */
export function credentialOf(principal: CognitoPrincipal): Credential | undefined {
  return credentials.get(principal);
}

/**
 * The token that a principal was made from.
 *
 * @returns undefined for a principal that was not made by this package (in a test, for instance)
 */
export function tokenOf(principal: CognitoPrincipal): string | undefined {
  return credentials.get(principal)?.token;
}

function describe(verified: VerifiedToken): CognitoPrincipal {
  return verified.kind === 'machine' ? describeMachine(verified) : describeUser(verified);
}

function describeUser(verified: VerifiedIdToken | VerifiedAccessToken): CognitoUserPrincipal {
  const { pool, clientId, claims } = verified;
  const isAccess = verified.kind === 'access';
  return {
    sub: claims.sub,
    groups: claims['cognito:groups'] ?? [],
    clientId,
    pool,
    kind: 'user',
    tokenUse: isAccess ? 'access' : 'id',
    scopes: isAccess ? scopesOf(verified.claims) : [],
    username: isAccess ? verified.claims.username : verified.claims['cognito:username'],
    claims,
  };
}

/** A machine is in no group, whatever its token says. */
function describeMachine({ pool, clientId, claims }: VerifiedMachineToken): CognitoMachinePrincipal {
  const scopes = scopesOf(claims);
  return { sub: claims.sub, groups: [], clientId, pool, kind: 'machine', tokenUse: 'access', scopes, claims };
}

function scopesOf({ scope }: { readonly scope?: string }): string[] {
  return scope === undefined ? [] : scope.split(' ').filter((entry) => entry !== '');
}
