import type { INestApplicationContext, WebSocketAdapter, WsMessageHandler } from '@nestjs/common';
import { AsyncLocalStorage } from 'node:async_hooks';
import { isObservable, Observable } from 'rxjs';
import type { ConnectionOptions } from '../access/long-connection.js';
import { CognitoError } from '../errors/cognito.error.js';
import { handleMessage } from '../request/connection-request.js';
import { CognitoConnections } from './cognito-connections.service.js';
import { isSocketIoServer, watchSocketIo } from './socket-io.js';
import { isWsServer, watchWs } from './ws.js';

/** How connections of gateways are let in. */
export type CognitoHandshakeOptions = ConnectionOptions;

/**
 * Makes an adapter, `IoAdapter` or `WsAdapter` of Nest, authenticate every handshake, which no guard sees: without a good token
 * there is no connection. Its token is asked again for every message that comes and every event that goes; the connection ends when
 * it is no longer good.
 *
 * ```ts
 * app.useWebSocketAdapter(authenticateHandshakes(new IoAdapter(app), app));
 * ```
 *
 * Guards are needed as elsewhere: this says who is connected, `CognitoAuthGuard` which messages they may send.
 *
 * @param adapter changed in place
 * @param app an application that imports {@link CognitoWebsocketsModule}
 * @param options which pool and kind of token, whether anonymous connections are let in, and whose cookies count
 * @throws {@link CognitoError} `COGNITO_TRANSPORT_UNSUPPORTED` without that module; and when the application starts for a server
 * that is neither of socket.io nor of ws, or one of socket.io with `connectionStateRecovery`
 */
export function authenticateHandshakes<Adapter extends WebSocketAdapter>(
  adapter: Adapter,
  app: INestApplicationContext,
  options: CognitoHandshakeOptions = {},
): Adapter {
  const connections = connectionsOf(app);
  const create = adapter.create.bind(adapter);
  const bindMessageHandlers = adapter.bindMessageHandlers.bind(adapter);
  const watched = new WeakSet<object>();

  adapter.create = (port: number, serverOptions?: unknown): unknown => {
    const server: unknown = create(port, serverOptions);
    if (typeof server === 'object' && server !== null && watched.has(server)) return server;
    if (isSocketIoServer(server)) watchSocketIo(server, connections, options);
    else if (isWsServer(server)) watchWs(server, connections, options);
    else throw unsupported();
    watched.add(server);
    return server;
  };
  adapter.bindMessageHandlers = (client: object, handlers: WsMessageHandler[], transform: Transform): unknown =>
    bindMessageHandlers(client, handlers.map(handledFor(client, connections)), transform) as unknown;
  return adapter;
}

type Transform = (data: unknown) => Observable<unknown>;

/** A message of a connection that has just ended is not answered; nobody is there to read it. */
function handledFor(client: object, connections: CognitoConnections): (handler: WsMessageHandler) => WsMessageHandler {
  return (handler) => ({
    ...handler,
    callback: async (...args: unknown[]): Promise<unknown> => {
      if (!(await connections.mayGoOn(client))) return undefined;
      return handleMessage(client, async () => subscribedHere(await handler.callback(...args)));
    },
  });
}

/** Behind an interceptor a handler begins when somebody subscribes to its result, who stands outside of the message. */
function subscribedHere(result: unknown): unknown {
  if (!isObservable(result)) return result;
  const here = AsyncLocalStorage.snapshot();
  return new Observable((subscriber) => here(() => result.subscribe(subscriber)));
}

function connectionsOf(app: INestApplicationContext): CognitoConnections {
  try {
    return app.get(CognitoConnections, { strict: false });
  } catch (cause) {
    throw new CognitoError('COGNITO_TRANSPORT_UNSUPPORTED', {
      detail:
        'authenticateHandshakes needs CognitoWebsocketsModule of nest-cognito/websockets. Import it in the application.',
      cause,
    });
  }
}

function unsupported(): CognitoError {
  return new CognitoError('COGNITO_TRANSPORT_UNSUPPORTED', {
    detail: 'authenticateHandshakes knows the servers of socket.io and of ws, and not the one that this adapter makes.',
  });
}
