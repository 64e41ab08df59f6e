import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ANSWERS } from '../operations/answers.js';
import { CHALLENGE_NAMES } from '../operations/challenge-answer.js';
import { findAnySession } from '../operations/sessions.js';
import { associateSoftwareToken, verifySoftwareToken } from '../operations/software-token-set-up.js';
import type { AppClient } from '../state/app-clients.js';
import type { PageStep } from '../state/page-sign-ins.js';
import type { Pool } from '../state/pool.js';
import { Members } from '../wire/members.js';
import { responsesOf } from './step-fields.js';

/** A step and the handle that its form carries. */
export interface WaitingStep {
  readonly id: string;
  readonly step: PageStep;
}

const challenge = z.object({
  ChallengeName: z.enum(CHALLENGE_NAMES),
  ChallengeParameters: z.record(z.string(), z.string()),
  Session: z.string(),
});
const secretOf = z.object({ SecretCode: z.string(), Session: z.string() });
const verifiedOf = z.object({ Session: z.string() });

/** Keeps what a sign-in still asks for until its browser answers. @param asked a challenge, as the API would put it */
export async function openStep(
  pool: Pool,
  asked: object,
  { browser, clientId }: Pick<PageStep, 'browser' | 'clientId'>,
): Promise<WaitingStep> {
  const { ChallengeName, ChallengeParameters, Session } = challenge.parse(asked);
  const put = { session: Session, challengeName: ChallengeName, parameters: ChallengeParameters, browser, clientId };
  const step = setsUpApp(put) ? await withSecret(pool, put) : put;
  const id = randomUUID();
  pool.pageSteps.put(id, step);
  return { id, step };
}

/** The step that a form answers, if it was put to this browser and client. */
export function findStep(
  pool: Pool,
  id: string,
  { browser, clientId }: Pick<PageStep, 'browser' | 'clientId'>,
): WaitingStep | undefined {
  const found = pool.pageSteps.find(id);
  if (found.state !== 'live' || found.value.browser !== browser || found.value.clientId !== clientId) return undefined;
  return { id, step: found.value };
}

/** Whether a step may still be answered: some wrong answers may be corrected, others end the sign-in. */
export function isAlive(pool: Pool, { step }: WaitingStep): boolean {
  return pool.sessions.find(step.session).state === 'live';
}

/**
 * Judges the answer to a step as the API judges it.
 *
 * @returns the next challenge, or who has signed in
 * @throws WireError for an answer that is not right
 */
export async function answerStep(
  pool: Pool,
  client: AppClient,
  { step }: WaitingStep,
  typed: (name: string) => string | undefined,
): Promise<object> {
  const responses = responsesOf(step, typed);
  const { username } = findAnySession(pool, step.session);
  const name = CHALLENGE_NAMES.find((known) => known === step.challengeName);
  const answer = name && ANSWERS[name];
  if (!answer) throw new TypeError('The pages put no challenge that nobody judges.');
  const session = setsUpApp(step) ? await withCode(pool, step, responses.get('USER_CODE') ?? '') : step.session;
  return answer({ pool, client, username, responses, session, clientMetadata: {} });
}

function setsUpApp({ challengeName, parameters }: PageStep): boolean {
  return challengeName === 'MFA_SETUP' && (parameters['MFAS_CAN_SETUP'] ?? '').includes('SOFTWARE_TOKEN_MFA');
}

async function withSecret(pool: Pool, step: PageStep): Promise<PageStep> {
  const members = new Members({ Session: step.session });
  const { SecretCode, Session } = secretOf.parse(await associateSoftwareToken(pool, members));
  return { ...step, session: Session, parameters: { ...step.parameters, SECRET_CODE: SecretCode } };
}

async function withCode(pool: Pool, { session }: PageStep, code: string): Promise<string> {
  const members = new Members({ Session: session, UserCode: code });
  return verifiedOf.parse(await verifySoftwareToken(pool, members)).Session;
}
