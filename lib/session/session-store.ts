import { faultOfStore, type KeyValueStore, MemoryStore } from '../tokens/key-value-store.js';
import { isRedisClient, type RedisClient, RedisSessionStore } from './redis-session-store.js';

/** Keys and values; with `add`, one process can claim a key for itself. */
export interface SessionStore extends KeyValueStore {
  /**
   * Keeps a value unless there is one, atomically; says whether it was kept.
   *
   * @param ttl milliseconds
   */
  add?(key: string, value: string, ttl: number): Promise<boolean>;
}

/** What is wrong with a store, as the mend of an option; undefined for nothing. */
export function faultOfSessionStore(store: unknown): string | undefined {
  if (store === 'memory' || isRedisClient(store)) return undefined;
  const fault = faultOfStore(store);
  return fault === undefined ? undefined : `${fault}; or a client of Redis, or 'memory'`;
}

/** The store behind what was written. */
export function sessionStoreOf(written: KeyValueStore | RedisClient | 'memory'): SessionStore {
  if (written === 'memory') return new MemoryStore();
  return isRedisClient(written) ? new RedisSessionStore(written) : written;
}
