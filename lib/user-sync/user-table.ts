import type {
  DataSource,
  EntityManager,
  EntityMetadata,
  EntityTarget,
  FindManyOptions,
  ObjectLiteral,
  Repository,
} from 'typeorm';
import { CognitoError } from '../errors/cognito.error.js';
import type { CognitoUserKey, UserFacts } from './cognito-user-store.js';
import { columnValue, isSameValue } from './column-value.js';
import { assignValues, valueAt, type ValuesByProperty } from './row-values.js';
import { type UserColumn, type UserColumns, userColumnsOf } from './user-columns.js';
import type { ResolvedUserSyncOptions } from './user-sync.options.js';

/** A row of the application's own. */
export type UserRow = ObjectLiteral;

/** The table of the users: which values belong into which of its columns. No statement of its own. */
export class UserTable {
  readonly columns: UserColumns;
  readonly target: EntityTarget<UserRow>;

  /** @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID` when entity, DataSource and options do not fit together */
  constructor(dataSource: DataSource, options: ResolvedUserSyncOptions) {
    this.target = knownEntity(dataSource, options);
    const { driver } = dataSource;
    const lengthOf = (column: EntityMetadata['columns'][number]): string => driver.getColumnLength(column);
    this.columns = userColumnsOf(dataSource.getMetadata(this.target), options, lengthOf);
  }

  repository(manager: EntityManager): Repository<UserRow> {
    return manager.getRepository(this.target);
  }

  /**
   * What a row of this key has in the match properties.
   *
   * @throws {@link CognitoError} `COGNITO_USER_NOT_STORABLE` when it does not fit: some databases would cut it, and a column
   * of numbers holds `7` and `007` for the same; then it names somebody else
   */
  matchOf({ value, pool }: CognitoUserKey): ValuesByProperty {
    const { match, pool: poolColumn } = this.columns;
    const values = new Map<string, unknown>([[match.property, unchanged(match, value)]]);
    return poolColumn === undefined ? values : values.set(poolColumn.property, unchanged(poolColumn, pool));
  }

  /** The options of a find that sees what user sync compares, soft-deleted rows included; one statement. */
  findOptions(where: FindManyOptions<UserRow>['where']): FindManyOptions<UserRow> {
    const { groups } = this.columns;
    const relations = groups?.kind === 'relation' ? { [groups.property]: true } : {};
    return { where: where ?? {}, withDeleted: true, relations };
  }

  /** Whether a row is that of a key, letter for letter: databases take more texts for equal than JavaScript does. */
  isOf(row: UserRow, key: CognitoUserKey): boolean {
    return [...this.matchOf(key)].every(([property, value]) => valueAt(row, property) === value);
  }

  /** A new row. */
  newRow(manager: EntityManager, key: CognitoUserKey, facts: UserFacts): UserRow {
    const row = this.repository(manager).create();
    assignValues(row, this.matchOf(key));
    assignValues(row, this.valuesOf(facts));
    assignValues(row, this.syncedAtOf(facts));
    return row;
  }

  /** What the facts say about the columns; what no fact tells, or the column cannot hold, is left out. */
  valuesOf({ attributes, groups }: UserFacts): ValuesByProperty {
    const place = this.columns.groups;
    const values = this.columns.mapped.map((column): [UserColumn, unknown] => [column, column.valueOf(attributes)]);
    if (groups !== undefined && place?.kind === 'column') values.push([place.column, groups.toSorted()]);
    return new Map(
      values
        .map(([column, value]): [string, unknown] => [column.property, fitting(column, value)])
        .filter(([, value]) => value !== undefined),
    );
  }

  /** The part of {@link valuesOf} that a row does not have yet. */
  newsFor(row: UserRow, facts: UserFacts): ValuesByProperty {
    const values = this.valuesOf(facts);
    const kept = this.columns.groups?.kind === 'column' ? [this.columns.groups.column] : [];
    const changed = [...this.columns.mapped, ...kept].filter(({ property, nature }) => {
      return values.has(property) && !isSameValue(nature, valueAt(row, property), values.get(property));
    });
    return new Map(changed.map(({ property }) => [property, values.get(property)]));
  }

  /** When Cognito was asked, where the table keeps that. */
  syncedAtOf({ syncedAt }: UserFacts): ValuesByProperty {
    const column = this.columns.syncedAt;
    return column === undefined || syncedAt === undefined
      ? new Map()
      : new Map([[column.property, new Date(syncedAt)]]);
  }
}

/** What names a user has to come back as it was, or it names somebody else. */
function unchanged(column: UserColumn, value: string): unknown {
  const held = fitting(column, value);
  if (column.nature.kind === 'as it is' || String(held) === value) return held;
  const detail = `The value for ${column.property} would not be the same in its column.`;
  throw new CognitoError('COGNITO_USER_NOT_STORABLE', { detail });
}

function fitting({ nature, property }: UserColumn, value: unknown): unknown {
  const held = columnValue(nature, value);
  const { maxLength } = nature;
  if (typeof held !== 'string' || maxLength === undefined) return held;
  // Databases count characters, JavaScript counts halves of some.
  const counted = Array.from(nature.isPadded ? held.trimEnd() : held);
  if (counted.length <= maxLength) return held;
  const detail = `The value for ${property} is longer than the ${maxLength} characters of its column.`;
  throw new CognitoError('COGNITO_USER_NOT_STORABLE', { detail });
}

function knownEntity(dataSource: DataSource, { entity }: ResolvedUserSyncOptions): EntityTarget<UserRow> {
  if (!dataSource.isInitialized) {
    throw invalid('the DataSource is not initialised yet; initialise it before the application starts');
  }
  if (entity === undefined) throw invalid('there is no entity to keep users in; write `entity`');
  const target = entity as EntityTarget<UserRow>;
  if (dataSource.hasMetadata(target)) return target;
  const name = typeof entity === 'function' ? entity.name : entity.options.name;
  throw invalid(`the DataSource does not know the entity ${name}; add it to its \`entities\``);
}

function invalid(fault: string): CognitoError {
  return new CognitoError('COGNITO_USER_SYNC_INVALID', { detail: `userSync: ${fault}.` });
}
