import { randomBytes } from 'node:crypto';
import type { ServerEphemeral } from '../srp-verifier.js';
import type { User } from './users.js';

/** A key agreement that waits for the client's proof; it is found by its SECRET_BLOCK. */
export interface SrpExchange {
  readonly clientId: string;
  /** USER_ID_FOR_SRP as it was told to the client. */
  readonly userId: string;
  /** Absent when the name is unknown and the pool does not say so. */
  readonly user: User | undefined;
  readonly verifier: bigint;
  readonly clientPublicValue: bigint;
  readonly ephemeral: ServerEphemeral;
  readonly session: string;
}

/** A sign-in that waits for the answer to a challenge; it is found by its Session. */
export interface ChallengeSession {
  readonly challengeName: 'NEW_PASSWORD_REQUIRED';
  readonly clientId: string;
  readonly user: User;
}

const SECRET_BLOCK_BYTES = 1270;
const SESSION_BYTES = 1155;

/** Opaque bytes of the length that the service sends. */
export function createSecretBlock(): string {
  return randomBytes(SECRET_BLOCK_BYTES).toString('base64');
}

export function createSession(): string {
  return randomBytes(SESSION_BYTES).toString('base64url');
}
