import type { AppClient } from '../state/app-clients.js';
import type { SignInAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import type { CustomAuthRound } from '../triggers.js';
import {
  invalidLambdaResponse,
  invalidParameter,
  notAuthorized,
  passwordResetRequired,
  userNotConfirmed,
} from '../wire/wire-error.js';
import { requireSecretHash } from './app-client.js';
import { type ChallengeAnswer, required, type Texts } from './challenge-answer.js';
import { claimantOf } from './claimant.js';
import { requireEnabled } from './complete-sign-in.js';
import { createChallenge, defineChallenge, verifyAnswer } from './custom-auth-triggers.js';
import { offerPasswordProof } from './password-proof.js';
import { parsePublicValue } from './public-value.js';
import { afterCustomAuth } from './second-factor.js';
import { sessionOf } from './sessions.js';
import { demandNewPassword } from './sign-in-result.js';
import { putChallenge, type SignInStep } from './sign-in-step.js';
import { preAuthenticate } from './sign-in-triggers.js';

/** CUSTOM_AUTH: the triggers decide what is asked, with a password proof before it if the client begins one. */
export async function startCustomAuth(
  pool: Pool,
  client: AppClient,
  parameters: Texts,
  begun: SignInAttempt,
): Promise<object> {
  const name = required(parameters, 'USERNAME');
  requireSecretHash(client, name, parameters.get('SECRET_HASH'));
  const srpA = srpAOf(parameters);
  const claimant = claimantOf(pool, client, name);
  const { user } = claimant;
  if (user && client.preventUserExistenceErrors === 'LEGACY') requireActive(user);
  if (user) await preAuthenticate(pool, client, user, begun);
  const attempt = srpA === undefined ? begun : withRound(begun, { challengeName: 'SRP_A', challengeResult: true });
  return nextRound({ pool, client, claimant, attempt }, srpA);
}

/** CUSTOM_CHALLENGE: the trigger judges the answer, and decides how it goes on, whichever it was. */
export async function answerCustomChallenge(answer: ChallengeAnswer): Promise<object> {
  const { pool, client, responses } = answer;
  const { user, username, attempt, memory } = sessionOf(answer, 'CUSTOM_CHALLENGE');
  const given = required(responses, 'ANSWER');
  pool.sessions.spend(answer.session ?? '');
  const step = { pool, client, claimant: { userId: username, user }, attempt };
  const challengeResult = await verifyAnswer(step, memory.privateParameters, given);
  const { metadata: challengeMetadata } = memory;
  const round = { challengeName: 'CUSTOM_CHALLENGE', challengeResult, challengeMetadata };
  return nextRound({ ...step, attempt: withRound(attempt, round) });
}

/** Goes on after the password was proved. */
export async function afterPasswordRound(
  pool: Pool,
  client: AppClient,
  user: User,
  attempt: SignInAttempt,
): Promise<object> {
  return afterRound(
    pool,
    client,
    user,
    withRound(attempt, { challengeName: 'PASSWORD_VERIFIER', challengeResult: true }),
  );
}

/** Goes on after the password was replaced. */
export async function afterNewPasswordRound(
  pool: Pool,
  client: AppClient,
  user: User,
  attempt: SignInAttempt,
): Promise<object> {
  const round = { challengeName: 'NEW_PASSWORD_REQUIRED', challengeResult: true };
  return afterRound(pool, client, user, withRound(attempt, round));
}

async function afterRound(pool: Pool, client: AppClient, user: User, attempt: SignInAttempt): Promise<object> {
  return nextRound({ pool, client, claimant: { userId: user.username, user }, attempt });
}

/** @param srpA the client's half of a password proof, as long as none was asked for */
async function nextRound(step: SignInStep, srpA?: string): Promise<object> {
  const { pool, client, claimant, attempt } = step;
  const decision = await defineChallenge(step);
  if (decision.failAuthentication) throw notAuthorized();
  if (decision.issueTokens) return issueTokens(step);
  switch (decision.challengeName) {
    case 'CUSTOM_CHALLENGE':
      return askCustomChallenge(step);
    case 'PASSWORD_VERIFIER':
      if (srpA === undefined) throw invalidLambdaResponse();
      return offerPasswordProof(pool, client, claimant, srpA, attempt);
    case 'NEW_PASSWORD_REQUIRED':
      return askNewPassword(step);
    default:
      throw invalidLambdaResponse();
  }
}

async function askCustomChallenge(step: SignInStep): Promise<object> {
  const { publicParameters, privateParameters, metadata } = await createChallenge(step);
  const parameters = { ...publicParameters, USERNAME: step.claimant.userId };
  return putChallenge(step, 'CUSTOM_CHALLENGE', { privateParameters, metadata }, parameters);
}

// Whatever the triggers say of somebody who does not exist, there is nobody to issue tokens to.
async function issueTokens({ pool, client, claimant: { user }, attempt }: SignInStep): Promise<object> {
  if (!user) throw notAuthorized();
  requireActive(user);
  if (user.status === 'RESET_REQUIRED') throw passwordResetRequired();
  return afterCustomAuth(pool, client, user, attempt);
}

function askNewPassword({ pool, client, claimant: { user }, attempt }: SignInStep): object {
  if (!user) throw notAuthorized();
  requireEnabled(user);
  const hasToChange = user.status === 'FORCE_CHANGE_PASSWORD' || user.status === 'RESET_REQUIRED';
  if (!hasToChange) throw invalidLambdaResponse();
  return demandNewPassword(pool, client, user, attempt);
}

function requireActive(user: User): void {
  requireEnabled(user);
  if (user.status === 'UNCONFIRMED') throw userNotConfirmed();
}

function srpAOf(parameters: Texts): string | undefined {
  const first = parameters.get('CHALLENGE_NAME');
  if (first === undefined) return undefined;
  if (first !== 'SRP_A') throw invalidParameter('CHALLENGE_NAME must be SRP_A.');
  const srpA = required(parameters, 'SRP_A');
  parsePublicValue(srpA);
  return srpA;
}

function withRound(attempt: SignInAttempt, round: CustomAuthRound): SignInAttempt {
  return { ...attempt, rounds: [...attempt.rounds, round] };
}
