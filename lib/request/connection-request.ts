import type { CognitoRequest } from './cognito-request.js';

/** What a connection was opened with. */
export interface Handshake {
  /** The headers of the request that asked for the connection. */
  readonly headers: CognitoRequest['headers'];
  /** What the client added in the protocol of the connection itself; texts among it are read as headers. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** Whether cookies count: only where the page that opened the connection is one of the application's own. */
  readonly withCookies: boolean;
}

/**
 * The request that opened a long connection. It stands for every message that comes over it, so that whoever asks about it
 * asks again each time: what was true at the handshake is not true for ever.
 */
export class ConnectionRequest implements CognitoRequest {
  user?: unknown;
  #headers: CognitoRequest['headers'];

  /** @internal Made where a connection is opened. */
  constructor({ headers, parameters = {}, withCookies }: Handshake) {
    const { cookie, ...others } = headers;
    // What the browser itself wrote wins: a page's script may add parameters, but not choose where it comes from.
    this.#headers = Object.freeze({
      ...headersOf(parameters),
      ...others,
      ...(withCookies && cookie !== undefined && { cookie }),
    });
  }

  get headers(): CognitoRequest['headers'] {
    return this.#headers;
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
  renew({ headers }: ConnectionRequest): void {
    this.#headers = headers;
  }
}

/** Whether a header says where a request came to, in its own words or a proxy's. */
function isAddress(name: string): boolean {
  return name === 'host' || name === 'origin' || name === 'forwarded' || name.startsWith('x-forwarded-');
}

/** Addresses and cookies are named by browser and proxy alone, never by what a page sends. */
function headersOf(parameters: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.entries(parameters).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [],
  );
  return Object.fromEntries(texts.filter(([name]) => name !== 'cookie' && !isAddress(name)));
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
