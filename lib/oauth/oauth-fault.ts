import {
  AuthorizationResponseError,
  OperationProcessingError,
  ResponseBodyError,
  RESPONSE_IS_NOT_CONFORM,
  WWWAuthenticateChallengeError,
} from 'oauth4webapi';
import type { CognitoErrorCode } from '../errors/catalogue.js';
import { CognitoError, isCognitoError } from '../errors/cognito.error.js';

/** What was under way: `invalid_grant` means another thing for a code than for a refresh token. */
export type OAuthStep = 'code' | 'refresh' | 'machine' | 'revoke' | 'userInfo';

/** `error` of an answer of the authorize endpoint (RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6). */
const ofPages: Readonly<Record<string, CognitoErrorCode>> = {
  access_denied: 'COGNITO_OAUTH_DENIED',
  login_required: 'COGNITO_OAUTH_LOGIN_REQUIRED',
  interaction_required: 'COGNITO_OAUTH_LOGIN_REQUIRED',
  account_selection_required: 'COGNITO_OAUTH_LOGIN_REQUIRED',
  consent_required: 'COGNITO_OAUTH_LOGIN_REQUIRED',
  invalid_request: 'COGNITO_CLIENT_MISCONFIGURED',
  invalid_scope: 'COGNITO_CLIENT_MISCONFIGURED',
  unauthorized_client: 'COGNITO_CLIENT_MISCONFIGURED',
  unsupported_response_type: 'COGNITO_CLIENT_MISCONFIGURED',
  server_error: 'COGNITO_UNAVAILABLE',
  temporarily_unavailable: 'COGNITO_UNAVAILABLE',
};

/** `error` of an answer of the token endpoint (RFC 6749 section 5.2). */
const ofGrant: Readonly<Record<OAuthStep, CognitoErrorCode>> = {
  code: 'COGNITO_OAUTH_CODE_REFUSED',
  refresh: 'COGNITO_REFRESH_TOKEN_INVALID',
  machine: 'COGNITO_CLIENT_MISCONFIGURED',
  revoke: 'COGNITO_CLIENT_MISCONFIGURED',
  userInfo: 'COGNITO_TOKEN_REVOKED',
};

/** A Lambda trigger that says no comes as `invalid_request` with a description of Cognito's own form. */
const TRIGGER = /^\w+ failed with error /;

/**
 * What the library of the protocol threw, by our codes. Its messages are fine and its causes are not: they hold answers whole,
 * with tokens and what people typed, so nothing of them is kept but the word of the standard.
 */
export function asOAuthFault(thrown: unknown, step: OAuthStep): CognitoError {
  if (isCognitoError(thrown)) return thrown;
  if (thrown instanceof AuthorizationResponseError) return ofAuthorizeAnswer(thrown);
  if (thrown instanceof ResponseBodyError) return ofTokenAnswer(thrown, step);
  if (thrown instanceof WWWAuthenticateChallengeError) {
    return ofStatus(thrown.response) ?? new CognitoError(challenged(step));
  }
  if (thrown instanceof OperationProcessingError) return ofBadAnswer(thrown);
  if (isBadArgument(thrown)) {
    return new CognitoError(step === 'refresh' ? 'COGNITO_REFRESH_TOKEN_INVALID' : 'COGNITO_PARAMETER_INVALID');
  }
  return isOutOfReach(thrown)
    ? new CognitoError('COGNITO_UNAVAILABLE', { detail: 'The domain of the user pool could not be reached.' })
    : new CognitoError('COGNITO_UNEXPECTED', {
        detail: 'The domain of the user pool gave an answer of no known form.',
      });
}

function ofAuthorizeAnswer({ error, error_description: description = '' }: AuthorizationResponseError): CognitoError {
  if (TRIGGER.test(description)) return new CognitoError('COGNITO_REFUSED_BY_TRIGGER');
  const code = Object.hasOwn(ofPages, error) ? ofPages[error] : undefined;
  // What is no word of the standard may be anybody's: whoever has the state can write the rest of the address.
  const detail = code === undefined ? undefined : `Cognito's pages answered ${error}.`;
  return new CognitoError(code ?? 'COGNITO_OAUTH_DENIED', { detail });
}

function ofTokenAnswer({ error, response }: ResponseBodyError, step: OAuthStep): CognitoError {
  const busy = ofStatus(response);
  if (busy !== undefined) return busy;
  if (error === 'invalid_grant') return new CognitoError(ofGrant[step]);
  const word = /^[a-z_]{1,40}$/.test(error) ? error : 'an unknown error';
  const detail = `The domain of the user pool answered ${word}: look at the app client.`;
  return new CognitoError('COGNITO_CLIENT_MISCONFIGURED', { detail });
}

function challenged(step: OAuthStep): CognitoErrorCode {
  return step === 'userInfo' ? 'COGNITO_TOKEN_REVOKED' : 'COGNITO_CLIENT_MISCONFIGURED';
}

/** An answer with a status that says nothing, or tokens that do not say what they have to. */
function ofBadAnswer({ code, cause }: OperationProcessingError): CognitoError {
  if (code === RESPONSE_IS_NOT_CONFORM && cause instanceof Response) {
    const detail = `The domain of the user pool answered with status ${cause.status}.`;
    return ofStatus(cause) ?? new CognitoError('COGNITO_UNEXPECTED', { detail });
  }
  return new CognitoError('COGNITO_TOKEN_CLAIMS_INVALID', { detail: `An answer of the domain was refused: ${code}.` });
}

function ofStatus({ status, headers }: Response): CognitoError | undefined {
  if (status === 429) return new CognitoError('COGNITO_THROTTLED', { retryAfter: secondsOf(headers) });
  return status >= 500 ? new CognitoError('COGNITO_UNAVAILABLE', { retryAfter: secondsOf(headers) }) : undefined;
}

function secondsOf(headers: Headers): number | undefined {
  const written = headers.get('retry-after') ?? '';
  return /^\d{1,5}$/.test(written) ? Number(written) : undefined;
}

/** An empty token, for instance; the library throws it before anything is sent. */
function isBadArgument(thrown: unknown): boolean {
  return thrown instanceof TypeError && 'code' in thrown && String(thrown.code).startsWith('ERR_INVALID_ARG');
}

/** What `fetch` throws for a connection that fails is a TypeError; a time-out is a DOMException. */
function isOutOfReach(thrown: unknown): boolean {
  return thrown instanceof Error && ['TypeError', 'TimeoutError', 'AbortError'].includes(thrown.name);
}
