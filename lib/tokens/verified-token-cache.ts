import { LRUCache } from 'lru-cache';
import { createHash } from 'node:crypto';
import type { PublicKey } from './public-keys.js';
import type { ResolvedTokenCache } from './tokens.options.js';

/** What a signature was good for. */
export interface SignedClaims {
  /** Frozen throughout. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly issuer: string;
  /** The key that the signature was checked with. */
  readonly key: PublicKey;
}

interface Remembered extends SignedClaims {
  /** Epoch milliseconds, by the clock of tokens. */
  readonly since: number;
}

/** What an entry takes besides its claims: the hash, the key of the map, the links of the list. */
const BYTES_OF_AN_ENTRY = 1024;
/** Claims as objects take about this many bytes for each character of their token. */
const BYTES_PER_CHARACTER = 4;

/**
 * Remembers which signatures were found good, by the hash of the whole token and per pool, so that a token of another pool or
 * with another payload is never found. Everything but the signature is judged again by whoever asks.
 */
export class VerifiedTokenCache {
  readonly #entries: LRUCache<string, Remembered>;
  readonly #ttl: number;

  constructor({ ttl, maxBytes }: ResolvedTokenCache) {
    this.#ttl = ttl;
    this.#entries = new LRUCache({ maxSize: maxBytes });
  }

  get(pool: string, token: string): SignedClaims | undefined {
    const key = keyOf(pool, token);
    const found = this.#entries.get(key);
    if (found === undefined) return undefined;
    const age = Date.now() - found.since;
    if (age >= 0 && age < this.#ttl) return found;
    this.#entries.delete(key);
    return undefined;
  }

  set(pool: string, token: string, { payload, issuer, key }: SignedClaims): void {
    const size = BYTES_OF_AN_ENTRY + BYTES_PER_CHARACTER * token.length;
    this.#entries.set(keyOf(pool, token), { payload, issuer, key, since: Date.now() }, { size });
  }

  delete(pool: string, token: string): void {
    this.#entries.delete(keyOf(pool, token));
  }
}

function keyOf(pool: string, token: string): string {
  return `${pool}\n${createHash('sha256').update(token).digest('base64')}`;
}
