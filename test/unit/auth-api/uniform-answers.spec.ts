import { describe, expect, it } from 'vitest';
import {
  asUniformCode,
  asUniformRequest,
  asUniformSignIn,
  asUniformSignUp,
} from '../../../lib/auth-api/uniform-answers.js';
import type { CognitoErrorCode } from '../../../lib/errors/catalogue.js';
import { CognitoError } from '../../../lib/errors/cognito.error.js';

const failing = (code: CognitoErrorCode) => () => Promise.reject(new CognitoError(code, { detail: 'why' }));

/** What the caller is told: a code, `nothing`, or `nothing` and a word for the log. */
async function toldBy(
  asking: (work: () => Promise<unknown>, tell: (error: CognitoError) => void) => Promise<unknown>,
  code: CognitoErrorCode,
): Promise<string> {
  const logged: string[] = [];
  try {
    await asking(failing(code), (error) => logged.push(error.code));
    return `nothing; log: ${logged.join()}`;
  } catch (thrown) {
    const { code: told, retryAfter } = thrown as CognitoError;
    return retryAfter === undefined ? told : `${told} after ${retryAfter}`;
  }
}

describe('a sign-in that fails', () => {
  const states = ['COGNITO_USER_DISABLED', 'COGNITO_PASSWORD_RESET_REQUIRED', 'COGNITO_USER_NOT_CONFIRMED'] as const;
  const hidden = 'COGNITO_CREDENTIALS_INCORRECT';

  it.each([
    { hidesUsers: false, isPassword: true, told: [hidden, hidden, 'COGNITO_USER_NOT_CONFIRMED'] },
    { hidesUsers: true, isPassword: true, told: [...states] },
    { hidesUsers: false, isPassword: false, told: [hidden, hidden, hidden] },
    { hidesUsers: true, isPassword: false, told: [hidden, hidden, hidden] },
  ])('names a state to who proved the password: hidden $hidesUsers, password $isPassword', async (given) => {
    const told = states.map((code) => toldBy((work) => asUniformSignIn(given, work), code));
    expect(await Promise.all(told)).toEqual(given.told);
    for (const code of ['COGNITO_NOT_AUTHORIZED', 'COGNITO_USER_NOT_FOUND'] as const) {
      expect(await toldBy((work) => asUniformSignIn(given, work), code)).toBe(hidden);
    }
    const limited = await toldBy((work) => asUniformSignIn(given, work), 'COGNITO_LIMIT_EXCEEDED');
    expect(limited).toBe('COGNITO_LIMIT_EXCEEDED after 60');
  });
});

describe('a request that sends a code', () => {
  it.each([
    'COGNITO_USER_NOT_FOUND',
    'COGNITO_USER_DISABLED',
    'COGNITO_NOT_AUTHORIZED',
    'COGNITO_PARAMETER_INVALID',
    'COGNITO_CODE_NOT_DELIVERED',
    'COGNITO_LIMIT_EXCEEDED',
  ] as const)('comes to the same though it ends with %s, which is in the log', async (code) => {
    expect(await toldBy(asUniformRequest, code)).toBe(`nothing; log: ${code}`);
  });

  it.each(['COGNITO_THROTTLED', 'COGNITO_UNAVAILABLE', 'COGNITO_CLIENT_MISCONFIGURED'] as const)(
    'says %s, which is true of every name',
    async (code) => {
      expect(await toldBy(asUniformRequest, code)).toBe(code);
    },
  );
});

describe('a sign-up', () => {
  it.each(['COGNITO_USERNAME_EXISTS', 'COGNITO_ALIAS_EXISTS', 'COGNITO_CODE_NOT_DELIVERED'] as const)(
    'comes to the same though it ends with %s',
    async (code) => {
      expect(await toldBy(asUniformSignUp, code)).toBe(`nothing; log: ${code}`);
    },
  );

  it('says what is wrong with a password, and when to come back', async () => {
    expect(await toldBy(asUniformSignUp, 'COGNITO_PASSWORD_POLICY')).toBe('COGNITO_PASSWORD_POLICY');
    expect(await toldBy(asUniformSignUp, 'COGNITO_LIMIT_EXCEEDED')).toBe('COGNITO_LIMIT_EXCEEDED after 60');
  });
});

describe('a code that is no good', () => {
  it.each([
    'COGNITO_CODE_EXPIRED',
    'COGNITO_USER_NOT_FOUND',
    'COGNITO_NOT_AUTHORIZED',
    'COGNITO_USER_DISABLED',
  ] as const)('is a wrong one where Cognito says %s', async (code) => {
    expect(await toldBy(asUniformCode, code)).toBe('COGNITO_CODE_MISMATCH');
  });
});
