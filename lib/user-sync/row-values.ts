/** Values by property; a property inside an embedded entity has dots in its name. */
export type ValuesByProperty = ReadonlyMap<string, unknown>;

/** Reads a property of a row. */
export function valueAt(row: object, property: string): unknown {
  return property.split('.').reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), row);
}

/** Writes properties of a row, and makes the embedded entities that they are in. */
export function assignValues(row: object, values: ValuesByProperty): void {
  for (const [property, value] of values) {
    const names = property.split('.');
    const last = names.pop() as string;
    let at = row as Record<string, unknown>;
    for (const name of names) at = isRecord(at[name]) ? at[name] : (at[name] = {} as Record<string, unknown>);
    at[last] = value;
  }
}

/** The same values as an object that TypeORM takes for a condition or a row. */
export function nested(values: ValuesByProperty): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  assignValues(row, values);
  return row;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
