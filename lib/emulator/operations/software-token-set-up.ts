import type { Pool } from '../state/pool.js';
import type { SoftwareToken, User } from '../state/users.js';
import { RULES, type Members, type TextRule } from '../wire/members.js';
import { invalidParameter, softwareTokenNotFound, softwareTokenRefused } from '../wire/wire-error.js';
import { requireEnabled } from './complete-sign-in.js';
import { requireNoFactorYet } from './mfa-set-up.js';
import { findAnySession, isWaitingFor, openSession, refuseDeadSession } from './sessions.js';
import { createSharedSecret, stepOf } from './software-token.js';
import type { WaitingFactor } from './waiting-factor.js';

const CODE: TextRule = { min: 6, max: 6, pattern: /^[0-9]+$/, sensitive: true };
const FRIENDLY_NAME: TextRule = { max: 131_072, sensitive: true };

/** Who sets an authenticator app up: a signed-in user, or a sign-in that has to be given a second factor. */
type Authority = { readonly accessToken: string } | { readonly session: string };

/** Gives out a secret for an authenticator app; it counts once a code of the app has proved it. */
export async function associateSoftwareToken(pool: Pool, members: Members): Promise<object> {
  const authority = authorityOf(members);
  requireSoftwareTokens(pool);
  const pendingSecret = createSharedSecret();
  if ('session' in authority) {
    return { SecretCode: pendingSecret, Session: replaceSession(pool, authority.session, { pendingSecret }) };
  }
  const { user } = await pool.accessTokens.bearerOf(authority.accessToken);
  user.mfa = { ...user.mfa, pendingSecret };
  return { SecretCode: pendingSecret };
}

/** Checks that the app has the secret. A signed-in user still has to switch it on; a sign-in goes on with the new session. */
export async function verifySoftwareToken(pool: Pool, members: Members): Promise<object> {
  const authority = authorityOf(members);
  const code = members.text('UserCode', CODE);
  const friendlyName = members.optionalText('FriendlyDeviceName', FRIENDLY_NAME) ?? '';
  requireSoftwareTokens(pool);
  if ('session' in authority) {
    const { memory } = setUpSession(pool, authority.session);
    const verified = verifiedToken(pool, memory.pendingSecret, code, friendlyName);
    return { Status: 'SUCCESS', Session: replaceSession(pool, authority.session, { verified }) };
  }
  const { user } = await pool.accessTokens.bearerOf(authority.accessToken);
  const softwareToken = verifiedToken(pool, user.mfa.pendingSecret, code, friendlyName);
  user.mfa = { ...user.mfa, softwareToken, pendingSecret: undefined };
  return { Status: 'SUCCESS' };
}

/** Takes a user's authenticator app away, so that another one can be set up. */
export function deleteSoftwareToken(user: User): void {
  const { softwareToken: _gone, pendingSecret: _withIt, preferred, ...mfa } = user.mfa;
  user.mfa = { ...mfa, totp: false, preferred: preferred === 'SOFTWARE_TOKEN_MFA' ? undefined : preferred };
}

function authorityOf(members: Members): Authority {
  const accessToken = members.optionalText('AccessToken', RULES.token);
  const session = members.optionalText('Session', RULES.session);
  if (accessToken !== undefined && session !== undefined) {
    throw invalidParameter('Only one of AccessToken and Session can be given.');
  }
  if (accessToken !== undefined) return { accessToken };
  if (session === undefined) throw invalidParameter('Missing required parameter AccessToken or Session');
  return { session };
}

function requireSoftwareTokens({ settings: { mfaConfiguration, enabledMfas } }: Pool): void {
  if (mfaConfiguration !== 'OFF' && enabledMfas.includes('SOFTWARE_TOKEN_MFA')) return;
  throw softwareTokenNotFound('Software Token MFA has not been enabled by the userPool.');
}

function setUpSession(pool: Pool, handle: string): WaitingFactor<'MFA_SETUP'> {
  const session = findAnySession(pool, handle);
  if (!isWaitingFor(session, 'MFA_SETUP') || !session.user) throw refuseDeadSession('unknown');
  requireEnabled(session.user);
  requireNoFactorYet(pool, session.user);
  return { ...session, user: session.user };
}

// Each step of the set-up has a session of its own: the one before is used up.
function replaceSession(pool: Pool, handle: string, memory: WaitingFactor<'MFA_SETUP'>['memory']): string {
  const session = setUpSession(pool, handle);
  pool.sessions.spend(handle);
  return openSession(pool, { ...session, memory });
}

function verifiedToken(pool: Pool, secret: string | undefined, code: string, friendlyName: string): SoftwareToken {
  if (secret === undefined) throw softwareTokenNotFound('Software Token MFA has not been associated with the user.');
  const step = stepOf(secret, code, pool.clock.now());
  if (step === undefined) throw softwareTokenRefused();
  return { secret, friendlyName, lastStep: step };
}
