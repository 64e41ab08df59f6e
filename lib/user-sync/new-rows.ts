import type { DataSource, EntityManager, EntityMetadata } from 'typeorm';
import { isUniqueViolation } from './database-fault.js';
import type { UserRow, UserTable } from './user-table.js';

/**
 * What an INSERT did: the rows as they are now, where the database told them; otherwise whether it wrote all, none, or
 * those whose match properties it told.
 */
export type Inserted =
  { readonly kind: 'rows' | 'partly'; readonly rows: readonly UserRow[] } | { readonly kind: 'written' | 'refused' };

/** Writes new rows, in one statement that leaves the rows of everybody else alone. */
export class NewRows {
  readonly #metadata: EntityMetadata;
  readonly #isTold: boolean;

  constructor(
    private readonly dataSource: DataSource,
    private readonly table: UserTable,
  ) {
    this.#metadata = dataSource.getMetadata(table.target);
    this.#isTold = tellsRows(dataSource) && isWholeInColumns(dataSource, this.#metadata, table);
  }

  /**
   * PostgreSQL skips rows that would repeat a unique value, whichever, and tells which it wrote. Elsewhere all are refused
   * when one is: the upsert of MySQL and MariaDB would write into the row of whoever has the same e-mail address, and their
   * INSERT IGNORE takes values that do not fit.
   */
  insert(manager: EntityManager, rows: readonly UserRow[]): Promise<Inserted> {
    return tellsRows(this.dataSource) ? this.#insertNew(manager, rows) : this.#insertAll(manager, rows);
  }

  async #insertNew(manager: EntityManager, rows: readonly UserRow[]): Promise<Inserted> {
    const columns = this.#isTold ? this.#selected() : this.#named();
    const insert = this.table
      .repository(manager)
      .createQueryBuilder()
      .insert()
      .values([...rows])
      .orIgnore();
    const told = columns.map(({ propertyPath }) => propertyPath);
    const { raw } = await insert.updateEntity(false).returning(told).execute();
    const written = raw as Record<string, unknown>[];
    if (!this.#isTold && written.length === 0) return { kind: 'refused' };
    if (!this.#isTold && written.length === rows.length) return { kind: 'written' };
    return { kind: this.#isTold ? 'rows' : 'partly', rows: written.map((values) => this.#rowOf(values, columns)) };
  }

  async #insertAll(manager: EntityManager, rows: readonly UserRow[]): Promise<Inserted> {
    const insert = this.table
      .repository(manager)
      .createQueryBuilder()
      .insert()
      .values([...rows]);
    try {
      await insert.updateEntity(false).execute();
      return { kind: 'written' };
    } catch (thrown) {
      if (!isUniqueViolation(thrown)) throw thrown;
      return { kind: 'refused' };
    }
  }

  #selected(): EntityMetadata['columns'] {
    return this.#metadata.columns.filter(({ isSelect, isVirtual }) => isSelect && !isVirtual);
  }

  /** The columns by which a row is found. */
  #named(): EntityMetadata['columns'] {
    const { match, pool } = this.table.columns;
    return this.#metadata.columns.filter(({ propertyPath }) => [match.property, pool?.property].includes(propertyPath));
  }

  /** The row as a find hands it out, as far as these columns tell it. */
  #rowOf(values: Readonly<Record<string, unknown>>, columns: EntityMetadata['columns']): UserRow {
    const row = this.#metadata.create(undefined, { fromDeserializer: true }) as UserRow;
    for (const column of columns) {
      column.setEntityValue(row, this.dataSource.driver.prepareHydratedValue(values[column.databaseName], column));
    }
    return row;
  }
}

function tellsRows({ driver }: DataSource): boolean {
  return driver.supportedUpsertTypes.includes('on-conflict-do-update') && driver.isReturningSqlSupported('insert');
}

/** Whether the columns are all that a find hands out: no relation, nothing computed, nobody who wants to know of the load. */
function isWholeInColumns(dataSource: DataSource, metadata: EntityMetadata, { columns }: UserTable): boolean {
  const isHeard = dataSource.subscribers.some((subscriber) => 'afterLoad' in subscriber);
  const isFamily = metadata.childEntityMetadatas.length > 0 || metadata.discriminatorColumn !== undefined;
  const isComputed = metadata.columns.some(({ isVirtualProperty, type }) => isVirtualProperty || isSpatial(type));
  const isJoined =
    metadata.eagerRelations.length + metadata.relationIds.length > 0 || columns.groups?.kind === 'relation';
  return !isHeard && !isFamily && !isComputed && !isJoined && metadata.afterLoadListeners.length === 0;
}

function isSpatial(type: unknown): boolean {
  return type === 'geometry' || type === 'geography';
}
