import type { Answers } from './challenge-answer.js';

/** Who judges the proof of a remembered device. */
export const deviceAnswers: Answers = {};
