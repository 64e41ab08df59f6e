import { createPasswordVerifier, isPasswordOf, type PasswordVerifier } from '../srp-verifier.js';
import type { AppClient } from '../state/app-clients.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { codeMismatch, notAuthorized, passwordResetRequired, userNotFound } from '../wire/wire-error.js';

/** The account behind a sign-in name, as far as it has a password and the client may know that it exists. */
export function findPasswordUser(pool: Pool, client: AppClient, name: string): User | undefined {
  const user = pool.users.bySignInName(name);
  if (!user && client.preventUserExistenceErrors === 'LEGACY') throw userNotFound();
  return user?.status === 'EXTERNAL_PROVIDER' ? undefined : user;
}

/** Refuses an attempt while the account is locked; it neither counts nor prolongs the lock. */
export function refuseWhileLocked(pool: Pool, username: string): void {
  if (pool.lockout.isLocked(pool.users.canonical(username))) throw notAuthorized('Password attempts exceeded');
}

/** Counts a wrong password and says what the client may know about it. */
export function wrongPassword(pool: Pool, client: AppClient, username: string, user: User | undefined): Error {
  pool.lockout.recordFailure(pool.users.canonical(username));
  if (client.preventUserExistenceErrors === 'LEGACY' && user?.enabled === false)
    return notAuthorized('User is disabled.');
  if (client.preventUserExistenceErrors === 'LEGACY' && user?.status === 'RESET_REQUIRED')
    return passwordResetRequired();
  return notAuthorized();
}

/** Counts a wrong code of a second factor, which leads to the lock as a wrong password does. */
export function wrongCode(pool: Pool, username: string): Error {
  pool.lockout.recordFailure(pool.users.canonical(username));
  return codeMismatch();
}

/** Checks a password that was sent in the clear (USER_PASSWORD_AUTH). */
export function checkPassword(pool: Pool, client: AppClient, name: string, password: string): User {
  const user = findPasswordUser(pool, client, name);
  const username = user?.username ?? name;
  refuseWhileLocked(pool, username);
  const isRight = isPasswordOf(pool.identityOf(username), password, user?.password ?? NOBODYS_PASSWORD);
  if (!user?.password || !isRight) throw wrongPassword(pool, client, username, user);
  return user;
}

/** Sets a password: what is kept is the verifier under a fresh salt. */
export function setPassword(pool: Pool, user: User, password: string): void {
  user.password = createPasswordVerifier(pool.identityOf(user.username), password);
  user.passwordSetAt = pool.clock.now();
}

// An unknown user is checked against something, so that the answer takes as long as for a known one.
const NOBODYS_PASSWORD: PasswordVerifier = { salt: 1n, verifier: 0n };
