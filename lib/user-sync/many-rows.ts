import type { EntityManager, FindOptionsWhere } from 'typeorm';
import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import type { CognitoUserKey, NewUser, ShutOutBy, StoredUser } from './cognito-user-store.js';
import type { DatabaseSession } from './database-session.js';
import type { NewRows } from './new-rows.js';
import { nested, valueAt } from './row-values.js';
import type { UserColumn } from './user-columns.js';
import type { UserRow, UserTable } from './user-table.js';

type Outcome = PromiseSettledResult<StoredUser<UserRow>>;

/** How many rows a statement is about; SQLite and PostgreSQL count parameters. */
const BATCH = 500;

/** Many users at once. */
export class ManyRows {
  constructor(
    private readonly session: DatabaseSession,
    private readonly table: UserTable,
    private readonly newRows: NewRows,
  ) {}

  /** The rows of these keys, at their places. */
  async find(keys: readonly CognitoUserKey[]): Promise<readonly (UserRow | undefined)[]> {
    const byKey = new Map<string, UserRow>();
    for (const batch of batchesOf(keys)) {
      const where = await this.#whereAnyOf(batch);
      const rows = await this.session.readWritten((manager) =>
        this.table.repository(manager).find(this.table.findOptions(where)),
      );
      for (const row of rows) byKey.set(this.#keyIn(row), row);
    }
    return keys.map((key) => byKey.get(this.#textOf(key)));
  }

  /**
   * Makes users in one statement for each batch; where that is refused, those who can be made are found by halves.
   *
   * @param createOne what makes one of them
   */
  async create(
    users: readonly NewUser[],
    createOne: (user: NewUser) => Promise<StoredUser<UserRow>>,
  ): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const batch of batchesOf(users)) {
      const made = await this.#createMost(batch);
      for (const user of batch) {
        const row = made.get(this.#textOf(user.key));
        made.delete(this.#textOf(user.key));
        if (row === undefined) outcomes.push(...(await Promise.allSettled([createOne(user)])));
        else outcomes.push({ status: 'fulfilled', value: { user: row, written: true } });
      }
    }
    return outcomes;
  }

  /** The keys of those of a pool whom their rows let in. */
  async activeKeys(pool: string, by?: ShutOutBy): Promise<readonly CognitoUserKey[]> {
    this.#shutOutBy(by);
    const { match, pool: poolColumn, active } = this.table.columns;
    const rows = await this.session.readWritten((manager) => {
      const select = this.table.repository(manager).createQueryBuilder('u').select(`u.${match.property}`, 'value');
      select.where(`u.${match.property} IS NOT NULL`);
      if (poolColumn !== undefined) select.andWhere(`u.${poolColumn.property} = :pool`, { pool });
      if (active !== undefined) select.andWhere(`u.${active.property} = :isActive`, { isActive: true });
      return select.getRawMany<{ value: unknown }>();
    });
    return rows.map(({ value }) => ({ value: String(value), pool }));
  }

  /** Shuts out those who are not; returns how many. */
  async deactivate(keys: readonly CognitoUserKey[], by?: ShutOutBy): Promise<number> {
    const way = this.#shutOutBy(by);
    let written = 0;
    for (const batch of batchesOf(keys)) {
      const where = await this.#whereAnyOf(batch);
      written += await this.session.write((manager) => this.#shutOut(manager, way, where));
    }
    return written;
  }

  /** One bad user in five hundred costs some twenty statements, and not five hundred. */
  async #createMost(users: readonly NewUser[]): Promise<Map<string, UserRow>> {
    const made = await this.#createBatch(users);
    if (made.size > 0 || users.length < 2) return made;
    const middle = Math.ceil(users.length / 2);
    const first = await this.#createMost(users.slice(0, middle));
    return new Map([...first, ...(await this.#createMost(users.slice(middle)))]);
  }

  async #createBatch(users: readonly NewUser[]): Promise<Map<string, UserRow>> {
    const { groups } = this.table.columns;
    if (groups?.kind === 'relation' && users.some((user) => user.groups !== undefined)) return new Map();
    try {
      const inserted = await this.session.write((manager) =>
        this.newRows.insert(
          manager,
          users.map(({ key, ...facts }) => this.table.newRow(manager, key, facts)),
        ),
      );
      if (inserted.kind === 'refused') return new Map();
      if (inserted.kind === 'rows') return this.#byKey(inserted.rows);
      const made = inserted.kind === 'partly' ? this.#byKey(inserted.rows) : undefined;
      const keys = users.map(({ key }) => key).filter((key) => made?.has(this.#textOf(key)) ?? true);
      return this.#byKey(await this.find(keys));
    } catch (thrown) {
      // One by one it comes to light whose fault it is; a database out of reach is everybody's.
      if (isCognitoError(thrown, 'COGNITO_USER_STORE_UNAVAILABLE')) throw thrown;
      return new Map();
    }
  }

  #byKey(rows: readonly (UserRow | undefined)[]): Map<string, UserRow> {
    return new Map(rows.flatMap((row) => (row === undefined ? [] : [[this.#keyIn(row), row] as const])));
  }

  async #shutOut(manager: EntityManager, way: ShutOutBy, where: FindOptionsWhere<UserRow>[]): Promise<number> {
    const { IsNull } = await import('typeorm');
    const repository = this.table.repository(manager);
    const { active, deleted } = this.table.columns;
    const set = (column: UserColumn | undefined, value: unknown): Record<string, unknown> =>
      column === undefined ? {} : nested(new Map([[column.property, value]]));
    let written = 0;
    for (const who of where) {
      const { affected } =
        way === 'flag'
          ? await repository.update({ ...who, ...set(active, true) }, set(active, false))
          : await repository.softDelete({ ...who, ...set(deleted, IsNull()) });
      written += affected ?? 0;
    }
    return written;
  }

  #shutOutBy(by: ShutOutBy | undefined): ShutOutBy {
    const { active, deleted } = this.table.columns;
    const way = by ?? (active === undefined ? 'soft-delete' : 'flag');
    if ((way === 'flag' ? active : deleted) !== undefined) return way;
    const missing = way === 'flag' ? '`activeProperty`' : 'a column for the date of deletion (`@DeleteDateColumn`)';
    throw new CognitoError('COGNITO_USER_SYNC_INVALID', { detail: `userSync: shutting users out needs ${missing}.` });
  }

  /** One condition for each pool among the keys. */
  async #whereAnyOf(keys: readonly CognitoUserKey[]): Promise<FindOptionsWhere<UserRow>[]> {
    const { In } = await import('typeorm');
    const { match, pool } = this.table.columns;
    const pools = pool === undefined ? [undefined] : [...new Set(keys.map((key) => key.pool))];
    return pools.map((name) => {
      const values = keys.filter((key) => name === undefined || key.pool === name).map(({ value }) => value);
      const condition = new Map<string, unknown>([[match.property, In(values)]]);
      return nested(pool === undefined ? condition : condition.set(pool.property, name));
    });
  }

  #textOf({ value, pool }: CognitoUserKey): string {
    return JSON.stringify(this.table.columns.pool === undefined ? [value] : [value, pool]);
  }

  #keyIn(row: UserRow): string {
    const { match, pool } = this.table.columns;
    const properties = pool === undefined ? [match.property] : [match.property, pool.property];
    return JSON.stringify(properties.map((property) => valueAt(row, property)));
  }
}

function batchesOf<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / BATCH) }, (_, index) =>
    all.slice(index * BATCH, (index + 1) * BATCH),
  );
}
