import type { AppClient, ExplicitAuthFlow } from '../state/app-clients.js';
import type { Pool } from '../state/pool.js';
import { policyViolation } from '../state/password-policy.js';
import { RULES, type Members, type TextRule } from '../wire/members.js';
import { aliasExists, invalidParameter, invalidPassword } from '../wire/wire-error.js';
import { clientOf, requireSecretHash, requireSomeSecretHash } from './app-client.js';
import { checkWrittenAttributes, takenSignInName, withUnverifiedContacts } from './attributes.js';
import type { Operations } from './operation.js';
import { checkPassword, setPassword } from './password-check.js';
import { checkPasswordProof, offerPasswordProof } from './password-proof.js';
import { grantOf, refreshed } from './refresh.js';
import { findSession } from './sessions.js';
import { afterPassword, requireEnabled, signedIn } from './sign-in-result.js';

type Texts = ReadonlyMap<string, string>;

const secret = { sensitive: true };

// Lengths only: whether a name or a password looks right is no question of its form here, but of who knows it.
const TEXT_RULES = {
  USERNAME: { ...secret, max: RULES.username.max },
  PASSWORD: { ...secret, max: RULES.password.max },
  NEW_PASSWORD: { ...secret, max: RULES.password.max },
  SECRET_HASH: { ...secret, max: RULES.secretHash.max },
} satisfies Record<string, TextRule>;

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

const CHALLENGE_NAMES = [
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
  if (flow === 'USER_SRP_AUTH') return startWithProof(pool, client, parameters);
  if (flow === 'USER_PASSWORD_AUTH') return startWithPassword(pool, client, parameters);
  return startWithRefreshToken(pool, client, parameters);
}

async function respondToAuthChallenge(pool: Pool, members: Members): Promise<object> {
  const challengeName = members.text('ChallengeName', { values: CHALLENGE_NAMES });
  const client = clientOf(pool, members);
  const session = members.optionalText('Session', RULES.session);
  const responses = members.textMap('ChallengeResponses', TEXT_RULES);
  const username = required(responses, 'USERNAME');
  requireSecretHash(client, username, responses.get('SECRET_HASH'));
  if (challengeName === 'PASSWORD_VERIFIER') return answerWithProof(pool, client, username, responses, session);
  return answerWithNewPassword(pool, client, challengeName, username, responses, session);
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

function startWithProof(pool: Pool, client: AppClient, parameters: Texts): object {
  const username = required(parameters, 'USERNAME');
  requireSecretHash(client, username, parameters.get('SECRET_HASH'));
  return offerPasswordProof(pool, client, username, required(parameters, 'SRP_A'));
}

async function startWithPassword(pool: Pool, client: AppClient, parameters: Texts): Promise<object> {
  const username = required(parameters, 'USERNAME');
  requireSecretHash(client, username, parameters.get('SECRET_HASH'));
  const password = required(parameters, 'PASSWORD');
  return afterPassword(pool, client, checkPassword(pool, client, username, password));
}

// The hash is made over the internal user name, which only the token tells.
async function startWithRefreshToken(pool: Pool, client: AppClient, parameters: Texts): Promise<object> {
  const secretHash = parameters.get('SECRET_HASH');
  requireSomeSecretHash(client, secretHash);
  const grant = grantOf(pool, client, required(parameters, 'REFRESH_TOKEN'), 'Invalid Refresh Token');
  if (client.clientSecret !== undefined) requireSecretHash(client, grant.username, secretHash);
  return refreshed(pool, client, grant);
}

async function answerWithProof(
  pool: Pool,
  client: AppClient,
  username: string,
  responses: Texts,
  session: string | undefined,
): Promise<object> {
  const user = checkPasswordProof(pool, client, {
    username,
    secretBlock: required(responses, 'PASSWORD_CLAIM_SECRET_BLOCK'),
    signature: required(responses, 'PASSWORD_CLAIM_SIGNATURE'),
    timestamp: required(responses, 'TIMESTAMP'),
    session,
  });
  return afterPassword(pool, client, user);
}

async function answerWithNewPassword(
  pool: Pool,
  client: AppClient,
  challengeName: string,
  username: string,
  responses: Texts,
  session: string | undefined,
): Promise<object> {
  const { user } = findSession(pool, client, challengeName, username, session);
  const password = required(responses, 'NEW_PASSWORD');
  const violation = policyViolation(password, pool.settings.passwordPolicy);
  if (violation) throw invalidPassword(`Password does not conform to policy: ${violation}`);
  const attributes = writtenAttributes(responses);
  checkWrittenAttributes(attributes);
  const taken = takenSignInName(pool, attributes, user);
  if (taken) throw aliasExists(taken);
  requireEnabled(user);
  pool.sessions.spend(session ?? '');
  setPassword(pool, user, password);
  user.attributes = { ...user.attributes, ...withUnverifiedContacts(attributes) };
  user.status = 'CONFIRMED';
  user.modifiedAt = pool.clock.now();
  return signedIn(pool, client, user);
}

function writtenAttributes(responses: Texts): Record<string, string> {
  const prefix = 'userAttributes.';
  const entries = [...responses].filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), value]));
}

function required(texts: Texts, name: string): string {
  const value = texts.get(name);
  if (!value) throw invalidParameter(`Missing required parameter ${name}`);
  return value;
}
