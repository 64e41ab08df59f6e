import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { asJson, asMarkdown } from './report.mjs';
import { build, install } from './setup.mjs';

const NAMES = ['srp', 'verify', 'guard', 'user-sync', 'startup', 'memory', 'emulator'];

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, write: { type: 'boolean' } },
});
const wanted = positionals.length > 0 ? positionals : NAMES;
const unknown = wanted.filter((name) => !NAMES.includes(name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; there are ${NAMES.join(', ')}.`);
  process.exit(2);
}
if (flags.write === true && (positionals.length > 0 || flags.quick === true)) {
  console.error('--write takes a full run of all benches: its page has one date and one machine.');
  process.exit(2);
}

install();
build();
if (flags.write === true) runAllApart();
else for (const name of wanted) await runHere(name);

async function runHere(name) {
  const { run } = await import(`./benches/${name}.mjs`);
  const result = await run({ quick: flags.quick === true });
  console.log(`${asMarkdown(result)}\n`);
  if (flags.json === true) console.log(asJson(result));
}

/** Each in a process of its own, so that none inherits the heap of another; what is known is on the page, should one of them fail. */
function runAllApart() {
  const pages = [head()];
  for (const name of wanted) {
    console.error(`${name} …`);
    const page = execFileSync(process.execPath, [...process.execArgv, import.meta.filename, name], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    pages.push(page.trim());
    writeFileSync(join(import.meta.dirname, 'RESULTS.md'), `${pages.join('\n\n')}\n`);
  }
}

function head() {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'));
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' });
  const machine = `${os.cpus()[0]?.model.trim() ?? 'unknown'}, ${os.cpus().length} cores`;
  return [
    '# Results',
    `Written by \`npm run bench -- --write\`, which repeats all of it: nest-cognito ${version} (${commit.trim()}), ${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${machine}, ${os.type()} ${os.release()}.`,
    'Where a table has `min`, `median` and `max`, several rounds were run in which the contenders took turns; tables that show how something grows are of one round, or of medians, as their titles say.',
  ].join('\n\n');
}
