import { isIPv6 } from 'node:net';

/**
 * The network that attempts of one caller are counted under: the address, of IPv6 the first 64 bits, for every household has as
 * many addresses in them as it likes.
 *
 * @param ip as the framework says it; a caller without an address shares one count with all others without
 */
export function clientNetworkOf(ip: string | undefined): string {
  const [address = ''] = (ip ?? '').toLowerCase().split('%');
  if (!isIPv6(address)) return address || 'unknown';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  return mapped ?? `${groupsOf(address).slice(0, 4).join(':')}::/64`;
}

/** The eight groups of an address. */
function groupsOf(address: string): string[] {
  // A URL writes an address in its shortest form, and the last 32 bits as groups.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}
