import type { CognitoError } from '../errors/cognito.error.js';

const REALM = 'Bearer realm="api"';

/**
 * The `WWW-Authenticate` header of a refusal (RFC 6750 section 3): nothing but the realm where no token was sent, the error
 * where one was. Only sentences of our own catalogue go in, never a value of the request.
 *
 * @returns undefined for an error that is not about the token
 */
export function bearerChallengeOf(error: CognitoError): string | undefined {
  if (error.code === 'COGNITO_TOKEN_MISSING') return REALM;
  if (error.code === 'COGNITO_SCOPE_MISSING') return `${REALM}, error="insufficient_scope"`;
  if (error.status !== 401) return undefined;
  return `${REALM}, error="invalid_token", error_description="${error.publicMessage}"`;
}
