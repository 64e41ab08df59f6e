import type { AppClient, ExplicitAuthFlow } from '../state/app-clients.js';
import { newAttempt, type SignInAttempt, type SignInFlow } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import { RULES, type Members } from '../wire/members.js';
import { invalidParameter } from '../wire/wire-error.js';
import { clientOf, requireSecretHash } from './app-client.js';
import { ANSWERS } from './answers.js';
import { CHALLENGE_NAMES, type ChallengeName, required, TEXT_RULES, type Texts } from './challenge-answer.js';
import type { Operations } from './operation.js';
import { checkPassword } from './password-check.js';
import { offerPasswordProof } from './password-proof.js';
import { startWithRefreshToken } from './refresh.js';
import { refuseDeadSession } from './sessions.js';
import { afterPassword } from './sign-in-result.js';

const AUTH_FLOWS = [
  'USER_SRP_AUTH',
  'REFRESH_TOKEN_AUTH',
  'REFRESH_TOKEN',
  'CUSTOM_AUTH',
  'ADMIN_NO_SRP_AUTH',
  'USER_PASSWORD_AUTH',
  'ADMIN_USER_PASSWORD_AUTH',
  'USER_AUTH',
];

/** Sign-in with the client's own authority: the first step and the answers to challenges. */
export function signInOperations(pool: Pool): Operations {
  return {
    InitiateAuth: async (members) => initiateAuth(pool, members),
    RespondToAuthChallenge: async (members) => respondToAuthChallenge(pool, members),
  };
}

async function initiateAuth(pool: Pool, members: Members): Promise<object> {
  const flow = members.text('AuthFlow', { values: AUTH_FLOWS });
  const client = clientOf(pool, members);
  const parameters = members.textMap('AuthParameters', TEXT_RULES);
  requireFlow(client, flow);
  if (flow.startsWith('REFRESH_TOKEN')) {
    return startWithRefreshToken(pool, client, parameters, Object.fromEntries(members.textMap('ClientMetadata')));
  }
  const attempt = newAttempt(flow as SignInFlow, {
    validationData: Object.fromEntries(members.textMap('ClientMetadata')),
    deviceKey: parameters.get('DEVICE_KEY'),
  });
  if (flow === 'USER_SRP_AUTH') return startWithProof(pool, client, parameters, attempt);
  return startWithPassword(pool, client, parameters, attempt);
}

async function respondToAuthChallenge(pool: Pool, members: Members): Promise<object> {
  const challengeName = members.text('ChallengeName', { values: CHALLENGE_NAMES });
  const client = clientOf(pool, members);
  const session = members.optionalText('Session', RULES.session);
  const responses = members.textMap('ChallengeResponses', TEXT_RULES);
  const username = required(responses, 'USERNAME');
  requireSecretHash(client, username, responses.get('SECRET_HASH'));
  const clientMetadata = Object.fromEntries(members.textMap('ClientMetadata'));
  const answerChallenge = ANSWERS[challengeName as ChallengeName];
  if (!answerChallenge) throw refuseDeadSession('unknown');
  return answerChallenge({ pool, client, username, responses, session, clientMetadata });
}

function requireFlow(client: AppClient, flow: string): void {
  if (flow.startsWith('ADMIN_')) throw invalidParameter('Initiate Auth method not supported');
  if (flow === 'CUSTOM_AUTH') {
    throw invalidParameter('Custom auth lambda trigger is not configured for the user pool.');
  }
  const permission = `ALLOW_${flow === 'REFRESH_TOKEN' ? 'REFRESH_TOKEN_AUTH' : flow}`;
  if (!client.explicitAuthFlows.includes(permission as ExplicitAuthFlow)) {
    throw invalidParameter(`${flow} flow not enabled for this client`);
  }
}

function startWithProof(pool: Pool, client: AppClient, parameters: Texts, attempt: SignInAttempt): object {
  const username = required(parameters, 'USERNAME');
  requireSecretHash(client, username, parameters.get('SECRET_HASH'));
  return offerPasswordProof(pool, client, username, required(parameters, 'SRP_A'), attempt);
}

async function startWithPassword(
  pool: Pool,
  client: AppClient,
  parameters: Texts,
  attempt: SignInAttempt,
): Promise<object> {
  const username = required(parameters, 'USERNAME');
  requireSecretHash(client, username, parameters.get('SECRET_HASH'));
  const password = required(parameters, 'PASSWORD');
  return afterPassword(pool, client, checkPassword(pool, client, username, password), attempt);
}
