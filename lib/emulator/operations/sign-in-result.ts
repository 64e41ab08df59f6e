import { type AppClient, mayRead } from '../state/app-clients.js';
import type { SignInAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { notAuthorized, passwordResetRequired, userNotConfirmed } from '../wire/wire-error.js';
import { requireEnabled } from './complete-sign-in.js';
import { missingAttributes } from './missing-attributes.js';
import { afterFirstFactor } from './second-factor.js';
import { putChallenge } from './sign-in-step.js';
import { preAuthenticate } from './sign-in-triggers.js';

const DAY = 24 * 60 * 60 * 1000;

/** What follows a right password: a refusal, the next challenge, or tokens. */
export async function afterPassword(
  pool: Pool,
  client: AppClient,
  user: User,
  attempt: SignInAttempt,
): Promise<object> {
  requireUsable(user);
  const isTemporary = user.status === 'FORCE_CHANGE_PASSWORD';
  if (isTemporary) refuseExpiredPassword(pool, user);
  const { password } = user;
  await preAuthenticate(pool, client, user, attempt);
  // The trigger took its time: the password that was right may be a former one by now.
  if (user.password !== password) throw notAuthorized();
  requireUsable(user);
  return isTemporary ? demandNewPassword(pool, client, user, attempt) : afterFirstFactor(pool, client, user, attempt);
}

/** What follows a one-time code or a passkey; PreAuthentication was asked before the challenge went out. */
export async function afterPasswordless(
  pool: Pool,
  client: AppClient,
  user: User,
  attempt: SignInAttempt,
): Promise<object> {
  requireUsable(user);
  return afterFirstFactor(pool, client, user, attempt);
}

/** What follows the session of a sign-up that has just been confirmed. */
export async function afterConfirmation(
  pool: Pool,
  client: AppClient,
  user: User,
  attempt: SignInAttempt,
): Promise<object> {
  requireUsable(user);
  await preAuthenticate(pool, client, user, attempt);
  return afterFirstFactor(pool, client, user, attempt);
}

/** NEW_PASSWORD_REQUIRED: the password has to be replaced, and what the pool demands of everybody completed. */
export function demandNewPassword(pool: Pool, client: AppClient, user: User, attempt: SignInAttempt): object {
  const demanded = missingAttributes(pool, client, user).map((name) => `userAttributes.${name}`);
  const readable = Object.entries(user.attributes).filter(([name]) => mayRead(client, name));
  const parameters = {
    USER_ID_FOR_SRP: user.username,
    requiredAttributes: JSON.stringify(demanded),
    userAttributes: JSON.stringify(Object.fromEntries(readable)),
  };
  const step = { pool, client, claimant: { userId: user.username, user }, attempt };
  return putChallenge(step, 'NEW_PASSWORD_REQUIRED', {}, parameters);
}

function requireUsable(user: User): void {
  requireEnabled(user);
  if (user.status === 'UNCONFIRMED') throw userNotConfirmed();
  if (user.status === 'RESET_REQUIRED') throw passwordResetRequired();
}

function refuseExpiredPassword(pool: Pool, user: User): void {
  const lifetime = pool.settings.passwordPolicy.temporaryPasswordValidityDays * DAY;
  if (pool.clock.now() > user.passwordSetAt + lifetime) {
    throw notAuthorized('Temporary password has expired and must be reset by an administrator.');
  }
}
