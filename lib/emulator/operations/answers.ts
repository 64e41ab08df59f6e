import type { AnswerChallenge, Answers } from './challenge-answer.js';
import { answerPassword, answerPasswordSrp, answerSelectChallenge } from './choice-sign-in.js';
import { answerCustomChallenge } from './custom-auth.js';
import { deviceAnswers } from './device-challenges.js';
import { mfaAnswers } from './mfa-challenges.js';
import { answerNewPassword } from './new-password.js';
import { oneTimePasswordAnswer } from './one-time-password.js';
import { passkeyAnswers } from './passkey-challenge.js';
import { answerPasswordVerifier } from './password-verifier.js';
import { isWaitingFor } from './sessions.js';

/** Who judges the answer to which challenge. */
export const ANSWERS: Answers = {
  PASSWORD_VERIFIER: answerPasswordVerifier,
  NEW_PASSWORD_REQUIRED: answerNewPassword,
  CUSTOM_CHALLENGE: answerCustomChallenge,
  SELECT_CHALLENGE: answerSelectChallenge,
  PASSWORD: answerPassword,
  PASSWORD_SRP: answerPasswordSrp,
  SMS_OTP: oneTimePasswordAnswer('SMS_OTP'),
  ...passkeyAnswers,
  ...mfaAnswers,
  ...deviceAnswers,
  EMAIL_OTP: eitherEmailCode(oneTimePasswordAnswer('EMAIL_OTP'), mfaAnswers.EMAIL_OTP),
};

// One name stands for two challenges; which of them it is, the session tells.
function eitherEmailCode(asFirst: AnswerChallenge, asSecond: AnswerChallenge): AnswerChallenge {
  return async (answer) => {
    const found = answer.pool.sessions.find(answer.session ?? '');
    const isFirst =
      found.state === 'live' && isWaitingFor(found.value, 'EMAIL_OTP') && found.value.memory.as === 'first-factor';
    return isFirst ? asFirst(answer) : asSecond(answer);
  };
}
