import type { ChallengeSession, PendingChallenge } from '../state/challenges.js';
import type { User } from '../state/users.js';
import type { ChallengeAnswer } from './challenge-answer.js';
import { requireEnabled } from './complete-sign-in.js';
import { knownDevice } from './known-device.js';
import { refuseWhileLocked } from './password-check.js';
import { refuseDeadSession, sessionOf } from './sessions.js';

/** A sign-in that waits for what comes after its first factor; that one was right, so it belongs to a user. */
export type WaitingFactor<Name extends PendingChallenge> = ChallengeSession<Name> & { readonly user: User };

/** The waiting sign-in of an answer, with everything refused that has nothing to do with what the answer says. */
export function waitingFactor<Name extends PendingChallenge>(
  answer: ChallengeAnswer,
  challengeName: Name,
): WaitingFactor<Name> {
  const session = sessionOf(answer, challengeName);
  const { user } = session;
  if (!user) throw refuseDeadSession('unknown');
  requireEnabled(user);
  refuseWhileLocked(answer.pool, user.username);
  knownDevice(answer.pool, user, session.attempt);
  return { ...session, user };
}
