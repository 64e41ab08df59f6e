import { invalidParameter, serialization } from './wire-error.js';

/** What the service model demands of a text member. */
export interface TextRule {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  readonly values?: readonly string[];
  /** A sensitive value is never echoed in a message. */
  readonly sensitive?: boolean;
}

/** What the service model demands of a whole number. */
export interface NumberRule {
  readonly min?: number;
  readonly max?: number;
}

const NAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u;

/** The limits of the service model for members that several operations share. */
export const RULES = {
  username: { min: 1, max: 128, pattern: NAME, sensitive: true },
  password: { min: 6, max: 256, pattern: /^[\S]+.*[\S]+$/, sensitive: true },
  userPoolId: { min: 1, max: 55, pattern: /^[\w-]+_[0-9a-zA-Z]+$/ },
  clientId: { min: 1, max: 128, pattern: /^[\w+]+$/, sensitive: true },
  secretHash: { min: 1, max: 128, pattern: /^[\w+=/]+$/, sensitive: true },
  deviceKey: { min: 1, max: 55, pattern: /^[\w-]+_[0-9a-f-]+$/ },
  clientSecret: { min: 1, sensitive: true },
  code: { min: 1, max: 2048, pattern: /^\S+$/ },
  session: { min: 20, max: 2048, sensitive: true },
  token: { min: 1, pattern: /^[A-Za-z0-9\-_=.]+$/, sensitive: true },
  attributeName: { min: 1, max: 32, pattern: NAME },
  groupName: { min: 1, max: 128, pattern: NAME },
  paginationToken: { min: 1, max: 131_072, pattern: /^\S+$/, sensitive: true },
} satisfies Record<string, TextRule>;

const LONGEST_NAME = 64;
/** The longest values that the service itself hands out or takes in such a map fit in. */
const DEFAULT_RULE: TextRule = { max: 2048, sensitive: true };
const METADATA_RULE: TextRule = { max: 131_072, sensitive: true };

/** Reads the members of a request, with the refusals of the service for what is missing or malformed. */
export class Members {
  constructor(private readonly body: Readonly<Record<string, unknown>>) {}

  /** A required text. */
  text(name: string, rule: TextRule = {}): string {
    const value = this.optionalText(name, rule);
    if (value === undefined) throw violation(name, 'null', 'Member must not be null');
    return value;
  }

  optionalText(name: string, rule: TextRule = {}): string | undefined {
    const value = this.body[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') throw serialization(`${kindOf(value)} can not be converted to a String`);
    checkText(name, value, rule);
    return value;
  }

  flag(name: string): boolean {
    const value = this.body[name];
    if (value === undefined || value === null) return false;
    if (typeof value !== 'boolean') throw serialization(`${kindOf(value)} can not be converted to a Boolean`);
    return value;
  }

  /**
   * A map from text to text, empty when it is absent.
   *
   * @param rules for the values of some names; any other value has up to 2048 characters
   */
  textMap(name: string, rules: Readonly<Record<string, TextRule>> = {}): ReadonlyMap<string, string> {
    return new Map(this.textEntries(name, { max: LONGEST_NAME, sensitive: true }, (key) => ruleFor(rules, key)));
  }

  /** The same as a plain record, with texts as long as ClientMetadata may have them. */
  textRecord(name: string): Record<string, string> {
    return Object.fromEntries(this.textEntries(name, METADATA_RULE, () => METADATA_RULE));
  }

  private textEntries(name: string, keyRule: TextRule, ruleOf: (key: string) => TextRule): [string, string][] {
    const value = this.body[name];
    if (value === undefined || value === null) return [];
    if (!isRecord(value)) throw serialization(`${kindOf(value)} can not be converted to a Map`);
    const inner = new Members(value);
    return Object.keys(value).map((key) => {
      checkText(name, key, keyRule);
      const text = inner.optionalText(key) ?? '';
      checkText(`${name}.${key}`, text, ruleOf(key));
      return [key, text];
    });
  }

  /** A whole number. */
  optionalNumber(name: string, { min, max }: NumberRule = {}): number | undefined {
    const value = this.body[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'number') throw serialization(`${kindOf(value)} can not be converted to an Integer`);
    if (!Number.isSafeInteger(value)) throw serialization(`${value} can not be converted to an Integer`);
    const shown = `'${value}'`;
    if (min !== undefined && value < min) {
      throw violation(name, shown, `Member must have value greater than or equal to ${min}`);
    }
    if (max !== undefined && value > max) {
      throw violation(name, shown, `Member must have value less than or equal to ${max}`);
    }
    return value;
  }

  /** A required list of texts. @param rule for each of them */
  texts(name: string, rule: TextRule = {}): string[] {
    const values = this.optionalTexts(name, rule);
    if (values === undefined) throw violation(name, 'null', 'Member must not be null');
    return values;
  }

  /** A list of texts. @param rule for each of them */
  optionalTexts(name: string, rule: TextRule = {}): string[] | undefined {
    const value = this.body[name];
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) throw serialization(`${kindOf(value)} can not be converted to a List`);
    return value.map((entry: unknown) => {
      if (typeof entry !== 'string') throw serialization(`${kindOf(entry)} can not be converted to a String`);
      checkText(name, entry, rule);
      return entry;
    });
  }

