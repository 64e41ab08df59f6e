import { type ConnectionOptions, cookiesCount } from '../access/long-connection.js';
import { PushedEvents } from '../access/pushed-events.js';
import { isCognitoError } from '../errors/cognito.error.js';
import type { CognitoRequest } from '../request/request-of.js';
import type { CognitoConnections, OpenedConnection } from './cognito-connections.service.js';

type Verified = (isGood: boolean, status?: number, message?: string, headers?: Record<string, string>) => void;

type VerifyClient = (knock: Knock, verified: Verified) => unknown;

interface Knock {
  readonly req: CognitoRequest;
}

/** What is used of a server of the package ws. */
interface WsServer {
  readonly options: { verifyClient?: VerifyClient | null | undefined };
  on(event: 'connection', listener: (client: Client, request: CognitoRequest) => void): unknown;
}

interface Client {
  /** Data, and then options, a callback, or both. */
  send(...sent: readonly unknown[]): void;
  close(code?: number, reason?: string): void;
  once(event: string, listener: () => void): unknown;
}

/** Tells a server of ws by what it does with an upgrade. */
export function isWsServer(server: unknown): server is WsServer {
  return typeof server === 'object' && server !== null && 'handleUpgrade' in server && 'options' in server;
}

/** Authenticates every handshake of a server, asks for every event that is pushed, and ends the connections whose token is no longer good. */
export function watchWs(server: WsServer, connections: CognitoConnections, options: ConnectionOptions): void {
  const opened = new WeakMap<object, OpenedConnection>();
  const theirs = server.options.verifyClient ?? undefined;
  server.options.verifyClient = (knock, verified): void => void answer(knock, verified);
  server.on('connection', (client, request) => {
    const connection = opened.get(request);
    if (connection === undefined) return client.close(4401, 'COGNITO_TOKEN_MISSING');
    client.once('close', () => connections.detach(client));
    const close = client.close.bind(client);
    connections.attach(client, connection, ({ status, code }) => close(closeCodeOf(status), code));
    askForEachEvent(client, new PushedEvents(connection.connection));
  });

  async function answer(knock: Knock, verified: Verified): Promise<void> {
    const { headers, rawHeaders } = knock.req;
    try {
      const handshake = { headers, rawHeaders, withCookies: cookiesCount({ headers }, options) };
      opened.set(knock.req, await connections.open(handshake, options));
      askToo(theirs, knock, verified);
    } catch (thrown) {
      verified(false, isCognitoError(thrown) ? thrown.status : 500);
    }
  }
}

/** Whoever pushes to a client, one by one or to all of them, calls its `send`. */
function askForEachEvent(client: Client, events: PushedEvents): void {
  const [send, close] = [client.send.bind(client), client.close.bind(client)];
  client.send = (...sent): void => {
    const done = sent.at(-1);
    const drop = (): unknown => typeof done === 'function' && done(new Error('The connection has ended.'));
    events.push(() => send(...sent), drop);
  };
  client.close = (code, reason): void => events.afterwards(() => close(code, reason));
}

/** 4401 says that a new token is needed, 1013 that another attempt may succeed. */
function closeCodeOf(status: number): number {
  return status === 401 || status === 403 ? 4000 + status : 1013;
}

/** A check of the application's own counts as before; ws asks it in one of two ways. */
function askToo(theirs: VerifyClient | undefined, knock: Knock, verified: Verified): void {
  if (theirs === undefined) verified(true);
  else if (theirs.length === 2) theirs(knock, verified);
  else verified(theirs(knock, verified) === true);
}
