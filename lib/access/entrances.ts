import 'reflect-metadata';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

/** How a caller comes to a handler. */
export type EntranceKind = 'route' | 'resolver' | 'message' | 'event' | 'gateway';

/** A place of the application that callers come to. */
export interface Entrance {
  readonly kind: EntranceKind;
  /** As a developer names it: `NotesController.list`. */
  readonly name: string;
  /** The method; the class itself for a gateway that listens to nothing and can be connected to all the same. */
  readonly handler: object;
  readonly itsClass: object;
  /** The methods of ancestors that this one stands in the place of, the nearest first. */
  readonly overridden: readonly object[];
}

type Class = (new (...args: never[]) => unknown) & { readonly prototype: Readonly<Record<string, unknown>> };

const GATEWAY = 'websockets:is_gateway';

/** What the decorators of Nest's packages write on a handler, by its name: the packages themselves may be absent. */
const writtenOnHandlers: ReadonlyArray<readonly [key: string, kind: EntranceKind]> = [
  ['path', 'route'],
  ['graphql:resolver_type', 'resolver'],
  ['graphql:resolve_property', 'resolver'],
  ['graphql:resolve_reference', 'resolver'],
  ['microservices:pattern', 'message'],
  ['websockets:message_mapping', 'event'],
];

/** Every handler of every controller and provider, and the gateways that only send. */
export function entrancesOf(modules: ModulesContainer): Entrance[] {
  const classes = [...modules.values()].flatMap(({ controllers, providers }) =>
    [...controllers.values(), ...providers.values()].flatMap((wrapper) => classesOf(wrapper)),
  );
  return [...new Set(classes)].flatMap((itsClass) => {
    const handlers = handlersOf(itsClass);
    const isMuteGateway = Reflect.getMetadata(GATEWAY, itsClass) === true && handlers.length === 0;
    if (!isMuteGateway) return handlers;
    return [{ kind: 'gateway', name: itsClass.name, handler: itsClass, itsClass, overridden: [] }];
  });
}

/** What a provider is made of: its class, or that of what a factory has made or the application has put there. */
function classesOf({ metatype, instance }: InstanceWrapper<unknown>): Class[] {
  const made: unknown = typeof instance === 'object' && instance !== null ? Object.getPrototypeOf(instance) : undefined;
  const itsClass: unknown =
    made === undefined || made === null ? undefined : (made as { constructor: unknown }).constructor;
  return [metatype, itsClass].filter(isClass);
}

function handlersOf(itsClass: Class): Entrance[] {
  return new MetadataScanner().getAllMethodNames(itsClass.prototype).flatMap((method) => {
    const handler = itsClass.prototype[method];
    if (typeof handler !== 'function') return [];
    const kinds = writtenOnHandlers.filter(([key]) => Reflect.hasMetadata(key, handler)).map(([, kind]) => kind);
    const overridden = implementationsOf(method, itsClass.prototype).filter((other) => other !== handler);
    return kinds.map((kind) => ({ kind, name: `${itsClass.name}.${method}`, handler, itsClass, overridden }));
  });
}

/** The methods of this name of a class and its ancestors. */
function implementationsOf(method: string, prototype: object | null): object[] {
  if (prototype === null || prototype === Object.prototype) return [];
  const own: unknown = Object.getOwnPropertyDescriptor(prototype, method)?.value;
  const ofAncestors = implementationsOf(method, Object.getPrototypeOf(prototype) as object | null);
  return typeof own === 'function' ? [own, ...ofAncestors] : ofAncestors;
}

/** Factories stand where classes do, and an arrow function has no prototype. */
function isClass(value: unknown): value is Class {
  return typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;
}
