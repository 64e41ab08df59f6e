import { codeMismatch, notAuthorized } from '../wire/wire-error.js';
import { addressOf, detailsOf, inventDelivery } from './code-delivery.js';
import { type AnswerChallenge, type ChallengeAnswer, required } from './challenge-answer.js';
import { confirm } from './confirmation.js';
import { type CodeChallenge, CONTACT_OF } from './first-factors.js';
import { knownDevice } from './known-device.js';
import { settleAliases } from './new-account.js';
import { sessionOf } from './sessions.js';
import { deliveryParameters, isSentCode, sendSignInCode, unsentCode, verifyContact } from './sign-in-code.js';
import { afterPasswordless } from './sign-in-result.js';
import { putChallenge, type PutChallenge, type SignInStep } from './sign-in-step.js';
import { preAuthenticate } from './sign-in-triggers.js';

/** EMAIL_OTP and SMS_OTP as a first factor: a code takes the place of the password. */
export async function offerOneTimePassword(
  step: SignInStep,
  challengeName: CodeChallenge,
): Promise<PutChallenge<CodeChallenge>> {
  const { pool, client, claimant, attempt } = step;
  const { user } = claimant;
  if (user?.enabled === false && client.preventUserExistenceErrors === 'LEGACY') {
    throw notAuthorized('User is disabled.');
  }
  if (!user?.enabled) return simulateOneTimePassword(step, challengeName);
  await preAuthenticate(pool, client, user, attempt);
  const contact = CONTACT_OF[challengeName];
  const sent = await sendSignInCode(pool, { client, user, contact, as: 'first-factor', attempt });
  if (!sent) throw notAuthorized();
  return putChallenge(step, challengeName, sent.memory, sent.parameters);
}

/** Judges a code that takes the place of the password; a wrong one leaves the session alive. */
export function oneTimePasswordAnswer(challengeName: CodeChallenge): AnswerChallenge {
  return async (answer) => answerOneTimePassword(answer, challengeName);
}

async function answerOneTimePassword(answer: ChallengeAnswer, challengeName: CodeChallenge): Promise<object> {
  const { pool, client, responses } = answer;
  const { user, attempt, memory } = sessionOf(answer, challengeName);
  const code = required(responses, `${challengeName}_CODE`);
  if (!user?.enabled || !isSentCode(memory, code)) throw codeMismatch();
  // Only now, for whoever has no code is not told whether there is such a user; and before anything is changed.
  knownDevice(pool, user, attempt);
  if (user.status === 'UNCONFIRMED') settleAliases(pool, user, [memory.contact, 'preferred_username'], false);
  pool.sessions.spend(answer.session ?? '');
  verifyContact(pool, user, memory);
  if (user.status === 'UNCONFIRMED') {
    const { clientId } = client;
    await confirm(pool, user, { by: 'ConfirmSignUp', clientId, clientMetadata: attempt.clientMetadata });
  }
  return afterPasswordless(pool, client, user, attempt);
}

// Somebody who cannot sign in waits for a code like everybody else.
function simulateOneTimePassword(step: SignInStep, challengeName: CodeChallenge): PutChallenge<CodeChallenge> {
  const { pool, claimant, attempt } = step;
  const contact = CONTACT_OF[challengeName];
  const address = claimant.user && addressOf(claimant.user, contact);
  const delivery = address ? detailsOf(address) : inventDelivery(pool, attempt.typedName ?? claimant.userId, [contact]);
  return putChallenge(step, challengeName, unsentCode(contact, 'first-factor'), deliveryParameters(delivery));
}
