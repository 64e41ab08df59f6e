import type { CognitoErrorCode } from './catalogue.js';
import { CognitoError } from './cognito.error.js';

/**
 * What is kept of an AWS error: enough to find it in AWS's own logs. Its message is dropped, because AWS messages repeat
 * what the user typed.
 */
export interface AwsFault {
  readonly operation: string;
  /** The exception's name, or the network's code where nobody answered. */
  readonly exception: string;
  readonly requestId: string | undefined;
}

/**
 * Turns whatever the AWS SDK threw into a {@link CognitoError}. This is the only place that knows the names of AWS
 * exceptions; statuses are not looked at, since Cognito answers 400 for nearly everything.
 *
 * @param thrown the caught value; a CognitoError passes unchanged
 * @param operation the AWS operation, such as `InitiateAuth`
 */
export function fromAwsError(thrown: unknown, operation: string): CognitoError {
  if (thrown instanceof CognitoError) return thrown;
  const fault = faultOf(thrown, operation);
  const code = codeOf(fault.exception, messageOf(thrown), operation) ?? codeOfTransport(thrown) ?? 'COGNITO_UNEXPECTED';
  return new CognitoError(code, {
    detail: `${operation} failed: ${fault.exception}${mends[code] === undefined ? '' : ` (${mends[code]})`}.`,
    cause: fault,
    ...(code === 'COGNITO_THROTTLED' ? { retryAfter: 1 } : {}),
  });
}

/** Codes by the name of the exception, where the name alone decides. */
const codesByName: Readonly<Record<string, CognitoErrorCode>> = {
  UserNotFoundException: 'COGNITO_USER_NOT_FOUND',
  UserNotConfirmedException: 'COGNITO_USER_NOT_CONFIRMED',
  PasswordResetRequiredException: 'COGNITO_PASSWORD_RESET_REQUIRED',
  UsernameExistsException: 'COGNITO_USERNAME_EXISTS',
  AliasExistsException: 'COGNITO_ALIAS_EXISTS',
  CodeMismatchException: 'COGNITO_CODE_MISMATCH',
  ExpiredCodeException: 'COGNITO_CODE_EXPIRED',
  CodeDeliveryFailureException: 'COGNITO_CODE_NOT_DELIVERED',
  InvalidPasswordException: 'COGNITO_PASSWORD_POLICY',
  PasswordHistoryPolicyViolationException: 'COGNITO_PASSWORD_POLICY',
  RefreshTokenReuseException: 'COGNITO_REFRESH_TOKEN_REUSED',
  UserLambdaValidationException: 'COGNITO_REFUSED_BY_TRIGGER',
  InvalidLambdaResponseException: 'COGNITO_CLIENT_MISCONFIGURED',
  UnexpectedLambdaException: 'COGNITO_UNAVAILABLE',
  TooManyRequestsException: 'COGNITO_THROTTLED',
  ThrottlingException: 'COGNITO_THROTTLED',
  LimitExceededException: 'COGNITO_LIMIT_EXCEEDED',
  TooManyFailedAttemptsException: 'COGNITO_LIMIT_EXCEEDED',
  ResourceNotFoundException: 'COGNITO_CLIENT_MISCONFIGURED',
  InvalidUserPoolConfigurationException: 'COGNITO_CLIENT_MISCONFIGURED',
  OperationNotEnabledException: 'COGNITO_CLIENT_MISCONFIGURED',
  UnsupportedOperationException: 'COGNITO_CLIENT_MISCONFIGURED',
  FeatureUnavailableInTierException: 'COGNITO_CLIENT_MISCONFIGURED',
  UnauthorizedException: 'COGNITO_CLIENT_MISCONFIGURED',
  UnsupportedTokenTypeException: 'COGNITO_PARAMETER_INVALID',
  ForbiddenException: 'COGNITO_NOT_AUTHORIZED',
  AccessDeniedException: 'COGNITO_AWS_CREDENTIALS_INVALID',
  UnrecognizedClientException: 'COGNITO_AWS_CREDENTIALS_INVALID',
  CredentialsProviderError: 'COGNITO_AWS_CREDENTIALS_INVALID',
  InternalErrorException: 'COGNITO_UNAVAILABLE',
  InternalServerException: 'COGNITO_UNAVAILABLE',
};

