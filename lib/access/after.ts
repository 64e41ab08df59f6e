/** A value, or a promise of it where something has to be waited for; `await` takes both. */
export type NowOrLater<T> = T | Promise<T>;

/** Goes on with what is known, at once if it is: waiting for what is there already costs each request its turn. */
export function after<T, R>(value: NowOrLater<T>, proceed: (known: T) => NowOrLater<R>): NowOrLater<R> {
  return isLater(value) ? Promise.resolve(value).then(proceed) : proceed(value);
}

/**
 * Whether `await` would wait. A library's own kind of promise may hand back nothing from its `then`: what is chained to it is chained
 * to a real one, or nobody would wait for it.
 */
function isLater<T>(value: NowOrLater<T>): value is Promise<T> {
  const mayBe = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return mayBe && typeof (value as { readonly then?: unknown }).then === 'function';
}

/** Turns what is thrown, now or later, into something else. */
export function onFailure<T>(act: () => NowOrLater<T>, failed: (thrown: unknown) => NowOrLater<T>): NowOrLater<T> {
  try {
    const value = act();
    return isLater(value) ? Promise.resolve(value).then(undefined, failed) : value;
  } catch (thrown) {
    return failed(thrown);
  }
}
