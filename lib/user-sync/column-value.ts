import { isDeepStrictEqual } from 'node:util';

/** How a column keeps what Cognito has as text. */
export type ColumnKind = 'text' | 'boolean' | 'integer' | 'number' | 'digits' | 'instant' | 'day' | 'json' | 'as it is';

/** The part of a TypeORM column that decides what it can hold. */
export interface TypedColumn {
  readonly type: unknown;
  readonly isArray: boolean;
  readonly transformer?: unknown;
  readonly length?: string | number | undefined;
  readonly scale?: number | undefined;
  readonly unsigned?: boolean | undefined;
  readonly enum?: readonly (string | number)[] | undefined;
}

/** What a column can hold, and how closely. */
export interface ColumnNature {
  readonly kind: ColumnKind;
  /** Characters; undefined where there is no limit. */
  readonly maxLength: number | undefined;
  /** The smallest and the largest integer. */
  readonly range: readonly [least: number, most: number] | undefined;
  /** The values that an enumeration knows. */
  readonly oneOf: readonly (string | number)[] | undefined;
  /** The database fills the column up with spaces, or takes them off. */
  readonly isPadded: boolean;
  /** How far what is read may be from what was written: databases round. */
  readonly tolerance: (value: number) => number;
}

const typesByKind: Readonly<Record<Exclude<ColumnKind, 'text' | 'as it is'>, readonly string[]>> = {
  boolean: ['boolean', 'bool'],
  integer: ['int', 'integer', 'int2', 'int4', 'smallint', 'mediumint', 'tinyint'],
  number: ['number', 'float', 'float4', 'float8', 'double', 'double precision', 'real'],
  // Drivers hand these out as text, so that no digit is lost.
  digits: ['bigint', 'int8', 'numeric', 'decimal', 'dec'],
  instant: [
    'datetime',
    'datetime2',
    'timestamp',
    'timestamptz',
    'timestamp with time zone',
    'timestamp without time zone',
  ],
  day: ['date'],
  json: ['json', 'jsonb', 'simple-json'],
};

const asItIs = new Set(['simple-array', 'set']);
const singlePrecision = new Set(['float', 'float4', 'real']);
const padded = new Set(['char', 'character', 'nchar', 'bpchar']);
const bitsOf: Readonly<Record<string, number>> = { tinyint: 8, smallint: 16, int2: 16, mediumint: 24 };

/** Tells what a column can hold; one with a transformer or an array gets values as Cognito has them. */
export function natureOf(column: TypedColumn): ColumnNature {
  const name = typeNameOf(column.type);
  const kind = kindOf(column, name);
  const length = Number(column.length ?? 0);
  return {
    kind,
    maxLength: kind === 'text' && length > 0 ? length : undefined,
    range: kind === 'integer' ? rangeOf(bitsOf[name] ?? 32, column.unsigned === true) : undefined,
    oneOf: column.enum === undefined || column.enum.length === 0 || column.isArray ? undefined : column.enum,
    isPadded: padded.has(name),
    tolerance: toleranceOf(name, column.scale),
  };
}

/**
 * Turns the value of a claim or attribute into what the column keeps.
 *
 * @returns undefined when the value cannot be read as one of this kind
 */
export function columnValue(nature: ColumnNature, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (nature.oneOf !== undefined) return nature.oneOf.find((one) => one === value || String(one) === value);
  if (nature.kind === 'as it is') return value;
  if (nature.kind === 'json') return typeof value === 'string' ? parsed(value) : value;
  if (value instanceof Date) return columnValue(nature, value.toISOString());
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  return scalarOf(nature, String(value));
}

function scalarOf({ kind, range }: ColumnNature, text: string): unknown {
  switch (kind) {
    case 'boolean':
      return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : undefined;
    case 'integer':
      return integerOf(text, range);
    case 'number':
      return isNumeric(text) ? Number(text) : undefined;
    case 'digits':
      return isNumeric(text) ? text : undefined;
    case 'instant':
      return instantOf(text);
    case 'day':
      return instantOf(text)?.toISOString().slice(0, 10);
    default:
      return text;
  }
}

/** Tells whether a row has a value already. */
export function isSameValue(nature: ColumnNature, inRow: unknown, value: unknown): boolean {
  if (inRow === null || inRow === undefined) return false;
  switch (nature.kind) {
    case 'digits':
      return isSameNumber(nature, inRow, String(value));
    case 'number':
      return Math.abs(Number(inRow) - Number(value)) <= nature.tolerance(Number(value));
    case 'instant':
      // MySQL keeps whole seconds unless its column says otherwise, and rounds.
      return inRow instanceof Date && value instanceof Date && Math.abs(inRow.getTime() - value.getTime()) <= 500;
    case 'text':
      return inRow === value || (nature.isPadded && withoutPadding(inRow) === withoutPadding(value));
    default:
      return isDeepStrictEqual(inRow, value);
  }
}

function typeNameOf(type: unknown): string {
  return typeof type === 'function' ? type.name.toLowerCase() : String(type).toLowerCase();
}

function kindOf({ type, isArray, transformer }: TypedColumn, name: string): ColumnKind {
  if (isArray || transformer !== undefined || asItIs.has(name)) return 'as it is';
  // `type: Date` means a point in time; the column type "date" is a day, and TypeORM keeps that as text.
  if (type === Date) return 'instant';
  const kinds = Object.entries(typesByKind) as [ColumnKind, readonly string[]][];
  return kinds.find(([, names]) => names.includes(name))?.[0] ?? 'text';
}

function rangeOf(bits: number, isUnsigned: boolean): readonly [number, number] {
  return isUnsigned ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

function toleranceOf(name: string, scale: number | undefined): (value: number) => number {
  // Six digits are all that every database gives back of a single-precision number.
  if (singlePrecision.has(name)) return (value) => Math.abs(value) * 1e-5;
  return () => (scale === undefined ? 0 : 0.5 * 10 ** -scale);
}

function withoutPadding(value: unknown): unknown {
  return typeof value === 'string' ? value.trimEnd() : value;
}

function isSameNumber({ tolerance }: ColumnNature, inRow: unknown, value: string): boolean {
  // Drivers that hand out numbers have rounded; of text every digit counts, but "1.50" and "1.5" are one number.
  if (typeof inRow === 'number' || value.includes('.')) {
    return Math.abs(Number(inRow) - Number(value)) <= tolerance(Number(value));
  }
  return typeof inRow === 'string' && inRow.replace(/\.0+$/, '') === value;
}

function isNumeric(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text);
}

function integerOf(text: string, range: ColumnNature['range']): number | undefined {
  const number = text === 'true' ? 1 : text === 'false' ? 0 : isNumeric(text) ? Number(text) : Number.NaN;
  const isHeld = Number.isSafeInteger(number) && (range === undefined || (number >= range[0] && number <= range[1]));
  return isHeld ? number : undefined;
}

/** Cognito writes times as seconds since 1970 (`updated_at`), people as ISO 8601. */
function instantOf(text: string): Date | undefined {
  const instant = new Date(isNumeric(text) && !/^\d{4}$/.test(text) ? Number(text) * 1000 : text);
  const isHeld = !Number.isNaN(instant.getTime()) && instant.getUTCFullYear() > 0;
  return isHeld ? instant : undefined;
}

/** GetUser tells the claim `address` as the text of a JSON object; any other text is a JSON text of its own. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : text;
  } catch {
    return text;
  }
}
