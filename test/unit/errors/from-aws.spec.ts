import * as sdk from '@aws-sdk/client-cognito-identity-provider';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { CognitoErrorCode } from '../../../lib/errors/catalogue.js';
import { CognitoError } from '../../../lib/errors/cognito.error.js';
import { fromAwsError } from '../../../lib/errors/from-aws.js';

/** Every exception class of the installed SDK. */
const modelled = Object.keys(sdk).filter(
  (name) => name.endsWith('Exception') && name !== 'CognitoIdentityProviderServiceException',
);

/** As the SDK throws it. */
function exception(name: string, message = 'a message', status = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status, requestId: 'request-1' } });
}

const codeOf = (thrown: unknown, operation = 'GetUser', sentOnce = false): CognitoErrorCode =>
  fromAwsError(thrown, operation, sentOnce).code;

describe('the exceptions of the SDK', () => {
  it('are all there', () => {
    expect(modelled.length).toBeGreaterThan(50);
    expect(modelled).toContain('NotAuthorizedException');
  });

  it.each(modelled)('%s has a code of its own meaning', (name) => {
    const error = fromAwsError(exception(name), 'GetUser');
    expect(error.code).not.toBe('COGNITO_UNEXPECTED');
    expect(error.kind).not.toBe('unexpected');
    expect(error.cause).toEqual({ operation: 'GetUser', exception: name, requestId: 'request-1' });
  });

  it('are recognised one by one: a name that nobody knows has none', () => {
    expect(codeOf(exception('SomethingNewException'))).toBe('COGNITO_UNEXPECTED');
    expect(codeOf(exception('toString'))).toBe('COGNITO_UNEXPECTED');
  });
});

describe('an exception that means several things', () => {
  it.each<[operation: string, name: string, message: string, CognitoErrorCode]>([
    ['GetGroup', 'ResourceNotFoundException', 'Group not found.', 'COGNITO_GROUP_NOT_FOUND'],
    ['AdminAddUserToGroup', 'ResourceNotFoundException', 'a message', 'COGNITO_GROUP_NOT_FOUND'],
    ['GetGroup', 'ResourceNotFoundException', 'User pool x does not exist.', 'COGNITO_CLIENT_MISCONFIGURED'],
    ['ForgetDevice', 'ResourceNotFoundException', 'Device does not exist.', 'COGNITO_DEVICE_NOT_FOUND'],
    ['RespondToAuthChallenge', 'ResourceNotFoundException', 'Device does not exist.', 'COGNITO_DEVICE_NOT_FOUND'],
    ['DeleteWebAuthnCredential', 'ResourceNotFoundException', 'a message', 'COGNITO_PASSKEY_NOT_FOUND'],
    ['InitiateAuth', 'ResourceNotFoundException', 'User pool client x does not exist.', 'COGNITO_CLIENT_MISCONFIGURED'],
    ['CreateGroup', 'LimitExceededException', 'a message', 'COGNITO_QUOTA_EXCEEDED'],
    ['StartWebAuthnRegistration', 'LimitExceededException', 'a message', 'COGNITO_QUOTA_EXCEEDED'],
    ['ForgotPassword', 'LimitExceededException', 'a message', 'COGNITO_LIMIT_EXCEEDED'],
    ['AdminGetUser', 'UserNotFoundException', 'User does not exist.', 'COGNITO_USER_NOT_FOUND'],
    ['SignUp', 'InvalidPasswordException', 'a message', 'COGNITO_PASSWORD_POLICY'],
    ['RespondToAuthChallenge', 'InvalidPasswordException', 'a message', 'COGNITO_PASSWORD_POLICY'],
    ['InitiateAuth', 'InvalidPasswordException', 'a message', 'COGNITO_CREDENTIALS_INCORRECT'],
    ['AdminInitiateAuth', 'InvalidPasswordException', 'a message', 'COGNITO_CREDENTIALS_INCORRECT'],
    [
      'SignUp',
      'InvalidParameterException',
      'Attributes did not conform to the schema: email: The attribute is required\n',
      'COGNITO_ATTRIBUTE_REFUSED',
    ],
    [
      'UpdateUserAttributes',
      'NotAuthorizedException',
      'A client attempted to write unauthorized attribute',
      'COGNITO_ATTRIBUTE_REFUSED',
    ],
    [
      'GetTokensFromRefreshToken',
      'NotAuthorizedException',
      'Unable to verify secret for client x',
      'COGNITO_CLIENT_MISCONFIGURED',
    ],
  ])('of %s: %s "%s" is %4$s', (operation, name, message, code) => {
    expect(codeOf(exception(name, message), operation)).toBe(code);
  });

  it.each(['auth method not supported', 'trigger is not configured', 'attribute cannot be updated'])(
    'is not told by a value that Cognito repeats: "%s"',
    (sentence) => {
      const refusedAs = (message: string): string => codeOf(exception('InvalidParameterException', message), 'SignUp');
      const echo = `Value '${sentence}' at 'username' failed to satisfy constraint: Member must satisfy a pattern`;
      expect(refusedAs(sentence)).not.toBe('COGNITO_PARAMETER_INVALID');
      expect(refusedAs(`1 validation error detected: ${echo}`)).toBe('COGNITO_PARAMETER_INVALID');
      expect(refusedAs(`2 validation errors detected: ${echo}; ${echo}`)).toBe('COGNITO_PARAMETER_INVALID');
    },
  );
});

