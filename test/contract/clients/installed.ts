import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const folder = import.meta.dirname;
const MANIFEST = join(folder, 'package.json');
const STAMP = join(folder, 'node_modules', '.installed-from');
const LOCK = join(folder, '.installing');

/** Installs what package-lock.json of this folder lists, unless it is there already; one process at a time. */
export async function installForeignPackages(): Promise<void> {
  const wanted = createHash('sha256')
    .update(await readFile(join(folder, 'package-lock.json')))
    .digest('hex');
  while ((await installedStamp()) !== wanted) {
    if (!(await takeLock())) {
      await pause(250);
      continue;
    }
    try {
      await npmCi();
      await writeFile(STAMP, wanted);
    } finally {
      await rm(LOCK, { recursive: true });
    }
  }
}

/** Loads a package of this folder as it was installed; `T` names the part of it that is used. */
export function foreign<T>(specifier: string): T {
  return createRequire(MANIFEST)(specifier) as T;
}

/** The file behind a specifier, as CommonJS would find it from this folder. */
export function resolveForeign(specifier: string): string {
  return createRequire(MANIFEST).resolve(specifier);
}

async function installedStamp(): Promise<string | undefined> {
  return readFile(STAMP, 'utf8').catch(() => undefined);
}

// Two spec files may find the packages missing at the same time; a lock left by a process that died is taken over.
async function takeLock(): Promise<boolean> {
  const owner = join(LOCK, 'owner');
  try {
    await mkdir(LOCK);
    await writeFile(owner, String(process.pid));
    return true;
  } catch {
    const pid = Number(await readFile(owner, 'utf8').catch(() => ''));
    if (pid > 0 && !isAlive(pid)) await rm(LOCK, { recursive: true, force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function npmCi(): Promise<void> {
  const npm = spawn('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  npm.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(npm, 'close')) as [number | null];
  if (code !== 0) throw new Error(`npm ci in test/contract/clients ended with ${code}:\n${errors}`);
}
