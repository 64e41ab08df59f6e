import type { DataSource, EntityManager } from 'typeorm';
import { CognitoError } from '../errors/cognito.error.js';
import {
  type CognitoUserKey,
  CognitoUserStore,
  type LocalStanding,
  type NewUser,
  type ShutOutBy,
  type StoredUser,
  type UserFacts,
} from './cognito-user-store.js';
import { type DatabaseSession, openSession, sessionWithin } from './database-session.js';
import { GroupRelation } from './group-relation.js';
import { NewRows } from './new-rows.js';
import { assignValues, nested, valueAt, type ValuesByProperty } from './row-values.js';
import type { UserColumn } from './user-columns.js';
import type { ResolvedUserSyncOptions } from './user-sync.options.js';
import { type UserRow, UserTable } from './user-table.js';
import { ManyRows } from './many-rows.js';

export type { UserRow } from './user-table.js';

/** Local users in a table of TypeORM's. The database alone decides races: nothing is read in order to be written. */
export class TypeOrmUserStore extends CognitoUserStore<UserRow> {
  readonly #dataSource: DataSource;
  readonly #options: ResolvedUserSyncOptions;
  readonly #session: DatabaseSession;
  readonly #table: UserTable;
  readonly #newRows: NewRows;

  /**
   * @param dataSource an initialised DataSource
   * @param inherited what a store within a transaction has from the one outside of it
   * @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID` when entity, DataSource and options do not fit together
   */
  constructor(
    dataSource: object,
    options: ResolvedUserSyncOptions,
    inherited?: { readonly session: DatabaseSession; readonly table: UserTable },
  ) {
    super();
    this.#dataSource = dataSource as DataSource;
    this.#options = options;
    this.#table = inherited?.table ?? new UserTable(this.#dataSource, options);
    this.#session = inherited?.session ?? openSession(this.#dataSource);
    this.#newRows = new NewRows(this.#dataSource, this.#table);
  }

  get attributes(): readonly string[] {
    return this.#table.columns.mapped.flatMap(({ attribute }) => attribute ?? []);
  }

  override get transaction(): EntityManager | undefined {
    return this.#session.transaction;
  }

  /**
   * Finds the row of a key, soft-deleted or not; one SELECT, from a replica where there is one.
   *
   * @throws {@link CognitoError} `COGNITO_USER_CONFLICT` when the database takes another value for the same, as collations
   * that ignore case, accents or trailing spaces do
   */
  async find(key: CognitoUserKey): Promise<UserRow | undefined> {
    return this.#session.read((manager) => this.#findBy(manager, key));
  }

