import type { AppClient } from '../state/app-clients.js';
import { newAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import { policyViolation } from '../state/password-policy.js';
import type { User } from '../state/users.js';
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
import { administeredUser, NO_CLIENT } from './administration.js';
import { namedBy } from './app-client.js';
import { type Attributes, checkWrittenAttributes, requireAttributes } from './attributes.js';
import { openAutoSignIn } from './auto-sign-in.js';
import { autoVerifiedAddress, inventDelivery, post, prepareMessage } from './code-delivery.js';
import { confirm, requireUnconfirmed } from './confirmation.js';
import { newAccount, requireStillFree, settleAliases } from './new-account.js';
import { setNewPassword } from './new-password-rules.js';
import type { Operations } from './operation.js';
import { askPreSignUp } from './pre-sign-up.js';
import { findSession, openSession } from './sessions.js';

const WORDING = 'Password did not conform with policy';

/** How people make their own account: sign up, have the code sent again, confirm. */
export function signUpOperations(pool: Pool): Operations {
  return {
    SignUp: async (members) => signUp(pool, members),
    ConfirmSignUp: async (members) => confirmSignUp(pool, members),
    AdminConfirmSignUp: async (members) => adminConfirmSignUp(pool, members),
    ResendConfirmationCode: async (members) => resendConfirmationCode(pool, members),
  };
}

async function signUp(pool: Pool, members: Members): Promise<object> {
  const { client, name } = namedBy(pool, members);
  if (pool.settings.allowAdminCreateUserOnly) throw notAuthorized('SignUp is not permitted for this user pool');
  const password = chosenPassword(pool, members);
  const clientMetadata = members.textRecord('ClientMetadata');
  const user = newAccount(pool, { name, attributes: ownAttributes(pool, client, members), status: 'UNCONFIRMED' });
  requireAttributes(pool, user.attributes);

  const occasion = { client, validationData: members.attributes('ValidationData'), clientMetadata };
  const { confirms, verified } = await askPreSignUp(pool, user, occasion);
  const address = confirms ? undefined : autoVerifiedAddress(pool, user);
  const message =
    address &&
    (await prepareMessage(pool, { user, address, purpose: 'SignUp', clientId: client.clientId, clientMetadata }));

  // The triggers took their time: somebody else may have come first.
  requireStillFree(pool, user);
  settleAliases(pool, user, verified, true);
  for (const contact of verified) user.attributes[`${contact}_verified`] = 'true';
  if (password !== undefined) setNewPassword(pool, user, password, WORDING);
  pool.users.add(user);
  if (confirms) await confirm(pool, user, { by: 'ConfirmSignUp', clientId: client.clientId, clientMetadata });
  const delivery = message && post(pool, message, pool.codes.issue('confirmation', user.username, message.address));
  const session = confirms ? undefined : openSignUpSession(pool, client, user);
  return {
    UserConfirmed: confirms,
    UserSub: user.sub,
    ...(delivery && { CodeDeliveryDetails: delivery }),
    ...(session && { Session: session }),
  };
}

async function confirmSignUp(pool: Pool, members: Members): Promise<object> {
  const { client, name } = namedBy(pool, members);
  const code = members.text('ConfirmationCode', RULES.code);
  const session = members.optionalText('Session', RULES.session);
  const force = members.flag('ForceAliasCreation');
  const clientMetadata = members.textRecord('ClientMetadata');
  const user = pool.users.bySignInName(name);
  if (!user && client.preventUserExistenceErrors === 'LEGACY') throw namedUserNotFound();
  if (user) requireUnconfirmed(user);
  if (!pool.limits.admits('ConfirmSignUp', user?.username ?? pool.users.canonical(name))) throw limitExceeded();
  if (!user) throw expiredCode();
  if (session !== undefined) findSession(pool, client, 'CONFIRM_SIGN_UP', user.username, session);
  const { contact, destination } = requireCode(pool, user, code);
  // Whoever has the address now need not be whoever the code was sent to.
  if (user.attributes[contact] !== destination) throw expiredCode();

  settleAliases(pool, user, [contact, 'preferred_username'], force);
  if (session !== undefined) pool.sessions.spend(session);
  user.attributes = { ...user.attributes, [`${contact}_verified`]: 'true' };
  await confirm(pool, user, { by: 'ConfirmSignUp', clientId: client.clientId, clientMetadata });
  const autoSignIn = openAutoSignIn(pool, client, user);
  return autoSignIn === undefined ? {} : { Session: autoSignIn };
}

async function adminConfirmSignUp(pool: Pool, members: Members): Promise<object> {
  const user = administeredUser(pool, members);
  const clientMetadata = members.textRecord('ClientMetadata');
  requireUnconfirmed(user);
  settleAliases(pool, user, ['preferred_username'], false);
  await confirm(pool, user, { by: 'ConfirmSignUp', clientId: NO_CLIENT, clientMetadata });
  return {};
}

async function resendConfirmationCode(pool: Pool, members: Members): Promise<object> {
  const { client, name } = namedBy(pool, members);
  const clientMetadata = members.textRecord('ClientMetadata');
  const { autoVerifiedAttributes: contacts } = pool.settings;
  const user = pool.users.bySignInName(name);
  if (!user && client.preventUserExistenceErrors === 'LEGACY') throw namedUserNotFound();
  if (user && user.status !== 'UNCONFIRMED') throw invalidParameter('User is already confirmed.');
  if (!pool.limits.admits('ResendConfirmationCode', user?.username ?? pool.users.canonical(name)))
    throw limitExceeded();
  const address = user && autoVerifiedAddress(pool, user);
  if (contacts.length === 0 || (user && !address)) {
    throw invalidParameter('Cannot resend codes. Auto verification not turned on.');
  }
  if (!user || !address) return { CodeDeliveryDetails: inventDelivery(pool, name, contacts) };
  const { clientId } = client;
  const message = await prepareMessage(pool, { user, address, purpose: 'ResendCode', clientId, clientMetadata });
  return { CodeDeliveryDetails: post(pool, message, pool.codes.issue('confirmation', user.username, address)) };
}

/** `undefined` for somebody who means to sign in without a password, where the pool has another way. */
function chosenPassword(pool: Pool, members: Members): string | undefined {
  const { allowedFirstAuthFactors, passwordPolicy } = pool.settings;
  const isOptional = allowedFirstAuthFactors.some((factor) => factor !== 'PASSWORD');
  if (isOptional && !members.optionalText('Password', { sensitive: true })) return undefined;
  const password = members.text('Password', RULES.password);
  const violation = policyViolation(password, passwordPolicy);
  if (violation) throw invalidPassword(`${WORDING}: ${violation}`);
  return password;
}

function ownAttributes(pool: Pool, client: AppClient, members: Members): Attributes {
  const attributes = members.attributes('UserAttributes');
  checkWrittenAttributes(pool, attributes, client);
  if (attributes['preferred_username'] !== undefined && pool.settings.aliasAttributes.includes('preferred_username')) {
    throw invalidParameter(
      'Preferred username cannot be provided for unconfirmed account, since user pool is configured for preferred username alias.',
    );
  }
  return attributes;
}

function requireCode(pool: Pool, user: User, code: string) {
  const checked = pool.codes.check('confirmation', user.username, code);
  if (checked.state !== 'right') throw checked.state === 'wrong' ? codeMismatch() : expiredCode();
  return checked.address;
}

/** What ties a confirmation to its sign-up, for a client that may sign in with what comes of it. */
function openSignUpSession(pool: Pool, client: AppClient, user: User): string | undefined {
  if (!client.explicitAuthFlows.includes('ALLOW_USER_AUTH')) return undefined;
  const { clientId } = client;
  const attempt = newAttempt('USER_AUTH');
  return openSession(pool, {
    challengeName: 'CONFIRM_SIGN_UP',
    clientId,
    username: user.username,
    user,
    attempt,
    memory: {},
  });
}
