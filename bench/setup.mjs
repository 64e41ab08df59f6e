import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const bench = import.meta.dirname;
const root = join(bench, '..');

/** Installs what the lock file of this folder lists, unless it is there already. */
export function install() {
  const stamp = join(bench, 'node_modules', '.installed-from');
  const wanted = createHash('sha256')
    .update(readFileSync(join(bench, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  run(['ci', '--no-audit', '--no-fund'], bench);
  writeFileSync(stamp, wanted);
}

/** Builds the package, unless what is built is newer than every source of it. */
export function build() {
  const built = join(root, 'dist', 'index.js');
  const builtAt = existsSync(built) ? statSync(built).mtimeMs : 0;
  const sources = readdirSync(join(root, 'lib'), { recursive: true }).map((file) => join(root, 'lib', file));
  if (sources.every((file) => statSync(file).mtimeMs < builtAt)) return;
  run(['run', 'build'], root);
}

/** What is said on the way is no result, so it goes where errors go. */
function run(command, cwd) {
  const { status } = spawnSync('npm', command, { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`npm ${command.join(' ')} ended with ${status}.`);
}
