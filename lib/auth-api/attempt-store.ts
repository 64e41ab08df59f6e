/** Where attempts are counted. What goes wrong has to be thrown: then nobody is let try. */
export interface AttemptStore {
  /**
   * Counts one more, atomically.
   *
   * @param lifetime milliseconds after which the count may be forgotten
   * @returns how many there are now, this one included
   */
  increment(key: string, lifetime: number): Promise<number>;
  /** Takes one back. */
  decrement(key: string): Promise<unknown>;
}

/** A client of Redis or Valkey: node-redis (version 4 or later) and ioredis fit, connected. */
export interface RedisCounterClient {
  incr(key: string): Promise<unknown>;
  decr(key: string): Promise<unknown>;
  expire(key: string, seconds: number): Promise<unknown>;
}

/** Whether this has the methods of {@link RedisCounterClient}. */
export function isRedisCounterClient(value: unknown): value is RedisCounterClient {
  return hasMethods(value, ['incr', 'decr', 'expire']);
}

/** Whether this has the methods of {@link AttemptStore}. */
export function isAttemptStore(value: unknown): value is AttemptStore {
  return hasMethods(value, ['increment', 'decrement']);
}

/** Counts in Redis, for all processes of an application together. */
export class RedisAttemptStore implements AttemptStore {
  constructor(private readonly client: RedisCounterClient) {}

  async increment(key: string, lifetime: number): Promise<number> {
    const count = Number(await this.client.incr(key));
    // Each time, and not with the first alone: a process that dies between the two leaves nothing that stays for ever.
    await this.client.expire(key, Math.ceil(lifetime / 1000));
    return count;
  }

  async decrement(key: string): Promise<unknown> {
    const left = Number(await this.client.decr(key));
    // The count was forgotten meanwhile: what stands there now was made by this, and would never expire.
    if (left < 0) await this.client.expire(key, 1);
    return left;
  }
}

const MOST_COUNTS = 100_000;

/** Counts in the memory of the process; what was touched longest ago makes room. */
export class MemoryAttemptStore implements AttemptStore {
  readonly #counts = new Map<string, { count: number; readonly until: number }>();

  /** @param most how many counts are kept at once */
  constructor(private readonly most = MOST_COUNTS) {}

  increment(key: string, lifetime: number): Promise<number> {
    const now = Date.now();
    const known = this.#counts.get(key);
    const entry = known !== undefined && known.until > now ? known : { count: 0, until: now + lifetime };
    entry.count += 1;
    this.#counts.delete(key);
    this.#counts.set(key, entry);
    this.#forgetTheOldest();
    return Promise.resolve(entry.count);
  }

  decrement(key: string): Promise<unknown> {
    const entry = this.#counts.get(key);
    if (entry !== undefined) entry.count -= 1;
    return Promise.resolve(entry?.count);
  }

  #forgetTheOldest(): void {
    const [oldest] = this.#counts.keys();
    if (oldest !== undefined && this.#counts.size > this.most) this.#counts.delete(oldest);
  }
}

function hasMethods(value: unknown, methods: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return methods.every((method) => typeof (value as Readonly<Record<string, unknown>>)[method] === 'function');
}
