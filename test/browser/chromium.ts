import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Why there is no browser; a run that needs one fails with it, every other one skips with it. */
export class NoBrowser extends Error {
  override readonly name = 'NoBrowser';
}

/**
 * Finds Chromium, and installs Debian's where there is none and the machine lets us.
 *
 * @throws NoBrowser saying what was tried
 */
export function chromium(): string {
  const found = PLACES.find((place) => existsSync(place));
  if (found !== undefined) return found;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new NoBrowser(`no Chromium at ${PLACES.join(', ')}; install it, for example: apt-get install chromium`);
  }
  try {
    install();
  } catch (thrown) {
    throw new NoBrowser(`Chromium could not be installed: ${thrown instanceof Error ? thrown.message : 'no reason'}`);
  }
  return chromium();
}

function install(): void {
  const settings = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
  execFileSync('apt-get', ['update'], settings);
  execFileSync('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium'], settings);
}

/** Speaks to nobody but the pages under test. */
export const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
