import { AsyncLocalStorage } from 'node:async_hooks';

/** Who holds the turn; `isOver` once they have given it back, whatever of theirs still runs. */
interface Turn {
  isOver: boolean;
}

/**
 * Lets one piece of work after the other at a resource that cannot be shared. Work that asks again from inside its own turn
 * goes on at once, since it would wait for itself.
 */
export class OneAtATime {
  readonly #turns = new AsyncLocalStorage<Turn>();
  #last: Promise<unknown> = Promise.resolve();

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#turns.getStore()?.isOver === false) return work();
    const turn: Turn = { isOver: false };
    const mine = this.#last.then(() => this.#turns.run(turn, work)).finally(() => (turn.isOver = true));
    // Whoever comes next waits for the end, good or bad, and does not hear of it.
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

const queues = new WeakMap<object, OneAtATime>();

/** The queue of an object: the same one for everybody who asks. */
export function queueOf(shared: object): OneAtATime {
  const queue = queues.get(shared) ?? new OneAtATime();
  queues.set(shared, queue);
  return queue;
}
