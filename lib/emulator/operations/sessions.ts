import type { AppClient } from '../state/app-clients.js';
import {
  type ChallengeSession,
  createSession,
  type PendingChallenge,
  type SignInAttempt,
} from '../state/challenges.js';
import type { Found } from '../state/one-time-store.js';
import type { Pool } from '../state/pool.js';
import { notAuthorized } from '../wire/wire-error.js';
import type { ChallengeAnswer } from './challenge-answer.js';

const REFUSALS: Record<Exclude<Found<unknown>['state'], 'live'>, string> = {
  unknown: 'Invalid session for the user.',
  expired: 'Invalid session for the user, session is expired.',
  used: 'Invalid session for the user, session can only be used once.',
};

const MINUTE = 60 * 1000;

/** The refusal of a session (or of the secret block that stands for one), which says what is wrong with it. */
export function refuseDeadSession(state: keyof typeof REFUSALS): Error {
  return notAuthorized(REFUSALS[state]);
}

/** How long a challenge may be answered, in milliseconds. */
export function sessionLifetime({ authSessionValidity }: AppClient): number {
  return authSessionValidity * MINUTE;
}

/** Lets a sign-in wait for the answer to a challenge, for as long as the client's AuthSessionValidity says. */
export function openSession<Name extends PendingChallenge>(pool: Pool, session: ChallengeSession<Name>): string {
  const handle = createSession();
  pool.sessions.put(handle, session, sessionLifetime(pool.client(session.clientId) ?? pool.settings.client));
  return handle;
}

/** The waiting sign-in behind a session handle, whatever it waits for, without using the session up. */
export function findAnySession(pool: Pool, handle: string | undefined): ChallengeSession {
  const found = pool.sessions.find(handle ?? '');
  if (found.state !== 'live') throw refuseDeadSession(found.state);
  return found.value;
}

/** The sign-in of this client and user that waits for this challenge, without using the session up. */
export function findSession<Name extends PendingChallenge>(
  pool: Pool,
  client: AppClient,
  challengeName: Name,
  username: string,
  handle: string | undefined,
): ChallengeSession<Name> {
  const session = findAnySession(pool, handle);
  if (!isWaitingFor(session, challengeName)) throw refuseDeadSession('unknown');
  if (session.clientId !== client.clientId || !isNamed(pool, session, username)) throw refuseDeadSession('unknown');
  return session;
}

function isNamed(pool: Pool, { username, attempt: { flow, typedName } }: ChallengeSession, offered: string): boolean {
  const names = flow === 'USER_AUTH' && typedName !== undefined ? [username, typedName] : [username];
  return names.some((name) => pool.users.canonical(name) === pool.users.canonical(offered));
}

/**
 * The sign-in that an answer goes on with, and what the answer itself says about it, without using the session up.
 *
 * @throws WireError `NotAuthorizedException` for a session that is dead, or of another client, user or challenge
 */
export function sessionOf<Name extends PendingChallenge>(
  answer: ChallengeAnswer,
  challengeName: Name,
): ChallengeSession<Name> {
  const { pool, client, username } = answer;
  const session = findSession(pool, client, challengeName, username, answer.session);
  return { ...session, attempt: continued(session.attempt, answer) };
}

/** The attempt as it goes on with an answer: triggers are told what came last, a device may be named late. */
export function continued(attempt: SignInAttempt, { clientMetadata, responses }: ChallengeAnswer): SignInAttempt {
  return { ...attempt, clientMetadata, deviceKey: responses.get('DEVICE_KEY') ?? attempt.deviceKey };
}

/** Narrows a session to the challenge that it waits for. */
export function isWaitingFor<Name extends PendingChallenge>(
  session: ChallengeSession,
  challengeName: Name,
): session is ChallengeSession<Name> {
  return session.challengeName === challengeName;
}
