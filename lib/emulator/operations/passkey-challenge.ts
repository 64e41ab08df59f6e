import type { Answers } from './challenge-answer.js';

/** Who judges the assertion of a passkey. */
export const passkeyAnswers: Answers = {};
