import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Child } from '../child.mjs';
import { TokenIssuer } from '../pool.mjs';
import { ratioOfMedians, summarize } from '../statistics.mjs';

/** Milliseconds that "." may take on top of Nest. */
const BUDGET = 90;
const OURS = 'nest-cognito';
const BARE_NEST = '@nestjs/common + core';
const PEER = '@nestjs-cognito/auth';
const NEST = ['reflect-metadata', '@nestjs/common', '@nestjs/core'];
const AWS_SDK = /^@(aws-sdk|smithy|aws-crypto)\//;
const TYPEORM = /^(@nestjs\/)?typeorm$/;

const IMPORTS = {
  [OURS]: importing(['nest-cognito']),
  'every entry of nest-cognito for HTTP': importing([
    'nest-cognito',
    'nest-cognito/session',
    'nest-cognito/oauth',
    'nest-cognito/auth-api',
  ]),
  'nest-cognito and the AWS SDK': importing(['nest-cognito', '@aws-sdk/client-cognito-identity-provider']),
  [PEER]: importing(['@nestjs-cognito/auth']),
  [BARE_NEST]: importing(NEST, []),
};

/** What "." stands on beside Nest, by the packages; one that it has come to do without is left out. */
const DEPENDENCIES = {
  zod: ['zod'],
  '@nestjs/passport': ['@nestjs/passport', 'passport-custom'],
  'aws-jwt-verify': ['aws-jwt-verify/jwt-verifier', 'aws-jwt-verify/jwt-model', 'aws-jwt-verify/error'],
  'lru-cache': ['lru-cache'],
};
const TOGETHER = 'all of them together';
const REST = 'nest-cognito itself, after them';

export async function run({ quick }) {
  const packagesOfOurs = await packagesOf(IMPORTS[OURS]);
  const groups = [IMPORTS, partsOf(packagesOfOurs), applications()];
  const taken = [];
  for (const group of groups) taken.push(await withPackages(group));
  for (let round = 0; round < (quick ? 2 : 15); round += 1) {
    for (const group of taken) for (const contender of Object.values(group)) await takeSample(contender);
  }
  const [imports, parts, apps] = taken.map((group) => mapValues(group, summed));
  const ours = imports[OURS].total;
  const peers = [PEER, BARE_NEST];
  return {
    bench: 'startup',
    unit: 'ms to import, on top of Nest',
    ours: ours.median,
    peers: Object.fromEntries(peers.map((name) => [name, imports[name].total.median])),
    limit: null,
    ratios: Object.fromEntries(peers.map((name) => [`${name}/${OURS}`, ratioOfMedians(imports[name].total, ours)])),
    tables: [
      { title: 'import, ms on top of Nest (Nest itself: from nothing)', ...importRows(imports) },
      { title: 'against the budget of "."', ...budgetRows(imports[OURS]) },
      { title: `where the time of "." goes, ms on top of Nest`, ...importRows(parts) },
      { title: 'an application until it is initialised, ms on top of Nest and Express', ...applicationRows(apps) },
      packed(),
    ],
    notes: [
      'Modules are the files of ESM and CommonJS that the process compiled, counted in a process that is not timed. Nest itself looks for its optional packages while an application boots, also without a guard.',
    ],
  };
}

function importing(modules, before = NEST) {
  return { file: 'apps/import.mjs', settings: { before, modules }, flags: ['--experimental-import-meta-resolve'] };
}

function partsOf(packages) {
  const parts = Object.entries(DEPENDENCIES).filter(([name]) => packages[name] !== undefined);
  const all = parts.flatMap(([, modules]) => modules);
  return {
    ...Object.fromEntries(parts.map(([, modules]) => [namesOf(modules), importing(modules)])),
    [TOGETHER]: importing(all),
    [REST]: importing(['nest-cognito'], [...NEST, ...all]),
  };
}

function namesOf(modules) {
  const nameOf = (specifier) => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1);
  return [...new Set(modules.map((specifier) => nameOf(specifier).join('/')))].join(' + ');
}

function applications() {
  const { userPoolId, clientId, jwks } = new TokenIssuer();
  const booting = (application) => ({
    file: 'apps/startup.mjs',
    settings: { application, userPoolId, clientId, jwks },
    flags: [],
  });
  const names = ['without a guard', 'guard alone', 'all rooms for HTTP', PEER];
  return Object.fromEntries(names.map((name) => [name, booting(name)]));
}

/** Each contender with the packages that it loads, and with no sample yet. */
async function withPackages(group) {
  const entries = Object.entries(group);
  const found = [];
  for (const [name, contender] of entries) {
    found.push([name, { ...contender, packages: await packagesOf(contender), samples: [] }]);
  }
  return Object.fromEntries(found);
}

async function packagesOf({ file, settings, flags }) {
  const child = await Child.start(file, { ...settings, notes: true }, flags);
  await child.stop();
  return child.ready.packages;
}

async function takeSample({ file, settings, flags, samples }) {
  const child = await Child.start(file, settings, flags);
  samples.push(child.ready);
  await child.stop();
}

/** Summaries of everything that was timed, and what was loaded. */
function summed({ samples, packages }) {
  const timed = Object.keys(samples[0]).filter((key) => typeof samples[0][key] === 'number');
  const summaries = timed.map((key) => [key, summarize(samples.map((sample) => sample[key]))]);
  return { ...Object.fromEntries(summaries), packages };
}

function importRows(imports) {
  const rows = Object.entries(imports).map(([name, { total, cpu, packages }]) => [
    name,
    total.min,
    total.median,
    total.max,
    cpu.median,
    modulesIn(packages),
  ]);
  return { columns: ['', 'min', 'median', 'max', 'CPU', 'modules'], rows };
}

function budgetRows({ total, packages }) {
  const rows = [
    ['import, ms (median)', BUDGET, total.median],
    ['import, ms (least)', BUDGET, total.min],
    ['modules of the AWS SDK', 0, modulesIn(packages, AWS_SDK)],
    ['modules of TypeORM', 0, modulesIn(packages, TYPEORM)],
  ];
  return { columns: ['', 'at most', 'seen'], rows };
}

function applicationRows(apps) {
  const rows = Object.entries(apps).map(([name, { import: imported, init, total, packages }]) => [
    name,
    imported.median,
    init.median,
    total.min,
    total.median,
    total.max,
    modulesIn(packages),
    modulesIn(packages, AWS_SDK),
  ]);
  return {
    columns: ['', 'import', 'create, init', 'min of both', 'median', 'max', 'modules', 'of the AWS SDK'],
    rows,
  };
}

function modulesIn(packages, names = /^/) {
  const counts = Object.entries(packages).filter(([name]) => names.test(name));
  return counts.reduce((sum, [, count]) => sum + count, 0);
}

function mapValues(group, change) {
  return Object.fromEntries(Object.entries(group).map(([name, value]) => [name, change(value)]));
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
