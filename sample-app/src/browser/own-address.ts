import type { IncomingMessage, ServerResponse } from 'node:http';

/** The application answers to its own address alone, so that a foreign name that resolves to this machine reads nothing. */
export function refuseForeignHosts(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  if (isOwnHost(request)) {
    next();
    return;
  }
  response.statusCode = 421;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end('This is not the host that you asked for.\n');
}

function isOwnHost({ headers, socket }: IncomingMessage): boolean {
  const suffix = socket.localPort === 80 ? '' : `:${socket.localPort}`;
  return headers.host === `127.0.0.1${suffix}` || headers.host === `localhost${suffix}`;
}
