import { createParamDecorator, type CustomDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { CognitoError } from '../errors/cognito.error.js';
import type { TokenUse as TokenUseName } from '../tokens/claims.js';
import type { NameRule } from './access-policy.js';
import { admissionOf } from './admission.js';
import type { CognitoPrincipal } from './principal.js';
import { requestOf } from './supported-request.js';

/** Metadata keys; each holds what one decorator wrote. */
export const accessMetadata = {
  public: 'nest-cognito:public',
  optional: 'nest-cognito:optional',
  pool: 'nest-cognito:pool',
  tokenUse: 'nest-cognito:token-use',
  groups: 'nest-cognito:groups',
  scopes: 'nest-cognito:scopes',
} as const;

/** Opens a route or a controller to everybody: its guard asks for nothing. A `@Require…` beside it wins. */
export const Public = (): CustomDecorator => SetMetadata(accessMetadata.public, true);

/** Lets requests without a token pass as anonymous (`request.user` stays undefined); a bad token is still refused. */
export const OptionalAuth = (): CustomDecorator => SetMetadata(accessMetadata.optional, true);

/** Takes the tokens of a named pool (a key under `pools`) instead of the default one. */
export const UserPool = (name: string): CustomDecorator => SetMetadata(accessMetadata.pool, name);

/** Takes this kind of token, whatever the option `tokenUse` says. */
export const TokenUse = (use: TokenUseName | 'either'): CustomDecorator => SetMetadata(accessMetadata.tokenUse, use);

/**
 * Asks for group memberships, `cognito:groups` of the token; names are case-sensitive.
 *
 * On a class and on its method both rules hold. Refused with 403 `COGNITO_GROUPS_REQUIRED`.
 *
 * @param rule `any`: at least one of these; `all`: every one; `none`: not one. An empty `any` lets nobody pass.
 */
export const RequireGroups = (rule: NameRule): CustomDecorator => SetMetadata(accessMetadata.groups, checked(rule));

/**
 * Asks for OAuth scopes of the access token. Refused with 403 `COGNITO_SCOPE_MISSING`.
 *
 * @param rule `any`: at least one of these; `all`: every one
 */
export const RequireScopes = (rule: Pick<NameRule, 'any' | 'all'>): CustomDecorator =>
  SetMetadata(accessMetadata.scopes, checked(rule));

/** A rule that asks for nothing is a mistake, and must not pass for a protection. */
function checked(rule: NameRule): NameRule {
  const { any, all = [], none = [], ...others } = rule;
  const asksForSomething = any !== undefined || all.length > 0 || none.length > 0;
  if (asksForSomething && Object.keys(others).length === 0) return rule;
  throw new CognitoError('COGNITO_OPTIONS_INVALID', {
    detail: 'An access rule has to ask for something by `any`, `all` or `none`, and knows no other key.',
  });
}

/**
 * The principal of the request, as its token tells; undefined on a public or anonymous route.
 *
 * Import {@link CognitoPrincipal} with `import type`.
 */
export const CognitoUser = createParamDecorator(
  (_: undefined, context: ExecutionContext): CognitoPrincipal | undefined =>
    requestOf(context).user as CognitoPrincipal | undefined,
);

/** The application's own row for the user, when `userSync` is configured; undefined for machines and anonymous requests. */
export const LocalUser = createParamDecorator(
  (_: undefined, context: ExecutionContext): object | undefined => admissionOf(requestOf(context))?.localUser,
);
