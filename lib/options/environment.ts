/** Environment variables by name, `process.env` for instance. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the first of several names that is set and not blank. */
export function readText(environment: Environment, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = environment[name]?.trim();
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}

/** Reads a list: JSON, or separated by commas. */
export function readList(environment: Environment, ...names: readonly string[]): string[] | undefined {
  const value = readText(environment, ...names);
  if (value === undefined) return undefined;
  const json = parseJson(value);
  const entries = Array.isArray(json) ? json.map(String) : value.split(',');
  return entries.map((entry) => entry.trim()).filter((entry) => entry !== '');
}

/** Reads a yes or no in any of the usual spellings; another word reads as no boolean, for validation to refuse. */
export function readBoolean(environment: Environment, ...names: readonly string[]): boolean | undefined {
  const value = readText(environment, ...names)?.toLowerCase();
  if (value === undefined) return undefined;
  if (['true', '1', 'yes', 'on'].includes(value)) return true;
  if (['false', '0', 'no', 'off'].includes(value)) return false;
  return NOT_READABLE as unknown as boolean;
}

/** Reads a number; other text reads as NaN, for validation to refuse. */
export function readNumber(environment: Environment, ...names: readonly string[]): number | undefined {
  const value = readText(environment, ...names);
  return value === undefined ? undefined : Number(value);
}

/** Reads a JSON object; other text reads as something that is none, for validation to refuse. */
export function readObject<T extends object>(environment: Environment, ...names: readonly string[]): T | undefined {
  const value = readText(environment, ...names);
  if (value === undefined) return undefined;
  const json = parseJson(value);
  return (typeof json === 'object' && json !== null ? json : NOT_READABLE) as T;
}

/** Stands in for text that could not be read: no schema accepts it, and it repeats nothing of the text. */
const NOT_READABLE = Symbol('not readable');

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return undefined;
  }
}

/** Leaves out what is undefined, so that a spread does not overwrite. */
export function definedOnly<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
