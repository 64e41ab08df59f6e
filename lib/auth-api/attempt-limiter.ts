import { createHash } from 'node:crypto';
import { CognitoError } from '../errors/cognito.error.js';
import { inTime } from '../tokens/in-time.js';
import type { AttemptStore } from './attempt-store.js';
import { clientNetworkOf } from './client-network.js';

/** What is attempted; each is counted by itself. */
export type AttemptedAction = 'login' | 'challenge' | 'signup' | 'confirm' | 'code' | 'refresh';

/** How many attempts there may be within a window. */
export interface AttemptLimits {
  /** Seconds. Default 900 (a quarter of an hour). */
  readonly window: number;
  /** From one address; of IPv6, from one network of 64 bits. Default 20. */
  readonly perAddress: number;
  /** For one account, wherever they come from. Default 50. */
  readonly perAccount: number;
  /** For one account from one address. Default 5. */
  readonly perAccountAndAddress: number;
  /** Answers to one challenge. Default 5. */
  readonly perChallenge: number;
}

/** One attempt. */
export interface Attempt {
  readonly action: AttemptedAction;
  /** The caller's address: `req.ip` of the framework, never a header. */
  readonly ip: string | undefined;
  /** The account that was named, whether there is one or not. */
  readonly account?: string | undefined;
  /** What tells the challenge from others: its session. It is kept as a hash. */
  readonly challenge?: string | undefined;
}

/** Where and how {@link CognitoAttemptLimiter} counts. */
export interface AttemptLimiterSettings {
  readonly store: AttemptStore;
  /** What every key in the store begins with. */
  readonly prefix: string;
  readonly limits: AttemptLimits;
  /** Milliseconds after which the store counts as out of reach. */
  readonly timeout: number;
}

interface Counter {
  readonly key: string;
  readonly limit: number;
}

/**
 * Counts attempts to sign in, to sign up and to get codes, and refuses the next one when there are too many: per address, per
 * account and per challenge, in windows of fixed length. Accounts that do not exist are counted like those that do.
 */
export class CognitoAttemptLimiter {
  readonly #settings: AttemptLimiterSettings | undefined;

  /** @param settings undefined for a limiter that limits nothing, where the application has another */
  constructor(settings: AttemptLimiterSettings | undefined) {
    this.#settings = settings;
  }

  /**
   * Does something that may be attempted so often and not more. What succeeds is not counted, except for `signup` and `code`,
   * which send messages; it is counted while it is under way, so that many at once are no more than many one by one.
   *
   * @param hasSucceeded says of a result whether it is a success: one that asks for a code which was sent is none. Default: each is
   * @throws {@link CognitoError} `COGNITO_LIMIT_EXCEEDED` (429, with `retryAfter`) for one too many, `COGNITO_ATTEMPTS_UNAVAILABLE`
   * (503) when they cannot be counted; then nothing was done
   */
  async attempt<T>(
    attempt: Attempt,
    work: () => Promise<T>,
    hasSucceeded: (result: T) => boolean = () => true,
  ): Promise<T> {
    const settings = this.#settings;
    if (settings === undefined) return work();
    const counters = countersOf(attempt, settings);
    await this.#count(counters, settings);
    const result = await work();
    if (!sendsMessages(attempt) && hasSucceeded(result)) await this.#takeBack(counters, settings);
    return result;
  }

  /** In turn, and no further than the first that is full: who is shut out here cannot use up the attempts of others. */
  async #count(counters: readonly Counter[], { store, limits, timeout }: AttemptLimiterSettings): Promise<void> {
    const lifetime = limits.window * 1000;
    for (const { key, limit } of counters) {
      // Twice as long as a window: what began in one may end in the next.
      if ((await asked(timeout, () => store.increment(key, 2 * lifetime))) <= limit) continue;
      const retryAfter = Math.ceil((lifetime - (Date.now() % lifetime)) / 1000);
      const detail = 'Too many attempts; see the option `limiter`.';
      throw new CognitoError('COGNITO_LIMIT_EXCEEDED', { detail, retryAfter });
    }
  }

  async #takeBack(counters: readonly Counter[], { store, timeout }: AttemptLimiterSettings): Promise<void> {
    // What was done is done: a count too many does less harm than a sign-in that is lost.
    await inTime(timeout, () => Promise.all(counters.map(({ key }) => store.decrement(key)))).catch(() => undefined);
  }
}

/** @throws {@link CognitoError} `COGNITO_ATTEMPTS_UNAVAILABLE` (503) */
async function asked<T>(timeout: number, ask: () => Promise<T>): Promise<T> {
  try {
    return await inTime(timeout, ask);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.name : 'no error';
    const detail = `The store of the option \`limiter\` could not count an attempt (${why}).`;
    throw new CognitoError('COGNITO_ATTEMPTS_UNAVAILABLE', { detail, retryAfter: 1 });
  }
}

function sendsMessages({ action }: Attempt): boolean {
  return action === 'signup' || action === 'code';
}

/** From the narrowest circle to the widest: address, account from there, challenge, account from anywhere. */
function countersOf(
  { action, ip, account, challenge }: Attempt,
  { limits, prefix }: AttemptLimiterSettings,
): Counter[] {
  const window = String(Math.floor(Date.now() / (limits.window * 1000)));
  const counter = (limit: number, ...parts: readonly string[]): Counter => ({
    key: `${prefix}:${action}:${hashOf(...parts)}`,
    limit,
  });
  const address = clientNetworkOf(ip);
  const name = account?.normalize('NFKC').trim().toLowerCase();
  return [
    counter(limits.perAddress, window, 'address', address),
    ...(name === undefined ? [] : [counter(limits.perAccountAndAddress, window, 'account and address', name, address)]),
    // Without a window: a challenge does not become another one when the next window begins.
    ...(challenge === undefined ? [] : [counter(limits.perChallenge, 'challenge', challenge)]),
    ...(name === undefined ? [] : [counter(limits.perAccount, window, 'account', name)]),
  ];
}

/** No store holds an address, a name or a session, and no name can be made to look like another key. */
function hashOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
