#!/usr/bin/env node
import { run } from './run.js';
import { untilStopped } from './until-stopped.js';

process.exitCode = await run(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  status: process.stderr.isTTY ? (line) => process.stderr.write(`\r\u001B[K${line}`) : undefined,
  untilStopped,
});
