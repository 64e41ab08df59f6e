/** Tells whether a parsed address is on this machine: a literal of 127.0.0.0/8, [::1], or exactly `localhost`. */
export function isLoopback(address: URL): boolean {
  return (
    address.hostname === 'localhost' || address.hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(address.hostname)
  );
}

/**
 * Tells whether an address may lead to this machine by any of its names. Wider than {@link isLoopback}: what is refused has to
 * be guessed generously, what is trusted narrowly.
 */
export function mayBeThisMachine({ hostname }: URL): boolean {
  const host = hostname.replace(/\.$/, '');
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    /^(127\.|0\.0\.0\.0$)/.test(host) ||
    /^\[::(1|ffff:(7f|0:0).*)?\]$/.test(host)
  );
}

/**
 * Says what is wrong with an address that API calls or trust may rest on, or nothing if it is fine.
 *
 * Parsing comes first, so that `http://localhost.evil.com` or `http://127.0.0.1@evil.com` is judged by the host it means.
 */
export function faultOfAddress(written: string, allowInsecure: boolean): string | undefined {
  if (!URL.canParse(written)) return 'has to be an absolute http(s) address';
  const address = new URL(written);
  if (address.protocol !== 'https:' && address.protocol !== 'http:') return 'has to be an absolute http(s) address';
  if (address.username !== '' || address.password !== '') return 'must not hold a user name or password';
  if (address.search !== '' || address.hash !== '') return 'must not have a query or fragment';
  if (address.protocol === 'http:' && !isLoopback(address) && !allowInsecure) {
    return 'has to use https off loopback (allowInsecureEndpoint: true permits plain http)';
  }
  return undefined;
}

/** Joins a base address and a path with exactly one slash between them. */
export function join(base: string, path: string): string {
  return `${base.replace(/\/+$/, '')}/${path}`;
}
