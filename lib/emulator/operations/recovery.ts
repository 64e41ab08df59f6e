import type { AppClient } from '../state/app-clients.js';
import type { Address } from '../state/codes.js';
import { policyViolation } from '../state/password-policy.js';
import type { Pool } from '../state/pool.js';
import type { Contact, User } from '../state/users.js';
import { RULES, type Members } from '../wire/members.js';
import {
  codeMismatch,
  expiredCode,
  invalidParameter,
  invalidPassword,
  limitExceeded,
  namedUserNotFound,
  notAuthorized,
} from '../wire/wire-error.js';
import { namedBy } from './app-client.js';
import { addressOf, inventDelivery, post, prepareMessage } from './code-delivery.js';
import { confirm } from './confirmation.js';
import { checkNewPassword, setNewPassword } from './new-password-rules.js';
import type { Operations } from './operation.js';
import { migrate } from './user-migration.js';
import { endWaitingSignIns } from './waiting-sign-ins.js';

/** How people who forgot their password get a new one. */
export function recoveryOperations(pool: Pool): Operations {
  return {
    ForgotPassword: async (members) => forgotPassword(pool, members),
    ConfirmForgotPassword: async (members) => confirmForgotPassword(pool, members),
  };
}

async function forgotPassword(pool: Pool, members: Members): Promise<object> {
  const { client, name } = namedBy(pool, members);
  const clientMetadata = members.textRecord('ClientMetadata');
  const contacts = recoveryContacts(pool);
  await migrate(pool, client, { occasion: 'ForgotPassword', name, validationData: clientMetadata });
  const user = findNamed(pool, client, name);
  const address = user && recoveryAddress(pool, client, user);
  if (!pool.limits.admits('ForgotPassword', countedAs(pool, user, name))) throw limitExceeded();
  if (!user || !address) return { CodeDeliveryDetails: inventDelivery(pool, name, contacts) };
  const { clientId } = client;
  const message = await prepareMessage(pool, { user, address, purpose: 'ForgotPassword', clientId, clientMetadata });
  return { CodeDeliveryDetails: post(pool, message, pool.codes.issue('passwordReset', user.username, address)) };
}

async function confirmForgotPassword(pool: Pool, members: Members): Promise<object> {
  const { client, name } = namedBy(pool, members);
  const code = members.text('ConfirmationCode', RULES.code);
  const password = members.text('Password', RULES.password);
  const clientMetadata = members.textRecord('ClientMetadata');
  // The policy says nothing about a user, so it is asked first, for everybody alike.
  const violation = policyViolation(password, pool.settings.passwordPolicy);
  if (violation) throw invalidPassword(`Password does not conform to policy: ${violation}`);
  const found = findNamed(pool, client, name);
  if (!pool.limits.admits('ConfirmForgotPassword', countedAs(pool, found, name))) throw limitExceeded();

  const user = requireCode(pool, client, found, name, code);
  checkNewPassword(pool, user, password);
  pool.codes.discard('passwordReset', user.username);
  setNewPassword(pool, user, password);
  endWaitingSignIns(pool, user);
  await confirm(pool, user, { by: 'ConfirmForgotPassword', clientId: client.clientId, clientMetadata });
  return {};
}

function findNamed(pool: Pool, client: AppClient, name: string): User | undefined {
  const user = pool.users.bySignInName(name);
  if (!user && client.preventUserExistenceErrors === 'LEGACY') throw namedUserNotFound();
  return user;
}

// Names that do not exist are counted like those that do, so that the limit does not tell them apart.
function countedAs(pool: Pool, user: User | undefined, name: string): string {
  return pool.users.canonical(user?.username ?? name);
}

/** The contacts that a code for a forgotten password may go to, the best first. */
function recoveryContacts(pool: Pool): Contact[] {
  const ways = pool.settings.accountRecovery.filter((way) => way !== 'admin_only');
  if (ways.length === 0) throw notAuthorized('Contact administrator to reset password.');
  return ways.map((way) => (way === 'verified_email' ? 'email' : 'phone_number'));
}

/** Where a user gets a code; `undefined` when there is no such place and the client is not to know. */
function recoveryAddress(pool: Pool, client: AppClient, user: User): Address | undefined {
  const isTold = client.preventUserExistenceErrors === 'LEGACY';
  if (!user.enabled) {
    if (isTold) throw notAuthorized('User is disabled.');
    return undefined;
  }
  requireOwnPassword(user);
  const address = verifiedAddress(pool, user);
  if (address === undefined && isTold) throw noVerifiedAddress();
  return address;
}

// A password that somebody else gave out is theirs to give out again, and one at a provider is not the pool's.
function requireOwnPassword({ status }: User): void {
  if (status === 'FORCE_CHANGE_PASSWORD' || status === 'EXTERNAL_PROVIDER') throw notInThisState();
}

/** Where a code for a new password may go; `undefined` when there is no such place. */
export function verifiedAddress(pool: Pool, user: User): Address | undefined {
  const contact = recoveryContacts(pool).find((way) => canRecoverBy(pool, user, way));
  return contact && addressOf(user, contact);
}

export function noVerifiedAddress(): Error {
  return invalidParameter(
    'Cannot reset password for the user as there is no registered/verified email or phone_number',
  );
}

export function notInThisState(): Error {
  return notAuthorized('User password cannot be reset in the current state.');
}

// Whoever holds the phone of a second factor must not get the first one by it.
function canRecoverBy({ settings: { mfaConfiguration } }: Pool, user: User, contact: Contact): boolean {
  const isSecondFactor = contact === 'email' ? user.mfa.email : user.mfa.sms;
  return user.attributes[`${contact}_verified`] === 'true' && (mfaConfiguration === 'OFF' || !isSecondFactor);
}

/** The user who has shown the code that was sent; for others a refusal that does not tell who exists. */
function requireCode(pool: Pool, client: AppClient, user: User | undefined, name: string, code: string): User {
  if (!user) throw refusedGuess(pool, user, name);
  if (!user.enabled && client.preventUserExistenceErrors === 'LEGACY') throw notAuthorized('User is disabled.');
  const checked = pool.codes.check('passwordReset', user.username, code);
  if (checked.state === 'wrong') throw codeMismatch();
  if (checked.state === 'right') {
    const { contact, destination } = checked.address;
    // Whoever has the address now need not be whoever the code was sent to.
    if (!user.enabled || user.attributes[contact] !== destination) throw expiredCode();
    requireOwnPassword(user);
    return user;
  }
  const wasSimulated = !user.enabled || recoveryAddress(pool, client, user) === undefined;
  throw wasSimulated ? refusedGuess(pool, user, name) : expiredCode();
}

// Where no code was sent, every code is wrong for as long as one that was sent would have lived.
function refusedGuess(pool: Pool, user: User | undefined, name: string): Error {
  return pool.limits.wasCalled('ForgotPassword', countedAs(pool, user, name)) ? codeMismatch() : expiredCode();
}
