import type { AppClient } from '../state/app-clients.js';
import { newAttempt, type SignInAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import { RULES, type Members } from '../wire/members.js';
import { requirePool } from './administration.js';
import { ANSWERS } from './answers.js';
import { clientOf, requireSecretHash } from './app-client.js';
import { type Authority, permittedFlow } from './auth-flows.js';
import { CHALLENGE_NAMES, required, TEXT_RULES, type Texts } from './challenge-answer.js';
import { startChoiceSignIn } from './choice-sign-in.js';
import { claimantOf } from './claimant.js';
import { startCustomAuth } from './custom-auth.js';
import type { Operations } from './operation.js';
import { offerPasswordProof } from './password-proof.js';
import { signInWithPassword } from './password-sign-in.js';
import { startWithRefreshToken } from './refresh.js';
import { checkContext } from './request-context.js';
import { refuseDeadSession } from './sessions.js';

/** Sign-in, with the client's own authority or with that of a server: the first step and the answers to challenges. */
export function signInOperations(pool: Pool): Operations {
  return {
    InitiateAuth: async (members) => initiateAuth(pool, members, 'client'),
    AdminInitiateAuth: async (members) => initiateAuth(pool, members, 'administrator'),
    RespondToAuthChallenge: async (members) => respondToAuthChallenge(pool, members, 'client'),
    AdminRespondToAuthChallenge: async (members) => respondToAuthChallenge(pool, members, 'administrator'),
  };
}

async function initiateAuth(pool: Pool, members: Members, authority: Authority): Promise<object> {
  const client = clientFor(pool, members, authority);
  const flow = permittedFlow(pool, client, members, authority);
  const parameters = members.textMap('AuthParameters', TEXT_RULES);
  const session = members.optionalText('Session', RULES.session);
  const clientMetadata = members.textRecord('ClientMetadata');
  if (flow === 'REFRESH_TOKEN_AUTH') return startWithRefreshToken(pool, client, parameters, clientMetadata);
  const attempt = newAttempt(flow, { validationData: clientMetadata, deviceKey: parameters.get('DEVICE_KEY') });
  switch (flow) {
    case 'USER_SRP_AUTH':
      return startWithProof(pool, client, parameters, attempt);
    case 'CUSTOM_AUTH':
      return startCustomAuth(pool, client, parameters, attempt);
    case 'USER_AUTH':
      return startChoiceSignIn(pool, client, parameters, attempt, session);
    default:
      return startWithPassword(pool, client, parameters, attempt);
  }
}

async function respondToAuthChallenge(pool: Pool, members: Members, authority: Authority): Promise<object> {
  const name = members.text('ChallengeName', { values: CHALLENGE_NAMES });
  const client = clientFor(pool, members, authority);
  const session = members.optionalText('Session', RULES.session);
  const responses = members.textMap('ChallengeResponses', TEXT_RULES);
  const clientMetadata = members.textRecord('ClientMetadata');
  const username = required(responses, 'USERNAME');
  requireSecretHash(client, username, responses.get('SECRET_HASH'));
  const challengeName = CHALLENGE_NAMES.find((known) => known === name);
  const answerChallenge = challengeName && ANSWERS[challengeName];
  if (!answerChallenge) throw refuseDeadSession('unknown');
  return answerChallenge({ pool, client, username, responses, session, clientMetadata });
}

function clientFor(pool: Pool, members: Members, authority: Authority): AppClient {
  if (authority === 'administrator') requirePool(pool, members);
  checkContext(members, authority);
  return clientOf(pool, members);
}

function startWithProof(pool: Pool, client: AppClient, parameters: Texts, attempt: SignInAttempt): object {
  const name = required(parameters, 'USERNAME');
  requireSecretHash(client, name, parameters.get('SECRET_HASH'));
  const srpA = required(parameters, 'SRP_A');
  return offerPasswordProof(pool, client, claimantOf(pool, client, name), srpA, attempt);
}

async function startWithPassword(
  pool: Pool,
  client: AppClient,
  parameters: Texts,
  attempt: SignInAttempt,
): Promise<object> {
  const name = required(parameters, 'USERNAME');
  requireSecretHash(client, name, parameters.get('SECRET_HASH'));
  return signInWithPassword(pool, client, { name, password: required(parameters, 'PASSWORD') }, attempt);
}
