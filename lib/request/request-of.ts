import type { ExecutionContext } from '@nestjs/common';

/** The little of an HTTP request that is read: Express and Fastify alike. */
export interface CognitoRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  user?: unknown;
}

/**
 * Finds the request of an execution context.
 *
 * @returns undefined for a context of a kind that this package was not taught; who guards it has to refuse
 */
export function findRequest(context: ExecutionContext): CognitoRequest | undefined {
  return context.getType<string>() === 'http' ? context.switchToHttp().getRequest<CognitoRequest>() : undefined;
}

/** Sets a header of the answer; `header(name, value)` means the same on Express and on Fastify. */
export function setResponseHeader(context: ExecutionContext, name: string, value: string): void {
  const response = context.switchToHttp().getResponse<{ header?: (name: string, value: string) => unknown }>();
  response.header?.(name, value);
}
