import { CognitoError, isCognitoError } from '../errors/cognito.error.js';

/** How far an import is. */
export interface ImportProgress {
  /** Users read from the pool by this run. One is read twice when the list had to begin anew. */
  readonly seen: number;
  /** Rows made. */
  readonly created: number;
  /** Rows that got new attributes. */
  readonly updated: number;
  /** Rows that had everything already. */
  readonly unchanged: number;
  /** Users whom the pool or their row shuts out: nothing is written for them. */
  readonly inactive: number;
  /** Users who could not be brought in: `failures` says why. */
  readonly failed: number;
  /** How often each code stood in the way, `COGNITO_USER_CONFLICT` for instance; it names no user. */
  readonly failures: Readonly<Record<string, number>>;
  /** How often the list had to begin anew, because Cognito no longer took the token of the place. */
  readonly startedOver: number;
  /** Goes on from here as `startAt`, in this process or another; undefined at the end. */
  readonly nextToken: string | undefined;
}

/** What became of one user. */
export type ImportOutcome = 'created' | 'updated' | 'unchanged' | 'inactive';

/** Counts what becomes of users. */
export class ImportTally {
  readonly #counts = { created: 0, updated: 0, unchanged: 0, inactive: 0 };
  readonly #failures = new Map<string, number>();
  #seen = 0;
  #startedOver = 0;

  see(users: number): void {
    this.#seen += users;
  }

  startOver(): void {
    this.#startedOver += 1;
  }

  add(outcome: ImportOutcome): void {
    this.#counts[outcome] += 1;
  }

  /**
   * Counts a user who cannot be brought in.
   *
   * @throws what was thrown, when it is about the database and not about the user
   */
  fail(thrown: unknown): void {
    if (isCognitoError(thrown, 'COGNITO_USER_STORE_UNAVAILABLE', 'COGNITO_USER_SYNC_INVALID')) throw thrown;
    const code = thrown instanceof CognitoError ? thrown.code : 'COGNITO_UNEXPECTED';
    this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
  }

  progress(nextToken: string | undefined): ImportProgress {
    const failed = [...this.#failures.values()].reduce((sum, count) => sum + count, 0);
    return {
      seen: this.#seen,
      ...this.#counts,
      failed,
      failures: Object.fromEntries(this.#failures),
      startedOver: this.#startedOver,
      nextToken,
    };
  }
}
