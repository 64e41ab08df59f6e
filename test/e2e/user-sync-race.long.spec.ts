import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { oldTypeOrm } from '../databases/typeorm-0.3/installed.js';
import { type ChildApplication, startChild } from '../support/child-application.js';
import { findMariaDb } from '../support/local-databases.js';
import { startPostgres } from '../support/postgres.js';
import type { RaceDatabase, RaceSettings } from './user-sync-race/application.js';
import { RaceGreeting, RaceUser } from './user-sync-race/race-user.entity.js';
import { transpile, type Transpiled } from './user-sync-race/transpiled.js';

const ONE = 'everybody';
const MANY = Array.from({ length: 200 }, (_, index) => `user${index}`);

const [server, maria] = await Promise.all([startPostgres(), findMariaDb(), oldTypeOrm.install()]);
const folder = mkdtempSync(path.join(tmpdir(), 'nest-cognito-sqlite-'));
let sources: Transpiled;
let pool: CognitoEmulator;

beforeAll(async () => {
  sources = transpile(['lib', 'test/e2e/user-sync-race']);
  pool = await CognitoEmulator.start({
    users: [ONE, ...MANY].map((username) => ({
      username,
      password: 'Passw0rd!',
      attributes: { email: `${username}@a.example` },
    })),
  });
});

afterAll(async () => {
  await pool.stop();
  sources.remove();
  rmSync(folder, { recursive: true, force: true });
  await Promise.all([server?.stop(), maria?.stop()]);
});

describe.skipIf(server === undefined)('two processes over one PostgreSQL', () => {
  race({ type: 'postgres', url: server?.url ?? '' });
});

describe.skipIf(maria === undefined)('two processes over one MariaDB', () => {
  race({ type: 'mariadb', url: maria?.url ?? '' });
});

describe('two processes over one file of SQLite', () => {
  race({
    type: 'better-sqlite3',
    database: path.join(folder, 'race.sqlite'),
    driverPath: oldTypeOrm.resolve('better-sqlite3'),
  });
});

function race(where: RaceDatabase): void {
  describe.each([
    ['with a hook in the transaction of each new row', true],
    ['without hooks', false],
  ])('%s', (_, isGreeting) => {
    const applications: ChildApplication[] = [];
    let database: DataSource;

    beforeAll(async () => {
      database = await openDatabase(where);
      const settings: RaceSettings = { pool: { ...pool.options }, database: where, isGreeting };
      const program = sources.pathOf('test/e2e/user-sync-race/application.ts');
      const environment = { RACE_SETTINGS: JSON.stringify(settings) };
      applications.push(...(await Promise.all([startChild(program, environment), startChild(program, environment)])));
    });

    afterAll(async () => {
      await Promise.all(applications.map((application) => application.stop()));
      await database.destroy();
    });

    it('make one row of 200 first requests of one user at once, and answer all of them with it', async () => {
      const { accessToken } = await pool.tokensFor(ONE);
      const answers = await askAll(Array.from({ length: 200 }, () => accessToken));
      expect(statusesOf(answers)).toEqual({ 200: 200 });
      const [row, ...others] = await database.getRepository(RaceUser).findBy({ email: `${ONE}@a.example` });
      expect(others).toEqual([]);
      for (const { body } of answers) expect(body).toEqual(JSON.parse(JSON.stringify(row)));
    });

    it('make 200 rows of the first requests of 200 users at once', async () => {
      const tokens = await Promise.all(MANY.map(async (name) => (await pool.tokensFor(name)).accessToken));
      expect(statusesOf(await askAll(tokens))).toEqual({ 200: 200 });
      const rows = await database.getRepository(RaceUser).find();
      expect(new Set(rows.map(({ email }) => email))).toEqual(
        new Set([ONE, ...MANY].map((name) => `${name}@a.example`)),
      );
      expect(rows).toHaveLength(201);
    });

    it('ran the hook once for each row that is there', async () => {
      const greeted = (await database.getRepository(RaceGreeting).find()).map(({ sub }) => sub);
      const rows = await database.getRepository(RaceUser).find();
      expect(greeted.toSorted()).toEqual(isGreeting ? rows.map(({ sub }) => sub).toSorted() : []);
    });

    function askAll(tokens: readonly string[]): Promise<Answer[]> {
      return Promise.all(tokens.map((token, index) => ask(applications[index % 2]?.url ?? '', token)));
    }
  });
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function ask(url: string, token: string): Promise<Answer> {
  const response = await fetch(`${url}/me`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: await response.json() };
}

function statusesOf(answers: readonly Answer[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function openDatabase(where: RaceDatabase): Promise<DataSource> {
  const shared = { entities: [RaceUser, RaceGreeting], synchronize: true, dropSchema: true };
  const options: DataSourceOptions =
    where.type === 'better-sqlite3'
      ? {
          type: where.type,
          database: where.database,
          driver: createRequire(import.meta.url)(where.driverPath) as unknown,
        }
      : { type: where.type, url: where.url };
  return new DataSource({ ...options, ...shared }).initialize();
}
