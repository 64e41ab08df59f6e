import type { NextFunction, Request, Response } from 'express';

/** The application answers to its own address alone, so that a foreign name that resolves to this machine reads nothing. */
export function refuseForeignHosts(request: Request, response: Response, next: NextFunction): void {
  if (isOwnHost(request)) next();
  else response.status(421).type('text').send('This is not the host that you asked for.\n');
}

function isOwnHost({ headers, socket }: Request): boolean {
  const suffix = socket.localPort === 80 ? '' : `:${socket.localPort}`;
  return headers.host === `127.0.0.1${suffix}` || headers.host === `localhost${suffix}`;
}

/**
 * Tells whether a form was sent by a page of this application.
 *
 * Under `Referrer-Policy: no-referrer` browsers send `Origin: null` with every form, their own included; then the word of
 * Sec-Fetch-Site counts, which no page can write.
 */
export function isFromOwnPage({ headers }: Request): boolean {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  if (origin === undefined || origin === 'null') return site === 'same-origin';
  return origin === `http://${headers.host}`;
}
