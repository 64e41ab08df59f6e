import { createHash } from 'node:crypto';
import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import { LiveSessions } from '../tokens/live-sessions.js';
import type { CognitoService } from './cognito.service.js';

/** What Cognito said of a token, and when (epoch milliseconds). */
interface Answer {
  readonly outcome: Promise<void>;
  readonly askedAt: number;
}

/** More sessions than this within a few seconds are asked for anew. */
const MOST_ANSWERS = 10_000;

/** Asks GetUser, once for all who wait for the same session. */
export class LiveSessionCheck extends LiveSessions {
  /** By pool and hash of the token, oldest first. */
  readonly #answers = new Map<string, Answer>();
  readonly #desk: CognitoService;
  readonly #ttl: number;

  /** @param ttl milliseconds for which an answer is remembered */
  constructor(desk: CognitoService, ttl: number) {
    super();
    this.#desk = desk;
    this.#ttl = ttl;
  }

  override async assertLive(accessToken: string, pool: string): Promise<void> {
    const desk = this.#desk.pool(pool);
    const key = `${pool}\n${createHash('sha256').update(accessToken).digest('base64')}`;
    const known = this.#answers.get(key);
    if (known !== undefined && this.#isRecent(known)) return known.outcome;
    const outcome = ask(desk, accessToken);
    this.#remember(key, { outcome, askedAt: Date.now() });
    // What could not be said now may be said at once: only answers are remembered.
    outcome.catch((thrown: unknown) => {
      if (!isAnswer(thrown)) this.#answers.delete(key);
    });
    return outcome;
  }

  #isRecent({ askedAt }: Answer): boolean {
    const age = Date.now() - askedAt;
    return age >= 0 && age < this.#ttl;
  }

  #remember(key: string, answer: Answer): void {
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    for (const [oldest, { askedAt }] of this.#answers) {
      if (this.#answers.size <= MOST_ANSWERS && Date.now() - askedAt < this.#ttl) break;
      if (oldest !== key) this.#answers.delete(oldest);
    }
  }
}

async function ask(desk: CognitoService, accessToken: string): Promise<void> {
  try {
    await desk.profile.get({ accessToken });
  } catch (thrown) {
    // Whoever is gone has no session; that this is about a user is the business of nobody who asks.
    throw isCognitoError(thrown, 'COGNITO_USER_NOT_FOUND') ? new CognitoError('COGNITO_TOKEN_REVOKED') : thrown;
  }
}

function isAnswer(thrown: unknown): boolean {
  return isCognitoError(thrown) && (thrown.kind === 'authentication' || thrown.kind === 'authorization');
}
