import type { Answers } from './challenge-answer.js';

/** Who judges the answers to the challenges of a second factor. */
export const mfaAnswers: Answers = {};
