import { isEmail, isPhoneNumber } from '../state/attribute-names.js';
import type { Pool } from '../state/pool.js';
import { createSub, createUser, type Alias, type Contact, type User, type UserStatus } from '../state/users.js';
import { aliasExists, invalidParameter, usernameExists } from '../wire/wire-error.js';
import { type Attributes, takenSignInName, withUnverifiedContacts } from './attributes.js';

/** Whom an account is made for, by themselves or by an administrator. */
export interface AccountRequest {
  /** The user name, or the address in a pool that signs in by address. */
  readonly name: string;
  /** Checked already; a contact that comes without its `_verified` flag counts as unverified. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly status: UserStatus;
  /** What is said when the user name is taken; default `User already exists`. */
  readonly whenTaken?: string;
}

/** Makes an account, which is not in the pool yet; refuses a name or an address that is taken or of the wrong form. */
export function newAccount(pool: Pool, { name, attributes: given, status, whenTaken }: AccountRequest): User {
  const sub = createSub();
  const hasChosenName = pool.settings.usernameAttributes.length === 0;
  if (hasChosenName) requireFreeUsername(pool, name, whenTaken);
  const attributes = hasChosenName ? given : { ...given, [requireContactName(pool, name)]: name };
  const taken = takenSignInName(pool, attributes);
  if (taken) throw usernameExists(`An account with the given ${taken} already exists.`);
  const username = hasChosenName ? name : sub;
  return createUser(
    { username, sub, attributes: { ...withUnverifiedContacts(attributes), ...attributes }, status },
    pool.clock.now(),
  );
}

/** Refuses an account whose name or address somebody else took while triggers ran. */
export function requireStillFree(pool: Pool, user: User): void {
  if (pool.users.byName(user.username)) throw usernameExists();
  const taken = takenSignInName(pool, user.attributes);
  if (taken) throw usernameExists(`An account with the given ${taken} already exists.`);
}

/** The alias that these attributes would give a user although somebody else signs in under it. */
export function takenAlias(pool: Pool, attributes: Attributes, user: User): Alias | undefined {
  return pool.settings.aliasAttributes.find((alias) => {
    const value = attributes[alias];
    const counts = alias === 'preferred_username' || attributes[`${alias}_verified`] === 'true';
    return counts && value !== undefined && pool.users.ownerOf(alias, value, user) !== undefined;
  });
}

/**
 * Makes sure that nobody else signs in under a user's aliases. Two people may sign up with one address; the first to
 * verify it owns it as an alias.
 *
 * @param aliases those that are about to count for the user
 * @param force takes an alias away from whoever has it, which is refused otherwise
 */
export function settleAliases(pool: Pool, user: User, aliases: readonly Alias[], force: boolean): void {
  const owned = aliases.flatMap((alias) => {
    const value = user.attributes[alias];
    const isAlias = pool.settings.aliasAttributes.includes(alias);
    const owner = isAlias && value !== undefined ? pool.users.ownerOf(alias, value, user) : undefined;
    return owner ? [{ alias, owner }] : [];
  });
  const [first] = owned;
  if (first && !force) throw aliasExists(first.alias);
  for (const { alias, owner } of owned) withdrawAlias(owner, alias);
}

function requireFreeUsername(pool: Pool, name: string, whenTaken: string | undefined): void {
  const { aliasAttributes } = pool.settings;
  const looksLike = isEmail(name) ? 'email' : isPhoneNumber(name) ? 'phone_number' : undefined;
  if (looksLike && aliasAttributes.includes(looksLike)) {
    const format = looksLike === 'email' ? 'email' : 'phone number';
    throw invalidParameter(
      `Username cannot be of ${format} format, since user pool is configured for ${format} alias.`,
    );
  }
  if (pool.users.byName(name)) throw usernameExists(whenTaken);
}

function requireContactName(pool: Pool, name: string): Contact {
  const { usernameAttributes } = pool.settings;
  if (usernameAttributes.includes('email') && isEmail(name)) return 'email';
  if (usernameAttributes.includes('phone_number') && isPhoneNumber(name)) return 'phone_number';
  if (usernameAttributes.length > 1) throw invalidParameter('Username should be either an email or a phone number.');
  throw invalidParameter(`Username should be ${usernameAttributes.includes('email') ? 'an email' : 'a phone number'}.`);
}

function withdrawAlias(owner: User, alias: Alias): void {
  if (alias === 'preferred_username') delete owner.attributes[alias];
  else owner.attributes = { ...owner.attributes, [`${alias}_verified`]: 'false' };
}