  async create(key: CognitoUserKey, facts: UserFacts): Promise<StoredUser<UserRow>> {
    const hasGroups = facts.groups !== undefined && this.#table.columns.groups?.kind === 'relation';
    if (!hasGroups) return this.#create(key, facts);
    return this.#within(async (store) => {
      const made = await store.#create(key, facts);
      if (made.written) await store.#setGroups(made.user, facts);
      return made;
    });
  }

  async update(user: UserRow, facts: UserFacts, all = false): Promise<StoredUser<UserRow>> {
    const hasGroups = this.#groups.areNew(user, facts);
    const news = all ? this.#table.valuesOf(facts) : this.#table.newsFor(user, facts);
    const changes = new Map([...news, ...this.#table.syncedAtOf(facts)]);
    const written = news.size > 0 || hasGroups;
    if (!hasGroups) await this.#write(user, changes, written);
    else {
      await this.#within(async (store) => {
        await store.#write(user, changes, written);
        await store.#setGroups(user, facts);
      });
    }
    return { user, written };
  }

  override hasNews(user: UserRow, facts: UserFacts): boolean {
    return this.#table.newsFor(user, facts).size > 0 || this.#groups.areNew(user, facts);
  }

  standingOf(user: UserRow): LocalStanding {
    const { active, deleted } = this.#table.columns;
    if (active !== undefined && valueAt(user, active.property) !== true) return 'inactive';
    return deleted !== undefined && (valueAt(user, deleted.property) ?? null) !== null ? 'deleted' : 'active';
  }

  syncedAt(user: UserRow): number | undefined {
    const { syncedAt } = this.#table.columns;
    const value = syncedAt === undefined ? undefined : valueAt(user, syncedAt.property);
    return value instanceof Date ? value.getTime() : undefined;
  }

  async together<R>(work: (store: CognitoUserStore<UserRow>) => Promise<R>): Promise<R> {
    return this.#within(work);
  }

  override within(transaction: object): TypeOrmUserStore {
    if (!('getRepository' in transaction)) {
      const detail = 'User sync was given a transaction that is no EntityManager of TypeORM.';
      throw new CognitoError('COGNITO_USER_SYNC_INVALID', { detail });
    }
    return this.#at(sessionWithin(this.#dataSource, transaction as EntityManager));
  }

  override async link(key: CognitoUserKey, email: string): Promise<UserRow | undefined> {
    const address = this.#table.columns.mapped.find(({ attribute }) => attribute === 'email');
    const candidate = address === undefined ? undefined : await this.#linkable(key, address, email);
    if (candidate === undefined) return undefined;
    await this.#session.write((manager) => this.#claim(manager, candidate, key));
    // Two may have asked at once, of one key or of two: the row says whose it is now.
    return this.#session.readWritten((manager) => this.#findBy(manager, key));
  }

  override async restore(user: UserRow): Promise<UserRow> {
    const { deleted } = this.#table.columns;
    if (deleted === undefined) return user;
    await this.#session.write((manager) =>
      this.#table.repository(manager).createQueryBuilder().restore().whereEntity(user).execute(),
    );
    assignValues(user, new Map([[deleted.property, null]]));
    return user;
  }

  override async findMany(keys: readonly CognitoUserKey[]): Promise<readonly (UserRow | undefined)[]> {
    return this.#many.find(keys);
  }

  override async createMany(users: readonly NewUser[]): Promise<readonly PromiseSettledResult<StoredUser<UserRow>>[]> {
    return this.#many.create(users, ({ key, ...facts }) => this.create(key, facts));
  }

  override async activeKeys(pool: string, by?: ShutOutBy): Promise<readonly CognitoUserKey[]> {
    return this.#many.activeKeys(pool, by);
  }

  override async deactivate(keys: readonly CognitoUserKey[], by?: ShutOutBy): Promise<number> {
    return this.#many.deactivate(keys, by);
  }

  get #many(): ManyRows {
    return new ManyRows(this.#session, this.#table, this.#newRows);
  }

  get #groups(): GroupRelation {
    return new GroupRelation(this.#table);
  }

  async #findBy(manager: EntityManager, key: CognitoUserKey): Promise<UserRow | undefined> {
    // `findOne` would be two statements for an entity with eager relations.
    const options = this.#table.findOptions(nested(this.#table.matchOf(key)));
    const [row] = await this.#table.repository(manager).find(options);
    return row === undefined ? undefined : this.#own(row, key);
  }

  #own(row: UserRow, key: CognitoUserKey): UserRow {
    if (this.#table.isOf(row, key)) return row;
    const detail = 'The database holds the match property of another user for equal to that of this one.';
    throw new CognitoError('COGNITO_USER_CONFLICT', { detail });
  }

  async #create(key: CognitoUserKey, facts: UserFacts): Promise<StoredUser<UserRow>> {
    const inserted = await this.#session.write((manager) =>
      this.#newRows.insert(manager, [this.#table.newRow(manager, key, facts)]),
    );
    const [row] = inserted.kind === 'rows' ? inserted.rows : [];
    if (row !== undefined) return { user: row, written: true };
    return { user: await this.#made(key), written: inserted.kind === 'written' };
  }

  /** The row that is there by now, whoever made it. */
  async #made(key: CognitoUserKey): Promise<UserRow> {
    const row = await this.#session.readWritten(
      async (manager) => (await this.#findBy(manager, key)) ?? (await this.#findPastSnapshot(manager, key)),
    );
    if (row !== undefined) return row;
    const detail = 'The row of the user would repeat a value that is unique and belongs to another row.';
    throw new CognitoError('COGNITO_USER_CONFLICT', { detail });
  }

  /**
   * A transaction of MySQL and MariaDB reads what was there when it began; only a locking read sees who came first. Many who
   * come late may share the lock: an exclusive one would have them wait for each other without end.
   */
  async #findPastSnapshot(manager: EntityManager, key: CognitoUserKey): Promise<UserRow | undefined> {
    const isFrozen = this.transaction !== undefined && ['mysql', 'mariadb'].includes(this.#dataSource.options.type);
    if (!isFrozen) return undefined;
    const options = this.#table.findOptions(nested(this.#table.matchOf(key)));
    const query = this.#table.repository(manager).createQueryBuilder().setFindOptions(options);
    const [row] = await withSharedLock(query).getMany();
    return row === undefined ? undefined : this.#own(row, key);
  }

  /** @param isChange whether the row changes; when Cognito was asked is no change, and leaves the date of the last one */
  async #write(user: UserRow, changes: ValuesByProperty, isChange: boolean): Promise<void> {
    if (changes.size === 0) return;
    const { updatedAt } = this.#table.columns;
    const kept =
      isChange || updatedAt === undefined ? new Map() : new Map([[updatedAt.property, this.#itself(updatedAt)]]);
    await this.#session.write((manager) => {
      const update = this.#table.repository(manager).createQueryBuilder().update();
      // `whereEntity` reads the columns back that the database or TypeORM sets with every update.
      return update
        .set(nested(new Map([...changes, ...kept])))
        .whereEntity(user)
        .updateEntity(isChange)
        .execute();
    });
    assignValues(user, changes);
  }

  #itself({ databaseName }: UserColumn): () => string {
    return () => this.#dataSource.driver.escape(databaseName);
  }

  async #setGroups(user: UserRow, facts: UserFacts): Promise<void> {
    await this.#session.write((manager) => this.#groups.set(manager, user, facts));
  }

  /** The one row with an address and no key; found by an equality of the database's, and kept only if it is one of ours. */
  async #linkable(key: CognitoUserKey, { property }: UserColumn, email: string): Promise<UserRow | undefined> {
    const { match, pool } = this.#table.columns;
    const options = { ...this.#table.findOptions(nested(new Map([[property, email]]))), withDeleted: false };
    const rows = await this.#session.readWritten((manager) => this.#table.repository(manager).find(options));
    const free = rows.filter(
      (row) =>
        valueAt(row, property) === email &&
        (valueAt(row, match.property) ?? null) === null &&
        (pool === undefined || [null, key.pool].includes((valueAt(row, pool.property) ?? null) as string | null)),
    );
    return free.length === 1 ? free[0] : undefined;
  }

  #claim(manager: EntityManager, candidate: UserRow, key: CognitoUserKey): Promise<unknown> {
    const update = this.#table
      .repository(manager)
      .createQueryBuilder()
      .update()
      .set(nested(this.#table.matchOf(key)));
    const free = `${this.#dataSource.driver.escape(this.#table.columns.match.databaseName)} IS NULL`;
    return update.whereEntity(candidate).updateEntity(false).andWhere(free).execute();
  }

  #within<R>(work: (store: TypeOrmUserStore) => Promise<R>): Promise<R> {
    return this.#session.together((session) => work(this.#at(session)));
  }

  #at(session: DatabaseSession): TypeOrmUserStore {
    return new TypeOrmUserStore(this.#dataSource, this.#options, { session, table: this.#table });
  }
}

/**
 * In words that MySQL and MariaDB both know. TypeORM takes MariaDB under `type: 'mysql'` for MySQL 8 and writes `FOR SHARE`, which
 * MariaDB refuses.
 */
function withSharedLock<Query extends object>(query: Query): Query {
  return Object.defineProperty(query, 'createLockExpression', { value: () => ' LOCK IN SHARE MODE' });
}
