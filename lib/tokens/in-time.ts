import { setTimeout as wait } from 'node:timers/promises';

/** Nobody answered in time. */
class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * Asks somebody and waits no longer than this: a store that hangs is as good as none, and clients of Redis queue while it is away.
 *
 * @param timeout milliseconds
 * @throws what `ask` throws, and a `TimeoutError`
 */
export async function inTime<T>(timeout: number, ask: () => Promise<T> | T): Promise<T> {
  const over = new AbortController();
  const late = wait(timeout, undefined, { signal: over.signal }).then(() => {
    throw new TimeoutError(`no answer within ${timeout} ms`);
  });
  // Whichever comes second is heard by nobody.
  late.catch(() => undefined);
  try {
    return await Promise.race([ask(), late]);
  } finally {
    over.abort();
  }
}
