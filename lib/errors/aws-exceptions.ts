import type { CognitoErrorCode } from './catalogue.js';

/**
 * Codes by the name of the exception, where the name alone decides. With what {@link codeOfAwsException} decides, every
 * exception of the SDK's model has one; a test holds this against the installed SDK.
 */
const codesByName = {
  // Who asks.
  PasswordResetRequiredException: 'COGNITO_PASSWORD_RESET_REQUIRED',
  UserNotConfirmedException: 'COGNITO_USER_NOT_CONFIRMED',
  RefreshTokenReuseException: 'COGNITO_REFRESH_TOKEN_REUSED',
  // A firewall in front of the pool.
  ForbiddenException: 'COGNITO_NOT_AUTHORIZED',

  // What was sent.
  AliasExistsException: 'COGNITO_ALIAS_EXISTS',
  CodeMismatchException: 'COGNITO_CODE_MISMATCH',
  ExpiredCodeException: 'COGNITO_CODE_EXPIRED',
  PasswordHistoryPolicyViolationException: 'COGNITO_PASSWORD_REUSED',
  UserLambdaValidationException: 'COGNITO_REFUSED_BY_TRIGGER',
  UsernameExistsException: 'COGNITO_USERNAME_EXISTS',
  UnsupportedTokenTypeException: 'COGNITO_PARAMETER_INVALID',
  SerializationException: 'COGNITO_PARAMETER_INVALID',
  ValidationException: 'COGNITO_PARAMETER_INVALID',

  // Second factors, devices, passkeys.
  MFAMethodNotFoundException: 'COGNITO_MFA_METHOD_UNAVAILABLE',
  SoftwareTokenMFANotFoundException: 'COGNITO_SOFTWARE_TOKEN_MISSING',
  EnableSoftwareTokenMFAException: 'COGNITO_SOFTWARE_TOKEN_REFUSED',
  DeviceKeyExistsException: 'COGNITO_DEVICE_EXISTS',
  WebAuthnChallengeNotFoundException: 'COGNITO_PASSKEY_REFUSED',
  WebAuthnClientMismatchException: 'COGNITO_PASSKEY_REFUSED',
  WebAuthnCredentialNotSupportedException: 'COGNITO_PASSKEY_REFUSED',
  WebAuthnOriginNotAllowedException: 'COGNITO_PASSKEY_REFUSED',
  WebAuthnRelyingPartyMismatchException: 'COGNITO_PASSKEY_REFUSED',

  // What belongs to the pool or a user.
  GroupExistsException: 'COGNITO_GROUP_EXISTS',
  DuplicateProviderException: 'COGNITO_PROVIDER_INVALID',
  UnsupportedIdentityProviderException: 'COGNITO_PROVIDER_INVALID',
  ConcurrentModificationException: 'COGNITO_USER_STATE_INVALID',
  PreconditionNotMetException: 'COGNITO_USER_STATE_INVALID',
  UnsupportedUserStateException: 'COGNITO_USER_STATE_INVALID',
  ServiceQuotaExceededException: 'COGNITO_QUOTA_EXCEEDED',

  // The pool, its client, its messages, its plan.
  FeatureUnavailableInTierException: 'COGNITO_CLIENT_MISCONFIGURED',
  InvalidEmailRoleAccessPolicyException: 'COGNITO_CLIENT_MISCONFIGURED',
  InvalidLambdaResponseException: 'COGNITO_CLIENT_MISCONFIGURED',
  InvalidOAuthFlowException: 'COGNITO_CLIENT_MISCONFIGURED',
  InvalidSmsRoleAccessPolicyException: 'COGNITO_CLIENT_MISCONFIGURED',
  InvalidSmsRoleTrustRelationshipException: 'COGNITO_CLIENT_MISCONFIGURED',
  InvalidUserPoolConfigurationException: 'COGNITO_CLIENT_MISCONFIGURED',
  ManagedLoginBrandingExistsException: 'COGNITO_CLIENT_MISCONFIGURED',
  OperationNotEnabledException: 'COGNITO_CLIENT_MISCONFIGURED',
  ScopeDoesNotExistException: 'COGNITO_CLIENT_MISCONFIGURED',
  TermsExistsException: 'COGNITO_CLIENT_MISCONFIGURED',
  TierChangeNotAllowedException: 'COGNITO_CLIENT_MISCONFIGURED',
  UnauthorizedException: 'COGNITO_CLIENT_MISCONFIGURED',
  UnsupportedOperationException: 'COGNITO_CLIENT_MISCONFIGURED',
  UserPoolAddOnNotEnabledException: 'COGNITO_CLIENT_MISCONFIGURED',
  UserPoolTaggingException: 'COGNITO_CLIENT_MISCONFIGURED',
  WebAuthnConfigurationMissingException: 'COGNITO_CLIENT_MISCONFIGURED',
  WebAuthnNotEnabledException: 'COGNITO_CLIENT_MISCONFIGURED',

  // The AWS identity that signs.
  AccessDeniedException: 'COGNITO_AWS_CREDENTIALS_INVALID',
  ExpiredTokenException: 'COGNITO_AWS_CREDENTIALS_INVALID',
  IncompleteSignatureException: 'COGNITO_AWS_CREDENTIALS_INVALID',
  InvalidClientTokenId: 'COGNITO_AWS_CREDENTIALS_INVALID',
  InvalidSignatureException: 'COGNITO_AWS_CREDENTIALS_INVALID',
  MissingAuthenticationTokenException: 'COGNITO_AWS_CREDENTIALS_INVALID',
  OptInRequired: 'COGNITO_AWS_CREDENTIALS_INVALID',
  UnrecognizedClientException: 'COGNITO_AWS_CREDENTIALS_INVALID',
  CredentialsProviderError: 'COGNITO_CREDENTIALS_MISSING',
  TokenProviderError: 'COGNITO_CREDENTIALS_MISSING',

  // Not now.
  CodeDeliveryFailureException: 'COGNITO_CODE_NOT_DELIVERED',
  InternalErrorException: 'COGNITO_UNAVAILABLE',
  InternalServerException: 'COGNITO_UNAVAILABLE',
  ServiceUnavailable: 'COGNITO_UNAVAILABLE',
  UnexpectedLambdaException: 'COGNITO_UNAVAILABLE',
  UserImportInProgressException: 'COGNITO_UNAVAILABLE',
  ThrottlingException: 'COGNITO_THROTTLED',
  TooManyRequestsException: 'COGNITO_THROTTLED',
  TooManyFailedAttemptsException: 'COGNITO_LIMIT_EXCEEDED',
} as const satisfies Readonly<Record<string, CognitoErrorCode>>;

