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
  /** Whether there are any keys to look among; they are fetched first if that has not been done. */
  isReady(): Promise<boolean>;
  /** How the keys are doing; nothing is fetched to find out. */
  status(): KeySetStatus;
}

/** How the keys of an issuer are doing. */
export interface KeySetStatus {
  /** Whether tokens can be verified with the keys that are there. */
  readonly ready: boolean;
  /** Seconds since the keys were fetched; undefined for none, and for keys that were written in the options. */
  readonly ageSeconds: number | undefined;
  /** Why the last fetch failed, in a word; undefined when it did not. */
  readonly lastError: string | undefined;
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

  isReady(): Promise<boolean> {
    return Promise.resolve(true);
  }

  status(): KeySetStatus {
    return { ready: true, ageSeconds: undefined, lastError: undefined };
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
  #reason = '';

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

  async isReady(): Promise<boolean> {
    if (this.#keys === undefined && this.#mayAsk()) await this.#renew();
    return this.#keys !== undefined;
  }

  status(): KeySetStatus {
    const ready = this.#keys !== undefined;
    return {
      ready,
      ageSeconds: ready ? Math.max(0, Math.round((Date.now() - this.#fetchedAt) / 1000)) : undefined,
      lastError: this.#failures === 0 ? undefined : this.#reason,
    };
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
      detail: `The key set at ${this.uri} could not be fetched (${this.#reason}).`,
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
    } catch (thrown) {
      this.#failures += 1;
      this.#reason = reasonOf(thrown);
      if (Date.now() - this.#fetchedAt > STALE_LIMIT) this.#keys = undefined;
    }
  }
}

/** Why a fetch failed, in a word: the status, the network's code, or what was wrong with the answer. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown';
  if (thrown instanceof z.ZodError || thrown instanceof SyntaxError) return 'not a key set';
  const { cause } = thrown;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : thrown.message;
}

async function download(uri: string, timeout: number): Promise<{ readonly keys: readonly unknown[] }> {
  // A redirect would let whoever controls it choose the keys.
  const response = await fetch(uri, { redirect: 'error', signal: AbortSignal.timeout(timeout) });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return keySetSchema.parse(JSON.parse(await readBounded(response)));
}

/** Stops reading at the limit instead of measuring what is already in memory. */
async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > MAX_BODY) throw new Error('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const keySetSchema = z.object({ keys: z.array(z.unknown()) });

const signatureKeySchema = z.object({
  kid: z.string().min(1),
  kty: z.literal('RSA'),
  n: z.string().min(1),
  e: z.string().min(1),
  alg: z.literal('RS256').nullish(),
  use: z.literal('sig').nullish(),
});

const LEAST_MODULUS_BITS = 2048;

/** Keeps the keys that may sign a token, RSA of 2048 bits or more for RS256, and passes over the others one by one. */
function readKeys(set: { readonly keys: readonly unknown[] }): ReadonlyMap<string, PublicKey> {
  const keys = set.keys.flatMap((entry) => readKey(entry) ?? []);
  return new Map(keys.map((key) => [key.kid, key]));
}

function readKey(entry: unknown): PublicKey | undefined {
  const parsed = signatureKeySchema.safeParse(entry);
  if (!parsed.success) return undefined;
  const { kid, kty, n, e } = parsed.data;
  const jwk = { kid, kty, n, e, alg: 'RS256', use: 'sig' };
  const object = createPublicKey({ key: jwk, format: 'jwk' });
  return (object.asymmetricKeyDetails?.modulusLength ?? 0) < LEAST_MODULUS_BITS ? undefined : { kid, jwk, object };
}
