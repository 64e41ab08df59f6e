import 'reflect-metadata';
import type { ExternalContextCreator, ModulesContainer } from '@nestjs/core';
import { CognitoError } from '../errors/cognito.error.js';
import { accessMetadata } from './access-metadata.js';
import { CognitoAuthGuard } from './cognito-auth.guard.js';
import { type Entrance, entrancesOf } from './entrances.js';
import { hasRequirement, isMarkedPublic, rulesWrittenOn } from './written-rules.js';

/** What the scan has to know of an application. */
export interface ScannedApplication {
  readonly modules: ModulesContainer;
  /** Knows the guards that `useGlobalGuards` and `APP_GUARD` have set. */
  readonly contexts: ExternalContextCreator;
  /** The names of the pools. */
  readonly pools: readonly string[];
  /** The option `globalGuard`. */
  readonly globalGuard: boolean;
}

/**
 * Looks at every route, resolver, message handler and gateway before the first request comes, and refuses an application
 * whose decorators promise what no guard holds.
 *
 * @throws {@link CognitoError} `COGNITO_ACCESS_RULES_INVALID`: one error that names every place and its mend
 */
export function assertAccessRules(application: ScannedApplication): void {
  const faults = entrancesOf(application.modules).flatMap((entrance) => {
    const fault = contradictionOf(entrance, application) ?? lossOf(entrance) ?? gapOf(entrance, application);
    return fault === undefined ? [] : [`  ${entrance.name} ${fault}`];
  });
  if (faults.length === 0) return;
  throw new CognitoError('COGNITO_ACCESS_RULES_INVALID', {
    detail: `The access rules of this application do not hold:\n${faults.join('\n')}`,
  });
}

/** What is wrong with the rules by themselves. */
function contradictionOf({ handler, itsClass }: Entrance, { pools }: ScannedApplication): string | undefined {
  const rules = rulesWrittenOn(handler, itsClass);
  if (rules.pool !== undefined && !pools.includes(rules.pool)) {
    return `has @UserPool(${JSON.stringify(rules.pool)}), and there is no such pool under \`pools\`.`;
  }
  if (isMarkedPublic(handler, itsClass) && hasRequirement(rules)) {
    return 'is @Public, and its method or class requires something. Take one of the two away.';
  }
  return undefined;
}

/** Where a method stands in the place of one that had rules: those of its class come along, its own do not. */
function lossOf({ handler, overridden }: Entrance): string | undefined {
  const saysWhoMayPass = deliberate.some((key) => Reflect.hasMetadata(key, handler));
  const lost = Object.entries(inherited).filter(
    ([key]) => overridden.some((method) => Reflect.hasMetadata(key, method)) && !Reflect.hasMetadata(key, handler),
  );
  if (saysWhoMayPass || lost.length === 0) return undefined;
  const names = lost.map(([, name]) => name).join(', ');
  return `overrides a method with ${names}, and decorators of a method do not come along. Repeat them, or say by @Authorize, @OptionalAuth or @Public who may pass.`;
}

/** Where the rules are right, and nobody enforces them. */
function gapOf(entrance: Entrance, application: ScannedApplication): string | undefined {
  const { kind, handler, itsClass, overridden } = entrance;
  const guards = [handler, itsClass].flatMap(guardsOn);
  if (rulesWrittenOn(handler, itsClass).isPublic || guards.some(isOurGuard)) return undefined;
  const wasGuarded = overridden.flatMap(guardsOn).some(isOurGuard);
  if (kind === 'message' || kind === 'event' || kind === 'gateway') {
    // Nest asks no global guard here in gateways and hybrid applications.
    const shouldBeGuarded = application.globalGuard || wasGuarded || hasRules(handler, itsClass);
    return shouldBeGuarded ? 'is reached by no global guard. Add @UseGuards(CognitoAuthGuard), or @Public.' : undefined;
  }
  const isMeantToBeGuarded = wasGuarded || hasRules(handler, itsClass);
  // Another guard of the application may ask ours; Passport's never does.
  if (!isMeantToBeGuarded || isCoveredGlobally(application) || !guards.every(isPassportGuard)) return undefined;
  return wasGuarded
    ? 'overrides a method that CognitoAuthGuard guards, and is not guarded itself. Add @UseGuards(CognitoAuthGuard), or @Public.'
    : 'has rules that no guard enforces. Add @UseGuards(CognitoAuthGuard); AuthGuard of Passport knows no rules.';
}

/** What a method may say of itself that is about everybody who comes. */
const deliberate = [accessMetadata.public, accessMetadata.optional, accessMetadata.policies];

/** What is missed where a method is written anew, by the decorator that says it. */
const inherited: Readonly<Record<string, string>> = {
  [accessMetadata.groups]: '@RequireGroups',
  [accessMetadata.scopes]: '@RequireScopes',
  [accessMetadata.claims]: '@RequireClaims',
  [accessMetadata.live]: '@RequireLiveSession',
  [accessMetadata.policies]: '@Authorize',
  [accessMetadata.pool]: '@UserPool',
  [accessMetadata.tokenUse]: '@TokenUse',
};

const { public: _, ...ruleKeys } = accessMetadata;

function hasRules(handler: object, itsClass: object): boolean {
  return Object.values(ruleKeys).some((key) => Reflect.hasMetadata(key, handler) || Reflect.hasMetadata(key, itsClass));
}

/** What `@UseGuards` wrote: classes and instances. */
function guardsOn(target: object): readonly unknown[] {
  return (Reflect.getMetadata('__guards__', target) as readonly unknown[] | undefined) ?? [];
}

function isOurGuard(guard: unknown): boolean {
  return prototypeOf(guard) instanceof CognitoAuthGuard || prototypeOf(guard) === CognitoAuthGuard.prototype;
}

/** The classes that `AuthGuard(…)` makes have no name and no ancestor in common, only these methods. */
function isPassportGuard(guard: unknown): boolean {
  const prototype = prototypeOf(guard) as Readonly<Record<string, unknown>> | undefined;
  return ['getAuthenticateOptions', 'handleRequest', 'logIn'].every((name) => typeof prototype?.[name] === 'function');
}

function prototypeOf(guard: unknown): unknown {
  if (typeof guard === 'function') return guard.prototype as unknown;
  return typeof guard === 'object' && guard !== null ? (Object.getPrototypeOf(guard) as unknown) : undefined;
}

/** The little that is read of Nest's own settings; it hands them out nowhere. */
interface HoldsGlobalGuards {
  readonly guardsContextCreator?: {
    readonly config?: {
      getGlobalGuards(): readonly unknown[];
      getGlobalRequestGuards(): readonly { readonly metatype?: unknown }[];
    };
  };
}

function isCoveredGlobally({ globalGuard, contexts }: ScannedApplication): boolean {
  const settings = (contexts as unknown as HoldsGlobalGuards).guardsContextCreator?.config;
  // A Nest that keeps them elsewhere must not be kept from starting: then nothing is known, and nothing is said.
  if (globalGuard || settings === undefined) return true;
  const scoped = settings.getGlobalRequestGuards().map(({ metatype }) => metatype);
  return [...settings.getGlobalGuards(), ...scoped].some(isOurGuard);
}
