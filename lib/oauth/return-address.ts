/** As it is emitted, where encoding may have made it six times as long: browsers drop a cookie of more than 4096 bytes. */
const LONGEST = 1024;

/**
 * Where a browser may be sent after a sign-in: a path of the application, or an address of an allowed origin.
 *
 * What is returned is absolute and was parsed twice, so that a browser reads in it what was checked here. A path that begins
 * with two slashes, in any spelling, is refused though it would be harmless as an absolute address: somebody behind us might cut
 * the origin off again.
 *
 * @param written what a caller asked for
 * @param home the application's own origin
 * @param allowedOrigins further origins, as `URL.origin` writes them
 * @returns undefined for everything else
 */
export function returnAddress(written: string, home: string, allowedOrigins: readonly string[]): string | undefined {
  if (!isPlain(written) || !URL.canParse(written, home)) return undefined;
  const { origin, pathname, search, hash, username, password } = new URL(written, home);
  if (username !== '' || password !== '' || strays(pathname)) return undefined;
  const emitted = `${origin}${pathname}${search}${hash}`;
  if (emitted.length > LONGEST) return undefined;
  const isAsChecked = URL.canParse(emitted) && new URL(emitted).href === emitted;
  return isAsChecked && [home, ...allowedOrigins].includes(new URL(emitted).origin) ? emitted : undefined;
}

/** Begins with exactly one slash or with a scheme and its two; nothing in it that parsers drop or turn round. */
function isPlain(written: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return /^(\/(?!\/)|https?:\/\/)/i.test(written) && !/[\u0000-\u001f\u007f\\]/.test(written);
}

/** Tells whether a path holds an empty segment, a backslash or a control character, however often it was encoded. */
function strays(pathname: string): boolean {
  let path = pathname;
  for (let depth = 0; depth < 4; depth += 1) {
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    if (/\/\/|[\u0000-\u001f\\]/.test(path)) return true;
    const decoded = decode(path);
    if (decoded === path) return false;
    if (decoded === undefined) return true;
    path = decoded;
  }
  // Nobody encodes a path of their own so often.
  return true;
}

/** @returns undefined for what nobody has encoded well */
export function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
