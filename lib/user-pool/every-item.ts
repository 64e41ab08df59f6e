import { CognitoError } from '../errors/cognito.error.js';

/** One page of a list, and what opens the next. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly next: string | undefined;
}

/**
 * The items of all pages, each page asked for when the one before is used up.
 *
 * @param load gets a page; without a token the first
 * @param signal ends the list with its reason, before the next item
 */
export async function* everyItem<Item>(
  load: (token: string | undefined) => Promise<ListPage<Item>>,
  signal?: AbortSignal,
): AsyncGenerator<Item, void, undefined> {
  let token: string | undefined;
  do {
    signal?.throwIfAborted();
    const { items, next } = await load(token);
    for (const item of items) {
      signal?.throwIfAborted();
      yield item;
    }
    // A page may be empty and still have a next one; the same token again would never end.
    if (next !== undefined && next === token) {
      throw new CognitoError('COGNITO_UNEXPECTED', { detail: 'A list of the user pool does not come to an end.' });
    }
    token = next;
  } while (token !== undefined);
}