describe('an unknown user', () => {
  it.each<[operation: string, known: Error]>([
    ['InitiateAuth', exception('NotAuthorizedException', 'Incorrect username or password.')],
    ['RespondToAuthChallenge', exception('NotAuthorizedException', 'Incorrect username or password.')],
    ['AdminInitiateAuth', exception('NotAuthorizedException', 'Incorrect username or password.')],
    ['AdminRespondToAuthChallenge', exception('NotAuthorizedException', 'Incorrect username or password.')],
    [
      'ForgotPassword',
      exception(
        'InvalidParameterException',
        'Cannot reset password for the user as there is no registered/verified email or phone_number',
      ),
    ],
    ['ForgotPassword', exception('NotAuthorizedException', 'User password cannot be reset in the current state.')],
    ['ConfirmForgotPassword', exception('ExpiredCodeException')],
    ['ResendConfirmationCode', exception('NotAuthorizedException', 'a message')],
    ['ConfirmSignUp', exception('ExpiredCodeException')],
    ['GetTokensFromRefreshToken', exception('NotAuthorizedException', 'Invalid Refresh Token.')],
  ])('of %s hears what a known one hears', (operation, known) => {
    const [unknownUser, knownUser] = [exception('UserNotFoundException', 'User does not exist.'), known].map((thrown) =>
      fromAwsError(thrown, operation),
    );
    expect([unknownUser?.code, unknownUser?.status, unknownUser?.publicMessage]).toEqual([
      knownUser?.code,
      knownUser?.status,
      knownUser?.publicMessage,
    ]);
  });
});

describe('a request that was not answered', () => {
  const network = (code: string, syscall = 'read'): Error => Object.assign(new Error('x'), { code, syscall });
  const timeout = (message: string): Error => Object.assign(new Error(message), { name: 'TimeoutError' });

  it.each<[string, unknown]>([
    ['no such host', network('ENOTFOUND')],
    ['refused', network('ECONNREFUSED', 'connect')],
    ['unreachable', network('EHOSTUNREACH', 'connect')],
    ['timed out while connecting', network('ETIMEDOUT', 'connect')],
    [
      'not connected in time',
      timeout('@smithy/node-http-handler - the request socket did not establish a connection with the server'),
    ],
    ['not trusted', network('SELF_SIGNED_CERT_IN_CHAIN')],
    ['not the host of the certificate', network('ERR_TLS_CERT_ALTNAME_INVALID')],
  ])('because it never arrived (%s) may be sent again, whatever it was', (_, thrown) => {
    expect([codeOf(thrown, 'GetUser', false), codeOf(thrown, 'SignUp', true)]).toEqual([
      'COGNITO_UNAVAILABLE',
      'COGNITO_UNAVAILABLE',
    ]);
  });

  it.each<[string, unknown]>([
    ['reset', network('ECONNRESET')],
    ['broken pipe', network('EPIPE', 'write')],
    ['timed out', network('ETIMEDOUT')],
    ['too late', timeout('a request has exceeded the configured 15000 ms requestTimeout.')],
    ['a page of a proxy', exception('UnknownError', 'x', 502)],
    ['unreadable', Object.assign(new SyntaxError('x'), { $response: {} })],
  ])('because the answer was lost (%s) has an unknown outcome, if it must not be repeated', (_, thrown) => {
    expect([codeOf(thrown, 'GetUser', false), codeOf(thrown, 'SignUp', true)]).toEqual([
      'COGNITO_UNAVAILABLE',
      'COGNITO_OUTCOME_UNKNOWN',
    ]);
  });

  it('properly by Cognito itself has no unknown outcome', () => {
    expect(codeOf(exception('InternalErrorException', 'x', 500), 'SignUp', true)).toBe('COGNITO_UNAVAILABLE');
    expect(codeOf(exception('TooManyRequestsException', 'x', 400), 'SignUp', true)).toBe('COGNITO_THROTTLED');
    expect(codeOf(exception('UnknownError', 'x', 429), 'SignUp', true)).toBe('COGNITO_THROTTLED');
  });
});

describe('what is told', () => {
  it('is a mend, and never what AWS wrote', () => {
    const error = fromAwsError(exception('CredentialsProviderError', 'S3cr3t profile'), 'AdminGetUser');
    expect(error).toMatchObject({ code: 'COGNITO_CREDENTIALS_MISSING', kind: 'configuration', status: 500 });
    expect(error.message).toMatch(/^AdminGetUser failed: CredentialsProviderError \(.*AWS credential chain.*\)\.$/);
    expect(inspect(error, { depth: 5 })).not.toContain('S3cr3t');
  });

  it.each([
    [
      'InvalidParameterException',
      'Custom auth lambda trigger is not configured for the user pool.',
      /triggers of the pool/,
    ],
    ['WebAuthnNotEnabledException', 'Passkeys are not enabled.', /for passkeys its first factors/],
    ['InvalidParameterException', 'USER_SRP_AUTH is not enabled for the client.', /ALLOW_USER_SRP_AUTH/],
  ])('names the setting of the pool that %s may mean', (name, message, mend) => {
    expect(fromAwsError(exception(name, message), 'InitiateAuth').message).toMatch(mend);
  });

  it('keeps no name that could be a value, and lets our own errors through', () => {
    expect(fromAwsError(exception('Bad name\r\n'), 'GetUser').message).toBe('GetUser failed: unknown error.');
    const own = new CognitoError('COGNITO_TOKEN_EXPIRED');
    expect(fromAwsError(own, 'GetUser')).toBe(own);
    expect([undefined, null, 'text', 7].map((thrown) => codeOf(thrown))).toEqual(
      Array.from({ length: 4 }, () => 'COGNITO_UNEXPECTED'),
    );
  });
});
