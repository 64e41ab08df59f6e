import type { AppClient } from '../state/app-clients.js';
import { isEmail, isPhoneNumber } from '../state/attribute-names.js';
import type { Pool } from '../state/pool.js';
import { policyViolation } from '../state/password-policy.js';
import { createSub, createUser as newUser, type Alias, type Contact, type User } from '../state/users.js';
import { RULES, type Members } from '../wire/members.js';
import {
  aliasExists,
  codeMismatch,
  expiredCode,
  invalidParameter,
  invalidPassword,
  limitExceeded,
  notAuthorized,
  userNotFound,
  usernameExists,
} from '../wire/wire-error.js';
import { clientOf, requireSecretHash } from './app-client.js';
import { checkWrittenAttributes, takenSignInName, withUnverifiedContacts } from './attributes.js';
import { inventDelivery, sendConfirmationCode } from './code-delivery.js';
import type { Operations } from './operation.js';
import { setPassword } from './password-check.js';

/** How people make their own account: sign up, have the code sent again, confirm. */
export function signUpOperations(pool: Pool): Operations {
  return {
    SignUp: (members) => signUp(pool, members),
    ConfirmSignUp: (members) => confirmSignUp(pool, members),
    ResendConfirmationCode: (members) => resendConfirmationCode(pool, members),
  };
}

function signUp(pool: Pool, members: Members): object {
  const { name } = identifiedBy(pool, members);
  const password = members.text('Password', RULES.password);
  const attributes = members.attributes('UserAttributes');
  const violation = policyViolation(password, pool.settings.passwordPolicy);
  if (violation) throw invalidPassword(`Password did not conform with policy: ${violation}`);
  checkWrittenAttributes(attributes);
  const user = createUser(pool, name, attributes);
  setPassword(pool, user, password);
  pool.users.add(user);
  const delivery = sendConfirmationCode(pool, user, 'SignUp');
  return { UserConfirmed: false, UserSub: user.sub, ...(delivery && { CodeDeliveryDetails: delivery }) };
}

function confirmSignUp(pool: Pool, members: Members): object {
  const { client, name } = identifiedBy(pool, members);
  const code = members.text('ConfirmationCode', RULES.code);
  const user = pool.users.bySignInName(name);
  if (!user) throw client.preventUserExistenceErrors === 'LEGACY' ? userNotFound(NO_SUCH_PAIR) : expiredCode();
  if (user.status !== 'UNCONFIRMED') {
    throw notAuthorized(`User cannot be confirmed. Current status is ${user.status}`);
  }
  if (!pool.limits.admits('ConfirmSignUp', user.username)) throw limitExceeded();
  const checked = pool.codes.check('confirmation', user.username, code);
  if (checked.state !== 'right') throw checked.state === 'wrong' ? codeMismatch() : expiredCode();
  settleAliases(pool, user, checked.contact, members.flag('ForceAliasCreation'));
  pool.codes.discard('confirmation', user.username);
  user.attributes = { ...user.attributes, [`${checked.contact}_verified`]: 'true' };
  user.status = 'CONFIRMED';
  user.modifiedAt = pool.clock.now();
  return {};
}

function resendConfirmationCode(pool: Pool, members: Members): object {
  const { client, name } = identifiedBy(pool, members);
  const user = pool.users.bySignInName(name);
  if (!user) {
    if (client.preventUserExistenceErrors === 'LEGACY') throw userNotFound(NO_SUCH_PAIR);
    return { CodeDeliveryDetails: inventDelivery(pool, name) };
  }
  if (user.status !== 'UNCONFIRMED') throw invalidParameter('User is already confirmed.');
  if (!pool.limits.admits('ResendConfirmationCode', user.username)) throw limitExceeded();
  const delivery = sendConfirmationCode(pool, user, 'ResendCode');
  if (!delivery) throw invalidParameter('Cannot resend codes. Auto verification not turned on.');
  return { CodeDeliveryDetails: delivery };
}

const NO_SUCH_PAIR = 'Username/client id combination not found.';

function identifiedBy(pool: Pool, members: Members): { client: AppClient; name: string } {
  const name = members.text('Username', RULES.username);
  const secretHash = members.optionalText('SecretHash', RULES.secretHash);
  const client = clientOf(pool, members);
  requireSecretHash(client, name, secretHash);
  return { client, name };
}

function createUser(pool: Pool, name: string, written: Record<string, string>): User {
  const sub = createSub();
  const hasChosenName = pool.settings.usernameAttributes.length === 0;
  if (hasChosenName) requireFreeUsername(pool, name);
  const attributes = hasChosenName ? written : { ...written, [requireContactName(pool, name)]: name };
  const taken = takenSignInName(pool, attributes);
  if (taken) throw usernameExists(`An account with the given ${taken} already exists.`);
  const username = hasChosenName ? name : sub;
  return newUser(
    { username, sub, attributes: withUnverifiedContacts(attributes), status: 'UNCONFIRMED' },
    pool.clock.now(),
  );
}

function requireFreeUsername(pool: Pool, name: string): void {
  const { aliasAttributes } = pool.settings;
  const looksLike = isEmail(name) ? 'email' : isPhoneNumber(name) ? 'phone_number' : undefined;
  if (looksLike && aliasAttributes.includes(looksLike)) {
    const format = looksLike === 'email' ? 'email' : 'phone number';
    throw invalidParameter(
      `Username cannot be of ${format} format, since user pool is configured for ${format} alias.`,
    );
  }
  if (pool.users.byName(name)) throw usernameExists();
}

function requireContactName(pool: Pool, name: string): Contact {
  const { usernameAttributes } = pool.settings;
  if (usernameAttributes.includes('email') && isEmail(name)) return 'email';
  if (usernameAttributes.includes('phone_number') && isPhoneNumber(name)) return 'phone_number';
  if (usernameAttributes.length > 1) throw invalidParameter('Username should be either an email or a phone number.');
  throw invalidParameter(`Username should be ${usernameAttributes.includes('email') ? 'an email' : 'a phone number'}.`);
}

// Two people may sign up with one address; the first to confirm owns it as an alias.
function settleAliases(pool: Pool, user: User, contact: Contact, force: boolean): void {
  for (const alias of [contact, 'preferred_username'] as const) {
    const value = user.attributes[alias];
    const isAlias = pool.settings.aliasAttributes.includes(alias);
    const owner = isAlias && value !== undefined ? pool.users.ownerOf(alias, value, user) : undefined;
    if (owner && !force) throw aliasExists(alias);
    if (owner) withdrawAlias(owner, alias);
  }
}

function withdrawAlias(owner: User, alias: Alias): void {
  if (alias === 'preferred_username') delete owner.attributes[alias];
  else owner.attributes = { ...owner.attributes, [`${alias}_verified`]: 'false' };
}
