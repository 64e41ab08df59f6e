import type { Pool } from '../state/pool.js';
import { RULES, type Members } from '../wire/members.js';
import { invalidParameter } from '../wire/wire-error.js';
import { isSameText } from './app-client.js';

const MOST_ON_A_PAGE = 60;

/** What a list is asked for. */
export interface PageRequest {
  /** The operation and everything that selects its items: a token of another list is refused. */
  readonly query: readonly string[];
  /** 1 to 60. */
  readonly limit: number;
  /** The key of the last item of the page before. */
  readonly after: string | undefined;
}

/** How an operation asks for a page. */
interface PageMembers {
  /** The member that carries the token; default `NextToken`. */
  readonly token?: 'NextToken' | 'PaginationToken';
  /** The member that says how many; default `Limit`. */
  readonly limit?: 'Limit' | 'MaxResults';
  /** Default 60. */
  readonly most?: number;
}

/** One page of a list. */
export interface Page<Item> {
  readonly items: Item[];
  /** Opens the next page; absent on the last. */
  readonly next: string | undefined;
}

/**
 * Reads which page is asked for.
 *
 * @param query the operation and everything that selects its items
 * @param pageMembers names of the members, and how many items a page has at most, where an operation differs from most others
 * @throws WireError `InvalidParameterException` for a token that was made up, or given for another query
 */
export function pageRequest(
  pool: Pool,
  members: Members,
  query: readonly string[],
  { token: tokenName = 'NextToken', limit: limitName = 'Limit', most = MOST_ON_A_PAGE }: PageMembers = {},
): PageRequest {
  // 0 is allowed, and asks for as many as there may be.
  const limit = members.optionalNumber(limitName, { min: 0, max: most }) || most;
  const token = members.optionalText(tokenName, RULES.paginationToken);
  return { query, limit, after: token === undefined ? undefined : keyIn(pool, query, token) };
}

/**
 * The page that was asked for. Items are in the order of their keys, so that what comes and goes between two pages
 * neither repeats nor hides any other.
 */
export function pageOf<Item>(
  pool: Pool,
  { query, limit, after }: PageRequest,
  all: Iterable<Item>,
  keyOf: (item: Item) => string,
): Page<Item> {
  const left = [...all].filter((item) => after === undefined || keyOf(item) > after);
  const items = left.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)).slice(0, limit);
  const last = items.at(-1);
  return { items, next: last && left.length > items.length ? tokenOf(pool, query, keyOf(last)) : undefined };
}

function tokenOf(pool: Pool, query: readonly string[], key: string): string {
  return `${Buffer.from(key, 'utf8').toString('base64url')}.${sealOf(pool, query, key)}`;
}

function keyIn(pool: Pool, query: readonly string[], token: string): string {
  const [encoded = '', seal = ''] = token.split('.', 2);
  const key = Buffer.from(encoded, 'base64url').toString('utf8');
  if (!isSameText(seal, sealOf(pool, query, key))) throw invalidParameter('Invalid pagination token.');
  return key;
}

function sealOf(pool: Pool, query: readonly string[], key: string): string {
  return pool.disguiseOf('page', JSON.stringify([...query, key])).toString('base64url');
}
