/** What is known now, or will be. */
export type NowOrLater<T> = T | Promise<T>;

/** Goes on with what is known, at once if it is: waiting for what is there already costs each request its turn. */
export function after<T, R>(value: NowOrLater<T>, proceed: (known: T) => NowOrLater<R>): NowOrLater<R> {
  return isLater(value) ? value.then(proceed) : proceed(value);
}

/** Promises of a library or of another realm are some, too. */
function isLater<T>(value: NowOrLater<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Turns what is thrown, now or later, into something else. */
export function onFailure<T>(act: () => NowOrLater<T>, failed: (thrown: unknown) => NowOrLater<T>): NowOrLater<T> {
  try {
    const value = act();
    return isLater(value) ? value.then(undefined, failed) : value;
  } catch (thrown) {
    return failed(thrown);
  }
}
