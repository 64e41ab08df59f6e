import { Injectable, type InjectionToken, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { LocalUsers } from '../access/local-users.js';
import type { CognitoPrincipal, CognitoUserPrincipal } from '../access/principal.js';
import { CognitoError } from '../errors/cognito.error.js';
import { CognitoService } from '../user-pool/cognito.service.js';
import { defaultDataSourceToken, TypeOrmUserStore, type UserKey, type UserRow } from './typeorm-user-store.js';
import { UserAttributes } from './user-attributes.js';
import { isDataSource, type ResolvedUserSyncOptions } from './user-sync.options.js';

/**
 * Keeps one row of the application's own database for each user of the pool, as the option `userSync` says.
 *
 * The guard asks it on every route that is not public; ask it yourself where there is no guard.
 */
@Injectable()
export class UserSyncService extends LocalUsers implements OnModuleInit {
  #ready: Promise<Sync> | undefined;

  /** @internal Built by the module. */
  constructor(
    private readonly options: ResolvedUserSyncOptions | undefined,
    private readonly cognito: CognitoService,
    private readonly moduleRef: ModuleRef,
    private readonly poolNames: readonly string[],
  ) {
    super();
  }

  /**
   * Holds options, entity and database against each other before the application starts.
   *
   * @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID`
   */
  async onModuleInit(): Promise<void> {
    if (this.options !== undefined) await this.#sync(this.options);
  }

  /**
   * The local row of a principal: found by the match claim, made if there is none, brought up to date if attributes changed.
   *
   * @param principal who signed in; a machine never has a row
   * @param _request the request that carries the token
   * @returns the entity, as the DataSource knows it
   * @throws {@link CognitoError} `COGNITO_USER_SYNC_NOT_CONFIGURED` without the option `userSync`,
   * `COGNITO_LOCAL_USER_UNKNOWN` for machines and, with `createUnknownUsers: false`, for users without a row,
   * `COGNITO_LOCAL_USER_INACTIVE` for disabled users and soft-deleted rows, `COGNITO_USER_CONFLICT` when a unique value of the
   * user (an e-mail, say) belongs to another row, `COGNITO_DATABASE_UNAVAILABLE`; where Cognito is asked,
   * `COGNITO_THROTTLED`, `COGNITO_UNAVAILABLE` and the errors of GetUser or AdminGetUser
   */
  async getOrCreate<T extends object = object>(principal: CognitoPrincipal, _request?: unknown): Promise<T> {
    if (this.options === undefined) {
      const detail = 'User sync is not configured: write the option `userSync: { entity }` of CognitoModule.';
      throw new CognitoError('COGNITO_USER_SYNC_NOT_CONFIGURED', { detail });
    }
    if (principal.kind !== 'user') throw unknownUser('A machine has no local user.');
    const row = await this.#rowOf(principal, this.options, await this.#sync(this.options));
    return row as T;
  }

  /** What the guard asks; undefined when no user sync is configured. */
  override async resolve(principal: CognitoPrincipal, request: unknown): Promise<object | undefined> {
    return this.options === undefined ? undefined : this.getOrCreate(principal, request);
  }

  async #rowOf(principal: CognitoUserPrincipal, options: ResolvedUserSyncOptions, sync: Sync): Promise<UserRow> {
    const { store, attributes } = sync;
    const key = keyOf(principal, options);
    const account = await attributes.ofActiveAccount(principal);
    const known = await store.find(key);
    if (known === undefined && !options.createUnknownUsers) throw unknownUser('The user has no row.');
    if (known !== undefined) refuseInactive(known, options, store);
    if (known !== undefined && options.updateExisting === 'never') return known;

    const values = account ?? (await attributes.of(principal, known === undefined));
    if (known !== undefined) return store.update(known, values);
    const created = await store.create(key, values);
    refuseInactive(created, options, store);
    return created;
  }

  #sync(options: ResolvedUserSyncOptions): Promise<Sync> {
    this.#ready ??= this.#connect(options);
    return this.#ready;
  }

  async #connect(options: ResolvedUserSyncOptions): Promise<Sync> {
    if (this.poolNames.length > 1 && options.match.poolProperty === undefined) {
      throw invalid('with several pools two users may have one name: write `match.poolProperty`');
    }
    const store = new TypeOrmUserStore(await this.#dataSource(options), options);
    return { store, attributes: new UserAttributes(options, store.attributes, this.cognito) };
  }

  async #dataSource({ dataSource }: ResolvedUserSyncOptions): Promise<object> {
    if (isDataSource(dataSource)) return dataSource;
    const token = dataSource ?? (await defaultDataSourceToken());
    const found = this.#provided(token);
    if (isDataSource(found)) return found;
    const name = typeof token === 'function' ? token.name : String(token);
    throw invalid(`no module provides the DataSource (${name}); import TypeOrmModule.forRoot, or write \`dataSource\``);
  }

  #provided(token: InjectionToken): unknown {
    try {
      return this.moduleRef.get(token, { strict: false });
    } catch {
      return undefined;
    }
  }
}

interface Sync {
  readonly store: TypeOrmUserStore;
  readonly attributes: UserAttributes;
}

/** What the row is found by. An absent value must not reach the database: a condition without one matches every row. */
function keyOf(principal: CognitoUserPrincipal, { match }: ResolvedUserSyncOptions): UserKey {
  const value: unknown = principal[match.claim];
  if (typeof value !== 'string' || value === '') throw unknownUser(`The principal has no ${match.claim}.`);
  const key = { [match.property]: value };
  return match.poolProperty === undefined ? key : { ...key, [match.poolProperty]: principal.pool };
}

function refuseInactive(row: UserRow, { activeProperty }: ResolvedUserSyncOptions, store: TypeOrmUserStore): void {
  const isShutOut = activeProperty !== undefined && row[activeProperty] !== true;
  if (!isShutOut && !store.isDeleted(row)) return;
  const detail = isShutOut ? `The user's row has no true in ${activeProperty}.` : "The user's row was soft-deleted.";
  throw new CognitoError('COGNITO_LOCAL_USER_INACTIVE', { detail });
}

function unknownUser(detail: string): CognitoError {
  return new CognitoError('COGNITO_LOCAL_USER_UNKNOWN', { detail });
}

function invalid(fault: string): CognitoError {
  return new CognitoError('COGNITO_USER_SYNC_INVALID', { detail: `userSync: ${fault}.` });
}
