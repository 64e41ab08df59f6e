import { type ChallengeAnswer, required } from './challenge-answer.js';
import { afterPasswordRound } from './custom-auth.js';
import { checkPasswordProof } from './password-proof.js';
import { continued } from './sessions.js';
import { afterPassword } from './sign-in-result.js';

/** PASSWORD_VERIFIER: the client's half of the key agreement, which proves that it knows the password. */
export async function answerPasswordVerifier(answer: ChallengeAnswer): Promise<object> {
  const { pool, client, username, responses, session } = answer;
  const proven = checkPasswordProof(pool, client, {
    username,
    secretBlock: required(responses, 'PASSWORD_CLAIM_SECRET_BLOCK'),
    signature: required(responses, 'PASSWORD_CLAIM_SIGNATURE'),
    timestamp: required(responses, 'TIMESTAMP'),
    session,
  });
  const attempt = continued(proven.attempt, answer);
  if (attempt.flow === 'CUSTOM_AUTH') return afterPasswordRound(pool, client, proven.user, attempt);
  return afterPassword(pool, client, proven.user, attempt);
}
