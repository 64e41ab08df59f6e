/**
 * A copy of a row with everything that hangs on it: embedded entities, lists, dates. Of a class it stays an instance, and
 * relations that TypeORM loads when they are asked for stay so.
 */
export function copyOf<T>(value: T): T {
  return copied(value, new Map()) as T;
}

/** @param done what was copied already: rows may refer to each other in a circle */
function copied(value: unknown, done: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (done.has(value)) return done.get(value);
  if (value instanceof Date) return new Date(value);
  // A Buffer's own `slice` would share its memory.
  if (value instanceof Uint8Array) return Uint8Array.prototype.slice.call(value);
  if (!isPlain(value)) return value;
  const copy: object = Array.isArray(value)
    ? []
    : (Object.create(Object.getPrototypeOf(value) as object | null) as object);
  done.set(value, copy);
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    const isValue = 'value' in property;
    Object.defineProperty(copy, name, isValue ? { ...property, value: copied(property.value, done) } : property);
  }
  return copy;
}

/** What the language itself keeps in slots of its own (a Map, a Promise) would be lost in a copy of its properties. */
function isPlain(value: object): boolean {
  return ['[object Object]', '[object Array]'].includes(Object.prototype.toString.call(value));
}
