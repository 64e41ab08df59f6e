import type { KeyValueStore } from '../tokens/key-value-store.js';

/** node-redis, version 4 or later: a client, a pool of clients, a cluster or a sentinel; connected. */
export interface NodeRedisClient {
  get(key: string): Promise<unknown>;
  set(key: string, value: string, options: { PX: number; NX?: true }): Promise<unknown>;
  del(key: string): Promise<unknown>;
}

/** ioredis, version 5 or later: a client or a cluster. */
export interface IoRedisClient {
  get(key: string): Promise<unknown>;
  set(key: string, value: string, expiry: 'PX', milliseconds: number): Promise<unknown>;
  set(key: string, value: string, expiry: 'PX', milliseconds: number, condition: 'NX'): Promise<unknown>;
  del(key: string): Promise<unknown>;
  defineCommand(name: string, definition: { lua: string }): unknown;
}

/** A client of Redis or Valkey that {@link RedisSessionStore} understands, by its shape. */
export type RedisClient = NodeRedisClient | IoRedisClient;

/** Keys and values in Redis, one of which can be claimed by one process alone (`SET` with `NX` and `PX`). */
export class RedisSessionStore implements KeyValueStore {
  readonly #client: RedisClient;

  constructor(client: RedisClient) {
    this.#client = client;
  }

  get(key: string): Promise<unknown> {
    return this.#client.get(key);
  }

  set(key: string, value: string | number, ttl: number): Promise<unknown> {
    const client = this.#client;
    return isIoRedis(client)
      ? client.set(key, String(value), 'PX', Math.ceil(ttl))
      : client.set(key, String(value), { PX: Math.ceil(ttl) });
  }

  delete(key: string): Promise<unknown> {
    return this.#client.del(key);
  }

  /** Keeps a value unless there is one; says whether it was kept. */
  async add(key: string, value: string, ttl: number): Promise<boolean> {
    const client = this.#client;
    const answer = isIoRedis(client)
      ? await client.set(key, value, 'PX', Math.ceil(ttl), 'NX')
      : await client.set(key, value, { PX: Math.ceil(ttl), NX: true });
    return answer === 'OK';
  }
}

/** Whether this has the methods of a client of Redis, which a Keyv has not. */
export function isRedisClient(value: unknown): value is RedisClient {
  if (typeof value !== 'object' || value === null) return false;
  return ['get', 'set', 'del'].every(
    (method) => typeof (value as Readonly<Record<string, unknown>>)[method] === 'function',
  );
}

function isIoRedis(client: RedisClient): client is IoRedisClient {
  return 'defineCommand' in client;
}