type Sentences = ReadonlyArray<readonly [pattern: RegExp, code: CognitoErrorCode]>;

/** NotAuthorizedException means many things; its fixed sentences tell them apart. First match wins. */
const notAuthorized: Sentences = [
  [/^incorrect username or password/i, 'COGNITO_CREDENTIALS_INCORRECT'],
  [/^password attempts exceeded/i, 'COGNITO_LIMIT_EXCEEDED'],
  [/^user is disabled/i, 'COGNITO_USER_DISABLED'],
  [/^invalid session/i, 'COGNITO_SESSION_INVALID'],
  [/refresh token/i, 'COGNITO_REFRESH_TOKEN_INVALID'],
  [/^access token has expired/i, 'COGNITO_TOKEN_EXPIRED'],
  [/^access token has been revoked/i, 'COGNITO_TOKEN_REVOKED'],
  [/^access token does not have required scopes/i, 'COGNITO_SCOPE_MISSING'],
  [/^invalid access token/i, 'COGNITO_TOKEN_CLAIMS_INVALID'],
  [/unauthorized attribute/i, 'COGNITO_ATTRIBUTE_REFUSED'],
  [/unable to verify secret|configured (with|for) secret/i, 'COGNITO_CLIENT_MISCONFIGURED'],
];

/** InvalidParameterException may mean an attribute, or a setting of the app client and no value of the caller at all. */
const invalidParameter: Sentences = [
  // Repeats what was typed, which must not be read as a sentence of Cognito's.
  [/^\d+ validation errors? detected/i, 'COGNITO_PARAMETER_INVALID'],
  [/flow not enabled|not enabled for (this|the) client|auth method not supported/i, 'COGNITO_CLIENT_MISCONFIGURED'],
  [/trigger is not configured/i, 'COGNITO_CLIENT_MISCONFIGURED'],
  [/^attributes did not conform to the schema/i, 'COGNITO_ATTRIBUTE_REFUSED'],
  [/attribute cannot be updated|^invalid (email address|phone number) format/i, 'COGNITO_ATTRIBUTE_REFUSED'],
  // ForgotPassword says the same of every account that nothing can be sent to.
  [/^cannot reset password for the user/i, 'COGNITO_NOT_AUTHORIZED'],
  // ResendConfirmationCode, as ConfirmSignUp says it with another exception.
  [/^user is already confirmed/i, 'COGNITO_NOT_AUTHORIZED'],
];

