import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import type { CognitoErrorCode } from '../errors/catalogue.js';

/** Refusals that say no more than "not with this name and this password". */
const UNPROVED: readonly CognitoErrorCode[] = ['COGNITO_NOT_AUTHORIZED', 'COGNITO_USER_NOT_FOUND'];

/** What LEGACY app clients say of an account to who does not know its password. */
const STATES: readonly CognitoErrorCode[] = ['COGNITO_USER_DISABLED', 'COGNITO_PASSWORD_RESET_REQUIRED'];

/** What a code that is no good comes to, by what the account is. */
const WRONG_CODE: readonly CognitoErrorCode[] = [
  'COGNITO_CODE_MISMATCH',
  'COGNITO_CODE_EXPIRED',
  'COGNITO_NOT_AUTHORIZED',
  'COGNITO_USER_NOT_FOUND',
  'COGNITO_USER_NOT_CONFIRMED',
  'COGNITO_USER_DISABLED',
  'COGNITO_PASSWORD_RESET_REQUIRED',
];

/** Seconds after which it makes sense to come back, where Cognito has locked an account and does not say. */
const USUAL_LOCK = 60;

/**
 * Signs in, and tells who does not know the password nothing about the account.
 *
 * @param hidesUsers whether Cognito tells its state only to who knows the password
 * @param isPassword whether a password was given: without one nothing about the account is told
 * @throws {@link CognitoError} `COGNITO_CREDENTIALS_INCORRECT` for an unknown user and a wrong password alike
 */
export async function asUniformSignIn<T>(
  { hidesUsers, isPassword }: { readonly hidesUsers: boolean; readonly isPassword: boolean },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const isHidden =
      isCognitoError(thrown, ...UNPROVED) ||
      (!hidesUsers && isCognitoError(thrown, ...STATES)) ||
      (!isPassword && isCognitoError(thrown, ...STATES, 'COGNITO_USER_NOT_CONFIRMED'));
    throw isHidden ? new CognitoError('COGNITO_CREDENTIALS_INCORRECT', { cause: thrown }) : withRetry(thrown);
  }
}

/** Checks a code of an account, and says of one that is no good nothing else. @throws {@link CognitoError} `COGNITO_CODE_MISMATCH` */
export async function asUniformCode<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw isCognitoError(thrown, ...WRONG_CODE)
      ? new CognitoError('COGNITO_CODE_MISMATCH', { cause: thrown })
      : withRetry(thrown);
  }
}

/**
 * Does something that comes to the same for every name, whether there is an account or not; what stands in the way of all names
 * alike is thrown.
 *
 * @param tell hears of what went wrong, for the log
 */
export async function asUniformRequest(
  work: () => Promise<unknown>,
  tell: (error: CognitoError) => void,
): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (!isCognitoError(thrown) || isForEveryone(thrown)) throw thrown;
    tell(thrown);
  }
}

/** Signs up, so that a name or an address that is taken comes to the same as one that is free. */
export async function asUniformSignUp(
  work: () => Promise<unknown>,
  tell: (error: CognitoError) => void,
): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    // A code that cannot be sent belongs to a name that was free.
    if (!isCognitoError(thrown, 'COGNITO_USERNAME_EXISTS', 'COGNITO_ALIAS_EXISTS', 'COGNITO_CODE_NOT_DELIVERED')) {
      throw withRetry(thrown);
    }
    tell(thrown);
  }
}

/** Limits and undelivered messages are about one account, whatever their kind. */
function isForEveryone({ kind, code }: CognitoError): boolean {
  if (code === 'COGNITO_LIMIT_EXCEEDED' || code === 'COGNITO_CODE_NOT_DELIVERED') return false;
  return kind === 'throttled' || kind === 'unavailable' || kind === 'configuration' || kind === 'unexpected';
}

function withRetry(thrown: unknown): unknown {
  if (!isCognitoError(thrown, 'COGNITO_LIMIT_EXCEEDED') || thrown.retryAfter !== undefined) return thrown;
  return new CognitoError(thrown.code, { detail: thrown.message, cause: thrown, retryAfter: USUAL_LOCK });
}
