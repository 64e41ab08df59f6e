import { N } from '../../srp/group.js';
import { createServerEphemeral, provesPassword } from '../srp-verifier.js';
import type { AppClient } from '../state/app-clients.js';
import { createSecretBlock, createSession, type SignInAttempt, type SrpExchange } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { notAuthorized } from '../wire/wire-error.js';
import { type ChallengeAnswer, required } from './challenge-answer.js';
import { findPasswordUser, refuseWhileLocked, wrongPassword } from './password-check.js';
import { parsePublicValue } from './public-value.js';
import { continued, refuseDeadSession } from './sessions.js';
import { afterPassword } from './sign-in-result.js';
import { requireFreshTimestamp } from './srp-timestamp.js';

/** The client's answer to PASSWORD_VERIFIER. */
interface PasswordProof {
  readonly username: string;
  readonly secretBlock: string;
  readonly signature: string;
  readonly timestamp: string;
  readonly session: string | undefined;
}

interface Claimant {
  readonly userId: string;
  readonly user: User | undefined;
  readonly salt: bigint;
  readonly verifier: bigint;
}

/** Answers USER_SRP_AUTH with the server's half of the key agreement. */
export function offerPasswordProof(
  pool: Pool,
  client: AppClient,
  name: string,
  srpA: string,
  attempt: SignInAttempt,
): object {
  const clientPublicValue = parsePublicValue(srpA);
  const { userId, user, salt, verifier } = claimantOf(pool, client, name);
  refuseWhileLocked(pool, userId);
  const ephemeral = createServerEphemeral(verifier);
  const secretBlock = createSecretBlock();
  const session = createSession();
  pool.exchanges.put(secretBlock, {
    clientId: client.clientId,
    userId,
    user,
    verifier,
    clientPublicValue,
    ephemeral,
    session,
    attempt,
  });
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

/** PASSWORD_VERIFIER: the client's half, which proves that it knows the password. */
export async function answerPasswordProof(answer: ChallengeAnswer): Promise<object> {
  const { pool, client, username, responses, session } = answer;
  const { user, attempt } = checkPasswordProof(pool, client, {
    username,
    secretBlock: required(responses, 'PASSWORD_CLAIM_SECRET_BLOCK'),
    signature: required(responses, 'PASSWORD_CLAIM_SIGNATURE'),
    timestamp: required(responses, 'TIMESTAMP'),
    session,
  });
  return afterPassword(pool, client, user, continued(attempt, answer));
}

function checkPasswordProof(
  pool: Pool,
  client: AppClient,
  proof: PasswordProof,
): { user: User; attempt: SignInAttempt } {
  const exchange = takeExchange(pool, client, proof);
  const { user, userId } = exchange;
  refuseWhileLocked(pool, userId);
  requireFreshTimestamp(pool, proof.timestamp);
  if (!user || !isProven(pool, exchange, user, proof)) throw wrongPassword(pool, client, userId, user);
  return { user, attempt: exchange.attempt };
}

function claimantOf(pool: Pool, client: AppClient, name: string): Claimant {
  const user = findPasswordUser(pool, client, name);
  return user?.password ? { userId: user.username, user, ...user.password } : inventClaimant(pool, name);
}

// Whoever asks twice for a name that does not exist must see the same salt and id, as for one that does.
function inventClaimant(pool: Pool, name: string): Claimant {
  const key = pool.users.canonical(name);
  const salt = BigInt(`0x${pool.disguiseOf('salt', key).toString('hex', 0, 16)}`);
  const verifier = BigInt(`0x${pool.disguiseOf('verifier', key).toString('hex').repeat(12)}`) % N;
  return { userId: inventUserId(pool, key), user: undefined, salt, verifier };
}

function inventUserId(pool: Pool, name: string): string {
  const isPlainName = pool.settings.usernameAttributes.length === 0 && !/^\+|@/.test(name);
  if (isPlainName) return name;
  const hex = pool.disguiseOf('sub', name).toString('hex', 0, 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function takeExchange(pool: Pool, client: AppClient, proof: PasswordProof): SrpExchange {
  const found = pool.exchanges.take(proof.secretBlock);
  if (found.state === 'unknown' && proof.session === undefined) throw notAuthorized();
  if (found.state !== 'live') throw refuseDeadSession(found.state);
  const exchange = found.value;
  if (exchange.clientId !== client.clientId) throw notAuthorized();
  if (proof.session !== undefined && proof.session !== exchange.session) throw refuseDeadSession('unknown');
  if (pool.users.canonical(proof.username) !== pool.users.canonical(exchange.userId)) throw notAuthorized();
  return exchange;
}

function isProven(pool: Pool, exchange: SrpExchange, user: User, proof: PasswordProof): boolean {
  const { timestamp } = proof;
  const verdict = pool.hooks.srpProof?.({ username: user.username, clientId: exchange.clientId, timestamp }) ?? 'check';
  if (verdict !== 'check') return verdict === 'accept';
  const claim = {
    identity: pool.identityOf(user.username),
    secretBlock: Buffer.from(proof.secretBlock, 'base64'),
    timestamp,
  };
  const signature = Buffer.from(proof.signature, 'base64');
  return provesPassword(exchange.clientPublicValue, exchange.ephemeral, exchange.verifier, claim, signature);
}
