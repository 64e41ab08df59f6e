import { applicationFault } from '../access/application-fault.js';
import type { CognitoPrincipal } from '../access/principal.js';
import type { AttributeValues, CognitoUserStore, NewUser, StoredUser } from './cognito-user-store.js';
import type { UserSyncHooks, UserWrite } from './user-sync-hooks.js';
import { USER_EVENTS, type UserEventName, type UserEvents } from './user-events.js';

/** On whose behalf something is written. */
export interface WriteOccasion {
  /** Undefined where a whole pool is brought in. */
  readonly principal: CognitoPrincipal | undefined;
  readonly request: unknown;
}

type HookName = keyof UserSyncHooks;

/** Writes users one by one, with everything that belongs to it: hooks in one transaction with the write, then the event. */
export class UserWriter {
  constructor(
    private readonly hooks: UserSyncHooks,
    private readonly events: UserEvents,
  ) {}

  /** Whether nothing belongs to a new user but the row, so that many may be made at once. */
  get isSilent(): boolean {
    return !this.#has('beforeCreate', 'afterCreate') && !this.events.areHeard;
  }

  async create<T extends object>(
    store: CognitoUserStore<T>,
    user: NewUser,
    occasion: WriteOccasion,
  ): Promise<StoredUser<T>> {
    const stored = await this.#along(store, ['beforeCreate', 'afterCreate'], async (within) => {
      const write = writeOf(within, user, occasion);
      const attributes = await this.#before('beforeCreate', write, [write]);
      const created = await within.create(user.key, { ...factsOf(user), attributes });
      if (created.written) await this.#after('afterCreate', created.user, { ...write, attributes });
      return created;
    });
    if (stored.written) this.tell(USER_EVENTS.created, stored.user, user, occasion);
    return stored;
  }

  /**
   * Writes what is new to a known user.
   *
   * @param all what is not new as well
   */
  async update<T extends object>(
    store: CognitoUserStore<T>,
    known: T,
    news: NewUser,
    occasion: WriteOccasion,
    all = false,
  ): Promise<StoredUser<T>> {
    const stored = await this.#along(store, ['beforeUpdate', 'afterUpdate'], async (within) => {
      const write = writeOf(within, news, occasion);
      const attributes = await this.#before('beforeUpdate', write, [known, write]);
      const updated = await within.update(known, { ...factsOf(news), attributes }, all);
      if (updated.written) await this.#after('afterUpdate', updated.user, { ...write, attributes });
      return updated;
    });
    if (stored.written) this.tell(USER_EVENTS.updated, stored.user, news, occasion);
    return stored;
  }

  /** Says what was written to whoever listens. */
  tell(name: UserEventName, user: object, { key }: NewUser, { principal }: WriteOccasion): void {
    this.events.emit(name, { user, key, principal });
  }

  /** A single statement needs no transaction. */
  #along<T extends object, R>(
    store: CognitoUserStore<T>,
    names: readonly HookName[],
    work: (within: CognitoUserStore<T>) => Promise<R>,
  ): Promise<R> {
    return this.#has(...names) ? store.together(work) : work(store);
  }

  #has(...names: readonly HookName[]): boolean {
    return names.some((name) => this.hooks[name] !== undefined);
  }

  async #before(
    name: 'beforeCreate' | 'beforeUpdate',
    { attributes }: UserWrite,
    parameters: readonly unknown[],
  ): Promise<AttributeValues> {
    const changed = await this.#ask(name, parameters);
    return (changed as AttributeValues | undefined) ?? attributes;
  }

  async #after(name: 'afterCreate' | 'afterUpdate', user: object, write: UserWrite): Promise<void> {
    await this.#ask(name, [user, write]);
  }

  /** What goes wrong in a hook is the application's, and no answer of the database about a user. */
  async #ask(name: HookName, parameters: readonly unknown[]): Promise<unknown> {
    const hook = this.hooks[name] as ((...parameters: readonly unknown[]) => unknown) | undefined;
    try {
      return await hook?.apply(this.hooks, [...parameters]);
    } catch (thrown) {
      throw applicationFault(thrown, `userSync.hooks.${name}`);
    }
  }
}

function writeOf(
  { transaction }: CognitoUserStore,
  { key, attributes }: NewUser,
  { principal, request }: WriteOccasion,
): UserWrite {
  return { key, attributes, principal, request, transaction };
}

function factsOf({ attributes, groups, syncedAt }: NewUser): Omit<NewUser, 'key'> {
  return { attributes, groups, syncedAt };
}
