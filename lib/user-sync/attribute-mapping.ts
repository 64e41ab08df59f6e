import type { AttributeValues } from './cognito-user-store.js';
import { canonicalClaim } from './user-match.js';

/** A property that is made of one attribute; never called where the attribute is absent. */
export interface ComputedAttribute {
  /** The property, or a path to one inside an embedded entity (`profile.email`). */
  readonly property: string;
  /** What the property gets; undefined leaves it alone. */
  readonly value: (value: unknown, attributes: AttributeValues) => unknown;
}

/** Where an attribute goes: to a property as it is, or through a function. */
export type PropertyTarget = string | ComputedAttribute;

/** Where a property comes from: an attribute, or a function of all that are known; undefined leaves it alone. */
export type PropertySource = string | ((attributes: AttributeValues) => unknown);

/** One property and what it follows, whichever way it was written. */
export interface MappedProperty {
  readonly property: string;
  /** The attribute that it is made of; undefined for a function of them all. */
  readonly attribute: string | undefined;
  readonly valueOf: (attributes: AttributeValues) => unknown;
}

/** The two directions in which a mapping may be written. */
export interface WrittenMapping {
  readonly attributes?: Readonly<Record<string, PropertyTarget>> | undefined;
  readonly fieldMapping?: Readonly<Record<string, PropertySource>> | undefined;
}

/** The mapping where none is written, as far as the entity has the properties. */
export const DEFAULT_MAPPING: readonly MappedProperty[] = [
  follow('email', 'email'),
  follow('given_name', 'firstName'),
  follow('family_name', 'lastName'),
];

/**
 * Joins the two directions.
 *
 * @param match is no attribute that changes, even where it is written among them
 * @returns undefined when none is written: then {@link DEFAULT_MAPPING} holds
 */
export function resolveMapping(
  { attributes, fieldMapping }: WrittenMapping,
  match: { readonly claim: string; readonly property: string },
): readonly MappedProperty[] | undefined {
  if (attributes === undefined && fieldMapping === undefined) return undefined;
  const forward = Object.entries(attributes ?? {}).map(([attribute, target]) => follow(attribute, target));
  const reverse = Object.entries(fieldMapping ?? {}).map(([property, source]) => fill(property, source));
  const isSaidAlready = ({ property, attribute }: MappedProperty): boolean =>
    attribute !== undefined && forward.some((one) => one.property === property && one.attribute === attribute);
  const all = [...forward, ...reverse.filter((one) => !isSaidAlready(one))];
  return Object.freeze(all.filter((one) => one.property !== match.property || claimNameOf(one) !== match.claim));
}

/** What contradicts itself in a mapping, as a mend. */
export function* faultsOfMapping(
  mapping: readonly MappedProperty[],
  own: readonly (string | undefined)[],
): Generator<string> {
  const properties = mapping.map(({ property }) => property);
  const twice = properties.find((name, index) => properties.indexOf(name) !== index);
  if (twice !== undefined) yield `gives the property "${twice}" two attributes: keep one`;
  const decisive = own.find((name) => name !== undefined && properties.includes(name));
  if (decisive !== undefined) yield `must not write the property "${decisive}", which decides who the user is`;
}

function claimNameOf({ attribute }: MappedProperty): string | undefined {
  return attribute === undefined ? undefined : canonicalClaim(attribute);
}

function follow(attribute: string, target: PropertyTarget): MappedProperty {
  if (typeof target === 'string') {
    return { property: target, attribute, valueOf: (attributes) => attributes[attribute] };
  }
  const { property, value } = target;
  const valueOf = (attributes: AttributeValues): unknown => {
    const found = attributes[attribute];
    return found === undefined || found === null ? undefined : value(found, attributes);
  };
  return { property, attribute, valueOf };
}

function fill(property: string, source: PropertySource): MappedProperty {
  return typeof source === 'string' ? follow(source, property) : { property, attribute: undefined, valueOf: source };
}
