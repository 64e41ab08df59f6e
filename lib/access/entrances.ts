import 'reflect-metadata';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';

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
    [...controllers.values(), ...providers.values()].flatMap(({ metatype }) => (isClass(metatype) ? [metatype] : [])),
  );
  return [...new Set(classes)].flatMap((itsClass) => {
    const handlers = handlersOf(itsClass);
    const isMuteGateway = Reflect.getMetadata(GATEWAY, itsClass) === true && handlers.length === 0;
    return isMuteGateway ? [{ kind: 'gateway', name: itsClass.name, handler: itsClass, itsClass }] : handlers;
  });
}

function handlersOf(itsClass: Class): Entrance[] {
  return new MetadataScanner().getAllMethodNames(itsClass.prototype).flatMap((method) => {
    const handler = itsClass.prototype[method];
    if (typeof handler !== 'function') return [];
    const kinds = writtenOnHandlers.filter(([key]) => Reflect.hasMetadata(key, handler)).map(([, kind]) => kind);
    return kinds.map((kind) => ({ kind, name: `${itsClass.name}.${method}`, handler, itsClass }));
  });
}

/** Factories stand where classes do, and an arrow function has no prototype. */
function isClass(value: unknown): value is Class {
  return typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;
}
