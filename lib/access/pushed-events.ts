import { Logger } from '@nestjs/common';
import type { LongConnection } from './long-connection.js';

interface Waiting {
  readonly send: () => void;
  readonly drop: () => void;
}

/**
 * What is pushed over a connection, in its order: each event waits until the token was asked again after it was pushed, and is
 * dropped when it is no longer good. Events that are pushed in one go share one question.
 */
export class PushedEvents {
  readonly #logger = new Logger(PushedEvents.name);
  #waiting: Waiting[] = [];
  #isAsking = false;

  constructor(private readonly connection: Pick<LongConnection, 'refusal'>) {}

  /** Pushes an event; `drop` is called in its place when the connection has ended. */
  push(send: () => void, drop: () => void = () => undefined): void {
    this.#waiting.push({ send, drop });
    if (!this.#isAsking) void this.#passOn();
  }

  /** Does what is no event after those that wait, whatever becomes of them; closing the connection for one. */
  afterwards(act: () => void): void {
    if (this.#isAsking) this.push(act, act);
    else act();
  }

  async #passOn(): Promise<void> {
    this.#isAsking = true;
    while (this.#waiting.length > 0) {
      // What comes from here on may come after a revocation that this answer does not know yet.
      const pushed = this.#waiting.splice(0);
      const refusal = await this.connection.refusal();
      for (const { send, drop } of pushed) this.#try(refusal === undefined ? send : drop);
    }
    this.#isAsking = false;
  }

  /** Whoever pushed has gone on: nobody is left to catch what is wrong with an event, and the others must not wait for it. */
  #try(act: () => void): void {
    try {
      act();
    } catch (thrown) {
      this.#logger.error('An event could not be sent.', thrown instanceof Error ? thrown.stack : undefined);
    }
  }
}
