import type { User } from '../state/users.js';
import { invalidParameter } from '../wire/wire-error.js';

type Reader = (user: User) => string | undefined;

const attribute =
  (name: string): Reader =>
  (user) =>
    user.attributes[name];

/** What may be searched for. */
const SEARCHABLE: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['username', (user) => user.username],
  ['sub', (user) => user.sub],
  ['cognito:user_status', (user) => user.status],
  ['status', (user) => (user.enabled ? 'Enabled' : 'Disabled')],
  ...['email', 'phone_number', 'name', 'given_name', 'family_name', 'preferred_username'].map(
    (name): [string, Reader] => [name, attribute(name)],
  ),
]);

/** `name = "value"` or `name ^= "value"`; in the value a quotation mark or a backslash follows a backslash. */
const FILTER = /^\s*([\w:]+)\s*(\^?=)\s*"((?:[^"\\]|\\["\\])*)"\s*$/s;

/**
 * Reads a filter of ListUsers.
 *
 * @param filter an empty one lets everybody through
 * @throws WireError `InvalidParameterException` for one that does not keep to the grammar, or whose attribute cannot be
 * searched for
 */
export function userFilter(filter: string): (user: User) => boolean {
  if (filter.trim() === '') return () => true;
  const [, name = '', comparison, written = ''] = FILTER.exec(filter) ?? [];
  if (comparison === undefined) throw invalidParameter('Error while parsing filter.');
  const read = SEARCHABLE.get(name);
  if (!read) throw invalidParameter(`Invalid search attribute: ${name}`);
  // The status of an account is the one thing whose case does not matter.
  const folded = (text: string) => (name === 'cognito:user_status' ? text.toUpperCase() : text);
  const wanted = folded(written.replaceAll(/\\(["\\])/g, '$1'));
  const matches = (value: string) => (comparison === '=' ? value === wanted : value.startsWith(wanted));
  return (user) => {
    const value = read(user);
    return value !== undefined && matches(folded(value));
  };
}
