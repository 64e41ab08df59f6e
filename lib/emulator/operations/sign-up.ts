import type { AppClient } from '../state/app-clients.js';
import type { Pool } from '../state/pool.js';
import { policyViolation } from '../state/password-policy.js';
import { RULES, type Members } from '../wire/members.js';
import {
  codeMismatch,
  expiredCode,
  invalidParameter,
  invalidPassword,
  limitExceeded,
  notAuthorized,
  userNotFound,
} from '../wire/wire-error.js';
import { clientOf, requireSecretHash } from './app-client.js';
import { checkWrittenAttributes } from './attributes.js';
import { inventDelivery, sendConfirmationCode } from './code-delivery.js';
import { newAccount, settleAliases } from './new-account.js';
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
  const { client, name } = identifiedBy(pool, members);
  const password = members.text('Password', RULES.password);
  const attributes = members.attributes('UserAttributes');
  const violation = policyViolation(password, pool.settings.passwordPolicy);
  if (violation) throw invalidPassword(`Password did not conform with policy: ${violation}`);
  checkWrittenAttributes(pool, attributes, client);
  const user = newAccount(pool, { name, attributes, status: 'UNCONFIRMED' });
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
  settleAliases(pool, user, [checked.contact, 'preferred_username'], members.flag('ForceAliasCreation'));
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
