import { CognitoError } from '../errors/cognito.error.js';
import type { CognitoRequest } from '../request/request-of.js';
import type { TokenUse } from '../tokens/claims.js';
import { type ClaimRule, claimsHold } from './claim-rule.js';
import type { CognitoPrincipal } from './principal.js';

/** Names of which a principal must have any, all, or none. What is not written is not asked. */
export interface NameRule {
  readonly any?: readonly string[] | undefined;
  readonly all?: readonly string[] | undefined;
  readonly none?: readonly string[] | undefined;
}

/**
 * A rule of the application's own: `true` lets the principal pass, anything else does not.
 *
 * @typeParam Request the application's own type of request
 */
export type AuthorizationPolicy<Request = CognitoRequest> = (
  principal: CognitoPrincipal,
  request: Request,
) => boolean | Promise<boolean>;

/** What a bad token comes to where a token is optional. */
export type BadToken = 'refused' | 'anonymous';

/** What a route asks for: the rules of its method and of its class together. */
export interface AccessRules {
  /** The route is open to everybody; nothing is authenticated. */
  readonly isPublic: boolean;
  /** A request without a token passes as anonymous. */
  readonly isOptional: boolean;
  /** What becomes of a bad token on an optional route. */
  readonly badToken: BadToken;
  readonly pool: string | undefined;
  readonly tokenUse: TokenUse | 'either' | undefined;
  /** Each has to hold. */
  readonly groups: readonly NameRule[];
  /** Each has to hold. */
  readonly scopes: readonly NameRule[];
  /** Each has to hold. */
  readonly claims: readonly ClaimRule[];
  /** The session has to be alive at Cognito now. */
  readonly isLive: boolean;
  /** Each has to agree. */
  readonly policies: readonly AuthorizationPolicy[];
}

/**
 * Decides by what the token says whether a principal may pass; pure.
 *
 * Rules combine with AND. Machines fail every group rule, also one that only says `none`: they are in no group, but that is
 * not what such a rule means to let in.
 *
 * @returns the reason to refuse, or undefined
 */
export function refusalOf(
  principal: CognitoPrincipal,
  rules: Pick<AccessRules, 'groups' | 'scopes' | 'claims'>,
): CognitoError | undefined {
  if (rules.groups.length > 0 && !mayByGroups(principal, rules.groups)) {
    return new CognitoError('COGNITO_GROUPS_REQUIRED');
  }
  if (!rules.scopes.every((rule) => holds(rule, principal.scopes))) {
    return new CognitoError('COGNITO_SCOPE_MISSING');
  }
  if (!rules.claims.every((rule) => claimsHold(rule, principal.claims))) {
    return new CognitoError('COGNITO_CLAIMS_REQUIRED');
  }
  return undefined;
}

function mayByGroups(principal: CognitoPrincipal, rules: readonly NameRule[]): boolean {
  return principal.kind === 'user' && rules.every((rule) => holds(rule, principal.groups));
}

function holds({ any, all, none }: NameRule, names: readonly string[]): boolean {
  if (any !== undefined && !any.some((name) => names.includes(name))) return false;
  if (all !== undefined && !all.every((name) => names.includes(name))) return false;
  return none === undefined || !none.some((name) => names.includes(name));
}
