import 'reflect-metadata';
import type { ExecutionContext } from '@nestjs/common';
import type { CognitoRequest } from '../request/cognito-request.js';
import { ConnectionRequest } from '../request/connection-request.js';
import type { TokenRequirement } from '../tokens/token-verifier.service.js';
import type { CognitoAuthenticator } from './authenticator.service.js';
import { LongConnection } from './long-connection.js';
import { PushedEvents } from './pushed-events.js';
import { requestOf } from './supported-request.js';

/** What `@Sse()` of Nest writes on a handler. */
const SSE_METADATA = '__sse__';

/** What is used of an answer of Node's; Fastify holds it as `raw`. */
interface Answer {
  readonly raw?: Answer;
  readonly destroyed?: boolean;
  write(...chunk: readonly unknown[]): boolean;
  end(...chunk: readonly unknown[]): unknown;
  emit(event: 'drain'): unknown;
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** Several guards may stand before one stream. */
const watched = new WeakSet<object>();

/** What is written on a handler, read once. */
const streaming = new WeakMap<object, boolean>();

function readOnce(handler: object): boolean {
  const isWritten = Reflect.getMetadata(SSE_METADATA, handler) === true;
  streaming.set(handler, isWritten);
  return isWritten;
}

/** Whether a route answers with a stream of server-sent events. */
export function isEventStream(context: ExecutionContext): boolean {
  const handler = context.getHandler();
  const isWritten = streaming.get(handler) ?? readOnce(handler);
  return isWritten && context.getType<string>() === 'http';
}

/**
 * Watches over a stream of server-sent events that was let in: the token is asked again for every event, and the stream ends with
 * it.
 *
 * The stream is cut off rather than completed: a browser asks again, and is told then what is wrong.
 */
export async function watchEventStream(
  context: ExecutionContext,
  authenticator: CognitoAuthenticator,
  requirement: TokenRequirement,
): Promise<void> {
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
  askForEachEvent(answer, stream);
}

/** Events do not pass through the guard, but all of them are written to the answer. */
function askForEachEvent(answer: Answer, stream: LongConnection): void {
  const events = new PushedEvents(stream);
  const [write, end] = [answer.write.bind(answer), answer.end.bind(answer)];
  const whileOpen = (send: () => void) => (): void => {
    if (answer.destroyed !== true) send();
  };
  answer.write = (...chunk): boolean => {
    events.push(
      whileOpen(() => {
        if (write(...chunk)) answer.emit('drain');
      }),
    );
    // Whoever writes waits for `drain`, so that no more is kept here than an answer keeps itself.
    return false;
  };
  answer.end = (...chunk): unknown => {
    events.push(whileOpen(() => void end(...chunk)));
    return answer;
  };
}

/**
 * The request as one that is asked about more than once. A browser adds no header to a stream, so that an extractor of the
 * application's own may read the token elsewhere: whatever else the request holds is found on it.
 */
function askedAgain(request: CognitoRequest): ConnectionRequest {
  const { headers } = request;
  const rawHeaders = request.rawHeaders ?? request.raw?.rawHeaders;
  const asked = new ConnectionRequest({ headers, rawHeaders, withCookies: true, request });
  return new Proxy(asked, {
    get: (target, name): unknown => (name in target ? Reflect.get(target, name) : Reflect.get(request, name)),
  });
}
