import { createHash } from 'node:crypto';
import { z } from 'zod';
import { CognitoError } from '../errors/cognito.error.js';
import { clearCookie, type CookieAttributes, cookieOf, cookiesOf, setCookie } from '../request/cookies.js';
import type { CognitoRequest } from '../request/request-of.js';
import type { Sealer } from '../sealing/sealer.js';

/** A sign-in that is under way: begun in this browser, not yet come back. */
export interface Transaction {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** Where the browser goes afterwards, absolute. */
  readonly returnTo: string;
  /** Who may finish it: pool, app client and callback. */
  readonly audience: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

const schema = z.object({
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  returnTo: z.string(),
  audience: z.string(),
  startedAt: z.number(),
});

/** As many sign-ins as one browser may have under way: tabs, and links that were opened twice. */
const MOST = 5;

/** Bytes of all the others: beside them a session has to fit into the 16 KB that Node takes of a request's headers. */
const LARGEST = 6000;

/** As many used ones as are remembered by a process. */
const MOST_SPENT = 50_000;

/** What sign-ins that are under way depend on. */
export interface TransactionSettings {
  readonly audience: string;
  /** Whether the application is reached by https. */
  readonly secure: boolean;
  /** Seconds. */
  readonly lifetime: number;
}

/**
 * Keeps each sign-in that is under way in a sealed cookie of its own, so that only the browser that began it can finish it, and
 * only once.
 */
export class Transactions {
  readonly #prefix: string;
  readonly #attributes: CookieAttributes;
  /** Used ones that would open still, and until when (epoch milliseconds). */
  readonly #spent = new Map<string, number>();

  /** @param mostSpent how many used ones this process remembers at once */
  constructor(
    private readonly sealer: Sealer,
    private readonly settings: TransactionSettings,
    private readonly mostSpent = MOST_SPENT,
  ) {
    this.#prefix = `${settings.secure ? '__Host-' : ''}cognito-oauth-`;
    // Lax, for the browser comes back from another site.
    this.#attributes = { httpOnly: true, secure: settings.secure, sameSite: 'Lax' };
  }

  /** Remembers a sign-in in the browser; the oldest go where there are too many. */
  async begin(request: CognitoRequest, begun: Omit<Transaction, 'audience' | 'startedAt'>): Promise<void> {
    await this.#makeRoom(request);
    const { audience, lifetime } = this.settings;
    const transaction: Transaction = { ...begun, audience, startedAt: Date.now() };
    const sealed = await this.sealer.seal('oauth', transaction, lifetime);
    const isKept = setCookie(request, this.#nameOf(begun.state), sealed, { ...this.#attributes, maxAge: lifetime });
    if (isKept) return;
    throw new CognitoError('COGNITO_UNEXPECTED', { detail: 'A sign-in has to begin before the answer was sent.' });
  }

  /**
   * Takes the sign-in of a state out of the browser. It is used up then, whatever comes of it.
   *
   * @throws {@link CognitoError} `COGNITO_OAUTH_STATE_INVALID` for one that this browser did not begin, that took too long, that
   * was used before or that another callback has to finish
   */
  async take(request: CognitoRequest, state: string): Promise<Transaction> {
    const name = this.#nameOf(state);
    const sealed = cookieOf(request, name);
    if (sealed === undefined) throw invalid('this browser has not begun it, or has finished it');
    clearCookie(request, name, this.#attributes);
    const transaction = await this.#open(sealed);
    if (transaction?.state !== state) throw invalid('it took too long, or its cookie is not ours');
    if (transaction.audience !== this.settings.audience) throw invalid('another callback has to finish it');
    this.#spend(state, transaction);
    return transaction;
  }

  /** Cookies can be put back, so the process remembers what it has seen. Another process has Cognito, who takes a code once. */
  #spend(state: string, { startedAt }: Transaction): void {
    const now = Date.now();
    const until = startedAt + this.settings.lifetime * 1000;
    if ((this.#spent.get(state) ?? 0) > now) throw invalid('it was used before');
    for (const [known, end] of this.#spent) {
      if (end > now && this.#spent.size < this.mostSpent) break;
      this.#spent.delete(known);
    }
    this.#spent.set(state, until);
  }

  async #makeRoom(request: CognitoRequest): Promise<void> {
    const ours = [...cookiesOf(request)].filter(([name]) => name.startsWith(this.#prefix));
    const known = await Promise.all(
      ours.map(async ([name, values]) => {
        const size = values.reduce((sum, value) => sum + name.length + value.length, 0);
        return { name, size, startedAt: await this.#startOf(request, name) };
      }),
    );
    let room = LARGEST;
    const newestFirst = known.toSorted((one, other) => other.startedAt - one.startedAt);
    for (const [index, { name, size }] of newestFirst.entries()) {
      room -= size;
      if (index >= MOST - 1 || room < 0) clearCookie(request, name, this.#attributes);
    }
  }

  /** What does not open goes first. */
  async #startOf(request: CognitoRequest, name: string): Promise<number> {
    return (await this.#open(cookieOf(request, name) ?? ''))?.startedAt ?? 0;
  }

  async #open(sealed: string): Promise<Transaction | undefined> {
    const opened: unknown = await this.sealer.open('oauth', sealed).catch(() => undefined);
    return schema.safeParse(opened).data;
  }

  /** The state is for Cognito's addresses alone; the cookie is found by what it hashes to. */
  #nameOf(state: string): string {
    return `${this.#prefix}${createHash('sha256').update(state).digest('base64url').slice(0, 16)}`;
  }
}

function invalid(reason: string): CognitoError {
  return new CognitoError('COGNITO_OAUTH_STATE_INVALID', { detail: `The sign-in cannot be finished: ${reason}.` });
}
