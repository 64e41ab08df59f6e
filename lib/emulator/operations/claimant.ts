import { N } from '../../srp/group.js';
import type { PasswordVerifier } from '../srp-verifier.js';
import type { AppClient } from '../state/app-clients.js';
import { isEmail, isPhoneNumber } from '../state/attribute-names.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { userNotFound } from '../wire/wire-error.js';

/** Whom a sign-in name stands for, as far as the client may know. */
export interface Claimant {
  /** The internal user name (USER_ID_FOR_SRP); made up for a name that nobody bears. */
  readonly userId: string;
  /** Absent when there is nobody who could sign in here. */
  readonly user: User | undefined;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whoever bears a sign-in name, or somebody made up where the client does not tell who exists. */
export function claimantOf(pool: Pool, client: AppClient, name: string): Claimant {
  const user = pool.users.bySignInName(name);
  if (user) return { userId: user.username, user: user.status === 'EXTERNAL_PROVIDER' ? undefined : user };
  if (client.preventUserExistenceErrors === 'LEGACY') throw userNotFound();
  return { userId: inventUserId(pool, pool.users.canonical(name)), user: undefined };
}

/** What a proof of the claimant's password is checked against; made up where there is none. */
export function verifierOf(pool: Pool, { userId, user }: Claimant): PasswordVerifier {
  return user?.password ?? inventVerifier(pool, pool.users.canonical(userId));
}

// Whoever asks twice for a name that does not exist must see the same salt and id, as for one that does.
function inventVerifier(pool: Pool, userId: string): PasswordVerifier {
  const salt = BigInt(`0x${pool.disguiseOf('salt', userId).toString('hex', 0, 16)}`);
  const verifier = BigInt(`0x${pool.disguiseOf('verifier', userId).toString('hex').repeat(12)}`) % N;
  return { salt, verifier };
}

function inventUserId(pool: Pool, name: string): string {
  if (UUID.test(name) || couldBeUsername(pool, name)) return name;
  const hex = pool.disguiseOf('sub', name).toString('hex', 0, 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function couldBeUsername({ settings: { usernameAttributes, aliasAttributes } }: Pool, name: string): boolean {
  if (usernameAttributes.length > 0) return false;
  return !(
    (aliasAttributes.includes('email') && isEmail(name)) ||
    (aliasAttributes.includes('phone_number') && isPhoneNumber(name))
  );
}
