import type { ExecutionContext } from '@nestjs/common';
import { CognitoError } from '../errors/cognito.error.js';
import { errorFormOf } from '../errors/error-forms.js';
import { type CognitoRequest, findRequest } from '../request/request-of.js';

/** What has to be done for a transport before its handlers can be guarded. */
const mends: Readonly<Record<string, string>> = {
  graphql: 'Import CognitoGraphqlModule of nest-cognito/graphql; for subscriptions also use its `subscriptions`.',
  ws: 'Import CognitoWebsocketsModule of nest-cognito/websockets and wrap the adapter in `authenticateHandshakes`.',
  rpc: 'Import CognitoMicroservicesModule of nest-cognito/microservices.',
};

/**
 * The request of an execution context.
 *
 * @throws `COGNITO_TRANSPORT_UNSUPPORTED`: a guard that does not know what it guards must not let it pass
 */
export function requestOf(context: ExecutionContext): CognitoRequest {
  const type = context.getType<string>();
  const request = errorFormOf(type) === undefined ? undefined : findRequest(context);
  if (request !== undefined) return request;
  const mend = Object.hasOwn(mends, type) ? ` ${mends[type]}` : '';
  throw new CognitoError('COGNITO_TRANSPORT_UNSUPPORTED', {
    detail: `An execution context of type "${type}" cannot be authenticated.${mend}`,
  });
}
