import { declarationOf } from '../state/attribute-schema.js';
import type { ChallengeSession } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import type { AppClient } from '../state/app-clients.js';
import { aliasExists, invalidParameter, notAuthorized } from '../wire/wire-error.js';
import { applyChange, type Attributes, checkWrittenAttributes, takenSignInName } from './attributes.js';
import { required, type ChallengeAnswer, type Texts } from './challenge-answer.js';
import { requireEnabled } from './complete-sign-in.js';
import { afterNewPasswordRound } from './custom-auth.js';
import { missingAttributes, requiredNames } from './missing-attributes.js';
import { takenAlias } from './new-account.js';
import { setNewPassword } from './new-password-rules.js';
import { afterFirstFactor } from './second-factor.js';
import { sessionOf } from './sessions.js';
import { endWaitingSignIns } from './waiting-sign-ins.js';

/** NEW_PASSWORD_REQUIRED: the password that replaces a temporary one, and the attributes that are still missing. */
export async function answerNewPassword(answer: ChallengeAnswer): Promise<object> {
  const { pool, client, responses } = answer;
  const session = sessionOf(answer, 'NEW_PASSWORD_REQUIRED');
  const { attempt } = session;
  const user = userOf(session);
  const password = required(responses, 'NEW_PASSWORD');
  const attributes = writtenAttributes(responses);
  requireEnabled(user);
  checkNewAttributes(pool, client, user, attributes);
  setNewPassword(pool, user, password);
  endWaitingSignIns(pool, user);
  applyChange(pool, user, { written: attributes, removed: [] });
  user.status = 'CONFIRMED';
  if (attempt.flow === 'CUSTOM_AUTH') return afterNewPasswordRound(pool, client, user, attempt);
  return afterFirstFactor(pool, client, user, attempt);
}

// Nobody is asked for a new password before it is known who they are.
function userOf({ user }: ChallengeSession): User {
  if (!user) throw new TypeError('A session for a new password belongs to a user.');
  return user;
}

function writtenAttributes(responses: Texts): Attributes {
  const prefix = 'userAttributes.';
  const entries = [...responses].filter(([name, value]) => name.startsWith(prefix) && value !== '');
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), value]));
}

// Here attributes are completed; what is demanded and there already is changed by other operations.
function checkNewAttributes(pool: Pool, client: AppClient, user: User, attributes: Attributes): void {
  const given = Object.keys(attributes).filter((name) => user.attributes[name] !== undefined);
  const demanded = requiredNames(pool);
  for (const name of given) {
    if (demanded.includes(name)) throw notAuthorized(`Cannot modify an already provided ${name}`);
    if (declarationOf(pool.settings.schema, name)?.mutable === false) {
      throw invalidParameter(`user.${name}: Attribute cannot be updated.\n`);
    }
  }
  checkWrittenAttributes(pool, attributes, client);
  const missing = missingAttributes(pool, client, user).find((name) => attributes[name] === undefined);
  if (missing !== undefined) throw invalidParameter(`Invalid attributes given, ${missing} is missing`);
  const taken = takenSignInName(pool, attributes, user) ?? takenAlias(pool, attributes, user);
  if (taken) throw aliasExists(taken);
}
