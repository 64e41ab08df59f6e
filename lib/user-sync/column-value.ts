import { isDeepStrictEqual } from 'node:util';

/** How a column keeps what Cognito has as text. */
export type ColumnKind = 'text' | 'boolean' | 'number' | 'digits' | 'instant' | 'as it is';

/** The part of a TypeORM column that decides its kind. */
export interface TypedColumn {
  readonly type: unknown;
  readonly isArray: boolean;
  readonly transformer?: unknown;
}

const typesByKind: Readonly<Record<Exclude<ColumnKind, 'text'>, readonly string[]>> = {
  boolean: ['boolean', 'bool'],
  number:
    'number,int,integer,int2,int4,smallint,mediumint,tinyint,float,float4,float8,double,double precision,real'.split(
      ',',
    ),
  // Drivers hand these out as text, so that no digit is lost.
  digits: 'bigint,int8,numeric,decimal,dec'.split(','),
  instant: 'datetime,datetime2,timestamp,timestamptz,timestamp with time zone,timestamp without time zone'.split(','),
  'as it is': 'json,jsonb,simple-json,simple-array,enum,simple-enum'.split(','),
};

/** Tells how a column keeps its values; one with a transformer or an array gets them as Cognito has them. */
export function kindOf({ type, isArray, transformer }: TypedColumn): ColumnKind {
  if (isArray || transformer !== undefined) return 'as it is';
  // `type: Date` means a point in time; the column type "date" is a day, and TypeORM keeps that as text.
  if (type === Date) return 'instant';
  const name = typeof type === 'function' ? type.name.toLowerCase() : String(type).toLowerCase();
  const kinds = Object.entries(typesByKind) as [ColumnKind, readonly string[]][];
  return kinds.find(([, names]) => names.includes(name))?.[0] ?? 'text';
}

/**
 * Turns the value of a claim or attribute into what the column keeps.
 *
 * @returns undefined when the value cannot be read as one of this kind
 */
export function columnValue(kind: ColumnKind, value: unknown): unknown {
  if (kind === 'as it is') return value ?? undefined;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  const text = String(value);
  switch (kind) {
    case 'text':
      return text;
    case 'boolean':
      return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : undefined;
    case 'number':
      return isNumeric(text) ? Number(text) : undefined;
    case 'digits':
      return isNumeric(text) ? text : undefined;
    case 'instant':
      return instantOf(text);
  }
}

/** Tells whether a row has a value already. */
export function isSameValue(kind: ColumnKind, inRow: unknown, value: unknown): boolean {
  if (kind === 'digits') return isSameNumber(inRow, String(value));
  return isDeepStrictEqual(inRow, value);
}

function isSameNumber(inRow: unknown, value: string): boolean {
  // Drivers that hand out numbers have rounded; of text every digit counts, but "1.50" and "1.5" are one number.
  if (typeof inRow === 'number' || value.includes('.')) return Number(inRow) === Number(value);
  return typeof inRow === 'string' && inRow.replace(/\.0+$/, '') === value;
}

function isNumeric(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text);
}

/** Cognito writes times as seconds since 1970 (`updated_at`), people as ISO 8601. */
function instantOf(text: string): Date | undefined {
  const instant = new Date(isNumeric(text) ? Number(text) * 1000 : text);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}
