import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** The packages of a folder with a package.json and a lock file of its own. */
export class InstalledPackages {
  readonly #stamp: string;
  readonly #lock: string;

  constructor(private readonly folder: string) {
    this.#stamp = join(folder, 'node_modules', '.installed-from');
    this.#lock = join(folder, '.installing');
  }

  /** Installs what package-lock.json lists, unless it is there already; one process at a time. */
  async install(): Promise<void> {
    const lockFile = await readFile(join(this.folder, 'package-lock.json'));
    const wanted = createHash('sha256').update(lockFile).digest('hex');
    while ((await readFile(this.#stamp, 'utf8').catch(() => undefined)) !== wanted) {
      if (!(await this.#takeLock())) {
        await pause(250);
        continue;
      }
      try {
        await this.#npmCi();
        await writeFile(this.#stamp, wanted);
      } finally {
        await rm(this.#lock, { recursive: true });
      }
    }
  }

  /** Loads a package as it was installed; `T` names the part of it that is used. */
  load<T>(specifier: string): T {
    return createRequire(join(this.folder, 'package.json'))(specifier) as T;
  }

  /** The file behind a specifier, as CommonJS would find it from the folder. */
  resolve(specifier: string): string {
    return createRequire(join(this.folder, 'package.json')).resolve(specifier);
  }

  // Two spec files may find the packages missing at the same time; a lock left by a process that died is taken over.
  async #takeLock(): Promise<boolean> {
    const owner = join(this.#lock, 'owner');
    try {
      await mkdir(this.#lock);
      await writeFile(owner, String(process.pid));
      return true;
    } catch {
      const pid = Number(await readFile(owner, 'utf8').catch(() => ''));
      if (pid > 0 && !isAlive(pid)) await rm(this.#lock, { recursive: true, force: true });
      return false;
    }
  }

  async #npmCi(): Promise<void> {
    const npm = spawn('npm', ['ci', '--no-audit', '--no-fund'], {
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    npm.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const [code] = (await once(npm, 'close')) as [number | null];
    if (code !== 0) throw new Error(`npm ci in ${this.folder} ended with ${code}:\n${errors}`);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
