import { CognitoError } from '../errors/cognito.error.js';
import type { MappedProperty } from './attribute-mapping.js';
import { natureOf } from './column-value.js';
import type { ColumnShape, EntityShape, Properties } from './entity-shape.js';
import type { ResolvedUserSyncOptions } from './user-sync.options.js';

/**
 * Holds every property that the options name against the entity.
 *
 * @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID`, naming everything that does not fit and the mend
 */
export function refuseWhatDoesNotFit(
  entity: EntityShape,
  properties: Properties,
  options: ResolvedUserSyncOptions,
  mapping: readonly MappedProperty[],
): void {
  const faults = [
    ...faultsOfProperties(propertiesUsed(options, mapping), properties),
    ...faultsOfMatch(entity, options, properties),
    ...faultsOfLink(options, mapping, properties),
    ...faultsOfKind('activeProperty', options.activeProperty, properties, 'boolean', 'a boolean column'),
    ...faultsOfKind('syncedAtProperty', options.syncedAtProperty, properties, 'instant', 'a column of date and time'),
    ...faultsOfGroups(entity, options, properties),
  ];
  if (faults.length === 0) return;
  const detail = `userSync does not fit the entity ${entity.name}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`;
  throw new CognitoError('COGNITO_USER_SYNC_INVALID', { detail });
}

type Use = readonly [key: string, property: string];

function propertiesUsed(options: ResolvedUserSyncOptions, mapping: readonly MappedProperty[]): Use[] {
  const { match, activeProperty, syncedAtProperty } = options;
  const used: [string, string | undefined][] = [
    ['match.property', match.property],
    ['match.poolProperty', match.poolProperty],
    ['activeProperty', activeProperty],
    ['syncedAtProperty', syncedAtProperty],
    ...mapping.map(({ attribute, property }): [string, string] => [
      attribute === undefined ? 'fieldMapping' : `attributes.${attribute}`,
      property,
    ]),
  ];
  return used.flatMap(([key, name]): Use[] => (name === undefined ? [] : [[key, name]]));
}

function faultsOfProperties(used: readonly Use[], properties: Properties): string[] {
  return used.flatMap(([key, property]) => {
    const column = properties.get(property);
    if (column === undefined) return [noSuch(key, property, properties)];
    return column.isSelect
      ? []
      : [`${key}: the property "${property}" has \`select: false\`, so it cannot be compared`];
  });
}

function noSuch(key: string, property: string, properties: Properties): string {
  return `${key}: there is no property "${property}"; there are ${[...properties.keys()].join(', ')}`;
}

function faultsOfMatch(entity: EntityShape, { match }: ResolvedUserSyncOptions, properties: Properties): string[] {
  const key = [match.property, ...(match.poolProperty === undefined ? [] : [match.poolProperty])];
  if (!key.every((property) => properties.has(property)) || isUnique(entity, key)) return [];
  const mend =
    key.length === 1 ? `give its column \`unique: true\`` : `put \`@Unique([${key.map(quote).join(', ')}])\` on it`;
  return [`match: ${key.map(quote).join(' with ')} is not unique, so one user could have two rows; ${mend}`];
}

function isUnique(entity: EntityShape, key: readonly string[]): boolean {
  const uniqueSets = [
    entity.primaryColumns,
    ...entity.uniques.map(({ columns }) => columns),
    // A partial index leaves some rows out, which may then be there twice.
    ...entity.indices.filter((index) => index.isUnique && index.where === undefined).map(({ columns }) => columns),
  ];
  return uniqueSets.some((columns) => isSameSet(columns, key));
}

function isSameSet(columns: readonly ColumnShape[], key: readonly string[]): boolean {
  return columns.length === key.length && columns.every(({ propertyPath }) => key.includes(propertyPath));
}

/** Rows that wait to be linked have nothing in the match property yet. */
function faultsOfLink(
  { linkByVerifiedEmail, match }: ResolvedUserSyncOptions,
  mapping: readonly MappedProperty[],
  properties: Properties,
): string[] {
  if (linkByVerifiedEmail === undefined) return [];
  const faults = [];
  if (!mapping.some(({ attribute }) => attribute === 'email')) {
    faults.push('linkByVerifiedEmail: no property holds the address; map the attribute `email` to one');
  }
  if (properties.get(match.property)?.isNullable === false) {
    faults.push(`linkByVerifiedEmail: '${match.property}' is never empty; give its column \`nullable: true\``);
  }
  return faults;
}

function faultsOfKind(
  key: string,
  property: string | undefined,
  properties: Properties,
  kind: 'boolean' | 'instant',
  mend: string,
): string[] {
  const column = property === undefined ? undefined : properties.get(property);
  return column === undefined || natureOf(column).kind === kind ? [] : [`${key}: has to be ${mend}`];
}

function faultsOfGroups(entity: EntityShape, { groups }: ResolvedUserSyncOptions, properties: Properties): string[] {
  if (groups === undefined) return [];
  const { property, nameProperty } = groups;
  const relation = entity.relations.find(({ propertyPath }) => propertyPath === property);
  if (relation === undefined) return faultsOfGroupsColumn(property, properties);
  if (!relation.isManyToMany) return [`groups: the relation "${property}" has to be many-to-many`];
  const other = relation.inverseEntityMetadata;
  if (!other.columns.some(({ propertyPath }) => propertyPath === nameProperty)) {
    return [`groups: ${other.name} has no property "${nameProperty}"; name the one that holds the group's name`];
  }
  if (isUnique(other, [nameProperty])) return [];
  return [`groups: '${nameProperty}' of ${other.name} is not unique; give its column \`unique: true\``];
}

function faultsOfGroupsColumn(property: string, properties: Properties): string[] {
  const column = properties.get(property);
  if (column === undefined) return [noSuch('groups', property, properties)];
  const { kind } = natureOf(column);
  // A group's name may have a comma, which ends an entry of a `simple-array`.
  const holdsList = kind === 'json' || (kind === 'as it is' && column.type !== 'simple-array' && column.type !== 'set');
  return holdsList ? [] : [`groups: "${property}" has to be a JSON or array column, or a relation`];
}

function quote(name: string): string {
  return `'${name}'`;
}
