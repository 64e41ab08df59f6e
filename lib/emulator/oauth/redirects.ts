import type { RegisteredUrls } from '../state/app-clients.js';
import type { HttpAnswer } from '../wire/http.js';
import { isLoopbackOrigin } from '../wire/origin-rules.js';

// What a header line can carry, and nothing that parsers of addresses read in different ways.
const PLAIN = /^[\x21\x22\x24-\x5b\x5d-\x7e]+$/;

/** Whether a browser may be sent to an address. */
export function isRegistered(urls: RegisteredUrls, address: string): boolean {
  if (urls !== 'loopback') return urls.includes(address);
  if (!PLAIN.test(address) || !URL.canParse(address)) return false;
  const { protocol, username, password, origin } = new URL(address);
  return protocol === 'http:' && username === '' && password === '' && isLoopbackOrigin(origin);
}

/** Sends the browser on. */
export function redirect(location: string, headers: HttpAnswer['headers'] = {}): HttpAnswer {
  const fixed = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
  return { status: 302, headers: { ...fixed, ...headers, location }, body: '' };
}

/** An address with parameters added to its query or its fragment; those without a value are left out. */
export function withParameters(
  address: string,
  parameters: Readonly<Record<string, string | undefined>>,
  place: 'query' | 'fragment' = 'query',
): string {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const text = new URLSearchParams(Object.fromEntries(given)).toString();
  if (place === 'fragment') return `${address}#${text}`;
  return `${address}${address.includes('?') ? '&' : '?'}${text}`;
}
