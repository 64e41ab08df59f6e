import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { CognitoPrincipal } from '../access/principal.js';
import { CognitoService } from '../user-pool/cognito.service.js';
import type { CognitoUserKey } from './cognito-user-store.js';
import type { DeactivatedUsers, DeactivateMissingOptions } from './deactivate-missing.js';
import type { ImportOptions } from './import-all.js';
import type { ImportProgress } from './import-tally.js';
import { unknownUser, UserAdmission, type UserQuestion } from './user-admission.js';
import { UserCache } from './user-cache.js';
import type { UserImport } from './user-import.js';
import type { ResolvedUserSyncOptions } from './user-sync.options.js';

/**
 * Keeps one row of the application's own database for each user of the pool, as the option `userSync` says.
 *
 * The guard asks it on every route that is not public; ask it yourself where there is no guard. Each step is a small protected
 * method; override one in a subclass and name that in `userSync.service`.
 */
@Injectable()
export class UserSyncService extends UserAdmission implements OnModuleInit {
  readonly #cache: UserCache;

  /** @internal Built by the module; a subclass passes everything on, or has no constructor. */
  constructor(
    options: ResolvedUserSyncOptions | undefined,
    cognito: CognitoService,
    moduleRef: ModuleRef,
    poolNames: readonly string[],
  ) {
    super(options, cognito, moduleRef, poolNames);
    this.#cache = new UserCache(options?.cacheTtl ?? 0);
  }

  /**
   * Holds options, entity and database against each other before the application starts.
   *
   * @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID`
   */
  async onModuleInit(): Promise<void> {
    if (this.options !== undefined) await this.ready();
  }

  /**
   * The local row of a principal: found by the match claim, made if there is none, brought up to date if attributes changed.
   *
   * @param principal who signed in; a machine never has a row
   * @param request handed to hooks and to a function under `attributesFrom`
   * @param manager a transaction of the caller's (TypeORM's EntityManager) to read and write in; default: none
   * @returns the entity, as the DataSource knows it; with `cacheTtl` perhaps a copy of it
   * @throws {@link CognitoError} `COGNITO_USER_SYNC_NOT_CONFIGURED` without the option `userSync`,
   * `COGNITO_USER_UNKNOWN` for machines and, with `createUnknownUsers: false`, for users without a row,
   * `COGNITO_USER_INACTIVE` for disabled users and soft-deleted rows, `COGNITO_USER_CONFLICT` when a unique value of the
   * user (an e-mail, say) belongs to another row, `COGNITO_USER_STORE_UNAVAILABLE`; where Cognito is asked,
   * `COGNITO_THROTTLED`, `COGNITO_UNAVAILABLE` and the errors of GetUser or AdminGetUser
   */
  async getOrCreate<T extends object = object>(
    principal: CognitoPrincipal,
    request?: unknown,
    manager?: object,
  ): Promise<T> {
    const question = await this.#questionOf(principal, request, { manager, isForced: false });
    const remembered = manager === undefined ? this.#cache.get<T>(question.key) : undefined;
    return remembered ?? this.#answer<T>(question);
  }

  /**
   * The same, whatever is remembered and however fresh: Cognito is asked, where `attributesFrom` names it, and what is new is
   * written even with `updateExisting: 'never'`. For after a change of the profile, for instance.
   *
   * @param request handed to hooks and to a function under `attributesFrom`
   * @throws {@link CognitoError} as {@link getOrCreate}
   */
  async sync<T extends object = object>(principal: CognitoPrincipal, request?: unknown): Promise<T> {
    return this.#answer<T>(await this.#questionOf(principal, request, { isForced: true }));
  }

  /**
   * Brings every user of a pool in (ListUsers): makes the rows that are missing, many in one statement where no hook, event or
   * link belongs to each, and writes what is new to the others. Rows are made whatever `createUnknownUsers` says. It may run
   * again, next to requests and to itself: nobody gets a second row. Needs AWS credentials.
   *
   * @param asked the pool and the pace, all optional; see {@link ImportOptions}
   * @returns what became of the users; who could not be brought in is counted by code and does not stop the others
   * @throws {@link CognitoError} `COGNITO_USER_SYNC_NOT_CONFIGURED`, `COGNITO_POOL_UNKNOWN`, `COGNITO_PARAMETER_INVALID`,
   * `COGNITO_USER_STORE_UNAVAILABLE`, the errors of ListUsers; and the reason of the signal. What `onProgress` was told last
   * says where to go on
   */
  async importAll(asked: ImportOptions = {}): Promise<ImportProgress> {
    return this.#import((work) => work.importAll(asked));
  }

  /**
   * Shuts out whose users are gone from the pool (ListUsers, and AdminGetUser for each before anything is done). Nobody is shut out
   * unless the list is complete, nor by a list that lacks more than a tenth of the active rows, unless `force` says so. Rows
   * stay; nobody is let in again by this package. Needs AWS credentials.
   *
   * @param asked the pool and the way, all optional; see {@link DeactivateMissingOptions}
   * @throws {@link CognitoError} `COGNITO_TOO_MANY_USERS_MISSING`, `COGNITO_USER_SYNC_INVALID` where there is neither
   * `activeProperty` nor a column for the date of deletion, and as {@link importAll}
   */
  async deactivateMissing(asked: DeactivateMissingOptions = {}): Promise<DeactivatedUsers> {
    return this.#import((work) => work.deactivateMissing(asked));
  }

  /** Forgets what `cacheTtl` lets this process remember: of one user, after you changed their row; or of all. */
  forget(key?: CognitoUserKey): void {
    if (key === undefined) this.#cache.clear();
    else this.#cache.forget(key);
  }

  /** What the guard asks; undefined when no user sync is configured. */
  override resolve(principal: CognitoPrincipal, request: unknown): Promise<object | undefined> | undefined {
    return this.options === undefined ? undefined : this.getOrCreate(principal, request);
  }

  async #import<R>(work: (all: UserImport) => Promise<R>): Promise<R> {
    const options = this.configured();
    const { store, writer } = await this.ready();
    // On first use: a server that lets users in brings none in.
    const { UserImport } = await import('./user-import.js');
    try {
      return await work(new UserImport({ store, writer, options, cognito: this.cognito }));
    } finally {
      this.forget();
    }
  }

  async #questionOf(
    principal: CognitoPrincipal,
    request: unknown,
    { manager, isForced }: { readonly manager?: object | undefined; readonly isForced: boolean },
  ): Promise<UserQuestion> {
    this.configured();
    if (principal.kind !== 'user') throw unknownUser('A machine has no local user.');
    const { store } = await this.ready();
    const within = manager === undefined ? store : store.within(manager);
    const key = this.keyOf(principal);
    return { principal, request, key, store: within, isForced, reading: this.#cache.read(key) };
  }

  async #answer<T extends object>(question: UserQuestion): Promise<T> {
    const { key, store, reading } = question;
    try {
      const user = await this.admit(question);
      // What a transaction of the caller's has written may yet be taken back.
      if (store === (await this.ready()).store) reading.keep(user, this.staleAt(key, user, store));
      else this.#cache.forget(key);
      return user as T;
    } catch (thrown) {
      this.#cache.forget(key);
      throw thrown;
    }
  }
}
