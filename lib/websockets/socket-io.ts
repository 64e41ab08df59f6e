import { type ConnectionOptions, cookiesCount } from '../access/long-connection.js';
import { isCognitoError } from '../errors/cognito.error.js';
import type { CognitoRequest } from '../request/request-of.js';
import type { CognitoConnections } from './cognito-connections.service.js';
import { wsErrorOf } from './ws-error.js';

/** What is used of a server or a namespace of socket.io. */
interface SocketIoServer {
  use(middleware: (socket: Socket, next: (refusal?: Error) => void) => void): unknown;
  of(name: string): unknown;
}

interface Socket {
  readonly handshake: { readonly headers: CognitoRequest['headers']; readonly auth: Readonly<Record<string, unknown>> };
  /** The connection below, which several namespaces may share; it closes also when the socket has never got to be connected. */
  readonly conn: {
    readonly readyState: string;
    once(event: 'close', listener: () => void): unknown;
    off(event: 'close', listener: () => void): unknown;
  };
  emit(event: string, data: unknown): unknown;
  once(event: string, listener: () => void): unknown;
  disconnect(): unknown;
}

/** Tells a server or a namespace of socket.io by its middleware. */
export function isSocketIoServer(server: unknown): server is SocketIoServer {
  return typeof server === 'object' && server !== null && 'use' in server && typeof server.use === 'function';
}

/** Authenticates every handshake of a server or a namespace, and ends the connections whose token is no longer good. */
export function watchSocketIo(
  server: SocketIoServer,
  connections: CognitoConnections,
  options: ConnectionOptions,
): void {
  server.use((socket, next) => void answer(socket, next));

  async function answer(socket: Socket, next: (refusal?: Error) => void): Promise<void> {
    next(await refusalOf(admit(socket, connections, options)));
  }
}

async function admit(socket: Socket, connections: CognitoConnections, options: ConnectionOptions): Promise<void> {
  const { headers, auth } = socket.handshake;
  const opened = await connections.open(
    { headers, parameters: parametersOf(auth), withCookies: cookiesCount({ headers }, options) },
    options,
  );
  // Whoever left before the answer is watched by nobody: no event would end that.
  if (socket.conn.readyState !== 'open') return;
  const leave = (): void => {
    socket.conn.off('close', leave);
    connections.detach(socket);
  };
  socket.conn.once('close', leave);
  socket.once('disconnect', leave);
  connections.attach(socket, opened, (reason) => {
    socket.emit('exception', wsErrorOf(reason));
    socket.disconnect();
  });
}

/** `{ token }` is how the documentation of socket.io sends a token; `{ authorization: 'Bearer …' }` will do too. */
function parametersOf(auth: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return typeof auth['token'] === 'string' ? { authorization: `Bearer ${auth['token']}`, ...auth } : auth;
}

/** socket.io hands the client the message of an error, and its `data`. */
async function refusalOf(admission: Promise<void>): Promise<Error | undefined> {
  try {
    await admission;
    return undefined;
  } catch (thrown) {
    if (!isCognitoError(thrown)) return new Error('The handshake failed.');
    return Object.assign(new Error(thrown.publicMessage), { data: wsErrorOf(thrown) });
  }
}
