import type { ExecutionContext } from '@nestjs/common';
import { CognitoError } from '../errors/cognito.error.js';

/** The little of an HTTP request that is read: Express and Fastify alike. */
export interface CognitoRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  user?: unknown;
}

/**
 * Finds the request of an execution context.
 *
 * A context of a kind that nobody taught this package is refused: a guard that does not know what it guards must not pass.
 */
export function requestOf(context: ExecutionContext): CognitoRequest {
  const kind = context.getType<string>();
  if (kind !== 'http') {
    throw new CognitoError('COGNITO_TRANSPORT_UNSUPPORTED', {
      detail: `A context of type "${kind}" cannot be authenticated.`,
    });
  }
  return context.switchToHttp().getRequest<CognitoRequest>();
}

/** Sets a header of the answer; `header(name, value)` means the same on Express and on Fastify. */
export function setResponseHeader(context: ExecutionContext, name: string, value: string): void {
  const response = context.switchToHttp().getResponse<{ header?: (name: string, value: string) => unknown }>();
  response.header?.(name, value);
}
