import type { InjectionToken } from '@nestjs/common';
import type { DataSource, FindOptionsWhere, ObjectLiteral, Repository } from 'typeorm';
import { CognitoError } from '../errors/cognito.error.js';
import { columnValue, isSameValue } from './column-value.js';
import { fromDatabaseError, isUniqueViolation } from './database-fault.js';
import { type MappedColumn, type UserColumns, userColumnsOf } from './user-columns.js';
import type { ResolvedUserSyncOptions } from './user-sync.options.js';

/** The values of the match properties, by property. Never empty, never with an undefined value. */
export type UserKey = Readonly<Record<string, string>>;

/** A row of the application's own. */
export type UserRow = ObjectLiteral;

/**
 * Loads TypeORM and names the token under which `TypeOrmModule.forRoot` provides its DataSource.
 *
 * @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID` when TypeORM is not installed
 */
export async function defaultDataSourceToken(): Promise<InjectionToken> {
  try {
    return (await import('typeorm')).DataSource;
  } catch (thrown) {
    const isMissing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND';
    if (!isMissing) throw thrown;
    const detail = 'userSync needs TypeORM, which is not installed: npm install typeorm';
    throw new CognitoError('COGNITO_USER_SYNC_INVALID', { detail });
  }
}

/** The statements of user sync. The database alone decides races: nothing is read in order to be written. */
export class TypeOrmUserStore {
  readonly #dataSource: DataSource;
  readonly #repository: Repository<UserRow>;
  readonly #columns: UserColumns;

  /** @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID` when entity, DataSource and options do not fit together */
  constructor(dataSource: object, options: ResolvedUserSyncOptions) {
    this.#dataSource = dataSource as DataSource;
    this.#repository = repositoryOf(this.#dataSource, options);
    this.#columns = userColumnsOf(this.#repository.metadata, options);
  }

  /** The attributes that properties follow. */
  get attributes(): readonly string[] {
    return this.#columns.mapped.map(({ attribute }) => attribute);
  }

  /** Tells whether a row was soft-deleted. */
  isDeleted(row: UserRow): boolean {
    const { deleted } = this.#columns;
    return deleted !== undefined && (row[deleted] ?? null) !== null;
  }

  /**
   * Finds the row of a key, soft-deleted or not; one SELECT.
   *
   * @throws {@link CognitoError} `COGNITO_USER_CONFLICT` when the database takes another value for the same, as collations
   * that ignore case, accents or trailing spaces do
   */
  async find(key: UserKey): Promise<UserRow | undefined> {
    // `findOne` would be two statements for an entity with eager relations.
    const where = key as FindOptionsWhere<UserRow>;
    const [row] = await this.#ask(() => this.#repository.find({ where, withDeleted: true }));
    if (row === undefined || Object.entries(key).every(([property, value]) => row[property] === value)) return row;
    const detail = 'The database holds the match property of another user for equal to that of this one.';
    throw new CognitoError('COGNITO_USER_CONFLICT', { detail });
  }

  /**
   * Makes the row of a key, unless somebody else does so at the same moment, and reads it.
   *
   * @throws {@link CognitoError} `COGNITO_USER_CONFLICT` when another row has a unique value of this user
   */
  async create(key: UserKey, attributes: Readonly<Record<string, unknown>>): Promise<UserRow> {
    await this.#insert({ ...key, ...this.#valuesOf(attributes) });
    const row = await this.find(key);
    if (row !== undefined) return row;
    const detail = 'The row of the user would repeat a value that is unique and belongs to another row.';
    throw new CognitoError('COGNITO_USER_CONFLICT', { detail });
  }

  /**
   * Writes what is new to a row: no statement when nothing is.
   *
   * @returns the row as it is now
   * @throws {@link CognitoError} `COGNITO_USER_CONFLICT` when another row has a unique value of this user
   */
  async update(row: UserRow, attributes: Readonly<Record<string, unknown>>): Promise<UserRow> {
    const values = this.#valuesOf(attributes);
    const changed = this.#columns.mapped.filter((column) => isNew(column, row, values));
    if (changed.length === 0) return row;
    const changes = Object.fromEntries(changed.map(({ property }) => [property, values[property]]));
    // `whereEntity` reads the columns back that the database or TypeORM sets with every update.
    await this.#ask(() => this.#repository.createQueryBuilder().update().set(changes).whereEntity(row).execute());
    return Object.assign(row, changes);
  }

  /**
   * One statement that makes the row or does nothing. MySQL and MariaDB know no such statement that tells the key from other
   * unique columns (their upsert would overwrite the row of whoever has the same e-mail): there a refused INSERT is nothing.
   */
  async #insert(values: Readonly<Record<string, unknown>>): Promise<void> {
    const row = Object.assign(this.#repository.create(), values);
    const insert = this.#repository.createQueryBuilder().insert().values(row).updateEntity(false);
    if (this.#dataSource.driver.supportedUpsertTypes.includes('on-conflict-do-update')) insert.orIgnore();
    await this.#ask(async () => {
      try {
        await insert.execute();
      } catch (thrown) {
        if (!isUniqueViolation(thrown)) throw thrown;
      }
    });
  }

  #valuesOf(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const values = this.#columns.mapped.map(({ attribute, property, kind }): [string, unknown] => [
      property,
      columnValue(kind, attributes[attribute]),
    ]);
    return Object.fromEntries(values.filter(([, value]) => value !== undefined));
  }

  async #ask<T>(statement: () => Promise<T>): Promise<T> {
    try {
      return await statement();
    } catch (thrown) {
      throw fromDatabaseError(thrown, !this.#dataSource.isInitialized);
    }
  }
}

function isNew({ property, kind }: MappedColumn, row: UserRow, values: Readonly<Record<string, unknown>>): boolean {
  return values[property] !== undefined && !isSameValue(kind, row[property], values[property]);
}

function repositoryOf(dataSource: DataSource, { entity }: ResolvedUserSyncOptions): Repository<UserRow> {
  if (!dataSource.isInitialized) {
    throw invalid('the DataSource is not initialised yet; initialise it before the application starts');
  }
  const target = entity as Parameters<DataSource['getRepository']>[0];
  if (dataSource.hasMetadata(target)) return dataSource.getRepository(target);
  const name = typeof entity === 'function' ? entity.name : entity.options.name;
  throw invalid(`the DataSource does not know the entity ${name}; add it to its \`entities\``);
}

function invalid(fault: string): CognitoError {
  return new CognitoError('COGNITO_USER_SYNC_INVALID', { detail: `userSync: ${fault}.` });
}
