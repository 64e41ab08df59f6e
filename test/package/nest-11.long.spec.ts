import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/testing/index.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const SCRIPTS = join('test', 'package', 'nest-11');

let folder: string;
let onNest11: Promise<string>;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'nest-cognito-nest-')));
  onNest11 = lay('11', npmCi, ['start-up', 'doors', 'browser-doors']);
  await onNest11;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Lays the library and the applications of some scripts beside the packages of one Nest. */
async function lay(name: string, packages: (place: string) => Promise<unknown>, scripts: string[]): Promise<string> {
  const place = join(folder, name);
  await cp(join(root, SCRIPTS), place, { recursive: true });
  await packages(place);
  const files = scripts.map((script) => join(root, SCRIPTS, `${script}.ts`));
  const compilerOptions = { noEmit: false, declaration: false, sourceMap: false, rootDir: root, outDir: place };
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, files, include: [] };
  await writeFile(join(place, 'tsconfig.json'), JSON.stringify(config));
  await run('node', [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', place, '--noCheck']);
  return place;
}

async function outcomesOf(place: string, script: string, environment: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const env = { ...process.env, ...environment };
  const { stdout } = await run('node', [join(place, SCRIPTS, `${script}.js`)], { cwd: place, env });
  return JSON.parse(stdout);
}

const npmCi = (place: string) => run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: place });
const linked = (place: string) => symlink(join(root, 'node_modules'), join(place, 'node_modules'), 'junction');

const refused = 'COGNITO_ACCESS_RULES_INVALID';
const expected = {
  restricted: refused,
  restrictedUnderGlobalGuard: 401,
  guarded: 401,
  passport: refused,
  hybrid: refused,
  openHybrid: 404,
  gateway: refused,
  guardedGateway: 404,
};

describe('applications whose rules do not hold', () => {
  it('do not start on Nest 11, and the others do', async () => {
    expect(await outcomesOf(await onNest11, 'start-up')).toEqual(expected);
  });

  it('do not start on Nest 12, and the others do', async () => {
    expect(await outcomesOf(await lay('12', linked, ['start-up']), 'start-up')).toEqual(expected);
  });
});

describe('sessions, endpoints and managed login on Nest 11', () => {
  it('start without Swagger, TypeORM and the AWS SDK, and answer', async () => {
    expect(await outcomesOf(await onNest11, 'browser-doors')).toEqual({
      '/notes': 401,
      '/auth/csrf': 200,
      '/auth/me': 401,
      '/oauth/login': 302,
    });
  });
});

const brokers = {
  nats: 'nats://127.0.0.1:4222',
  rabbitmq: 'amqp://127.0.0.1:5672',
  mqtt: 'mqtt://127.0.0.1:1883',
};

async function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const isThere = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return isThere;
}

describe('every door on Nest 11', () => {
  const missing = 'COGNITO_TOKEN_MISSING';
  const ofMessages = ['alice', 'alice', missing, 'COGNITO_TOKEN_MALFORMED'];
  let outcomes: Readonly<Record<string, unknown>>;

  beforeAll(async () => {
    const pool = await CognitoEmulator.start({ users: [{ username: 'alice', password: 'Passw0rd!' }] });
    const { accessToken: token } = await pool.tokensFor('alice');
    const there = await Promise.all(
      Object.entries(brokers).map(async ([name, url]) => ((await answers(url)) ? [[name, url]] : [])),
    );
    const doors = {
      options: pool.options,
      token,
      prefix: `t${randomUUID()}`,
      brokers: Object.fromEntries(there.flat()) as object,
    };
    outcomes = (await outcomesOf(await onNest11, 'doors', { DOORS: JSON.stringify(doors) })) as typeof outcomes;
    await pool.stop();
  });

  it.each([
    ['graphql', [{ me: 'alice' }, missing, 'connection_ack', 4401]],
    ['socketIo', ['alice', missing]],
    ['ws', ['alice', 401]],
    ['tcp', ['alice', 'alice', missing]],
  ])('opens for a good token and for no other: %s', (door, answered) => {
    expect(outcomes[door]).toEqual(answered);
  });

  it.for(Object.entries(brokers))('opens for a good token beside or in a message, over %s', ([door, url], { skip }) => {
    const isNeeded = process.env['REQUIRE_ALL_SERVICES'] === '1';
    if (outcomes[door] === undefined && !isNeeded) skip(`nobody answers at ${url}`);
    expect(outcomes[door]).toEqual(ofMessages);
  });
});
