import type { HttpRequest } from '../request/http-request.js';
import { sentHeader } from '../request/sent-header.js';

/**
 * Which page made a browser send a request: one of the application's own, a foreign one, or nobody says (a program, or a browser
 * of long ago).
 */
export type PageOrigin = 'own' | 'foreign' | 'unknown';

/**
 * Reads `Sec-Fetch-Site` and `Origin`, which no page can forge. A sibling domain (`same-site`) is foreign.
 *
 * @param allowedOrigins origins that count as the application's own
 */
export function pageOriginOf(request: HttpRequest, allowedOrigins: readonly string[]): PageOrigin {
  const site = sentHeader(request, 'sec-fetch-site');
  const origin = sentHeader(request, 'origin');
  if (site === 'ambiguous' || origin === 'ambiguous') return 'foreign';
  if (origin !== 'absent' && allowedOrigins.includes(origin.value)) return 'own';
  if (site !== 'absent' && site.value === 'same-origin') return 'own';
  // `none` is the user's own doing, no page's; but what a sandboxed frame or a redirect has stripped of its origin is a page's.
  if (site !== 'absent') return site.value === 'none' && origin === 'absent' ? 'own' : 'foreign';
  if (origin === 'absent') return 'unknown';
  return isOwnOrigin(origin.value, request) ? 'own' : 'foreign';
}

/**
 * An origin has a scheme, and a server behind a proxy may not know its own: hosts decide, and a page over http is never one
 * of a server over https.
 */
function isOwnOrigin(origin: string, request: HttpRequest): boolean {
  if (!URL.canParse(origin)) return false;
  const { host, protocol } = new URL(origin);
  const isDowngrade = protocol === 'http:' && request.protocol === 'https';
  return /^https?:$/.test(protocol) && !isDowngrade && host === ownHostOf(request, protocol);
}

/** The host as a browser writes it into an origin: in lower case, without the port that goes without saying. */
function ownHostOf(request: HttpRequest, protocol: string): string | undefined {
  const sent = sentHeader(request, request.headers[':authority'] === undefined ? 'host' : ':authority');
  if (typeof sent === 'string') return undefined;
  const address = `${protocol}//${sent.value}`;
  return URL.canParse(address) ? new URL(address).host : undefined;
}
