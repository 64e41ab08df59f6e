import { policyViolation } from '../state/password-policy.js';
import { aliasExists, invalidPassword } from '../wire/wire-error.js';
import { checkWrittenAttributes, takenSignInName, withUnverifiedContacts } from './attributes.js';
import { required, type ChallengeAnswer, type Texts } from './challenge-answer.js';
import { setPassword } from './password-check.js';
import { afterFirstFactor } from './second-factor.js';
import { findSession } from './sessions.js';
import { requireEnabled } from './complete-sign-in.js';

/** NEW_PASSWORD_REQUIRED: the password that replaces a temporary one, and the attributes that are still missing. */
export async function answerNewPassword(answer: ChallengeAnswer): Promise<object> {
  const { pool, client, responses } = answer;
  const { user, attempt } = userOfSession(answer);
  const password = required(responses, 'NEW_PASSWORD');
  const violation = policyViolation(password, pool.settings.passwordPolicy);
  if (violation) throw invalidPassword(`Password does not conform to policy: ${violation}`);
  const attributes = writtenAttributes(responses);
  checkWrittenAttributes(pool, attributes, client);
  const taken = takenSignInName(pool, attributes, user);
  if (taken) throw aliasExists(taken);
  requireEnabled(user);
  pool.sessions.spend(answer.session ?? '');
  setPassword(pool, user, password);
  user.attributes = { ...user.attributes, ...withUnverifiedContacts(attributes) };
  user.status = 'CONFIRMED';
  user.modifiedAt = pool.clock.now();
  return afterFirstFactor(pool, client, user, attempt);
}

function userOfSession({ pool, client, username, session }: ChallengeAnswer) {
  const { user, attempt } = findSession(pool, client, 'NEW_PASSWORD_REQUIRED', username, session);
  // Nobody is asked for a new password before the old one was right.
  if (!user) throw new TypeError('A session for a new password belongs to a user.');
  return { user, attempt };
}

function writtenAttributes(responses: Texts): Record<string, string> {
  const prefix = 'userAttributes.';
  const entries = [...responses].filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), value]));
}
