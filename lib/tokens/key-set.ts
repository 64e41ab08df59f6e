import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { CognitoError } from '../errors/cognito.error.js';
import type { JsonWebKeySet } from '../options/pool.options.js';
import type { ResolvedJwks } from '../options/resolved-pool.js';

/** A public key in the two forms that verification needs. */
export interface PublicKey {
  readonly kid: string;
  readonly jwk: Readonly<Record<string, string>> & { readonly kid: string; readonly kty: string };
  readonly object: KeyObject;
}

/** Finds public keys by their id. */
export interface KeySet {
  /**
   * @param kid the key id that a token's header names
   * Throws `COGNITO_TOKEN_KEY_UNKNOWN` when the set does not hold it, `COGNITO_KEYS_UNAVAILABLE` when nobody could say.
   */
  find(kid: string): Promise<PublicKey>;
}

const MAX_BODY = 512 * 1024;
/** After a good fetch an unknown key id does not cause another one for this long. */
const UNKNOWN_KID_COOLDOWN = 10_000;
const FIRST_BACKOFF = 1_000;
const LONGEST_BACKOFF = 30_000;
/** Keys that cannot be renewed serve on for this long, and no longer. */
const STALE_LIMIT = 24 * 60 * 60 * 1000;

/** A set that was written in the options; it never changes. */
export class StaticKeySet implements KeySet {
  readonly #keys: ReadonlyMap<string, PublicKey>;

  constructor(set: JsonWebKeySet) {
    this.#keys = readKeys(set);
  }

  find(kid: string): Promise<PublicKey> {
    const key = this.#keys.get(kid);
    return key === undefined ? Promise.reject(new CognitoError('COGNITO_TOKEN_KEY_UNKNOWN')) : Promise.resolve(key);
  }
}

/** A set that is fetched: once for all who wait, kept for a while, and served on when its server is down. */
export class FetchedKeySet implements KeySet {
  #keys: ReadonlyMap<string, PublicKey> | undefined;
  /** By the clock of tokens, so that a moved clock ages the keys too. */
  #fetchedAt = 0;
  /** By a clock that nobody moves: how long the server has been left in peace. */
  #askedAt = -Infinity;
  #failures = 0;
  #inFlight: Promise<void> | undefined;

  constructor(
    private readonly uri: string,
    private readonly options: ResolvedJwks,
  ) {}

  async find(kid: string): Promise<PublicKey> {
    const known = this.#keys?.get(kid);
    if (known !== undefined && this.#isFresh()) return known;
    if (this.#mayAsk()) await this.#renew();
    return this.#keys?.get(kid) ?? this.#refuse();
  }

  #isFresh(): boolean {
    return Date.now() - this.#fetchedAt < this.options.ttl;
  }

  /** A fetch is due for stale keys at once, for an unknown key id after a pause, after failures ever more rarely. */
  #mayAsk(): boolean {
    if (this.#inFlight !== undefined) return true;
    const sinceAsked = performance.now() - this.#askedAt;
    if (this.#failures > 0) return sinceAsked >= this.#backoff();
    return !this.#isFresh() || sinceAsked >= UNKNOWN_KID_COOLDOWN;
  }

  #backoff(): number {
    return Math.min(FIRST_BACKOFF * 2 ** (this.#failures - 1), LONGEST_BACKOFF);
  }

  #refuse(): never {
    if (this.#failures === 0) throw new CognitoError('COGNITO_TOKEN_KEY_UNKNOWN');
    throw new CognitoError('COGNITO_KEYS_UNAVAILABLE', {
      detail: `The key set at ${this.uri} could not be fetched.`,
      retryAfter: Math.ceil(this.#backoff() / 1000),
    });
  }

  #renew(): Promise<void> {
    this.#inFlight ??= this.#fetch().finally(() => {
      this.#inFlight = undefined;
    });
    return this.#inFlight;
  }

  async #fetch(): Promise<void> {
    this.#askedAt = performance.now();
    try {
      const keys = readKeys(await download(this.uri, this.options.timeout));
      // A pool always has a key; an empty set is a server's fault and must not refuse every token.
      if (keys.size === 0) throw new Error('no usable key');
      this.#keys = keys;
      this.#fetchedAt = Date.now();
      this.#failures = 0;
    } catch {
      this.#failures += 1;
      if (Date.now() - this.#fetchedAt > STALE_LIMIT) this.#keys = undefined;
    }
  }
}

async function download(uri: string, timeout: number): Promise<JsonWebKeySet> {
  // A redirect would let whoever controls it choose the keys.
  const response = await fetch(uri, { redirect: 'error', signal: AbortSignal.timeout(timeout) });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const body = await response.text();
  if (body.length > MAX_BODY) throw new Error('too large');
  return keySetSchema.parse(JSON.parse(body));
}

const keySetSchema = z.object({
  keys: z.array(
    z.looseObject({
      kid: z.string(),
      kty: z.string(),
      n: z.string(),
      e: z.string(),
      alg: z.string().optional(),
      use: z.string().optional(),
    }),
  ),
});

const LEAST_MODULUS_BITS = 2048;

/** Keeps the keys that may sign a token: RSA of 2048 bits or more, for signatures, for RS256. */
function readKeys(set: JsonWebKeySet): ReadonlyMap<string, PublicKey> {
  const keys = new Map<string, PublicKey>();
  for (const { kid, kty, n, e, alg, use } of set.keys) {
    if (kty !== 'RSA' || (alg ?? 'RS256') !== 'RS256' || (use ?? 'sig') !== 'sig') continue;
    const jwk = { kid, kty, n, e, alg: 'RS256', use: 'sig' };
    const object = createPublicKey({ key: jwk, format: 'jwk' });
    if ((object.asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_MODULUS_BITS) keys.set(kid, { kid, jwk, object });
  }
  return keys;
}
