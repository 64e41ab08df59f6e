import 'reflect-metadata';
import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import { CognitoError } from '../errors/cognito.error.js';
import type { CognitoRequest } from '../request/request-of.js';
import type { TokenUse as TokenUseName } from '../tokens/claims.js';
import { accessMetadata } from './access-metadata.js';
import type { AuthorizationPolicy, BadToken, NameRule } from './access-policy.js';
import { checkedClaimRule, type ClaimRule } from './claim-rule.js';

/** Opens a route or a controller to everybody: its guard asks for nothing. Beside a `@Require…` it is refused at start. */
export const Public = (): CustomDecorator => SetMetadata(accessMetadata.public, true);

/** How {@link OptionalAuth} takes a request. */
export interface OptionalAuthOptions {
  /** What a bad token comes to: it is `refused` (default), or its bearer is `anonymous`, as if there were none. */
  readonly badToken?: BadToken | undefined;
}

/**
 * Lets requests without a token pass as anonymous (`request.user` stays undefined); a bad token is still refused, unless
 * told otherwise. What cannot be judged now (429, 503) is never anonymous.
 */
export const OptionalAuth = ({ badToken = 'refused' }: OptionalAuthOptions = {}): CustomDecorator =>
  SetMetadata(accessMetadata.optional, badToken);

/** Takes the tokens of a named pool (a key under `pools`) instead of the default one; an unknown name is refused at start. */
export const UserPool = (name: string): CustomDecorator => SetMetadata(accessMetadata.pool, name);

/** Takes this kind of token, whatever the option `tokenUse` says. */
export const TokenUse = (use: TokenUseName | 'either'): CustomDecorator => SetMetadata(accessMetadata.tokenUse, use);

/**
 * Asks for group memberships, `cognito:groups` of the token; names are case-sensitive.
 *
 * Every rule holds that is written on the class, its ancestors and the method, also two on one target. Refused with 403
 * `COGNITO_GROUPS_REQUIRED`.
 *
 * @param rule `any`: at least one of these; `all`: every one; `none`: not one. An empty `any` lets nobody pass.
 */
export const RequireGroups = (rule: NameRule): RequirementDecorator => addRule(accessMetadata.groups, checked(rule));

/**
 * Asks for OAuth scopes of the access token; rules add up as those of {@link RequireGroups}. Refused with 403
 * `COGNITO_SCOPE_MISSING`.
 *
 * @param rule `any`: at least one of these; `all`: every one
 */
export const RequireScopes = (rule: Pick<NameRule, 'any' | 'all'>): RequirementDecorator =>
  addRule(accessMetadata.scopes, checked(rule));

/**
 * Asks for claims of the token; rules add up as those of {@link RequireGroups}. Machines pass where their token has the claim.
 * Refused with 403 `COGNITO_CLAIMS_REQUIRED`.
 *
 * @param rule every claim named has to have its value, or one of a list of values: `{ 'custom:plan': ['pro', 'team'] }`.
 * Values are compared as they are: `true` is not `'true'`. A claim that is a list has to hold the value.
 */
export const RequireClaims = (rule: ClaimRule): RequirementDecorator =>
  addRule(accessMetadata.claims, checkedClaimRule(rule));

/**
 * Asks Cognito whether the session is still alive (GetUser), for what must not be done by a stolen or signed-out token: an
 * answer is remembered for a few seconds, see the option `liveSessionCacheTtl`. Needs an access token with the scope
 * `aws.cognito.signin.user.admin`, which tokens of `signIn` have; machines never pass.
 *
 * Refused with 401 `COGNITO_TOKEN_REVOKED`, 403 `COGNITO_SCOPE_MISSING` or `COGNITO_USER_DISABLED`, 429 `COGNITO_THROTTLED`, 503
 * `COGNITO_UNAVAILABLE`.
 */
export const RequireLiveSession = (): RequirementDecorator => addRule(accessMetadata.live, true);

/**
 * Asks a function of the application's own, after every other rule; each that is written on the class, its ancestors and the
 * method has to agree.
 *
 * ```ts
 * @Authorize((principal, request: Request) => request.params.id === principal.sub)
 * ```
 *
 * @param policy `true`, or a promise of it, lets pass. Anything else is refused with 403 `COGNITO_POLICY_REFUSED`. An
 * HttpException that it throws answers the request; any other error is 500.
 */
export function Authorize<Request = CognitoRequest>(policy: AuthorizationPolicy<Request>): RequirementDecorator {
  if (typeof policy === 'function') return addRule(accessMetadata.policies, policy);
  throw new CognitoError('COGNITO_OPTIONS_INVALID', { detail: '@Authorize takes a function.' });
}

/** Decorates a controller or one of its methods. */
export type RequirementDecorator = ClassDecorator & MethodDecorator;

/** Adds a rule to those that stand already: plain metadata would replace them, and a protection would be gone unseen. */
function addRule(key: string, rule: unknown): RequirementDecorator {
  return <T>(target: object, _property?: string | symbol, descriptor?: TypedPropertyDescriptor<T>): void => {
    const subject: object = (descriptor?.value as object | undefined) ?? target;
    const standing = (Reflect.getMetadata(key, subject) ?? []) as readonly unknown[];
    Reflect.defineMetadata(key, [...standing, rule], subject);
  };
}

/** A rule that asks for nothing is a mistake, and must not pass for a protection. */
function checked(rule: NameRule): NameRule {
  const { any, all = [], none = [], ...others } = rule;
  const isListed = [any ?? [], all, none].every((names) => Array.isArray(names));
  const asksForSomething = any !== undefined || all.length > 0 || none.length > 0;
  if (isListed && asksForSomething && Object.keys(others).length === 0) return rule;
  throw new CognitoError('COGNITO_OPTIONS_INVALID', {
    detail:
      'An access rule has to ask for something by lists of names under `any`, `all` or `none`, and knows no other key.',
  });
}
