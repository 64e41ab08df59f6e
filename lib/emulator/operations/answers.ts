import type { Answers } from './challenge-answer.js';
import { deviceAnswers } from './device-challenges.js';
import { mfaAnswers } from './mfa-challenges.js';
import { answerNewPassword } from './new-password.js';
import { passkeyAnswers } from './passkey-challenge.js';
import { answerPasswordProof } from './password-proof.js';

/** Who judges the answer to which challenge. */
export const ANSWERS: Answers = {
  PASSWORD_VERIFIER: answerPasswordProof,
  NEW_PASSWORD_REQUIRED: answerNewPassword,
  ...passkeyAnswers,
  ...mfaAnswers,
  ...deviceAnswers,
};
