import 'reflect-metadata';
import {
  createParamDecorator,
  type CustomDecorator,
  type ExecutionContext,
  type PipeTransform,
  SetMetadata,
  type Type,
} from '@nestjs/common';
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

/** Decorates a controller or one of its methods. */
export type RequirementDecorator = ClassDecorator & MethodDecorator;

/** Adds a rule to those that stand already: plain metadata would replace them, and a protection would be gone unseen. */
function addRule(key: string, rule: NameRule): RequirementDecorator {
  return <T>(target: object, _property?: string | symbol, descriptor?: TypedPropertyDescriptor<T>): void => {
    const subject: object = (descriptor?.value as object | undefined) ?? target;
    const standing = (Reflect.getMetadata(key, subject) ?? []) as readonly NameRule[];
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

/** What `createParamDecorator` returns, written out: its own type differs between the versions of Nest. */
export type RequestValueDecorator = (...pipes: (Type<PipeTransform> | PipeTransform)[]) => ParameterDecorator;

/**
 * The principal of the request, as its token tells; undefined on a public or anonymous route.
 *
 * Import {@link CognitoPrincipal} with `import type`.
 */
export const CognitoUser: RequestValueDecorator = createParamDecorator(
  (_: unknown, context: ExecutionContext): CognitoPrincipal | undefined =>
    requestOf(context).user as CognitoPrincipal | undefined,
);

/** The application's own row for the user, when `userSync` is configured; undefined for machines and anonymous requests. */
export const LocalUser: RequestValueDecorator = createParamDecorator(
  (_: unknown, context: ExecutionContext): object | undefined => admissionOf(requestOf(context))?.localUser,
);
