import { DEFAULT_MAPPING, type MappedProperty } from './attribute-mapping.js';
import { type ColumnNature, natureOf } from './column-value.js';
import { refuseWhatDoesNotFit } from './entity-faults.js';
import type { ColumnShape, EntityShape, Properties } from './entity-shape.js';
import type { ResolvedUserSyncOptions } from './user-sync.options.js';

/** A column that user sync reads or writes. */
export interface UserColumn {
  /** The property, with dots where it is inside an embedded entity. */
  readonly property: string;
  readonly databaseName: string;
  readonly nature: ColumnNature;
}

/** A column that follows attributes. */
export interface MappedColumn extends MappedProperty, UserColumn {}

/** Where the groups of a user are kept. */
export type GroupsPlace =
  | { readonly kind: 'column'; readonly column: UserColumn }
  | { readonly kind: 'relation'; readonly property: string; readonly nameProperty: string; readonly target: unknown };

/** Which properties user sync reads and writes. */
export interface UserColumns {
  readonly match: UserColumn;
  readonly pool: UserColumn | undefined;
  readonly mapped: readonly MappedColumn[];
  readonly active: UserColumn | undefined;
  /** The column that tells that a row was soft-deleted. */
  readonly deleted: UserColumn | undefined;
  readonly updatedAt: UserColumn | undefined;
  readonly syncedAt: UserColumn | undefined;
  readonly groups: GroupsPlace | undefined;
}

const DEFAULT_SYNCED_AT = 'syncedAt';

/**
 * Holds the options against the entity.
 *
 * @param lengthOf how many characters the driver gives a column; empty where there is no limit
 * @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID`, naming everything that does not fit and the mend
 */
export function userColumnsOf<C extends ColumnShape>(
  entity: Omit<EntityShape, 'columns'> & { readonly columns: readonly C[] },
  options: ResolvedUserSyncOptions,
  lengthOf: (column: C) => string,
): UserColumns {
  const columns = entity.columns
    .filter(({ relationMetadata }) => relationMetadata === undefined)
    .map((column) => withLength(column, lengthOf(column)));
  const properties = new Map(columns.map((column) => [column.propertyPath, column]));
  const mapping = options.mapping ?? DEFAULT_MAPPING.filter(({ property }) => properties.has(property));
  refuseWhatDoesNotFit(entity, properties, options, mapping);

  const named = (property: string | undefined): UserColumn | undefined => {
    const column = property === undefined ? undefined : properties.get(property);
    return column === undefined ? undefined : userColumn(column);
  };
  return {
    match: userColumn(properties.get(options.match.property) as ColumnShape),
    pool: named(options.match.poolProperty),
    mapped: mapping.map((mapped) => mappedColumn(mapped, properties.get(mapped.property) as ColumnShape)),
    active: named(options.activeProperty),
    deleted: named(entity.deleteDateColumn?.propertyPath),
    updatedAt: named(entity.updateDateColumn?.propertyPath),
    syncedAt: syncedAtOf(options, properties),
    groups: groupsOf(entity, properties, options),
  };
}

function withLength(column: ColumnShape, length: string): ColumnShape {
  return { ...column, length };
}

function mappedColumn(mapped: MappedProperty, column: ColumnShape): MappedColumn {
  return { ...userColumn(column), ...mapped };
}

function userColumn(column: ColumnShape): UserColumn {
  return { property: column.propertyPath, databaseName: column.databaseName, nature: natureOf(column) };
}

/** A property of the usual name is taken without a word only where it can hold a time. */
function syncedAtOf({ syncedAtProperty }: ResolvedUserSyncOptions, properties: Properties): UserColumn | undefined {
  const column = properties.get(syncedAtProperty ?? DEFAULT_SYNCED_AT);
  return column === undefined || natureOf(column).kind !== 'instant' ? undefined : userColumn(column);
}

function groupsOf(
  entity: EntityShape,
  properties: Properties,
  { groups }: ResolvedUserSyncOptions,
): GroupsPlace | undefined {
  if (groups === undefined) return undefined;
  const { property, nameProperty } = groups;
  const relation = entity.relations.find(({ propertyPath }) => propertyPath === property);
  if (relation !== undefined) {
    return { kind: 'relation', property, nameProperty, target: relation.inverseEntityMetadata.target };
  }
  const column = properties.get(property);
  return column === undefined ? undefined : { kind: 'column', column: userColumn(column) };
}
