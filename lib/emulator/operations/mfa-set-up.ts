import type { AppClient } from '../state/app-clients.js';
import type { SentCode } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { aliasExists, invalidParameter, mfaMethodNotFound, softwareTokenNotFound } from '../wire/wire-error.js';
import { applyChange, type AttributeChange, attributeChange } from './attributes.js';
import type { ChallengeAnswer } from './challenge-answer.js';
import { complete } from './complete-sign-in.js';
import { demandCode, secondFactorsOf } from './second-factors.js';
import { refuseDeadSession } from './sessions.js';
import { sendSignInCode } from './sign-in-code.js';
import { waitingFactor, type WaitingFactor } from './waiting-factor.js';

/** MFA_SETUP: an authenticator app that was verified within the session, or an address for codes by e-mail. */
export async function answerMfaSetUp(answer: ChallengeAnswer): Promise<object> {
  const waiting = waitingFactor(answer, 'MFA_SETUP');
  requireNoFactorYet(answer.pool, waiting.user);
  const address = answer.responses.get('EMAIL') ?? answer.responses.get('email');
  return address === undefined ? setUpToken(answer, waiting) : setUpAddress(answer, waiting, address);
}

/** Refuses to set anything up beside a factor that is there already: a password alone must not add a second key. */
export function requireNoFactorYet(pool: Pool, user: User): void {
  if (secondFactorsOf(pool, user).length > 0) throw refuseDeadSession('used');
}

/** Writes the address that a code has reached, and switches codes to it on. */
export function installContact(pool: Pool, client: AppClient, user: User, { destination = '' }: SentCode): void {
  requireNoFactorYet(pool, user);
  applyChange(pool, user, newAddress(pool, client, user, destination));
  user.mfa = { ...user.mfa, email: true };
}

async function setUpToken(answer: ChallengeAnswer, { user, attempt, memory }: WaitingFactor<'MFA_SETUP'>) {
  const { pool, client } = answer;
  if (!memory.verified) throw softwareTokenNotFound('Software Token MFA has not been verified in this session.');
  pool.sessions.spend(answer.session ?? '');
  user.mfa = { ...user.mfa, softwareToken: memory.verified, pendingSecret: undefined, totp: true };
  return complete(pool, client, user, attempt);
}

async function setUpAddress(
  answer: ChallengeAnswer,
  { user, attempt }: WaitingFactor<'MFA_SETUP'>,
  address: string,
): Promise<object> {
  const { pool, client } = answer;
  const half = { client, user, attempt };
  if (!pool.settings.enabledMfas.includes('EMAIL_OTP')) throw mfaMethodNotFound('Email MFA is not enabled.');
  newAddress(pool, client, user, address);
  // Before the message is made up, which takes its time: the same answer must not come through twice.
  pool.sessions.spend(answer.session ?? '');
  const code = await sendSignInCode(pool, { ...half, contact: 'email', destination: address, as: 'set-up' });
  if (!code) throw new TypeError('A code was sent to the address that was given.');
  return demandCode(pool, half, 'EMAIL_OTP', code);
}

// Somebody who knows no more than a password must not move an account to an address of their own.
function newAddress(pool: Pool, client: AppClient, user: User, address: string): AttributeChange {
  const present = user.attributes['email'];
  if (present !== undefined && present !== address) {
    throw invalidParameter('The email of the user cannot be changed while MFA is set up.');
  }
  const { usernameAttributes, aliasAttributes } = pool.settings;
  const isSignInName = usernameAttributes.includes('email') || aliasAttributes.includes('email');
  if (isSignInName && pool.users.ownerOf('email', address, user)) throw aliasExists('email');
  return present === undefined ? attributeChange(pool, user, { email: address }, client) : { written: {}, removed: [] };
}
