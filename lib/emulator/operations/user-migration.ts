import type { AppClient } from '../state/app-clients.js';
import type { Pool } from '../state/pool.js';
import type { User, UserStatus } from '../state/users.js';
import { isRecord } from '../wire/members.js';
import { aliasExists, invalidLambdaResponse, WireError } from '../wire/wire-error.js';
import { type Attributes, checkWrittenAttributes, requireAttributes } from './attributes.js';
import { newAccount, takenAlias } from './new-account.js';
import { setPassword } from './password-check.js';
import { runTrigger } from './run-trigger.js';

/** Somebody whom the pool does not know, and what they came with. */
export interface Newcomer {
  readonly occasion: 'Authentication' | 'ForgotPassword';
  readonly name: string;
  /** What was typed as the password; absent where it was forgotten. */
  readonly password?: string | undefined;
  /** ClientMetadata of the request. */
  readonly validationData: Readonly<Record<string, string>>;
}

interface KnownElsewhere {
  readonly attributes: Attributes;
  readonly status: UserStatus;
}

/**
 * UserMigration: asks whether somebody is known elsewhere, and if so makes their account, with the password that they
 * typed and whatever the password policy says of it.
 *
 * A trigger that does not know them returns nothing; one that wants to refuse them throws.
 */
export async function migrate(pool: Pool, { clientId }: AppClient, newcomer: Newcomer): Promise<void> {
  const { occasion, name, password, validationData } = newcomer;
  if (pool.users.bySignInName(name)) return;
  const response: unknown = await runTrigger(pool, 'userMigration', {
    source: `UserMigration_${occasion}`,
    clientId,
    username: name,
    request: { userAttributes: {}, password, validationData },
  });
  const known = knownElsewhere(response);
  // Whoever came twice at once may have an account by now.
  if (!known || pool.users.bySignInName(name)) return;
  const user = accountOf(pool, name, known);
  if (password !== undefined) setPassword(pool, user, password);
  pool.users.add(user);
}

function knownElsewhere(response: unknown): KnownElsewhere | undefined {
  if (response === undefined || response === null) return undefined;
  if (!isRecord(response)) throw invalidLambdaResponse();
  const { userAttributes: attributes, finalUserStatus: status = 'CONFIRMED' } = response;
  if (attributes === undefined || attributes === null) return undefined;
  if (!isAttributes(attributes)) throw invalidLambdaResponse();
  if (status !== 'CONFIRMED' && status !== 'RESET_REQUIRED') throw invalidLambdaResponse();
  return { attributes, status };
}

// What a trigger says must fit the pool, but whoever signs in is not to blame when it does not.
function accountOf(pool: Pool, typedName: string, { attributes: given, status }: KnownElsewhere): User {
  const { username: name = typedName, ...attributes } = given;
  try {
    checkWrittenAttributes(pool, attributes);
    const user = newAccount(pool, { name, attributes, status });
    requireAttributes(pool, user.attributes);
    const taken = takenAlias(pool, user.attributes, user);
    if (taken) throw aliasExists(taken);
    return user;
  } catch (error) {
    throw error instanceof WireError ? invalidLambdaResponse() : error;
  }
}

function isAttributes(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((text) => typeof text === 'string');
}
