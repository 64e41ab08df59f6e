import type { ExecutionContext } from '@nestjs/common';
import { CognitoError } from '../errors/cognito.error.js';
import { type CognitoRequest, findRequest } from '../request/request-of.js';

/**
 * The request of an execution context.
 *
 * @throws `COGNITO_TRANSPORT_UNSUPPORTED`: a guard that does not know what it guards must not let it pass
 */
export function requestOf(context: ExecutionContext): CognitoRequest {
  const request = findRequest(context);
  if (request !== undefined) return request;
  throw new CognitoError('COGNITO_TRANSPORT_UNSUPPORTED', {
    detail: `An execution context of type "${context.getType<string>()}" cannot be authenticated.`,
  });
}
