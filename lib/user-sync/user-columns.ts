import { CognitoError } from '../errors/cognito.error.js';
import { type ColumnKind, kindOf, type TypedColumn } from './column-value.js';
import type { ResolvedUserSyncOptions } from './user-sync.options.js';

/** The part of TypeORM's metadata of an entity that user sync rests on. */
export interface EntityShape {
  readonly name: string;
  readonly columns: readonly ColumnShape[];
  readonly primaryColumns: readonly ColumnShape[];
  readonly uniques: ReadonlyArray<{ readonly columns: readonly ColumnShape[] }>;
  readonly indices: ReadonlyArray<{
    readonly columns: readonly ColumnShape[];
    readonly isUnique: boolean;
    readonly where?: string | undefined;
  }>;
  readonly deleteDateColumn?: ColumnShape | undefined;
}

interface ColumnShape extends TypedColumn {
  readonly propertyName: string;
  readonly propertyPath: string;
  /** False where a plain find leaves the column out. */
  readonly isSelect: boolean;
  readonly relationMetadata?: unknown;
}

/** A property that follows an attribute. */
export interface MappedColumn {
  readonly attribute: string;
  readonly property: string;
  readonly kind: ColumnKind;
}

/** Which properties user sync reads and writes. */
export interface UserColumns {
  readonly mapped: readonly MappedColumn[];
  /** The property that tells that a row was soft-deleted. */
  readonly deleted: string | undefined;
}

const DEFAULT_MAPPING = { email: 'email', given_name: 'firstName', family_name: 'lastName' } as const;

/**
 * Holds the options against the entity.
 *
 * @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID`, naming everything that does not fit and the mend
 */
export function userColumnsOf(entity: EntityShape, options: ResolvedUserSyncOptions): UserColumns {
  const properties = new Map(entity.columns.filter(isPlain).map((column) => [column.propertyName, column]));
  const mapping = options.attributes ?? propertiesThatExist(DEFAULT_MAPPING, properties);
  const faults = [
    ...faultsOfProperties(propertiesUsed(options, mapping), properties),
    ...faultsOfMatch(entity, options, properties),
    ...faultsOfFlag(options.activeProperty, properties),
  ];
  if (faults.length > 0) throw doesNotFit(entity.name, faults);
  return {
    mapped: Object.entries(mapping).flatMap(([attribute, property]) => {
      const column = properties.get(property);
      return column === undefined ? [] : [{ attribute, property, kind: kindOf(column) }];
    }),
    deleted: entity.deleteDateColumn?.propertyName,
  };
}

type Properties = ReadonlyMap<string, ColumnShape>;
type Mapping = Readonly<Record<string, string>>;

/** A column of the entity's own; not a foreign key, and not inside an embedded entity. */
function isPlain(column: ColumnShape): boolean {
  return column.relationMetadata === undefined && column.propertyPath === column.propertyName;
}

function propertiesThatExist(mapping: Mapping, properties: Properties): Mapping {
  return Object.fromEntries(Object.entries(mapping).filter(([, property]) => properties.has(property)));
}

function propertiesUsed(options: ResolvedUserSyncOptions, mapping: Mapping): [key: string, property: string][] {
  const { property, poolProperty } = options.match;
  const used: [string, string | undefined][] = [
    ['match.property', property],
    ['match.poolProperty', poolProperty],
    ['activeProperty', options.activeProperty],
    ...Object.entries(mapping).map(([attribute, name]): [string, string] => [`attributes.${attribute}`, name]),
  ];
  return used.flatMap(([key, name]) => (name === undefined ? [] : [[key, name]]));
}

function faultsOfProperties(used: readonly [key: string, property: string][], properties: Properties): string[] {
  return used.flatMap(([key, property]) => {
    const column = properties.get(property);
    if (column === undefined) {
      return [`${key}: there is no property "${property}"; there are ${[...properties.keys()].join(', ')}`];
    }
    return column.isSelect
      ? []
      : [`${key}: the property "${property}" has \`select: false\`, so it cannot be compared`];
  });
}

function faultsOfMatch(entity: EntityShape, { match }: ResolvedUserSyncOptions, properties: Properties): string[] {
  const key = [match.property, ...(match.poolProperty === undefined ? [] : [match.poolProperty])];
  if (!key.every((property) => properties.has(property))) return [];
  const uniqueSets = [
    entity.primaryColumns,
    ...entity.uniques.map(({ columns }) => columns),
    // A partial index leaves some rows out, which may then be there twice.
    ...entity.indices.filter(({ isUnique, where }) => isUnique && where === undefined).map(({ columns }) => columns),
  ];
  if (uniqueSets.some((columns) => isSameSet(columns, key))) return [];
  const mend =
    key.length === 1 ? `give its column \`unique: true\`` : `put \`@Unique([${key.map(quote).join(', ')}])\` on it`;
  return [`match: ${key.map(quote).join(' with ')} is not unique, so one user could have two rows; ${mend}`];
}

function faultsOfFlag(property: string | undefined, properties: Properties): string[] {
  const column = property === undefined ? undefined : properties.get(property);
  return column === undefined || kindOf(column) === 'boolean' ? [] : ['activeProperty: has to be a boolean column'];
}

function isSameSet(columns: readonly ColumnShape[], key: readonly string[]): boolean {
  return columns.length === key.length && columns.every(({ propertyName }) => key.includes(propertyName));
}

function quote(name: string): string {
  return `'${name}'`;
}

function doesNotFit(entity: string, faults: readonly string[]): CognitoError {
  return new CognitoError('COGNITO_USER_SYNC_INVALID', {
    detail: `userSync does not fit the entity ${entity}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
  });
}
