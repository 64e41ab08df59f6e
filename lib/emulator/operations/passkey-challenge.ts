import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import type { Answers } from './challenge-answer.js';

/** A WEB_AUTHN challenge: what is kept of it, and what the client is told. */
export interface PasskeyChallenge {
  readonly memory: { readonly challenge: string };
  readonly parameters: Readonly<Record<'CREDENTIAL_REQUEST_OPTIONS', string>>;
}

/** Draws a challenge for the passkeys of a user; `undefined` when the user has none. */
export function passkeyChallenge(_pool: Pool, _user: User): PasskeyChallenge | undefined {
  return undefined;
}

/** Who judges the assertion of a passkey. */
export const passkeyAnswers: Answers = {};
