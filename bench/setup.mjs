import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const bench = import.meta.dirname;
const root = join(bench, '..');
const entry = join(root, 'dist', 'index.js');
const parts = join(bench, '.parts');
const PARTS_OPTIONS = ['-p', 'tsconfig.build.json', '--noCheck', '--declaration', 'false'];

/** Installs what the lock file of this folder lists, unless it is there already. */
export function install() {
  const stamp = join(bench, 'node_modules', '.installed-from');
  const wanted = createHash('sha256')
    .update(readFileSync(join(bench, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  run('npm', ['ci', '--no-audit', '--no-fund'], bench);
  writeFileSync(stamp, wanted);
}

/**
 * Builds the package, and beside it in `.parts` the same files before they are joined, for what lies beneath its entries; unless
 * both are newer than every source.
 */
export function build() {
  const ofBuild = ['bundle.mjs', 'nest-cli.json', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];
  const ofLibrary = readdirSync(join(root, 'lib'), { recursive: true }).map((file) => join('lib', file));
  const sources = [...ofBuild, ...ofLibrary].map((file) => join(root, file));
  const changedAt = Math.max(...sources.map((file) => statSync(file).mtimeMs));
  const isNew = (file) => existsSync(file) && statSync(file).mtimeMs > changedAt;
  if (!isNew(entry) || !isJoined()) run('npm', ['run', 'build'], root);
  if (!isNew(join(parts, 'index.js'))) run('npx', ['tsc', ...PARTS_OPTIONS, '--outDir', parts], root);
}

/** `npm start` leaves files in the place of those that are published. */
function isJoined() {
  return readFileSync(entry, 'utf8').includes('./shared/');
}

/** What is said on the way is no result, so it goes where errors go. */
function run(command, options, cwd) {
  const { status } = spawnSync(command, options, { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${command} ${options.join(' ')} ended with ${status}.`);
}
