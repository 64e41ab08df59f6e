/** What one code means: the HTTP status it answers with, and the sentence that the caller may read. */
interface ErrorEntry {
  readonly status: 400 | 401 | 403 | 409 | 429 | 500 | 503;
  readonly message: string;
}

/**
 * Every code of this package. Codes are stable: an application may switch on them. `docs/errors.md` explains each, and a
 * test holds the two together.
 */
export const errorCatalogue = {
  // Set-up: found at start, never caused by a request.
  COGNITO_OPTIONS_INVALID: { status: 500, message: 'The options of CognitoModule are not valid.' },
  COGNITO_MODULE_DUPLICATE: { status: 500, message: 'CognitoModule is set up twice in one application.' },
  COGNITO_SDK_MISSING: { status: 500, message: 'The AWS SDK is not installed.' },
  COGNITO_USER_SYNC_NOT_CONFIGURED: { status: 500, message: 'User sync is not configured.' },
  COGNITO_USER_SYNC_INVALID: { status: 500, message: 'User sync cannot work with this entity.' },
  COGNITO_CLIENT_MISCONFIGURED: { status: 500, message: 'The user pool or its app client refuses this operation.' },
  COGNITO_AWS_CREDENTIALS_INVALID: { status: 500, message: 'AWS credentials are missing or refused.' },
  COGNITO_POOL_UNKNOWN: { status: 500, message: 'No user pool of this name is configured.' },
  COGNITO_TRANSPORT_UNSUPPORTED: { status: 500, message: 'Requests of this kind cannot be authenticated.' },

  // Tokens: the request does not prove who it comes from.
  COGNITO_TOKEN_MISSING: { status: 401, message: 'Authentication is required.' },
  COGNITO_TOKEN_MALFORMED: { status: 401, message: 'The token is malformed.' },
  COGNITO_TOKEN_ALGORITHM_REFUSED: { status: 401, message: 'The token is not acceptable.' },
  COGNITO_TOKEN_KEY_UNKNOWN: { status: 401, message: 'The token is not acceptable.' },
  COGNITO_TOKEN_SIGNATURE_INVALID: { status: 401, message: 'The token is not acceptable.' },
  COGNITO_TOKEN_EXPIRED: { status: 401, message: 'The token has expired.' },
  COGNITO_TOKEN_NOT_YET_VALID: { status: 401, message: 'The token is not valid yet.' },
  COGNITO_TOKEN_WRONG_ISSUER: { status: 401, message: 'The token is not acceptable.' },
  COGNITO_TOKEN_WRONG_CLIENT: { status: 401, message: 'The token is not acceptable.' },
  COGNITO_TOKEN_WRONG_USE: { status: 401, message: 'The token is of the wrong kind.' },
  COGNITO_TOKEN_CLAIMS_INVALID: { status: 401, message: 'The token is not acceptable.' },
  COGNITO_TOKEN_REVOKED: { status: 401, message: 'The token is no longer valid.' },

  // Rights: the request proves who it comes from, but may not do this.
  COGNITO_GROUPS_REQUIRED: { status: 403, message: 'You are not allowed to do this.' },
  COGNITO_SCOPE_MISSING: { status: 403, message: 'The token lacks a scope that this operation needs.' },
  COGNITO_LOCAL_USER_UNKNOWN: { status: 403, message: 'You have no account in this application.' },
  COGNITO_LOCAL_USER_INACTIVE: { status: 403, message: 'Your account in this application is not active.' },

  // Signing in and signing up.
  COGNITO_CREDENTIALS_INCORRECT: { status: 401, message: 'Incorrect username or password.' },
  COGNITO_USER_NOT_CONFIRMED: { status: 403, message: 'The user is not confirmed yet.' },
  COGNITO_USER_DISABLED: { status: 403, message: 'The user is disabled.' },
  COGNITO_USER_NOT_FOUND: { status: 400, message: 'The user does not exist.' },
  COGNITO_PASSWORD_RESET_REQUIRED: { status: 403, message: 'The password must be reset first.' },
  COGNITO_SESSION_INVALID: { status: 401, message: 'The sign-in took too long or was already completed. Start again.' },
  COGNITO_CHALLENGE_UNSUPPORTED: { status: 500, message: 'Cognito asked for a challenge that is not understood.' },
  COGNITO_SRP_REFUSED: { status: 503, message: 'The server sent a password challenge that is not safe to answer.' },
  COGNITO_REFRESH_TOKEN_INVALID: { status: 401, message: 'The session has ended. Sign in again.' },
  COGNITO_REFRESH_TOKEN_REUSED: { status: 401, message: 'The session has ended. Sign in again.' },
  COGNITO_USERNAME_EXISTS: { status: 409, message: 'This username is taken.' },
  COGNITO_ALIAS_EXISTS: { status: 409, message: 'This address belongs to another account.' },
  COGNITO_CODE_MISMATCH: { status: 400, message: 'The code is not right.' },
  COGNITO_CODE_EXPIRED: { status: 400, message: 'The code has expired. Ask for a new one.' },
  COGNITO_CODE_NOT_DELIVERED: { status: 503, message: 'The code could not be sent.' },
  COGNITO_PASSWORD_POLICY: { status: 400, message: 'The password does not meet the rules of this pool.' },
  COGNITO_PARAMETER_INVALID: { status: 400, message: 'A value is missing or not acceptable.' },
  COGNITO_REFUSED_BY_TRIGGER: { status: 400, message: 'The request was refused by a rule of this pool.' },
  COGNITO_NOT_AUTHORIZED: { status: 401, message: 'This is not allowed with these credentials.' },

  // User sync.
  COGNITO_USER_CONFLICT: { status: 409, message: 'Another account of this application has the same details.' },

  // Not now: the same request may succeed later.
  COGNITO_THROTTLED: { status: 429, message: 'Too many requests. Try again later.' },
  COGNITO_LIMIT_EXCEEDED: { status: 429, message: 'Too many attempts. Try again later.' },
  COGNITO_KEYS_UNAVAILABLE: { status: 503, message: 'Tokens cannot be checked at the moment.' },
  COGNITO_UNAVAILABLE: { status: 503, message: 'Cognito cannot be reached at the moment.' },
  COGNITO_DATABASE_UNAVAILABLE: { status: 503, message: 'The database cannot be reached at the moment.' },
  COGNITO_UNEXPECTED: { status: 500, message: 'Something went wrong.' },
} as const satisfies Record<string, ErrorEntry>;

/** A stable error code of this package. */
export type CognitoErrorCode = keyof typeof errorCatalogue;
