import { GraphQLError } from 'graphql';
import type { CognitoError } from '../errors/cognito.error.js';

/**
 * The GraphQL form of an error: the stable code as `extensions.code`, its HTTP status as `extensions.status`, and as
 * `extensions.retryAfter` the seconds after which another attempt makes sense. Apollo reads `extensions.http` for the status of
 * the whole answer, if it is asked to, and leaves it out of what it sends.
 */
export function toGraphqlError(error: CognitoError): GraphQLError {
  const { code, status, publicMessage, retryAfter } = error;
  const extensions = { code, status, http: { status }, ...(retryAfter !== undefined && { retryAfter }) };
  return new GraphQLError(publicMessage, { extensions });
}
