/**
 * What sort of failure a code is, for code that does not care for particulars:
 *
 * - `authentication`: nobody is proved; sign in (again)
 * - `authorization`: it is known who asks, and they may not
 * - `challenge`: a step of proving something is missing, went wrong or came too late
 * - `validation`: a value that was sent is not acceptable
 * - `conflict`: the value is fine, and something is in its way
 * - `throttled`: too often; later
 * - `unavailable`: a service did not do its part; later, with care
 * - `configuration`: nothing that a caller sends mends it; the developer does
 * - `unexpected`: no rule describes it
 */
export type CognitoErrorKind =
  | 'authentication'
  | 'authorization'
  | 'challenge'
  | 'validation'
  | 'conflict'
  | 'throttled'
  | 'unavailable'
  | 'configuration'
  | 'unexpected';

/** What one code means: its sort, the HTTP status it answers with, and the sentence that the caller may read. */
interface ErrorEntry {
  readonly kind: CognitoErrorKind;
  readonly status: 400 | 401 | 403 | 409 | 415 | 429 | 500 | 503;
  readonly message: string;
}

/**
 * Every code of this package. Codes are stable: an application may switch on them. `docs/errors.md` explains each, and a
 * test holds the two together.
 */
export const errorCatalogue = {
  // Set-up: found at start, never caused by a request.
  COGNITO_OPTIONS_INVALID: {
    kind: 'configuration',
    status: 500,
    message: 'The options of CognitoModule are not valid.',
  },
  COGNITO_MODULE_DUPLICATE: {
    kind: 'configuration',
    status: 500,
    message: 'CognitoModule is set up twice in one application.',
  },
  COGNITO_ACCESS_RULES_INVALID: {
    kind: 'configuration',
    status: 500,
    message: 'The access rules of this application do not hold.',
  },
  COGNITO_SDK_MISSING: { kind: 'configuration', status: 500, message: 'The AWS SDK is not installed.' },
  COGNITO_USER_SYNC_NOT_CONFIGURED: { kind: 'configuration', status: 500, message: 'User sync is not configured.' },
  COGNITO_USER_SYNC_INVALID: { kind: 'configuration', status: 500, message: 'User sync cannot work with this entity.' },
  COGNITO_CLIENT_MISCONFIGURED: {
    kind: 'configuration',
    status: 500,
    message: 'The user pool or its app client refuses this operation.',
  },
  COGNITO_AWS_CREDENTIALS_INVALID: {
    kind: 'configuration',
    status: 500,
    message: 'AWS refuses the credentials of this application.',
  },
  COGNITO_CREDENTIALS_MISSING: {
    kind: 'configuration',
    status: 500,
    message: 'This application has no AWS credentials.',
  },
  COGNITO_ORIGIN_REFUSED: { kind: 'configuration', status: 500, message: 'The token does not go to this address.' },
  COGNITO_SESSION_MISCONFIGURED: {
    kind: 'configuration',
    status: 500,
    message: 'Sessions of this application are not set up.',
  },
  COGNITO_SESSION_TOO_LARGE: { kind: 'configuration', status: 500, message: 'The session is too large to be kept.' },
  COGNITO_POOL_UNKNOWN: { kind: 'configuration', status: 500, message: 'No user pool of this name is configured.' },
  COGNITO_TRANSPORT_UNSUPPORTED: {
    kind: 'configuration',
    status: 500,
    message: 'Requests of this kind cannot be authenticated.',
  },

  // Tokens: the request does not prove who it comes from.
  COGNITO_TOKEN_MISSING: { kind: 'authentication', status: 401, message: 'Authentication is required.' },
  COGNITO_TOKEN_MALFORMED: { kind: 'authentication', status: 401, message: 'The token is malformed.' },
  COGNITO_TOKEN_ALGORITHM_REFUSED: { kind: 'authentication', status: 401, message: 'The token is not acceptable.' },
  COGNITO_TOKEN_KEY_UNKNOWN: { kind: 'authentication', status: 401, message: 'The token is not acceptable.' },
  COGNITO_TOKEN_SIGNATURE_INVALID: { kind: 'authentication', status: 401, message: 'The token is not acceptable.' },
  COGNITO_TOKEN_EXPIRED: { kind: 'authentication', status: 401, message: 'The token has expired.' },
  COGNITO_TOKEN_NOT_YET_VALID: { kind: 'authentication', status: 401, message: 'The token is not valid yet.' },
  COGNITO_TOKEN_WRONG_ISSUER: { kind: 'authentication', status: 401, message: 'The token is not acceptable.' },
  COGNITO_TOKEN_WRONG_CLIENT: { kind: 'authentication', status: 401, message: 'The token is not acceptable.' },
  COGNITO_TOKEN_WRONG_USE: { kind: 'authentication', status: 401, message: 'The token is of the wrong kind.' },
  COGNITO_TOKEN_WRONG_USER: { kind: 'authentication', status: 401, message: 'The token is not acceptable.' },
  COGNITO_TOKEN_CLAIMS_INVALID: { kind: 'authentication', status: 401, message: 'The token is not acceptable.' },
  COGNITO_TOKEN_REVOKED: { kind: 'authentication', status: 401, message: 'The token is no longer valid.' },
  COGNITO_SIGNED_OUT: { kind: 'authentication', status: 401, message: 'The session has ended. Sign in again.' },

  // Rights: the request proves who it comes from, but may not do this.
  COGNITO_GROUPS_REQUIRED: { kind: 'authorization', status: 403, message: 'You are not allowed to do this.' },
  COGNITO_SCOPE_MISSING: {
    kind: 'authorization',
    status: 403,
    message: 'The token lacks a scope that this operation needs.',
  },
  COGNITO_CLAIMS_REQUIRED: { kind: 'authorization', status: 403, message: 'You are not allowed to do this.' },
  COGNITO_CSRF_REFUSED: {
    kind: 'authorization',
    status: 403,
    message: 'The request does not prove that it comes from a page of this application. Load the page again.',
  },
  COGNITO_POLICY_REFUSED: { kind: 'authorization', status: 403, message: 'You are not allowed to do this.' },
  COGNITO_USER_UNKNOWN: {
    kind: 'authorization',
    status: 403,
    message: 'You have no account in this application.',
  },
  COGNITO_USER_INACTIVE: {
    kind: 'authorization',
    status: 403,
    message: 'Your account in this application is not active.',
  },

  // Signing in and signing up.
  COGNITO_CREDENTIALS_INCORRECT: { kind: 'authentication', status: 401, message: 'Incorrect username or password.' },
  COGNITO_USER_NOT_CONFIRMED: { kind: 'challenge', status: 403, message: 'The user is not confirmed yet.' },
  COGNITO_USER_DISABLED: { kind: 'authorization', status: 403, message: 'The user is disabled.' },
  COGNITO_USER_NOT_FOUND: { kind: 'validation', status: 400, message: 'The user does not exist.' },
  COGNITO_PASSWORD_RESET_REQUIRED: { kind: 'challenge', status: 403, message: 'The password must be reset first.' },
  COGNITO_SESSION_INVALID: {
    kind: 'challenge',
    status: 401,
    message: 'The sign-in took too long or was already completed. Start again.',
  },
  COGNITO_CHALLENGE_ANSWER_INVALID: {
    kind: 'challenge',
    status: 400,
    message: 'The answer does not fit the question.',
  },
  COGNITO_MFA_METHOD_UNAVAILABLE: { kind: 'challenge', status: 400, message: 'This second factor is not set up.' },
  COGNITO_SOFTWARE_TOKEN_MISSING: { kind: 'challenge', status: 400, message: 'No authenticator app is set up.' },
  COGNITO_SOFTWARE_TOKEN_REFUSED: {
    kind: 'challenge',
    status: 400,
    message: 'The code of the authenticator app is not right.',
  },
  COGNITO_PASSKEY_REFUSED: { kind: 'challenge', status: 400, message: 'The passkey was not accepted.' },
  COGNITO_CHALLENGE_UNSUPPORTED: {
    kind: 'configuration',
    status: 500,
    message: 'Cognito asked for a challenge that is not understood.',
  },
  COGNITO_SRP_REFUSED: {
    kind: 'unavailable',
    status: 503,
    message: 'The server sent a password challenge that is not safe to answer.',
  },
  COGNITO_REFRESH_TOKEN_INVALID: {
    kind: 'authentication',
    status: 401,
    message: 'The session has ended. Sign in again.',
  },
  COGNITO_REFRESH_TOKEN_REUSED: {
    kind: 'authentication',
    status: 401,
    message: 'The session has ended. Sign in again.',
  },
  COGNITO_USERNAME_EXISTS: { kind: 'conflict', status: 409, message: 'This username is taken.' },
  COGNITO_ALIAS_EXISTS: { kind: 'conflict', status: 409, message: 'This address belongs to another account.' },
  COGNITO_CODE_MISMATCH: { kind: 'challenge', status: 400, message: 'The code is not right.' },
  COGNITO_CODE_EXPIRED: { kind: 'challenge', status: 400, message: 'The code has expired. Ask for a new one.' },
  COGNITO_CODE_NOT_DELIVERED: { kind: 'unavailable', status: 503, message: 'The code could not be sent.' },
  COGNITO_PASSWORD_POLICY: {
    kind: 'validation',
    status: 400,
    message: 'The password does not meet the rules of this pool.',
  },
  COGNITO_PASSWORD_REUSED: { kind: 'validation', status: 400, message: 'This password was used before.' },
  COGNITO_ATTRIBUTE_REFUSED: { kind: 'validation', status: 400, message: 'An attribute cannot have this value.' },
  COGNITO_PARAMETER_INVALID: { kind: 'validation', status: 400, message: 'A value is missing or not acceptable.' },
  COGNITO_MEDIA_TYPE_UNSUPPORTED: { kind: 'validation', status: 415, message: 'The body has to be JSON.' },
  COGNITO_REFUSED_BY_TRIGGER: {
    kind: 'validation',
    status: 400,
    message: 'The request was refused by a rule of this pool.',
  },
  COGNITO_NOT_AUTHORIZED: {
    kind: 'authentication',
    status: 401,
    message: 'This is not allowed with these credentials.',
  },

  // Sign-in at Cognito's own pages.
  COGNITO_OAUTH_STATE_INVALID: {
    kind: 'challenge',
    status: 400,
    message: 'The sign-in took too long or was not begun in this browser. Start again.',
  },
  COGNITO_OAUTH_DENIED: { kind: 'authorization', status: 403, message: 'The sign-in was cancelled or refused.' },
  COGNITO_OAUTH_LOGIN_REQUIRED: { kind: 'authentication', status: 401, message: 'Authentication is required.' },
  COGNITO_OAUTH_CODE_REFUSED: {
    kind: 'challenge',
    status: 400,
    message: 'The sign-in could not be completed. Start again.',
  },
  COGNITO_RETURN_PATH_REFUSED: { kind: 'validation', status: 400, message: 'It is not possible to return there.' },

  // What belongs to a pool or a user.
  COGNITO_GROUP_NOT_FOUND: { kind: 'validation', status: 400, message: 'The group does not exist.' },
  COGNITO_GROUP_EXISTS: { kind: 'conflict', status: 409, message: 'A group of this name exists.' },
  COGNITO_DEVICE_NOT_FOUND: { kind: 'validation', status: 400, message: 'The device is not known.' },
  COGNITO_DEVICE_EXISTS: { kind: 'conflict', status: 409, message: 'The device is known already.' },
  COGNITO_PASSKEY_NOT_FOUND: { kind: 'validation', status: 400, message: 'The passkey is not known.' },
  COGNITO_PROVIDER_INVALID: {
    kind: 'validation',
    status: 400,
    message: 'The identity provider cannot be used for this.',
  },
  COGNITO_USER_STATE_INVALID: { kind: 'conflict', status: 409, message: 'The account is in no state for this.' },
  COGNITO_QUOTA_EXCEEDED: { kind: 'conflict', status: 409, message: 'There are as many of these as there may be.' },

  // User sync.
  COGNITO_USER_CONFLICT: {
    kind: 'conflict',
    status: 409,
    message: 'Another account of this application has the same details.',
  },
  COGNITO_USER_NOT_STORABLE: {
    kind: 'conflict',
    status: 409,
    message: 'The details of the user do not fit into this application.',
  },
  COGNITO_TOO_MANY_USERS_MISSING: {
    kind: 'conflict',
    status: 409,
    message: 'More than a tenth of the local users are not in the user pool.',
  },

  // Not now: the same request may succeed later.
  COGNITO_THROTTLED: { kind: 'throttled', status: 429, message: 'Too many requests. Try again later.' },
  COGNITO_LIMIT_EXCEEDED: { kind: 'throttled', status: 429, message: 'Too many attempts. Try again later.' },
  COGNITO_ATTEMPTS_UNAVAILABLE: {
    kind: 'unavailable',
    status: 503,
    message: 'Attempts cannot be counted at the moment.',
  },
  COGNITO_KEYS_UNAVAILABLE: { kind: 'unavailable', status: 503, message: 'Tokens cannot be checked at the moment.' },
  COGNITO_REVOCATION_UNAVAILABLE: {
    kind: 'unavailable',
    status: 503,
    message: 'Tokens cannot be checked at the moment.',
  },
  COGNITO_SESSION_UNAVAILABLE: {
    kind: 'unavailable',
    status: 503,
    message: 'Sessions cannot be read or kept at the moment.',
  },
  COGNITO_UNAVAILABLE: { kind: 'unavailable', status: 503, message: 'Cognito cannot be reached at the moment.' },
  COGNITO_OUTCOME_UNKNOWN: {
    kind: 'unavailable',
    status: 503,
    message: 'It is not known whether this was done. Check before you try again.',
  },
  COGNITO_USER_STORE_UNAVAILABLE: {
    kind: 'unavailable',
    status: 503,
    message: 'The database cannot be reached at the moment.',
  },
  COGNITO_UNEXPECTED: { kind: 'unexpected', status: 500, message: 'Something went wrong.' },
} as const satisfies Record<string, ErrorEntry>;

/** A stable error code of this package. */
export type CognitoErrorCode = keyof typeof errorCatalogue;
