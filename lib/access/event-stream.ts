import 'reflect-metadata';
import type { ExecutionContext } from '@nestjs/common';
import type { CognitoRequest } from '../request/cognito-request.js';
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
  readonly destroyed?: boolean;
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
  const stream = await LongConnection.open(authenticator, askedAgain(request), requirement);
  const response = context.switchToHttp().getResponse<Answer>();
  const answer = response.raw ?? response;
  // Whoever left before the answer is watched by nobody: it closes no second time.
  if (answer.destroyed === true) return;
  answer.once('close', () => stream.stop());
  stream.watch(() => answer.destroy());
}

/**
 * The request as one that is asked about more than once. A browser adds no header to a stream, so that an extractor of the
 * application's own may read the token elsewhere: whatever else the request holds is found on it.
 */
function askedAgain(request: CognitoRequest): ConnectionRequest {
  const asked = new ConnectionRequest({ headers: request.headers, withCookies: true });
  return new Proxy(asked, {
    get: (target, name): unknown => (name in target ? Reflect.get(target, name) : Reflect.get(request, name)),
  });
}
