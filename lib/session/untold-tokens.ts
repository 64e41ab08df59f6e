import { Logger } from '@nestjs/common';
import type { RenewedTokens } from './stored-session.js';

/** As many as a process keeps: some kilobytes each. */
const MOST = 1000;

/**
 * Renewed tokens that the store did not take. With rotation these are the only copies, so they wait until somebody asks again; a
 * browser that never does must not fill the memory, and neither must a store that stays away.
 */
export class UntoldTokens {
  readonly #logger = new Logger('CognitoSessionModule');
  readonly #tokens = new Map<string, RenewedTokens>();
  #hasWarned = false;

  get(flight: string): RenewedTokens | undefined {
    return this.#tokens.get(flight);
  }

  /** Keeps tokens; the oldest go where there are too many. */
  keep(flight: string, tokens: RenewedTokens): void {
    this.#tokens.set(flight, tokens);
    const [oldest] = this.#tokens.keys();
    if (oldest === undefined || this.#tokens.size <= MOST) return;
    this.#tokens.delete(oldest);
    this.#warn();
  }

  /** The store has them now. */
  forget(flight: string): void {
    if (this.#tokens.delete(flight)) this.#hasWarned = false;
  }

  /** Once, until the store takes something again. */
  #warn(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#logger.warn(
      `The option \`store\` of the sessions has not taken the renewed tokens of ${MOST} sessions: the oldest are given up.`,
    );
  }
}
