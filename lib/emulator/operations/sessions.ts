import type { AppClient } from '../state/app-clients.js';
import { createSession, type ChallengeSession } from '../state/challenges.js';
import type { Found } from '../state/one-time-store.js';
import type { Pool } from '../state/pool.js';
import { canonical } from '../state/users.js';
import { notAuthorized } from '../wire/wire-error.js';

const REFUSALS: Record<Exclude<Found<unknown>['state'], 'live'>, string> = {
  unknown: 'Invalid session for the user.',
  expired: 'Invalid session for the user, session is expired.',
  used: 'Invalid session for the user, session can only be used once.',
};

/** The refusal of a session (or of the secret block that stands for one), which says what is wrong with it. */
export function refuseDeadSession(state: keyof typeof REFUSALS): Error {
  return notAuthorized(REFUSALS[state]);
}

/** Lets a sign-in wait for the answer to a challenge. */
export function openSession(pool: Pool, session: ChallengeSession): string {
  const handle = createSession();
  pool.sessions.put(handle, session);
  return handle;
}

/** The waiting sign-in, without using the session up. */
export function findSession(
  pool: Pool,
  client: AppClient,
  challengeName: string,
  username: string,
  handle: string | undefined,
): ChallengeSession {
  const found = pool.sessions.find(handle ?? '');
  if (found.state !== 'live') throw refuseDeadSession(found.state);
  const session = found.value;
  const isTheirs =
    session.challengeName === challengeName &&
    session.clientId === client.clientId &&
    canonical(session.user.username) === canonical(username);
  if (!isTheirs) throw refuseDeadSession('unknown');
  return session;
}
