import type { ChallengeMemory } from '../state/challenges.js';
import type { DefineAuthChallengeResponse, TriggerRequest } from '../triggers.js';
import { isRecord } from '../wire/members.js';
import { invalidLambdaResponse, invalidParameter } from '../wire/wire-error.js';
import { eventAttributes } from './event-attributes.js';
import { runTrigger } from './run-trigger.js';
import type { SignInStep } from './sign-in-step.js';

type CustomAuthTrigger = 'defineAuthChallenge' | 'createAuthChallenge' | 'verifyAuthChallengeResponse';

/** What CreateAuthChallenge made up, with every gap filled. */
export type CreatedChallenge = ChallengeMemory['CUSTOM_CHALLENGE'] & {
  readonly publicParameters: Readonly<Record<string, string>>;
};

/** DefineAuthChallenge: what is asked next, or whether it is enough. */
export async function defineChallenge(step: SignInStep): Promise<DefineAuthChallengeResponse> {
  const { rounds } = step.attempt;
  const decision = await ask(step, 'defineAuthChallenge', { session: rounds });
  const { challengeName, issueTokens, failAuthentication } = decision;
  return {
    challengeName: optional(challengeName, isText),
    issueTokens: optional(issueTokens, isFlag),
    failAuthentication: optional(failAuthentication, isFlag),
  };
}

/** CreateAuthChallenge: what the client is told, and what is kept to judge the answer by. */
export async function createChallenge(step: SignInStep): Promise<CreatedChallenge> {
  const { rounds } = step.attempt;
  const created = await ask(step, 'createAuthChallenge', { challengeName: 'CUSTOM_CHALLENGE', session: rounds });
  return {
    publicParameters: optional(created['publicChallengeParameters'], isTextRecord) ?? {},
    privateParameters: optional(created['privateChallengeParameters'], isTextRecord) ?? {},
    metadata: optional(created['challengeMetadata'], isText),
  };
}

/** VerifyAuthChallengeResponse: whether an answer is right. */
export async function verifyAnswer(
  step: SignInStep,
  privateChallengeParameters: Readonly<Record<string, string>>,
  challengeAnswer: string,
): Promise<boolean> {
  const verdict = await ask(step, 'verifyAuthChallengeResponse', { privateChallengeParameters, challengeAnswer });
  return optional(verdict['answerCorrect'], isFlag) ?? false;
}

async function ask(
  { pool, client, claimant: { userId, user }, attempt }: SignInStep,
  name: CustomAuthTrigger,
  request: Partial<TriggerRequest>,
): Promise<Readonly<Record<string, unknown>>> {
  const isConfigured = pool.triggers[name] !== undefined;
  if (!isConfigured) throw invalidParameter('Custom auth lambda trigger is not configured for the user pool.');
  const response: unknown = await runTrigger(pool, name, {
    source: `${name.charAt(0).toUpperCase()}${name.slice(1)}_Authentication`,
    clientId: client.clientId,
    username: userId,
    request: {
      userAttributes: user ? eventAttributes(user) : {},
      clientMetadata: attempt.clientMetadata,
      ...(client.preventUserExistenceErrors === 'ENABLED' && { userNotFound: user === undefined }),
      ...request,
    },
  });
  if (!isRecord(response)) throw invalidLambdaResponse();
  return response;
}

// The triggers of a test may be plain JavaScript, which the types cannot hold to anything.
function optional<T>(value: unknown, is: (value: unknown) => value is T): T | undefined {
  if (value === undefined || value === null) return undefined;
  if (!is(value)) throw invalidLambdaResponse();
  return value;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isTextRecord = (value: unknown): value is Record<string, string> =>
  isRecord(value) && Object.values(value).every(isText);
