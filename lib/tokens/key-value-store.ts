/**
 * Keeps values by key for a time: a `Keyv` fits, and so does anything else with these three methods. What goes wrong has to be
 * thrown: a store that answers "nothing there" instead would let revoked tokens pass.
 */
export interface KeyValueStore {
  /** The value, or undefined or null for none. */
  get(key: string): Promise<unknown>;
  /**
   * Keeps a value; false says that it was not kept.
   *
   * @param ttl milliseconds
   */
  set(key: string, value: string | number, ttl: number): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

const shapeMend = 'has to be an object with the methods `get`, `set` and `delete`, a Keyv for instance';
const silentMend =
  'swallows its errors: make it with `throwOnErrors: true`, and its adapter too, as in ' +
  'new Keyv({ store: new KeyvRedis(url, { throwOnErrors: true }), throwOnErrors: true })';

/** What is wrong with a store, as the mend of an option; undefined for nothing. */
export function faultOfStore(store: unknown): string | undefined {
  if (!isObject(store)) return shapeMend;
  if (!['get', 'set', 'delete'].every((method) => typeof store[method] === 'function')) return shapeMend;
  return isSilent(store) || isSilent(store['store']) ? silentMend : undefined;
}

/** Whether this is a Keyv, or an adapter of one, that answers as if nothing were stored when its server is away. */
function isSilent(store: unknown): boolean {
  if (!isObject(store)) return false;
  const isKeyv = 'throwOnErrors' in store || store.constructor?.name === 'Keyv';
  return isKeyv && store['throwOnErrors'] !== true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** A store in the memory of the process. */
export class MemoryStore implements KeyValueStore {
  readonly #entries = new Map<string, { readonly value: string | number; readonly until: number }>();

  get(key: string): Promise<unknown> {
    const entry = this.#entries.get(key);
    return Promise.resolve(entry !== undefined && entry.until > Date.now() ? entry.value : undefined);
  }

  set(key: string, value: string | number, ttl: number): Promise<unknown> {
    for (const [known, { until }] of this.#entries) if (until <= Date.now()) this.#entries.delete(known);
    this.#entries.set(key, { value, until: Date.now() + ttl });
    return Promise.resolve(true);
  }

  delete(key: string): Promise<unknown> {
    return Promise.resolve(this.#entries.delete(key));
  }
}
