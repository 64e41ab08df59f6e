import { createServerEphemeral, provesPassword } from '../srp-verifier.js';
import type { AppClient } from '../state/app-clients.js';
import { createSecretBlock, createSession, type SignInAttempt, type SrpExchange } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { notAuthorized } from '../wire/wire-error.js';
import { type Claimant, verifierOf } from './claimant.js';
import { refuseWhileLocked, wrongPassword } from './password-check.js';
import { parsePublicValue } from './public-value.js';
import { refuseDeadSession, sessionLifetime } from './sessions.js';
import { requireFreshTimestamp } from './srp-timestamp.js';

/** The client's answer to PASSWORD_VERIFIER. */
export interface PasswordProof {
  readonly username: string;
  readonly secretBlock: string;
  readonly signature: string;
  readonly timestamp: string;
  readonly session: string | undefined;
}

/** Whose password was proved, and within which sign-in. */
export interface ProvenPassword {
  readonly user: User;
  readonly attempt: SignInAttempt;
  /** The key agreement, which is used up. */
  readonly exchange: SrpExchange;
}

/** PASSWORD_VERIFIER: the server's half of the key agreement. */
export function offerPasswordProof(
  pool: Pool,
  client: AppClient,
  claimant: Claimant,
  srpA: string,
  attempt: SignInAttempt,
): object {
  const clientPublicValue = parsePublicValue(srpA);
  const { userId, user } = claimant;
  refuseWhileLocked(pool, userId);
  const { salt, verifier } = verifierOf(pool, claimant);
  const ephemeral = createServerEphemeral(verifier);
  const secretBlock = createSecretBlock();
  const session = createSession();
  const { clientId } = client;
  const exchange = { clientId, userId, user, verifier, clientPublicValue, ephemeral, session, attempt };
  pool.exchanges.put(secretBlock, exchange, sessionLifetime(client));
  return {
    ChallengeName: 'PASSWORD_VERIFIER',
    ChallengeParameters: {
      SALT: salt.toString(16),
      SRP_B: ephemeral.publicValue.toString(16),
      SECRET_BLOCK: secretBlock,
      USERNAME: userId,
      USER_ID_FOR_SRP: userId,
    },
    Session: session,
  };
}

/** Checks the proof, which uses the exchange up, and tells whose it is and which sign-in it belongs to. */
export function checkPasswordProof(pool: Pool, client: AppClient, proof: PasswordProof): ProvenPassword {
  const exchange = takeExchange(pool, client, proof);
  const { user, userId, attempt } = exchange;
  refuseWhileLocked(pool, userId);
  requireFreshTimestamp(pool, proof.timestamp);
  const isRight = isProven(pool, exchange, proof);
  if (!user?.password || !isRight) throw wrongPassword(pool, client, exchange);
  return { user, attempt, exchange };
}

function takeExchange(pool: Pool, client: AppClient, proof: PasswordProof): SrpExchange {
  const found = pool.exchanges.take(proof.secretBlock);
  if (found.state === 'unknown' && proof.session === undefined) throw notAuthorized();
  if (found.state !== 'live') throw refuseDeadSession(found.state);
  const exchange = found.value;
  if (exchange.clientId !== client.clientId) throw notAuthorized();
  if (!isSessionOf(exchange, proof.session)) throw refuseDeadSession('unknown');
  if (pool.users.canonical(proof.username) !== pool.users.canonical(exchange.userId)) throw notAuthorized();
  return exchange;
}

// In USER_SRP_AUTH the block says everything, and there are clients that send no session with it.
function isSessionOf({ session, attempt }: SrpExchange, offered: string | undefined): boolean {
  return offered === undefined ? attempt.flow === 'USER_SRP_AUTH' : offered === session;
}

// An unknown user's proof is computed too, so that its refusal takes as long.
function isProven(pool: Pool, exchange: SrpExchange, proof: PasswordProof): boolean {
  const { clientId, clientPublicValue, ephemeral, user, userId, verifier } = exchange;
  const { timestamp } = proof;
  const verdict = (user && pool.hooks.srpProof?.({ username: userId, clientId, timestamp })) ?? 'check';
  if (verdict !== 'check') return verdict === 'accept';
  const secretBlock = Buffer.from(proof.secretBlock, 'base64');
  const claim = { identity: pool.identityOf(userId), secretBlock, timestamp };
  const signature = Buffer.from(proof.signature, 'base64');
  return provesPassword(clientPublicValue, ephemeral, verifier, claim, signature);
}
