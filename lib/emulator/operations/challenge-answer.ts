import type { AppClient } from '../state/app-clients.js';
import type { Pool } from '../state/pool.js';
import { RULES, type TextRule } from '../wire/members.js';
import { invalidParameter } from '../wire/wire-error.js';

/** Every challenge of the service model. */
export const CHALLENGE_NAMES = [
  'SMS_MFA',
  'EMAIL_OTP',
  'SOFTWARE_TOKEN_MFA',
  'SELECT_MFA_TYPE',
  'MFA_SETUP',
  'PASSWORD_VERIFIER',
  'CUSTOM_CHALLENGE',
  'SELECT_CHALLENGE',
  'DEVICE_SRP_AUTH',
  'DEVICE_PASSWORD_VERIFIER',
  'ADMIN_NO_SRP_AUTH',
  'NEW_PASSWORD_REQUIRED',
  'SMS_OTP',
  'PASSWORD',
  'WEB_AUTHN',
  'PASSWORD_SRP',
] as const;
export type ChallengeName = (typeof CHALLENGE_NAMES)[number];

/** AuthParameters and ChallengeResponses. */
export type Texts = ReadonlyMap<string, string>;

/** An answer to a challenge; client and secret hash have been checked. */
export interface ChallengeAnswer {
  readonly pool: Pool;
  readonly client: AppClient;
  readonly username: string;
  readonly responses: Texts;
  readonly session: string | undefined;
  readonly clientMetadata: Readonly<Record<string, string>>;
}

/** Judges the answer to one kind of challenge. */
export type AnswerChallenge = (answer: ChallengeAnswer) => Promise<object>;

/** Who judges the answers to some of the challenges. */
export type Answers = Readonly<Partial<Record<ChallengeName, AnswerChallenge>>>;

const secret = { sensitive: true };

/** Lengths only: whether a name or a password looks right is no question of its form here, but of who knows it. */
export const TEXT_RULES = {
  USERNAME: { ...secret, max: RULES.username.max },
  PASSWORD: { ...secret, max: RULES.password.max },
  NEW_PASSWORD: { ...secret, max: RULES.password.max },
  SECRET_HASH: { ...secret, max: RULES.secretHash.max },
  // A passkey's answer is a JSON document.
  CREDENTIAL: { ...secret, max: 32_768 },
} satisfies Record<string, TextRule>;

/** A text that must be there and not be empty. */
export function required(texts: Texts, name: string): string {
  const value = texts.get(name);
  if (!value) throw invalidParameter(`Missing required parameter ${name}`);
  return value;
}
