import { CognitoError } from '../errors/cognito.error.js';
import {
  type AttributeValue,
  type AttributeValues,
  type CognitoAttribute,
  fromCognitoAttributes,
} from './attributes.js';

/** How a value of an attribute is read; Cognito itself keeps text only. */
export type AttributeType = 'string' | 'number' | 'boolean';

/** The application's name for an attribute, with its type where that is not text. */
export type AttributeTarget = string | { readonly property: string; readonly type?: AttributeType | undefined };

/** Cognito's name of an attribute, such as `given_name` or `custom:age`, to the application's name for it. */
export type AttributeMapping = Readonly<Record<string, AttributeTarget>>;

/** A key of a mapping that cannot stay as it is, and what to do about it. */
export interface MappingFault {
  readonly attribute: string;
  readonly mend: string;
}

interface Target {
  readonly property: string;
  readonly type: AttributeType;
}

const VERIFIED_FLAGS = new Set(['email_verified', 'phone_number_verified']);

/** What everybody may say of themselves, by Cognito's names; not what Cognito sets, and no `custom:` attribute. */
export const OWN_ATTRIBUTES: readonly string[] = [
  'address',
  'birthdate',
  'email',
  'family_name',
  'gender',
  'given_name',
  'locale',
  'middle_name',
  'name',
  'nickname',
  'phone_number',
  'picture',
  'preferred_username',
  'profile',
  'website',
  'zoneinfo',
];

const STANDARD_ATTRIBUTES = new Set([...OWN_ATTRIBUTES, ...VERIFIED_FLAGS, 'identities', 'sub', 'updated_at']);

/** Translates attributes between Cognito, which has texts under names of its own, and an application. */
export class AttributeMapper {
  readonly #targets: ReadonlyMap<string, Target>;
  readonly #names: ReadonlyMap<string, string>;

  /**
   * @param mapping attributes that are not in it keep their name and are text; `email_verified` and
   * `phone_number_verified` are booleans unless it says otherwise
   * @throws {@link CognitoError} `COGNITO_OPTIONS_INVALID` for two attributes under one property, and for names that Cognito
   * does not have
   */
  constructor(mapping: AttributeMapping = {}) {
    const [fault] = faultsOfMapping(mapping);
    if (fault !== undefined) {
      throw new CognitoError('COGNITO_OPTIONS_INVALID', {
        detail: `attributeMapping cannot be used: "${fault.attribute}" ${fault.mend}.`,
      });
    }
    this.#targets = new Map(Object.entries(mapping).map(([name, target]) => [name, targetOf(name, target)]));
    this.#names = new Map([...this.#targets].map(([name, { property }]) => [property, name]));
  }

  /**
   * Turns values of an application into Cognito's list; what is undefined is left out.
   *
   * @param values by property; a name that is not mapped is taken as Cognito's own
   * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` for a value that is neither text, finite number nor boolean, for one
   * that could not be read back with the declared type, and for one attribute that is given under two names
   */
  toCognito(values: AttributeValues = {}): { Name: string; Value: string }[] {
    const texts = new Map<string, string>();
    for (const [property, value] of Object.entries(values)) {
      if (value === undefined) continue;
      const name = this.nameOf(property);
      if (texts.has(name)) throw unusable(name, 'is given under two names');
      texts.set(name, textOf(name, this.#targets.get(name)?.type ?? 'string', value));
    }
    return [...texts].map(([Name, Value]) => ({ Name, Value }));
  }

  /** Turns Cognito's list into values by property; a text that is not of the declared type is left out. */
  fromCognito(attributes: readonly CognitoAttribute[] = []): Readonly<Record<string, AttributeValue>> {
    const entries = Object.entries(fromCognitoAttributes(attributes)).flatMap(([name, text]) => {
      const { property, type } = this.#targets.get(name) ?? targetOf(name, name);
      const value = valueOf(text, type);
      return value === undefined ? [] : [[property, value] as const];
    });
    return Object.fromEntries(entries);
  }

  /** Cognito's name of an attribute, by the application's name for it. */
  nameOf(property: string): string {
    return this.#names.get(property) ?? property;
  }

  /** The application's name for an attribute, by Cognito's. */
  propertyOf(name: string): string {
    return this.#targets.get(name)?.property ?? name;
  }
}

/** What is wrong with a mapping: nothing, if it can be read in both directions. */
export function faultsOfMapping(mapping: AttributeMapping): MappingFault[] {
  const names = Object.keys(mapping);
  return names.flatMap((attribute, index) => {
    const property = propertyOf(mapping[attribute] ?? '');
    const mend = faultOfName(attribute) ?? faultOfProperty(mapping, attribute, property, names.slice(0, index));
    return mend === undefined ? [] : [{ attribute, mend }];
  });
}

function faultOfName(attribute: string): string | undefined {
  if (isCognitoName(attribute)) return undefined;
  return 'is no attribute of Cognito: write its name first, as in { given_name: "firstName" } or { "custom:age": "age" }';
}

function faultOfProperty(
  mapping: AttributeMapping,
  attribute: string,
  property: string,
  before: readonly string[],
): string | undefined {
  if (property === '' || property === '__proto__') return 'needs the name of a property';
  const rival = before.find((other) => propertyOf(mapping[other] ?? '') === property);
  if (rival !== undefined) return `shares the property "${property}" with "${rival}"`;
  // An attribute that is not mapped keeps its own name, which must stay free for it.
  const isTaken = property !== attribute && isCognitoName(property) && !Object.hasOwn(mapping, property);
  return isTaken ? `takes the name of another attribute, "${property}"` : undefined;
}

function isCognitoName(name: string): boolean {
  return STANDARD_ATTRIBUTES.has(name) || /^(?:custom|dev|cognito):./.test(name);
}

function propertyOf(target: AttributeTarget): string {
  return typeof target === 'string' ? target : target.property;
}

function targetOf(name: string, target: AttributeTarget): Target {
  const byName = VERIFIED_FLAGS.has(name) ? 'boolean' : 'string';
  return { property: propertyOf(target), type: (typeof target === 'string' ? undefined : target.type) ?? byName };
}

function textOf(name: string, type: AttributeType, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'boolean' && !Number.isFinite(value)) {
    throw unusable(name, 'is neither text nor a finite number nor true or false');
  }
  const text = String(value);
  // An empty text removes an attribute; any other is read again.
  if (text !== '' && valueOf(text, type) === undefined) throw unusable(name, `is a ${type} by \`attributeMapping\``);
  return text;
}

function valueOf(text: string, type: AttributeType): AttributeValue | undefined {
  if (type === 'string') return text;
  if (type === 'boolean') return BOOLEANS.get(text.toLowerCase());
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : undefined;
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

function unusable(name: string, problem: string): CognitoError {
  return new CognitoError('COGNITO_PARAMETER_INVALID', { detail: `The attribute ${JSON.stringify(name)} ${problem}.` });
}
