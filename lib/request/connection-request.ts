import { AsyncLocalStorage } from 'node:async_hooks';
import type { CognitoRequest } from './cognito-request.js';
import { collected } from './sent-header.js';

/** What a connection was opened with. */
export interface Handshake {
  /** The headers of the request that asked for the connection. */
  readonly headers: CognitoRequest['headers'];
  /** The same headers as they came over the wire, so that one which came twice is noticed. */
  readonly rawHeaders?: CognitoRequest['rawHeaders'];
  /** What the client added in the protocol of the connection itself; texts among it are read as headers. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** Whether cookies count: only where the page that opened the connection is one of the application's own. */
  readonly withCookies: boolean;
  /** The request itself, where it goes on while it is answered: a stream of events. */
  readonly request?: CognitoRequest | undefined;
}

/**
 * The request that opened a long connection. Whoever asks about it asks again each time: what was true at the handshake is not
 * true for ever.
 */
export class ConnectionRequest implements CognitoRequest {
  #headers: CognitoRequest['headers'];
  #rawHeaders: readonly string[];
  /** The request that is being answered, in a stream of events; what was found out about it is true of the stream. */
  readonly request: CognitoRequest | undefined;

  /** @internal Made where a connection is opened. */
  constructor({ headers, rawHeaders = [], parameters = {}, withCookies, request }: Handshake) {
    const { cookie, ...others } = headers;
    // What the browser itself wrote wins: a page's script may add parameters, but not choose where it comes from.
    this.#headers = Object.freeze({
      ...headersOf(parameters),
      ...others,
      ...(withCookies && cookie !== undefined && { cookie }),
    });
    this.#rawHeaders = Object.freeze(withoutCookies(rawHeaders));
    this.request = request;
  }

  get headers(): CognitoRequest['headers'] {
    return this.#headers;
  }

  /** Without cookies: whether those count was decided above. */
  get rawHeaders(): readonly string[] {
    return this.#rawHeaders;
  }

  /**
   * @internal The same connection with this bearer token and no other credential; what says where it came to stays, for the
   * option `poolOf` may ask for that.
   */
  with(token: string): ConnectionRequest {
    const kept = Object.entries(this.#headers).filter(([name]) => isAddress(name));
    const headers = { ...Object.fromEntries(kept), authorization: `Bearer ${token}` };
    return new ConnectionRequest({ headers, withCookies: false });
  }

  /** @internal Goes on with the credential of another; whoever calls this has verified it. */
  renew({ headers, rawHeaders }: ConnectionRequest): void {
    this.#headers = headers;
    this.#rawHeaders = rawHeaders;
  }
}

/**
 * One message over a connection, or one GraphQL operation. It carries the credential of its connection and an admission of its
 * own: messages are handled side by side, and what becomes of one is not for another to see.
 */
export class ConnectionMessage implements CognitoRequest {
  user?: unknown;
  unverifiedApiKey?: string;

  constructor(readonly connection: ConnectionRequest) {}

  get headers(): CognitoRequest['headers'] {
    return this.connection.headers;
  }

  get rawHeaders(): readonly string[] {
    return this.connection.rawHeaders;
  }
}

/** Whether an answer about a request must not be remembered: what belongs to a long connection may have become another thing. */
export function isAskedAgain(request: object): boolean {
  return request instanceof ConnectionRequest || request instanceof ConnectionMessage;
}

/** Names stand at even places, values at odd ones. */
function withoutCookies(lines: readonly string[]): string[] {
  return lines.filter((_, index) => lines[index - (index % 2)]?.toLowerCase() !== 'cookie');
}

/** Whether a header says where a request came to, in its own words or a proxy's. */
function isAddress(name: string): boolean {
  return name === 'host' || name === 'origin' || name === 'forwarded' || name.startsWith('x-forwarded-');
}

/** Addresses and cookies are named by browser and proxy alone, never by what a page sends. */
function headersOf(parameters: Readonly<Record<string, unknown>>): CognitoRequest['headers'] {
  const texts = Object.entries(parameters).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [],
  );
  return collected(texts.filter(([name]) => name !== 'cookie' && !isAddress(name)));
}

/** Connections by what stands for them in a context: a socket, or the context of a subscription. */
const connections = new WeakMap<object, ConnectionRequest>();

/** @internal Notes which connection these objects stand for. */
export function noteConnection(request: ConnectionRequest, ...carriers: readonly object[]): void {
  for (const carrier of carriers) connections.set(carrier, request);
}

/** The connection that an object stands for, if it was opened through this package. */
export function connectionOf(carrier: unknown): ConnectionRequest | undefined {
  return typeof carrier === 'object' && carrier !== null ? connections.get(carrier) : undefined;
}

/** The message that is being handled. Nest gives guard and parameters no object in common that belongs to the message alone. */
const current = new AsyncLocalStorage<ConnectionMessage>();

/** @internal Handles a message of a client; what its guard and its parameters find is this message and no other. */
export function handleMessage<Result>(client: object, handle: () => Result): Result {
  const connection = connectionOf(client);
  return connection === undefined ? handle() : current.run(new ConnectionMessage(connection), handle);
}

/** The message of a client that is being handled; each call is told of a new one where nobody said that one has begun. */
export function messageOf(client: unknown): ConnectionMessage | undefined {
  const connection = connectionOf(client);
  if (connection === undefined) return undefined;
  const message = current.getStore();
  return message?.connection === connection ? message : new ConnectionMessage(connection);
}

/** GraphQL operations over a connection, by the context that all their resolvers are given. */
const operations = new WeakMap<object, ConnectionMessage>();

/** The operation that a GraphQL context belongs to, if its carrier stands for a connection. */
export function operationOf(context: object, carrier: unknown): ConnectionMessage | undefined {
  const connection = connectionOf(carrier);
  if (connection === undefined) return undefined;
  const known = operations.get(context);
  if (known?.connection === connection) return known;
  const operation = new ConnectionMessage(connection);
  operations.set(context, operation);
  return operation;
}
