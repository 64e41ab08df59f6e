import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Child } from '../child.mjs';
import { ratioOfMedians, summarize } from '../statistics.mjs';

const NEST = ['reflect-metadata', '@nestjs/common', '@nestjs/core'];

/** What is imported on top of Nest, each in a new process. */
const CONTENDERS = {
  'nest-cognito': { before: NEST, modules: ['nest-cognito'] },
  'every entry of nest-cognito for HTTP': {
    before: NEST,
    modules: ['nest-cognito', 'nest-cognito/session', 'nest-cognito/oauth', 'nest-cognito/auth-api'],
  },
  'nest-cognito and the AWS SDK': {
    before: NEST,
    modules: ['nest-cognito', '@aws-sdk/client-cognito-identity-provider'],
  },
  '@nestjs-cognito/auth': { before: NEST, modules: ['@nestjs-cognito/auth'] },
  '@nestjs/common + core': { before: [], modules: NEST },
};

export async function run({ quick }) {
  const rounds = quick ? 2 : 15;
  const taken = Object.fromEntries(Object.keys(CONTENDERS).map((name) => [name, { milliseconds: [], cpu: [] }]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, settings] of Object.entries(CONTENDERS)) {
      const child = await Child.start('apps/import.mjs', settings);
      taken[name].milliseconds.push(child.ready.milliseconds);
      taken[name].cpu.push(child.ready.cpu);
      await child.stop();
    }
  }
  const summaries = Object.fromEntries(
    Object.entries(taken).map(([name, { milliseconds, cpu }]) => [
      name,
      { wall: summarize(milliseconds), cpu: summarize(cpu) },
    ]),
  );
  const ours = summaries['nest-cognito'].wall;
  const peers = ['@nestjs-cognito/auth', '@nestjs/common + core'];
  return {
    bench: 'startup',
    unit: 'ms to import, on top of Nest',
    ours: ours.median,
    peers: Object.fromEntries(peers.map((name) => [name, summaries[name].wall.median])),
    limit: null,
    ratios: Object.fromEntries(
      peers.map((name) => [`${name}/nest-cognito`, ratioOfMedians(summaries[name].wall, ours)]),
    ),
    tables: [
      {
        title: 'import, ms on top of Nest (Nest itself: from nothing)',
        columns: ['', 'min', 'median', 'max', 'CPU'],
        rows: Object.entries(summaries).map(([name, { wall, cpu }]) => [
          name,
          wall.min,
          wall.median,
          wall.max,
          cpu.median,
        ]),
      },
      packed(),
    ],
  };
}

function packed() {
  const answer = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: join(import.meta.dirname, '..', '..'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ size, unpackedSize, entryCount }] = JSON.parse(answer);
  return {
    title: 'the package',
    columns: ['', 'packed, KiB', 'unpacked, KiB', 'files'],
    rows: [['nest-cognito', size / 1024, unpackedSize / 1024, entryCount]],
  };
}
