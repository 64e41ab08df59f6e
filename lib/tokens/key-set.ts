import { CognitoError } from '../errors/cognito.error.js';
import type { JsonWebKeySet } from '../options/pool.options.js';
import type { ResolvedJwks } from '../options/resolved-pool.js';
import { type FetchedSet, KeySource, reasonOf } from './key-source.js';
import { type PublicKey, readKeys } from './public-keys.js';

/** Finds public keys by their id. */
export interface KeySet {
  /**
   * @param kid the key id that a token's header names
   * Throws `COGNITO_TOKEN_KEY_UNKNOWN` when the set does not hold it, `COGNITO_KEYS_UNAVAILABLE` when nobody could say.
   */
  find(kid: string): Promise<PublicKey>;
  /** The key that {@link find} would answer with at once; undefined where it would have to ask first. */
  peek(kid: string): PublicKey | undefined;
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

/** After a good fetch an unknown key id does not cause another one for this long. */
const UNKNOWN_KID_COOLDOWN = 10_000;
const FIRST_BACKOFF = 1_000;
const LONGEST_BACKOFF = 30_000;

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

  peek(kid: string): PublicKey | undefined {
    return this.#keys.get(kid);
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
  readonly #source: KeySource;

  constructor(
    private readonly uri: string,
    private readonly options: ResolvedJwks,
  ) {
    this.#source = new KeySource(uri, options);
  }

  peek(kid: string): PublicKey | undefined {
    return this.#isFresh() ? this.#keys?.get(kid) : undefined;
  }

  async find(kid: string): Promise<PublicKey> {
    const fresh = this.peek(kid);
    if (fresh !== undefined) return fresh;
    const known = this.#keys?.get(kid);
    if (this.#mayAsk()) {
      const renewal = this.#renew();
      // A server that failed may fail again or hang: nobody who can be served waits for it.
      if (known !== undefined && this.#failures > 0 && this.#mayServe()) return known;
      await renewal;
    }
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

  /** Whether the keys are young enough to serve though they could not be renewed. */
  #mayServe(): boolean {
    return Date.now() - this.#fetchedAt <= this.options.staleTtl;
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
      // What others fetched is as good as the own, but says nothing about a key that the own lacks.
      const shared = this.#isFresh() ? undefined : await this.#source.shared();
      this.#take(shared ?? (await this.#source.fetch()));
      this.#failures = 0;
    } catch (thrown) {
      this.#failures += 1;
      this.#reason = reasonOf(thrown);
      if (!this.#mayServe()) this.#keys = undefined;
    }
  }

  #take({ set, fetchedAt }: FetchedSet): void {
    const keys = readKeys(set);
    // A pool always has a key; an empty set is a server's fault and must not refuse every token.
    if (keys.size === 0) throw new Error('no usable key');
    this.#keys = keys;
    this.#fetchedAt = fetchedAt;
  }
}
