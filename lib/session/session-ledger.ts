import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { CognitoError } from '../errors/cognito.error.js';
import { inTime } from '../tokens/in-time.js';
import type { ResolvedSessionOptions } from './session.options.js';
import type { SessionSeal } from './session-seal.js';
import type { SessionStore } from './session-store.js';
import { type RenewedTokens, renewedTokensSchema } from './stored-session.js';

/**
 * Seconds for which renewed tokens are handed to whoever still comes with the old ones: requests that were sent together, a
 * page that was left before its answer came.
 */
const SUCCESSOR_LIFE = 300;
/** Longer than a renewal takes; a process that dies meanwhile keeps the others waiting for so long. */
const CLAIM_LIFE = 30;

/** Sealed with their name: whoever can write into the store could lay one user's tokens, or a whole session, in another's place. */
const successorSchema = z.object({ flight: z.string(), tokens: renewedTokensSchema });

/** What the processes of an application tell each other about its sessions: which have ended, and what became of their tokens. */
export class SessionLedger {
  readonly #store: SessionStore;
  readonly #timeout: number;
  readonly #seal: SessionSeal;

  constructor({ store, storeTimeout }: Pick<ResolvedSessionOptions, 'store' | 'storeTimeout'>, seal: SessionSeal) {
    this.#store = store;
    this.#timeout = storeTimeout;
    this.#seal = seal;
  }

  /** Whether one process can keep the others from renewing the same tokens. */
  get canClaim(): boolean {
    return this.#store.add !== undefined;
  }

  /** Notes that a session has ended, for as long as it could have gone on. @param lifetime seconds */
  async end(id: string, lifetime: number): Promise<void> {
    await this.#set(`ended:${id}`, '1', Math.max(lifetime, 1));
  }

  async hasEnded(id: string): Promise<boolean> {
    return !isNothing(await this.#ask((store) => store.get(keyOf(`ended:${id}`))));
  }

  /** What became of tokens that were renewed a moment ago. */
  async successorOf(flight: string): Promise<RenewedTokens | undefined> {
    const sealed = await this.#ask((store) => store.get(keyOf(`next:${flight}`)));
    const opened = typeof sealed === 'string' ? await this.#seal.open(sealed, successorSchema) : undefined;
    return opened?.flight === flight ? opened.tokens : undefined;
  }

  async noteSuccessor(flight: string, tokens: RenewedTokens): Promise<void> {
    await this.#set(`next:${flight}`, await this.#seal.seal({ flight, tokens }, SUCCESSOR_LIFE), SUCCESSOR_LIFE);
  }

  /**
   * Claims a renewal for this process alone.
   *
   * @returns undefined when another process has it; else what gives it back. Without a store that can, everybody gets it
   */
  async claim(flight: string): Promise<(() => Promise<void>) | undefined> {
    if (!this.canClaim) return () => Promise.resolve();
    const key = keyOf(`renewing:${flight}`);
    const claimant = randomUUID();
    const isOurs = await this.#ask((store) => store.add?.(key, claimant, CLAIM_LIFE * 1000));
    if (isOurs !== true) return undefined;
    return async () => {
      // Whoever was slower than the claim lives does not give back somebody else's.
      if ((await this.#ask((store) => store.get(key))) === claimant) await this.#ask((store) => store.delete(key));
    };
  }

  async #set(name: string, value: string, lifetime: number): Promise<void> {
    const kept = await this.#ask((store) => store.set(keyOf(name), value, lifetime * 1000));
    // Keyv says false where others throw.
    if (kept === false) throw unavailable('it did not keep an entry');
  }

  async #ask<T>(ask: (store: SessionStore) => Promise<T> | undefined): Promise<T | undefined> {
    try {
      return await inTime(this.#timeout, () => ask(this.#store));
    } catch (thrown) {
      throw thrown instanceof CognitoError ? thrown : unavailable(thrown instanceof Error ? thrown.name : 'no error');
    }
  }
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

function keyOf(name: string): string {
  return `nest-cognito:session:${name}`;
}

function unavailable(why: string): CognitoError {
  const detail = `The option \`store\` of the sessions failed (${why}).`;
  return new CognitoError('COGNITO_SESSION_UNAVAILABLE', { detail, retryAfter: 1 });
}
