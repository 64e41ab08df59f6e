import { setTimeout as delay } from 'node:timers/promises';
import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import type { AdminUser } from '../user-pool/admin-user.js';
import type { ListUsersInput, UserPage } from '../user-pool/users-input.js';

/** Lists users by the page, as `cognito.users` does. */
export interface UserLister {
  list(input: ListUsersInput): Promise<UserPage<AdminUser>>;
}

/** The value of the match claim, as the token of this user would have it; empty where the user has none. */
export function keyValueOf({ sub, username, attributes }: AdminUser, claim: string): string {
  if (claim === 'sub') return sub;
  return claim === 'username' ? username : (attributes[claim] ?? '');
}

/** How gently a pool is asked. */
export interface Pace {
  /** Requests per second at most. Cognito's quota for reading users is shared by everything in the account. */
  readonly requestsPerSecond: number;
  readonly signal?: AbortSignal | undefined;
  /** Waits so many milliseconds; tests have no time for it. */
  readonly wait?: ((milliseconds: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
}

/** A page of users, and where it stands in the list. */
export interface ListedPage extends UserPage<AdminUser> {
  /** True when Cognito no longer took the token of this place, and the list began anew. */
  readonly startedOver: boolean;
}

/** Attempts at one request, with pauses of 1, 2, 4 … seconds. */
const ATTEMPTS = 8;
const LONGEST_PAUSE = 30_000;
/** A list that has to begin anew for the fourth time does not come to an end. */
const FRESH_STARTS = 3;

/** Asks no faster than it may, and asks again what Cognito could not answer at the moment. */
export class PacedCalls {
  readonly #pace: Pace;
  #next = 0;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** @throws what the call throws, once the eighth attempt at it has been throttled or has met a fault of Cognito */
  async call<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#turn();
      try {
        return await ask();
      } catch (thrown) {
        if (attempt === ATTEMPTS || !isCognitoError(thrown, 'COGNITO_THROTTLED', 'COGNITO_UNAVAILABLE')) throw thrown;
        await this.#wait(pauseAfter(thrown, attempt));
      }
    }
  }

  async #turn(): Promise<void> {
    const now = performance.now();
    const turn = Math.max(now, this.#next);
    this.#next = turn + 1000 / this.#pace.requestsPerSecond;
    if (turn > now) await this.#wait(turn - now);
    this.#pace.signal?.throwIfAborted();
  }

  async #wait(milliseconds: number): Promise<void> {
    const { signal, wait } = this.#pace;
    signal?.throwIfAborted();
    if (wait !== undefined) return wait(milliseconds, signal);
    // Node's own AbortError would hide the reason of the signal.
    await delay(milliseconds, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}

function pauseAfter({ retryAfter }: CognitoError, attempt: number): number {
  // Half of it by chance, so that two importers do not knock together.
  const pause = Math.min(1000 * 2 ** (attempt - 1), LONGEST_PAUSE);
  return Math.max((retryAfter ?? 0) * 1000, pause * (0.5 + Math.random() / 2));
}

/**
 * The pages of all users from a place on. A token that Cognito no longer takes (they expire) begins the list anew.
 *
 * @param limit users on a page; has to be what it was when the token was handed out
 */
export async function* pagesOf(
  users: UserLister,
  calls: PacedCalls,
  limit: number,
  startAt: string | undefined,
): AsyncGenerator<ListedPage, void, undefined> {
  let token = startAt;
  let freshStarts = 0;
  let startedOver = false;
  do {
    const page = await calls
      .call(() => users.list({ limit, paginationToken: token }))
      .catch((thrown: unknown) => {
        if (token === undefined || !isCognitoError(thrown, 'COGNITO_PARAMETER_INVALID')) throw thrown;
        if (freshStarts === FRESH_STARTS) throw thrown;
        return undefined;
      });
    if (page === undefined) {
      freshStarts += 1;
      startedOver = true;
      token = undefined;
      continue;
    }
    yield { ...page, startedOver };
    // A page may be empty and still have a next one; the same token again would never end.
    if (page.paginationToken !== undefined && page.paginationToken === token) throw endless();
    startedOver = false;
    token = page.paginationToken;
  } while (token !== undefined || startedOver);
}

function endless(): CognitoError {
  return new CognitoError('COGNITO_UNEXPECTED', { detail: 'The list of users does not come to an end.' });
}
