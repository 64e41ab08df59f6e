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
  key: PublicKey;
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

/** What an entry takes besides token and claims: the links of the list, the principal, the objects around the claims. */
const BYTES_OF_AN_ENTRY = 1536;
/** Characters that tell tokens apart: 256 bits of a signature. */
const END_OF_SIGNATURE = 43;
/** What a token and its claims as objects take for each character: Cognito's own, also with dozens of custom attributes. */
const BYTES_PER_CHARACTER = 2;
/** Tokens that are longer than those hold hundreds of small claims, each an object of its own. */
const USUAL_LENGTH = 4096;
const BYTES_PER_CHARACTER_BEYOND = 8;

/**
 * Remembers which signatures were found good, by the whole token and per pool, so that a token of another pool or with another
 * payload is never found. What may change is judged again by whoever asks.
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
    this.#entries.set(keyOf(token), { pool, token, signed, since: Date.now() }, { size: sizeOf(token) });
  }

  delete(pool: string, token: string): void {
    // Another pool may have remembered it in the meantime.
    if (this.get(pool, token) !== undefined) this.#entries.delete(keyOf(token));
  }
}

function sizeOf({ length }: string): number {
  const beyond = Math.max(0, length - USUAL_LENGTH);
  return BYTES_OF_AN_ENTRY + BYTES_PER_CHARACTER * length + BYTES_PER_CHARACTER_BEYOND * beyond;
}

function keyOf(token: string): string {
  return token.slice(-END_OF_SIGNATURE);
}
