import { IntrinsicException } from '@nestjs/common';
import { GraphQLError } from 'graphql';
import type { CognitoError } from '../errors/cognito.error.js';

/**
 * The GraphQL form of an error: the stable code as `extensions.code`, its HTTP status as `extensions.status`, and as
 * `extensions.retryAfter` the seconds after which another attempt makes sense. Apollo reads `extensions.http` for the status of
 * the whole answer, if it is asked to, and leaves it out of what it sends.
 */
export function toGraphqlError(error: CognitoError): GraphQLError {
  return new GraphQLError(error.publicMessage, { extensions: extensionsOf(error) });
}

/**
 * What the guard throws before a resolver; GraphQL makes the error of {@link toGraphqlError} of it. Nest logs whatever else is
 * thrown there as an error, with its stack: everybody could fill the log by asking without a token.
 */
export class GraphqlRefusal extends IntrinsicException {
  /** GraphQL takes them over. */
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(error: CognitoError) {
    super(error.publicMessage);
    this.extensions = extensionsOf(error);
  }
}

function extensionsOf({ code, status, retryAfter }: CognitoError): Readonly<Record<string, unknown>> {
  return { code, status, http: { status }, ...(retryAfter !== undefined && { retryAfter }) };
}
