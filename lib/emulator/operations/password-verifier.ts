import type { Pool } from '../state/pool.js';
import { type ChallengeAnswer, required } from './challenge-answer.js';
import { afterPasswordRound } from './custom-auth.js';
import { knownDevice } from './known-device.js';
import { checkPasswordProof, type ProvenPassword } from './password-proof.js';
import { continued } from './sessions.js';
import { afterPassword } from './sign-in-result.js';

/** PASSWORD_VERIFIER: the client's half of the key agreement, which proves that it knows the password. */
export async function answerPasswordVerifier(answer: ChallengeAnswer): Promise<object> {
  const { pool, client, username, responses, session } = answer;
  const secretBlock = required(responses, 'PASSWORD_CLAIM_SECRET_BLOCK');
  const proven = checkPasswordProof(pool, client, {
    username,
    secretBlock,
    signature: required(responses, 'PASSWORD_CLAIM_SIGNATURE'),
    timestamp: required(responses, 'TIMESTAMP'),
    session,
  });
  const attempt = continued(proven.attempt, answer);
  requireKnownDevice(pool, { ...proven, attempt }, secretBlock);
  if (attempt.flow === 'CUSTOM_AUTH') return afterPasswordRound(pool, client, proven.user, attempt);
  return afterPassword(pool, client, proven.user, attempt);
}

// A client that hears that its device is not known forgets it and sends the same proof again: that is still the first use.
function requireKnownDevice(pool: Pool, { user, attempt, exchange }: ProvenPassword, secretBlock: string): void {
  try {
    knownDevice(pool, user, attempt);
  } catch (refusal) {
    pool.exchanges.giveBack(secretBlock, exchange);
    throw refusal;
  }
}
