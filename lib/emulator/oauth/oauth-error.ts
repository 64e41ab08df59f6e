import { WireError } from '../wire/wire-error.js';

/** The error codes of RFC 6749, RFC 7009 and OpenID Connect that the endpoints answer. */
export type OAuthErrorCode =
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_request'
  | 'invalid_scope'
  | 'login_required'
  | 'server_error'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'unsupported_token_type';

/** A refusal of an OAuth endpoint: in the body of an answer, or in the redirect back to the client. */
export class OAuthError extends Error {
  /** @param status the token endpoint answers 400 to every one */
  constructor(
    readonly code: OAuthErrorCode,
    readonly description?: string,
    readonly status = 400,
  ) {
    super(description ?? code);
  }
}

/** A refusal that no client is told of, since nobody knows whether the address is theirs: it ends on the error page. */
export class PageRefusal extends Error {
  /** @param reason a code, or the sentence that Cognito shows */
  constructor(readonly reason: string) {
    super(reason);
  }
}

/** The pool's refusal of what stands behind a code or a refresh token, in the words of OAuth. */
export function grantRefusal(error: unknown): unknown {
  if (!(error instanceof WireError)) return error;
  return isOfTrigger(error) ? new OAuthError('invalid_request', error.message) : new OAuthError('invalid_grant');
}

function isOfTrigger({ name }: WireError): boolean {
  return name === 'UserLambdaValidationException' || name === 'InvalidLambdaResponseException';
}
