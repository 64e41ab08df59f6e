import { LRUCache } from 'lru-cache';
import { copyOf } from './copy-of.js';
import type { CognitoUserKey } from './cognito-user-store.js';

/** Users who are remembered at most; the one who was away longest makes room. */
const MOST_USERS = 10_000;
/** A time takes little room. */
const MOST_TIMES = 100_000;

/** By sizes of one: told of a greatest number, the cache takes the memory for all of them at once, be there any users or none. */
function atMost(entries: number): { readonly maxSize: number; readonly sizeCalculation: () => number } {
  return { maxSize: entries, sizeCalculation: () => 1 };
}

interface Remembered {
  readonly user: object;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly until: number;
}

/**
 * Remembers for a short while who was let in, by this process alone. Who is refused is forgotten; and whoever was being read
 * while anybody was forgotten or written is not remembered, for they may have been read before that.
 */
export class UserCache {
  readonly #entries = new LRUCache<string, Remembered>(atMost(MOST_USERS));
  readonly #ttl: number;
  #changes = 0;

  /** @param ttl milliseconds; 0 remembers nobody */
  constructor(ttl: number) {
    this.#ttl = ttl;
  }

  /** A copy, so that what a handler does to its user stays with it. */
  get<T extends object>(key: CognitoUserKey): T | undefined {
    const name = nameOf(key);
    const found = this.#entries.get(name);
    if (found === undefined) return undefined;
    const now = Date.now();
    if (now >= found.since && now < found.until) return copyOf(found.user as T);
    this.#entries.delete(name);
    return undefined;
  }

  /** Begins to read a user who may be remembered after that. */
  read(key: CognitoUserKey): UserReading {
    let changes = this.#changes;
    return {
      noteWrite: () => {
        const isAlone = changes === this.#changes;
        this.forget(key);
        if (isAlone) changes = this.#changes;
      },
      keep: (user, end) => {
        if (this.#ttl === 0 || changes !== this.#changes) return;
        const since = Date.now();
        this.#entries.set(nameOf(key), { user: copyOf(user), since, until: Math.min(since + this.#ttl, end) });
      },
    };
  }

  forget(key: CognitoUserKey): void {
    this.#changes += 1;
    this.#entries.delete(nameOf(key));
  }

  clear(): void {
    this.#changes += 1;
    this.#entries.clear();
  }
}

/** A user who is being read. */
export interface UserReading {
  /** Says that the user was written: others who read them at the same time have them as they were. */
  noteWrite(): void;
  /**
   * Remembers the user.
   *
   * @param end epoch milliseconds after which they have to be asked about again, whatever the time to live
   */
  keep(user: object, end: number): void;
}

/** When this process asked Cognito about each user: what a store without a place for it does not know. */
export class AskedTimes {
  readonly #times = new LRUCache<string, number>(atMost(MOST_TIMES));

  /** Epoch milliseconds. */
  get(key: CognitoUserKey): number | undefined {
    return this.#times.get(nameOf(key));
  }

  set(key: CognitoUserKey, time: number): void {
    this.#times.set(nameOf(key), time);
  }

  /** What was told did not get where it belongs: it has to be asked for again. */
  forget(key: CognitoUserKey): void {
    this.#times.delete(nameOf(key));
  }
}

function nameOf({ pool, value }: CognitoUserKey): string {
  return JSON.stringify([pool, value]);
}
