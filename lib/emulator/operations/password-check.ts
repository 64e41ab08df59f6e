import { createPasswordVerifier, isPasswordOf, type PasswordVerifier } from '../srp-verifier.js';
import type { AppClient } from '../state/app-clients.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { codeMismatch, notAuthorized, passwordResetRequired } from '../wire/wire-error.js';
import type { Claimant } from './claimant.js';

/** Refuses an attempt while the account is locked; it neither counts nor prolongs the lock. */
export function refuseWhileLocked(pool: Pool, username: string): void {
  if (pool.lockout.isLocked(pool.users.canonical(username))) throw notAuthorized('Password attempts exceeded');
}

/** Counts a wrong password and says what the client may know about it. */
export function wrongPassword(pool: Pool, client: AppClient, { userId, user }: Claimant): Error {
  pool.lockout.recordFailure(pool.users.canonical(userId));
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

/** Checks a password that was sent in the clear. @returns whose it is */
export function checkPassword(pool: Pool, client: AppClient, claimant: Claimant, password: string): User {
  const { userId, user } = claimant;
  refuseWhileLocked(pool, userId);
  const isRight = isPasswordOf(pool.identityOf(userId), password, user?.password ?? NOBODYS_PASSWORD);
  if (!user?.password || !isRight) throw wrongPassword(pool, client, claimant);
  return user;
}

/** Sets a password: what is kept is the verifier under a fresh salt. */
export function setPassword(pool: Pool, user: User, password: string): void {
  user.password = createPasswordVerifier(pool.identityOf(user.username), password);
  user.passwordSetAt = pool.clock.now();
}

// An unknown user is checked against something, so that the answer takes as long as for a known one.
const NOBODYS_PASSWORD: PasswordVerifier = { salt: 1n, verifier: 0n };
