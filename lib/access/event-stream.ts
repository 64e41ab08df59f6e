import 'reflect-metadata';
import type { ExecutionContext } from '@nestjs/common';
import { ConnectionRequest } from '../request/connection-request.js';
import type { TokenRequirement } from '../tokens/token-verifier.service.js';
import type { CognitoAuthenticator } from './authenticator.service.js';
import { LongConnection } from './long-connection.js';
import { requestOf } from './supported-request.js';

/** What `@Sse()` of Nest writes on a handler. */
const SSE_METADATA = '__sse__';

/** What is used of an answer of Node's; Fastify holds it as `raw`. */
interface Answer {
  readonly raw?: Answer;
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** Several guards may stand before one stream. */
const watched = new WeakSet<object>();

/**
 * Watches over a stream of server-sent events that was let in, so that it ends with its token; does nothing for another route.
 *
 * The stream is cut off rather than completed: a browser asks again, and is told then what is wrong.
 */
export async function watchEventStream(
  context: ExecutionContext,
  authenticator: CognitoAuthenticator,
  requirement: TokenRequirement,
): Promise<void> {
  if (context.getType<string>() !== 'http' || Reflect.getMetadata(SSE_METADATA, context.getHandler()) !== true) return;
  const request = requestOf(context);
  if (watched.has(request)) return;
  watched.add(request);
  const asked = new ConnectionRequest({ headers: request.headers, withCookies: true });
  const stream = await LongConnection.open(authenticator, asked, requirement);
  const response = context.switchToHttp().getResponse<Answer>();
  const answer = response.raw ?? response;
  answer.once('close', () => stream.stop());
  stream.watch(() => answer.destroy());
}
