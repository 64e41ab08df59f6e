import { Logger } from '@nestjs/common';
import { type ModuleRef, ModulesContainer } from '@nestjs/core';
import type { CognitoPrincipal } from '../access/principal.js';
import type { CognitoUserKey } from './cognito-user-store.js';

/** The events of user sync on `@nestjs/event-emitter`, by what happened to a local user. */
export const USER_EVENTS = {
  created: 'cognito.user.created',
  updated: 'cognito.user.updated',
  linked: 'cognito.user.linked',
  restored: 'cognito.user.restored',
} as const;

/** What happened to a local user. */
export type UserEventName = (typeof USER_EVENTS)[keyof typeof USER_EVENTS];

/** What listeners are told. */
export interface UserEvent<T extends object = object> {
  /** As it was written. */
  readonly user: T;
  readonly key: CognitoUserKey;
  /** Who signed in; undefined where a whole pool is brought in. */
  readonly principal: CognitoPrincipal | undefined;
}

interface Emitter {
  emit(name: string, event: UserEvent): unknown;
}

/**
 * Tells the application's event emitter what was written, after it was. The emitter is recognised by its form:
 * `@nestjs/event-emitter` is loaded by applications that want it, and never by this package.
 */
export class UserEvents {
  readonly #logger = new Logger('UserSyncService');
  #emitter: Emitter | 'none' | undefined;

  constructor(private readonly moduleRef: ModuleRef) {}

  /** Whether anybody could listen. */
  get areHeard(): boolean {
    this.#emitter ??= emitterOf(this.moduleRef) ?? 'none';
    return this.#emitter !== 'none';
  }

  /** A listener that throws does not undo what was written. */
  emit(name: UserEventName, event: UserEvent): void {
    if (!this.areHeard) return;
    try {
      (this.#emitter as Emitter).emit(name, event);
    } catch (thrown) {
      const kind = thrown instanceof Error ? thrown.name : typeof thrown;
      this.#logger.error(`A listener of ${name} failed (${kind}).`);
    }
  }
}

function emitterOf(moduleRef: ModuleRef): Emitter | undefined {
  for (const { providers } of modulesOf(moduleRef)) {
    for (const { instance } of providers.values()) {
      if (isEmitter(instance)) return instance;
    }
  }
  return undefined;
}

/** None where the service was built outside of an application. */
function modulesOf(moduleRef: ModuleRef): Iterable<MapValue<ModulesContainer>> {
  try {
    return moduleRef.get(ModulesContainer, { strict: false }).values();
  } catch {
    return [];
  }
}

type MapValue<M> = M extends ReadonlyMap<unknown, infer V> ? V : never;

/** What an EventEmitter2 can do, and no emitter of Node's. */
function isEmitter(value: unknown): value is Emitter {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return ['emit', 'emitAsync', 'onAny'].every(
      (name) => typeof (value as Record<string, unknown>)[name] === 'function',
    );
  } catch {
    // Some proxy of the application's that knows no such names.
    return false;
  }
}
