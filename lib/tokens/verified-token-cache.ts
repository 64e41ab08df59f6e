import { LRUCache } from 'lru-cache';
import type { VerifiedToken } from './claims.js';
import type { PublicKey } from './public-keys.js';
import type { ResolvedTokenCache } from './tokens.options.js';

/** What a signature was good for. */
export interface SignedClaims {
  /** Frozen throughout. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly issuer: string;
  /** The key that the signature was checked with. */
  readonly key: PublicKey;
  /** What the claims came to when they were judged first; who is asked again gives the same object. */
  verified?: VerifiedToken;
}

interface Remembered {
  readonly pool: string;
  readonly token: string;
  readonly signed: SignedClaims;
  /** Epoch milliseconds, by the clock of tokens. */
  readonly since: number;
}

/** What an entry takes besides its claims: the links of the list, the objects around the claims. */
const BYTES_OF_AN_ENTRY = 1024;
/** Characters that tell tokens apart: 256 bits of a signature. */
const END_OF_SIGNATURE = 43;
/** A token and its claims as objects take about this many bytes for each character of the token. */
const BYTES_PER_CHARACTER = 5;

/**
 * Remembers which signatures were found good, by the whole token and per pool, so that a token of another pool or with another
 * payload is never found. Everything but the signature is judged again by whoever asks.
 *
 * A token is looked for by the end of its signature, and then compared throughout: to hash all of it would take longer than
 * all else that a known token costs. Only what was found good is kept, so nobody outside can push another's token out by its end.
 */
export class VerifiedTokenCache {
  readonly #entries: LRUCache<string, Remembered>;
  readonly #ttl: number;

  constructor({ ttl, maxBytes }: ResolvedTokenCache) {
    this.#ttl = ttl;
    this.#entries = new LRUCache({ maxSize: maxBytes });
  }

  get(pool: string, token: string): SignedClaims | undefined {
    const key = keyOf(token);
    const found = this.#entries.get(key);
    if (found === undefined || found.token !== token || found.pool !== pool) return undefined;
    const age = Date.now() - found.since;
    if (age >= 0 && age < this.#ttl) return found.signed;
    this.#entries.delete(key);
    return undefined;
  }

  set(pool: string, token: string, signed: SignedClaims): void {
    const size = BYTES_OF_AN_ENTRY + BYTES_PER_CHARACTER * token.length;
    const copy = copyOf(token);
    this.#entries.set(keyOf(copy), { pool, token: copy, signed, since: Date.now() }, { size });
  }

  delete(pool: string, token: string): void {
    // Another pool may have remembered it in the meantime.
    if (this.get(pool, token) !== undefined) this.#entries.delete(keyOf(token));
  }
}

function keyOf(token: string): string {
  return token.slice(-END_OF_SIGNATURE);
}

/** A token that was cut out of a header would keep the whole header in memory. */
function copyOf(token: string): string {
  return Buffer.from(token, 'latin1').toString('latin1');
}
