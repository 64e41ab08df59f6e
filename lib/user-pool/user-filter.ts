import { CognitoError } from '../errors/cognito.error.js';

const FILTERABLE = {
  username: 'username',
  sub: 'sub',
  email: 'email',
  phone_number: 'phone_number',
  name: 'name',
  given_name: 'given_name',
  family_name: 'family_name',
  preferred_username: 'preferred_username',
  /** UserStatus, such as `CONFIRMED`. */
  'cognito:user_status': 'cognito:user_status',
  /** `Enabled` or `Disabled`. */
  status: 'status',
} as const;

/** What Cognito can search users for; custom attributes are not among it. */
export type FilterableAttribute = keyof typeof FILTERABLE;

/** Cognito takes no longer filter. */
const LONGEST_FILTER = 256;

/** Which users a list shows; made by {@link where} alone, so that no value can become a condition of its own. */
export class UserFilter {
  readonly #expression: string;

  /** @internal */
  constructor(expression: string) {
    this.#expression = expression;
  }

  /**
   * The filter as ListUsers takes it.
   *
   * @internal
   * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` for what {@link where} has not made, such as a text
   */
  static expressionOf(filter: UserFilter): string {
    if (filter instanceof UserFilter && #expression in filter) return filter.#expression;
    throw unusable('A filter is made by where(...), and is no text.');
  }
}

/** An attribute that waits for its condition. */
export interface UserFilterBuilder {
  /** Users whose attribute is exactly this. */
  equals(value: string): UserFilter;
  /** Users whose attribute begins with this. */
  startsWith(value: string): UserFilter;
}

/**
 * Begins a filter for {@link UsersService.list} and {@link UsersService.iterate}.
 *
 * Values are escaped: quotation marks and backslashes in them are searched for like any other character. Upper and lower case
 * differ, except in `cognito:user_status`.
 *
 * @example where('email').equals('alice@example.com')
 * @example where('family_name').startsWith('Mc')
 * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` for an attribute that cannot be searched for, and for a value that
 * makes the filter longer than 256 characters
 */
export function where(attribute: FilterableAttribute): UserFilterBuilder {
  // Whoever is not held by the compiler could otherwise write a condition in place of the name.
  if (!Object.hasOwn(FILTERABLE, attribute)) throw unusable('Users cannot be searched for this attribute.');
  return {
    equals: (value) => filterOf(attribute, '=', value),
    startsWith: (value) => filterOf(attribute, '^=', value),
  };
}

function filterOf(attribute: FilterableAttribute, comparison: '=' | '^=', value: string): UserFilter {
  if (typeof value !== 'string') throw unusable('Users are searched for by text.');
  const expression = `${attribute} ${comparison} "${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  if (expression.length > LONGEST_FILTER) throw unusable('The value is too long to search for.');
  return new UserFilter(expression);
}

function unusable(detail: string): CognitoError {
  return new CognitoError('COGNITO_PARAMETER_INVALID', { detail });
}
