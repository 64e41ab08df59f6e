import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');

/** The last line of a start. */
const STARTED = 'Stop it with Ctrl+C.';

/** Where the application is built to. */
export const built = join(root, 'sample-app', 'dist');

/** Builds the library and the application where they are not there, or older than their sources. */
export function buildWhereOld(): void {
  build('lib', join(root, 'dist', 'index.js'), root);
  build(join('sample-app', 'src'), join(built, 'main.js'), join(root, 'sample-app'));
}

function build(sources: string, result: string, folder: string): void {
  const files = readdirSync(join(root, sources), { recursive: true, encoding: 'utf8' });
  const changedAt = Math.max(...files.map((file) => statSync(join(root, sources, file)).mtimeMs));
  const builtAt = statSync(result, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (builtAt < changedAt) execFileSync('npm', ['run', 'build'], { cwd: folder, shell: process.platform === 'win32' });
}

/** The application in a process of its own. */
export interface Running {
  readonly origin: string;
  log(): string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Nothing of the machine's own settings reaches the application. */
function launch(file: string, args: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    NODE_NO_WARNINGS: '1',
    PORT: '0',
    ...environment,
  };
  return spawn(process.execPath, [join(built, file), ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs one of the programs to its end. */
export async function run(file: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const child = launch(file, args, environment);
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    // It should have refused to start: left alone it would run on.
    if (output.includes(STARTED)) child.kill();
  });
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: output + errors, errors, lines: output.split('\n').slice(0, -1) };
}

/** Starts the application on a free port. */
export async function start(environment: Readonly<Record<string, string>> = {}): Promise<Running> {
  const child = launch('main.js', [], environment);
  const closed = once(child, 'close') as Promise<[number | null]>;
  let log = '';
  const ready = new Promise<void>((resolve) => {
    const read = (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes(STARTED)) resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
  });
  await Promise.race([ready, closed.then(() => Promise.reject(new Error(`It did not start:\n${log}`)))]);
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    return (await closed)[0];
  };
  return { origin: /at (http:\S+)/.exec(log)?.[1] ?? '', log: () => log, stop };
}