  /** A required structure. */
  structure(name: string): Members {
    const value = this.body[name];
    if (value === undefined || value === null) throw violation(name, 'null', 'Member must not be null');
    if (!isRecord(value)) throw serialization(`${kindOf(value)} can not be converted to a structure`);
    return new Members(value);
  }

  /** A required list of structures. */
  structures(name: string): Members[] {
    const value = this.body[name];
    if (value === undefined || value === null) throw violation(name, 'null', 'Member must not be null');
    if (!Array.isArray(value)) throw serialization(`${kindOf(value)} can not be converted to a List`);
    return value.map((entry: unknown) => {
      if (!isRecord(entry)) throw serialization(`${kindOf(entry)} can not be converted to a structure`);
      return new Members(entry);
    });
  }

  /** Whether a member is there at all. */
  has(name: string): boolean {
    return this.body[name] !== undefined && this.body[name] !== null;
  }

  /** A required list of `{ Name, Value }`, as a plain record. */
  requiredAttributes(name: string): Record<string, string> {
    if (!this.has(name)) throw violation(name, 'null', 'Member must not be null');
    return this.attributes(name);
  }

  /** A list of `{ Name, Value }`, as a plain record. */
  attributes(name: string): Record<string, string> {
    const value = this.body[name];
    if (value === undefined || value === null) return {};
    if (!Array.isArray(value)) throw serialization(`${kindOf(value)} can not be converted to a List`);
    return Object.fromEntries(value.map(readAttribute));
  }
}

function ruleFor(rules: Readonly<Record<string, TextRule>>, name: string): TextRule {
  return (Object.hasOwn(rules, name) && rules[name]) || DEFAULT_RULE;
}

function readAttribute(entry: unknown): [string, string] {
  if (!isRecord(entry)) throw serialization(`${kindOf(entry)} can not be converted to an AttributeType`);
  const attribute = new Members(entry);
  return [
    attribute.text('Name', { min: 1, max: 32 }),
    attribute.optionalText('Value', { max: 2048, sensitive: true }) ?? '',
  ];
}

function checkText(name: string, value: string, { min, max, pattern, values, sensitive }: TextRule): void {
  const shown = sensitive ? '' : `'${value}' `;
  if (values && !values.includes(value)) {
    throw violation(name, shown, `Member must satisfy enum value set: [${values.join(', ')}]`);
  }
  if (min !== undefined && value.length < min) {
    throw violation(name, shown, `Member must have length greater than or equal to ${min}`);
  }
  if (max !== undefined && value.length > max) {
    throw violation(name, shown, `Member must have length less than or equal to ${max}`);
  }
  if (pattern && !pattern.test(value)) {
    throw violation(name, shown, `Member must satisfy regular expression pattern: ${pattern.source}`);
  }
}

function violation(name: string, shown: string, constraint: string): Error {
  const member = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  return invalidParameter(
    `1 validation error detected: Value ${shown && `${shown.trim()} `}at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'START_ARRAY';
  if (typeof value === 'number') return 'NUMBER_VALUE';
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  if (typeof value === 'string') return 'STRING_VALUE';
  return 'START_OBJECT';
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
