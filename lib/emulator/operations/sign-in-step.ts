import type { AppClient } from '../state/app-clients.js';
import type { ChallengeMemory, PendingChallenge, SignInAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { Claimant } from './claimant.js';
import { openSession } from './sessions.js';

/** A sign-in at the point where it has come to. */
export interface SignInStep {
  readonly pool: Pool;
  readonly client: AppClient;
  readonly claimant: Claimant;
  readonly attempt: SignInAttempt;
}

/** How a challenge is put to the client. */
export interface PutChallenge<Name extends PendingChallenge> {
  readonly ChallengeName: Name;
  readonly ChallengeParameters: Readonly<Record<string, string>>;
  readonly Session: string;
}

/**
 * Lets a sign-in wait for the answer to a challenge.
 *
 * @param memory what the answer will be judged by
 * @param parameters what the client is told; default nothing
 */
export function putChallenge<Name extends PendingChallenge>(
  { pool, client: { clientId }, claimant: { userId, user }, attempt }: SignInStep,
  challengeName: Name,
  memory: ChallengeMemory[Name],
  parameters: PutChallenge<Name>['ChallengeParameters'] = {},
): PutChallenge<Name> {
  const session = { challengeName, clientId, username: userId, user, attempt, memory };
  return { ChallengeName: challengeName, ChallengeParameters: parameters, Session: openSession(pool, session) };
}
