import { invalidParameter, softwareTokenNotFound } from '../wire/wire-error.js';
import { type Answers, type ChallengeAnswer, required } from './challenge-answer.js';
import { complete } from './complete-sign-in.js';
import { answerMfaSetUp, installContact } from './mfa-set-up.js';
import { wrongCode } from './password-check.js';
import { demandFactor, secondFactorsOf } from './second-factors.js';
import { refuseDeadSession } from './sessions.js';
import { isSentCode, verifyContact } from './sign-in-code.js';
import { withCodeUsed } from './software-token.js';
import { waitingFactor } from './waiting-factor.js';

/** Who judges the answers to the challenges of a second factor. */
export const mfaAnswers = {
  SMS_MFA: async (answer: ChallengeAnswer) => answerCode(answer, 'SMS_MFA', 'SMS_MFA_CODE'),
  EMAIL_OTP: async (answer: ChallengeAnswer) => answerCode(answer, 'EMAIL_OTP', 'EMAIL_OTP_CODE'),
  SOFTWARE_TOKEN_MFA: answerSoftwareToken,
  SELECT_MFA_TYPE: answerChoice,
  MFA_SETUP: answerMfaSetUp,
} satisfies Answers;

async function answerCode(answer: ChallengeAnswer, name: 'SMS_MFA' | 'EMAIL_OTP', response: string): Promise<object> {
  const { user, attempt, memory } = waitingFactor(answer, name);
  const offered = required(answer.responses, response);
  const { pool, client } = answer;
  // The first factor has judges of its own, who ask for more than a right code.
  if (memory.as === 'first-factor') throw refuseDeadSession('unknown');
  if (!isSentCode(memory, offered)) throw wrongCode(pool, user.username);
  if (memory.as === 'set-up') installContact(pool, client, user, memory);
  pool.sessions.spend(answer.session ?? '');
  verifyContact(pool, user, memory);
  return complete(pool, client, user, attempt);
}

async function answerSoftwareToken(answer: ChallengeAnswer): Promise<object> {
  const { user, attempt } = waitingFactor(answer, 'SOFTWARE_TOKEN_MFA');
  const offered = required(answer.responses, 'SOFTWARE_TOKEN_MFA_CODE');
  const { pool, client } = answer;
  const { softwareToken } = user.mfa;
  if (!softwareToken) throw softwareTokenNotFound();
  const used = withCodeUsed(softwareToken, offered, pool.clock.now());
  if (!used) throw wrongCode(pool, user.username);
  pool.sessions.spend(answer.session ?? '');
  user.mfa = { ...user.mfa, softwareToken: used };
  return complete(pool, client, user, attempt);
}

async function answerChoice(answer: ChallengeAnswer): Promise<object> {
  const { user, attempt, memory } = waitingFactor(answer, 'SELECT_MFA_TYPE');
  const chosen = required(answer.responses, 'ANSWER');
  const { pool, client } = answer;
  const stillThere = secondFactorsOf(pool, user);
  const type = memory.choices.find((choice) => choice === chosen && stillThere.includes(choice));
  if (!type) throw invalidParameter('The answer is none of the MFA types that can be chosen.');
  // Before the message is made up, which takes its time: the same answer must not come through twice.
  pool.sessions.spend(answer.session ?? '');
  return demandFactor(pool, { client, user, attempt }, type);
}
