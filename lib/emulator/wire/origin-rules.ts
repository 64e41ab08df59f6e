import { isIP } from 'node:net';

// Nothing that the parser of addresses would take for a user name, a path or an escape.
const HOST_AND_PORT = /^(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '::1']);

/** Whether a host name or address is this machine's own. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK_NAMES.has(hostname);
}

/**
 * Whether a request was meant for this server: a page that had its own name resolve to this machine (DNS rebinding)
 * sends that name. A server that is open to the network also answers to any address, since only names can be rebound.
 */
export function isOwnHost(header: string | undefined, boundHost: string): boolean {
  if (header === undefined || !HOST_AND_PORT.test(header)) return false;
  const hostname = hostnameOf(`http://${header}`);
  if (hostname === undefined) return false;
  return isLoopback(hostname) || hostname === boundHost || (!isLoopback(boundHost) && isIP(hostname) !== 0);
}

/** Whether a browser's page may read the answers: pages from this machine only. */
export function isLoopbackOrigin(origin: string): boolean {
  const hostname = hostnameOf(origin);
  return hostname !== undefined && isLoopback(hostname);
}

function hostnameOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
}
