import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EmulatorError } from '../emulator-error.js';
import type { ControlEndpoints } from './control-endpoints.js';
import { jsonAnswer, notFound, readBody, type HttpAnswer } from './http.js';
import { isOpenOperation } from './open-operations.js';
import { EndpointRequest } from '../oauth/endpoint-request.js';
import type { OAuthEndpoints } from '../oauth/oauth-endpoints.js';
import { isLoopbackOrigin, isOwnHost } from './origin-rules.js';
import type { UserPoolApi } from './user-pool-api.js';
import type { WellKnown } from './well-known.js';
import { forbidden, WireError } from './wire-error.js';

/** What the server hands requests to. */
export interface Doors {
  readonly api: UserPoolApi;
  readonly wellKnown: WellKnown;
  readonly control: ControlEndpoints;
  /** Absent in a pool without a domain. */
  readonly oauth?: OAuthEndpoints | undefined;
}

const ALLOWED_HEADERS =
  'authorization,cache-control,content-type,x-amz-target,x-amz-user-agent,amz-sdk-request,amz-sdk-invocation-id,x-amz-date,x-amz-security-token,x-amz-content-sha256';
const EXPOSED_HEADERS = 'x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date';

/** The listening socket; it is bound first and given its doors once its address is known. */
export class EmulatorServer {
  private readonly server: Server;
  private doors: Doors | undefined;

  /** @param corsOrigins whose pages may read answers, beside those of this machine */
  constructor(
    private readonly host: string,
    private readonly corsOrigins: readonly string[] = [],
  ) {
    this.server = createServer((request, response) => {
      void this.serve(request, response);
    });
  }

  /** Binds the port. @returns the origin under which the server is reached */
  async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error) => reject(listenError(error, this.host, port)));
      this.server.listen(port, this.host, resolve);
    });
    const { port: bound } = this.server.address() as AddressInfo;
    return `http://${reachableName(this.host)}:${bound}`;
  }

  open(doors: Doors): void {
    this.doors = doors;
  }

  /** Ends all connections, also those in use. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await this.answer(request).catch(faultAnswer);
    send(response, { ...answer, headers: { ...answer.headers, ...this.corsHeaders(request) } }, !request.complete);
  }

  private async answer(request: IncomingMessage): Promise<HttpAnswer> {
    const { method, headers, url = '/' } = request;
    if (!isOwnHost(headers.host, this.host)) return jsonAnswer(421, { message: 'Misdirected Request' });
    if (!this.doors) return notFound();
    const path = pathOf(url);
    const { api, wellKnown, control, oauth } = this.doors;
    const body = async () => readBody(request);
    if (control.isControl(path)) return control.answer(method, path, headers.authorization, body);
    if (method === 'OPTIONS') return { status: this.isReadable(request) ? 204 : 403, headers: {}, body: '' };
    if (method === 'POST' && path === '/') {
      refuseAdministrationByPages(request);
      return api.answer(target(request), body);
    }
    if (method === 'GET') {
      const document = await wellKnown.answer(path);
      if (document) return document;
    }
    const called = new EndpointRequest(method ?? '', path, url.slice(path.length + 1), headers, body);
    return (await oauth?.answer(called)) ?? notFound();
  }

  // A page from elsewhere gets no header that would let it read the answer.
  private corsHeaders(request: IncomingMessage): Record<string, string> {
    const { method, headers, url = '' } = request;
    if (url.startsWith('/_emulator/')) return {};
    if (headers.origin === undefined || !this.isReadable(request)) return { vary: 'Origin' };
    const shared = { vary: 'Origin', 'access-control-allow-origin': headers.origin };
    if (method !== 'OPTIONS') return { ...shared, 'access-control-expose-headers': EXPOSED_HEADERS };
    return {
      ...shared,
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': ALLOWED_HEADERS,
      'access-control-max-age': '600',
    };
  }

  // The control endpoints are for no page at all, and the sign-in pages for nobody's script.
  private isReadable({ headers: { origin }, url = '/' }: IncomingMessage): boolean {
    if (origin === undefined || this.doors?.oauth?.isPage(pathOf(url))) return false;
    return isLoopbackOrigin(origin) || this.corsOrigins.includes(origin);
  }
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '/';
}

function target({ headers }: IncomingMessage): string | undefined {
  const value = headers['x-amz-target'];
  return Array.isArray(value) ? undefined : value;
}

// A page that runs on this machine may sign its visitor in, but nobody's browser administers a pool: real pools want a
// signature there, which this one does not check.
function refuseAdministrationByPages(request: IncomingMessage): void {
  const name = target(request);
  if (request.headers.origin === undefined || name === undefined || isOpenOperation(name)) return;
  throw forbidden('Administration is not open to browsers.');
}

function send(response: ServerResponse, { status, headers, body }: HttpAnswer, isUnread: boolean): void {
  if (response.destroyed) return;
  // What is left of a request that was refused early must not be taken for the next one.
  const length = Buffer.byteLength(body);
  response.writeHead(status, { ...headers, 'content-length': length, ...(isUnread && { connection: 'close' }) });
  response.end(body);
}

function faultAnswer(error: unknown): HttpAnswer {
  if (error instanceof WireError) return jsonAnswer(error.status, { message: error.message });
  return jsonAnswer(500, { message: 'Internal Server Error' });
}

function reachableName(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): EmulatorError {
  if (error.code === 'EADDRINUSE') {
    const message = `Port ${port} on ${host} is in use: stop what listens there, or choose another port (0 takes any free one).`;
    return new EmulatorError('EMULATOR_PORT_IN_USE', message, { cause: error });
  }
  const message = `The emulator cannot listen on ${host}, port ${port} (${error.code ?? error.name}): choose an address of this machine and a port that is open to you.`;
  return new EmulatorError('EMULATOR_HOST_UNAVAILABLE', message, { cause: error });
}
