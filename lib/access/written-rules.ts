import 'reflect-metadata';
import type { AccessRules, AuthorizationPolicy, BadToken, NameRule } from './access-policy.js';
import { accessMetadata } from './access-metadata.js';
import type { ClaimRule } from './claim-rule.js';

/** A handler and the class that it belongs to, which may be a descendant of the one that declares it. */
type Target = object;

const compiled = new WeakMap<Target, WeakMap<Target, AccessRules>>();

/** What the decorators of a method, of its class and of the classes that this extends ask for together; read once. */
export function rulesWrittenOn(handler: Target, itsClass: Target): AccessRules {
  return compiled.get(handler)?.get(itsClass) ?? remember(handler, itsClass, compile(handler, itsClass));
}

function remember(handler: Target, itsClass: Target, rules: AccessRules): AccessRules {
  const ofHandler = compiled.get(handler) ?? new WeakMap<Target, AccessRules>();
  compiled.set(handler, ofHandler.set(itsClass, rules));
  return rules;
}

type Requirements = Pick<AccessRules, 'groups' | 'scopes' | 'claims' | 'isLive' | 'policies'>;

/** Whether anything is asked of the principal, so that the route cannot be open to whoever comes. */
export function hasRequirement(rules: Requirements): boolean {
  return (
    rules.isLive || [rules.groups, rules.scopes, rules.claims, rules.policies].some((written) => written.length > 0)
  );
}

/** What one of the two says of being public, before any requirement is considered. */
export function isMarkedPublic(handler: Target, itsClass: Target): boolean {
  return nearest<boolean>(accessMetadata.public, handler, itsClass) === true;
}

/** A method that is `@OptionalAuth` in a class that is `@Public`: the nearer word counts. */
function isClosedAgain(handler: Target): boolean {
  return Reflect.hasMetadata(accessMetadata.optional, handler) && !Reflect.hasMetadata(accessMetadata.public, handler);
}

function compile(handler: Target, itsClass: Target): AccessRules {
  const requirements: Requirements = {
    groups: both<NameRule>(accessMetadata.groups, handler, itsClass),
    scopes: both<NameRule>(accessMetadata.scopes, handler, itsClass),
    claims: both<ClaimRule>(accessMetadata.claims, handler, itsClass),
    isLive: both<true>(accessMetadata.live, handler, itsClass).length > 0,
    policies: both<AuthorizationPolicy>(accessMetadata.policies, handler, itsClass),
  };
  const badToken = nearest<BadToken>(accessMetadata.optional, handler, itsClass);
  // A route that somebody meant to protect is not opened by a second decorator.
  const mayBeOpen = !hasRequirement(requirements);
  return Object.freeze({
    ...requirements,
    isPublic: mayBeOpen && isMarkedPublic(handler, itsClass) && !isClosedAgain(handler),
    isOptional: mayBeOpen && badToken !== undefined,
    badToken: badToken ?? 'refused',
    pool: nearest<string>(accessMetadata.pool, handler, itsClass),
    tokenUse: nearest<NonNullable<AccessRules['tokenUse']>>(accessMetadata.tokenUse, handler, itsClass),
  });
}

function both<Rule>(key: string, handler: Target, itsClass: Target): readonly Rule[] {
  return [handler, itsClass].flatMap((target) => (Reflect.getMetadata(key, target) as Rule[] | undefined) ?? []);
}

function nearest<Value>(key: string, handler: Target, itsClass: Target): Value | undefined {
  return (Reflect.getMetadata(key, handler) ?? Reflect.getMetadata(key, itsClass)) as Value | undefined;
}
