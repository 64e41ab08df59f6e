import { type ConnectionOptions, cookiesCount } from '../access/long-connection.js';
import { PushedEvents } from '../access/pushed-events.js';
import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import type { CognitoRequest } from '../request/request-of.js';
import type { CognitoConnections } from './cognito-connections.service.js';
import { wsErrorOf } from './ws-error.js';

/** What is used of a server or a namespace of socket.io. */
interface SocketIoServer {
  /** Of a server itself. */
  readonly opts?: ServerOptions;
  /** Of a namespace. */
  readonly server?: { readonly opts?: ServerOptions };
  use(middleware: (socket: Socket, next: (refusal?: Error) => void) => void): unknown;
  of(name: string): unknown;
}

interface ServerOptions {
  readonly connectionStateRecovery?: unknown;
}

/** What is below the sockets of all namespaces; everything that goes to any of them is written by it. */
interface SocketIoClient {
  writeToEngine(packets: unknown, options: unknown): void;
  /** What `socket.disconnect(true)` does. */
  _disconnect(): void;
}

interface Socket {
  readonly client: SocketIoClient;
  readonly handshake: { readonly headers: CognitoRequest['headers']; readonly auth: Readonly<Record<string, unknown>> };
  /** The request that opened the connection below. */
  readonly request: { readonly rawHeaders?: readonly string[] | undefined };
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

/**
 * Authenticates every handshake of a server or a namespace, asks for every event that is pushed, and ends the connections whose
 * token is no longer good.
 *
 * @throws {@link CognitoError} `COGNITO_TRANSPORT_UNSUPPORTED` for `connectionStateRecovery`
 */
export function watchSocketIo(
  server: SocketIoServer,
  connections: CognitoConnections,
  options: ConnectionOptions,
): void {
  if ((server.opts ?? server.server?.opts)?.connectionStateRecovery) throw noRecovery();
  server.use((socket, next) => void answer(socket, next));

  async function answer(socket: Socket, next: (refusal?: Error) => void): Promise<void> {
    next(await refusalOf(admit(socket, connections, options)));
  }
}

async function admit(socket: Socket, connections: CognitoConnections, options: ConnectionOptions): Promise<void> {
  const { headers, auth } = socket.handshake;
  const { rawHeaders } = socket.request;
  const withCookies = cookiesCount({ headers }, options);
  const handshake = { headers, rawHeaders, parameters: parametersOf(auth), withCookies };
  const opened = await connections.open(handshake, options);
  // Whoever left before the answer is watched by nobody: no event would end that.
  if (socket.conn.readyState !== 'open') return;
  const leave = (): void => {
    socket.conn.off('close', leave);
    connections.detach(socket);
  };
  socket.conn.once('close', leave);
  socket.once('disconnect', leave);
  const say = askForEachEvent(socket, new PushedEvents(opened.connection));
  connections.attach(socket, opened, (reason) =>
    say(() => {
      socket.emit('exception', wsErrorOf(reason));
      socket.disconnect();
    }),
  );
}

/** Clients that were told to leave with all their namespaces: what is written to them from then on is good-bye. */
const leaving = new WeakSet<SocketIoClient>();

/**
 * Puts events before the client of a socket. `emit` of the socket, of a room and of the server write to it; only here they have
 * a path in common, and socket.io has no hook for it.
 *
 * @returns what says something to the client though its token is no longer good
 */
function askForEachEvent(socket: Socket, events: PushedEvents): (say: () => void) => void {
  const { client } = socket;
  if (typeof client.writeToEngine !== 'function') throw unknownClient();
  let isLastWord = false;
  const asking: SocketIoClient = {
    writeToEngine: (packets, options) => {
      const write = (): void => client.writeToEngine(packets, options);
      if (isLastWord || leaving.has(client)) write();
      else events.push(write);
    },
    _disconnect: () =>
      events.afterwards(() => {
        leaving.add(client);
        client._disconnect();
      }),
  };
  Object.defineProperty(socket, 'client', { value: Object.assign(Object.create(client) as SocketIoClient, asking) });
  return (say) => {
    isLastWord = true;
    say();
    isLastWord = false;
  };
}

/** A version of socket.io that writes in another way would push without being asked. */
function unknownClient(): CognitoError {
  return new CognitoError('COGNITO_TRANSPORT_UNSUPPORTED', {
    detail: 'What this version of socket.io pushes cannot be watched. Known are the versions 4.',
  });
}

/** A session that is recovered is sent what it missed before any handshake is asked. */
function noRecovery(): CognitoError {
  return new CognitoError('COGNITO_TRANSPORT_UNSUPPORTED', {
    detail:
      'With connectionStateRecovery socket.io sends what a client missed before its token is asked. Take it out of the options.',
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
