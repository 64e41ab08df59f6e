import type { ExecutionContext } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { CognitoRequest } from './cognito-request.js';
import { messageOf, operationOf } from './connection-request.js';
import { rpcRequestOf } from './rpc-request.js';

export type { CognitoRequest } from './cognito-request.js';

/**
 * Finds the request of an execution context: HTTP, GraphQL, WebSocket or a message of another service. Each is read by
 * position and shape, so that no package of a transport is needed for it.
 *
 * @returns undefined for a context of a kind that this package was not taught, and for a connection that was not opened
 * through it; who guards it has to refuse
 */
export function findRequest(context: ExecutionContext): CognitoRequest | undefined {
  switch (context.getType<string>()) {
    case 'http':
      return httpRequest(context);
    case 'graphql':
      return graphqlRequest(context.getArgByIndex<unknown>(2));
    case 'ws':
      return messageOf(context.switchToWs().getClient<unknown>());
    case 'rpc':
      return rpcRequestOf(context.switchToRpc().getContext<unknown>(), context.switchToRpc().getData<unknown>());
    default:
      return undefined;
  }
}

const ownSwitchToHttp: unknown = Reflect.get(ExecutionContextHost.prototype, 'switchToHttp');

/** Nest's own method makes three functions each time; whoever wraps a context to hand on another request has one of their own. */
function httpRequest(context: ExecutionContext): CognitoRequest {
  return context.switchToHttp === ownSwitchToHttp
    ? context.getArgByIndex<CognitoRequest>(0)
    : context.switchToHttp().getRequest<CognitoRequest>();
}

/** Resolvers get `(root, args, context, info)`; the context holds the HTTP request, or what stands for a subscription. */
function graphqlRequest(context: unknown): CognitoRequest | undefined {
  if (typeof context !== 'object' || context === null) return undefined;
  const { req, request } = context as { readonly req?: unknown; readonly request?: unknown };
  const carrier = req ?? request;
  return operationOf(context, carrier) ?? (isHttpRequest(carrier) ? carrier : undefined);
}

/** A connection being opened is no request of its own: its cookies would count, wherever the page came from. */
function isHttpRequest(value: unknown): value is CognitoRequest {
  if (typeof value !== 'object' || value === null || !('headers' in value)) return false;
  const { headers } = value;
  if (typeof headers !== 'object' || headers === null) return false;
  return !('upgrade' in headers && String(headers.upgrade).toLowerCase() === 'websocket');
}

/** Sets a header of the answer, where there is one; `header(name, value)` means the same on Express and on Fastify. */
export function setResponseHeader(context: ExecutionContext, name: string, value: string): void {
  if (context.getType<string>() !== 'http') return;
  const response = context.switchToHttp().getResponse<{ header?: (name: string, value: string) => unknown }>();
  response.header?.(name, value);
}