/** NotAuthorizedException means many things; its fixed sentences tell them apart. First match wins. */
const notAuthorized: ReadonlyArray<readonly [pattern: RegExp, code: CognitoErrorCode]> = [
  [/^incorrect username or password/i, 'COGNITO_CREDENTIALS_INCORRECT'],
  [/^password attempts exceeded/i, 'COGNITO_LIMIT_EXCEEDED'],
  [/^user is disabled/i, 'COGNITO_USER_DISABLED'],
  [/^invalid session/i, 'COGNITO_SESSION_INVALID'],
  [/refresh token/i, 'COGNITO_REFRESH_TOKEN_INVALID'],
  [/^access token has expired/i, 'COGNITO_TOKEN_EXPIRED'],
  [/^access token has been revoked/i, 'COGNITO_TOKEN_REVOKED'],
  [/^access token does not have required scopes/i, 'COGNITO_SCOPE_MISSING'],
  [/^invalid access token/i, 'COGNITO_TOKEN_CLAIMS_INVALID'],
  [/secret ?hash|configured (with|for) secret/i, 'COGNITO_CLIENT_MISCONFIGURED'],
];

/** Reading an InvalidParameterException that means a setting of the app client, not a value of the caller. */
const misconfigured =
  /flow not enabled|not enabled for (this|the) client|auth method not supported|trigger is not configured/i;

function codeOf(exception: string, message: string, operation: string): CognitoErrorCode | undefined {
  if (exception === 'NotAuthorizedException') {
    return notAuthorized.find(([pattern]) => pattern.test(message))?.[1] ?? 'COGNITO_NOT_AUTHORIZED';
  }
  if (exception === 'InvalidParameterException') {
    return misconfigured.test(message) ? 'COGNITO_CLIENT_MISCONFIGURED' : 'COGNITO_PARAMETER_INVALID';
  }
  // To whoever signs in, a name that does not exist is a wrong name: pools in LEGACY mode must not say more.
  if (exception === 'UserNotFoundException' && signsIn.has(operation)) return 'COGNITO_CREDENTIALS_INCORRECT';
  return codesByName[exception];
}

const signsIn = new Set(['InitiateAuth', 'AdminInitiateAuth', 'RespondToAuthChallenge', 'AdminRespondToAuthChallenge']);

const mends: Partial<Record<CognitoErrorCode, string>> = {
  COGNITO_CLIENT_MISCONFIGURED:
    'check userPoolId, clientId, clientSecret and the enabled flows of the app client, ALLOW_USER_SRP_AUTH for SRP',
  COGNITO_AWS_CREDENTIALS_INVALID: 'this operation is signed: give `credentials` or set up the AWS credential chain',
  COGNITO_SCOPE_MISSING: 'the access token needs the scope aws.cognito.signin.user.admin',
};

const networkCodes = /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOST|ENET|UND_ERR|CERT_|SELF_SIGNED|DEPTH_ZERO)/;

function networkCodeOf(thrown: unknown): string | undefined {
  const code = isRecord(thrown) ? thrown['code'] : undefined;
  return typeof code === 'string' && networkCodes.test(code) ? code : undefined;
}

/** No answer, or none that came from Cognito: the network, a proxy, TLS, a time-out. */
function codeOfTransport(thrown: unknown): CognitoErrorCode | undefined {
  if (!isRecord(thrown)) return undefined;
  if (thrown['name'] === 'TimeoutError' || thrown['name'] === 'AbortError') return 'COGNITO_UNAVAILABLE';
  if (networkCodeOf(thrown) !== undefined) return 'COGNITO_UNAVAILABLE';
  const metadata = thrown['$metadata'];
  if (isRecord(metadata) && typeof metadata['httpStatusCode'] === 'number') {
    if (metadata['httpStatusCode'] === 429) return 'COGNITO_THROTTLED';
    if (metadata['httpStatusCode'] >= 500) return 'COGNITO_UNAVAILABLE';
  }
  // The SDK could not read the answer at all.
  return thrown['name'] === 'SyntaxError' && isRecord(thrown['$response']) ? 'COGNITO_UNAVAILABLE' : undefined;
}

function faultOf(thrown: unknown, operation: string): AwsFault {
  const metadata = isRecord(thrown) ? thrown['$metadata'] : undefined;
  const requestId = isRecord(metadata) ? metadata['requestId'] : undefined;
  const name = networkCodeOf(thrown) ?? (isRecord(thrown) ? thrown['name'] : undefined);
  return {
    operation,
    exception: typeof name === 'string' && /^\w{1,100}$/.test(name) ? name : 'unknown error',
    requestId: typeof requestId === 'string' ? requestId : undefined,
  };
}

function messageOf(thrown: unknown): string {
  const message = isRecord(thrown) ? thrown['message'] : undefined;
  return typeof message === 'string' ? message : '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
