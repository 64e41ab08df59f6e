import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsOfChild } from '../child.mjs';

settingsOfChild();
// It keeps its users in files below the working directory.
const folder = mkdtempSync(join(tmpdir(), 'nest-cognito-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit());
process.chdir(folder);
Object.assign(process.env, { HOST: '127.0.0.1', PORT: '0' });

const require = createRequire(import.meta.url);
const begin = performance.now();
const { createDefaultServer } = require('cognito-local');
const imported = performance.now();
const pino = createRequire(require.resolve('cognito-local'))('pino');
const server = await (await createDefaultServer(pino({ level: 'silent' }))).start();
const listening = performance.now();
process.send({
  endpoint: `http://127.0.0.1:${server.address().port}`,
  import: imported - begin,
  listening: listening - imported,
});