/** ResourceNotFoundException does not say in its name what is missing. */
const notFound: Sentences = [
  [/identity provider/i, 'COGNITO_PROVIDER_INVALID'],
  [/user pool/i, 'COGNITO_CLIENT_MISCONFIGURED'],
  [/device/i, 'COGNITO_DEVICE_NOT_FOUND'],
  [/group/i, 'COGNITO_GROUP_NOT_FOUND'],
  [/session/i, 'COGNITO_PARAMETER_INVALID'],
];

/** What an operation looks for, by a part of its name: decides where the sentence of the exception does not. */
const soughtBy: Sentences = [
  [/Device/, 'COGNITO_DEVICE_NOT_FOUND'],
  [/Group/, 'COGNITO_GROUP_NOT_FOUND'],
  [/WebAuthnCredential$/, 'COGNITO_PASSKEY_NOT_FOUND'],
  [/Provider/, 'COGNITO_PROVIDER_INVALID'],
  [/UserSession$/, 'COGNITO_PARAMETER_INVALID'],
];

/** Operations whose LimitExceededException counts things, not attempts. */
const countsThings = /^(CreateGroup|AdminLinkProviderForUser|\w+WebAuthn\w+)$/;

/**
 * What an unknown user comes to, for operations that strangers may call: just what they would hear of a user who exists. Pools
 * in LEGACY mode tell the two apart; this package does not hand that on. `cause` keeps the exception for the log.
 */
const unknownUser: Readonly<Record<string, CognitoErrorCode>> = {
  InitiateAuth: 'COGNITO_CREDENTIALS_INCORRECT',
  RespondToAuthChallenge: 'COGNITO_CREDENTIALS_INCORRECT',
  AdminInitiateAuth: 'COGNITO_CREDENTIALS_INCORRECT',
  AdminRespondToAuthChallenge: 'COGNITO_CREDENTIALS_INCORRECT',
  // As for a user whose password cannot be reset, or who is confirmed already.
  ForgotPassword: 'COGNITO_NOT_AUTHORIZED',
  ResendConfirmationCode: 'COGNITO_NOT_AUTHORIZED',
  // As for a user who has no code outstanding.
  ConfirmForgotPassword: 'COGNITO_CODE_EXPIRED',
  ConfirmSignUp: 'COGNITO_CODE_EXPIRED',
  GetTokensFromRefreshToken: 'COGNITO_REFRESH_TOKEN_INVALID',
};

/**
 * The code of an AWS exception; undefined for one that nobody knows.
 *
 * @param name of the exception, such as `NotAuthorizedException`
 * @param message what AWS says; read to tell meanings apart, and never passed on
 * @param operation the AWS operation, such as `InitiateAuth`
 */
export function codeOfAwsException(name: string, message: string, operation: string): CognitoErrorCode | undefined {
  switch (name) {
    case 'NotAuthorizedException':
      return firstMatch(notAuthorized, message) ?? 'COGNITO_NOT_AUTHORIZED';
    case 'InvalidParameterException':
      return firstMatch(invalidParameter, message) ?? 'COGNITO_PARAMETER_INVALID';
    case 'ResourceNotFoundException':
      return firstMatch(notFound, message) ?? firstMatch(soughtBy, operation) ?? 'COGNITO_CLIENT_MISCONFIGURED';
    case 'LimitExceededException':
      return countsThings.test(operation) ? 'COGNITO_QUOTA_EXCEEDED' : 'COGNITO_LIMIT_EXCEEDED';
    case 'InvalidPasswordException':
      // Cognito does not answer a sign-in with it; cognito-local does, and means a wrong password.
      return operation.endsWith('InitiateAuth') ? 'COGNITO_CREDENTIALS_INCORRECT' : 'COGNITO_PASSWORD_POLICY';
    case 'UserNotFoundException':
      return unknownUser[operation] ?? 'COGNITO_USER_NOT_FOUND';
    default:
      return isListed(name) ? codesByName[name] : undefined;
  }
}

function isListed(name: string): name is keyof typeof codesByName {
  return Object.hasOwn(codesByName, name);
}

function firstMatch(sentences: Sentences, text: string): CognitoErrorCode | undefined {
  return sentences.find(([pattern]) => pattern.test(text))?.[1];
}
