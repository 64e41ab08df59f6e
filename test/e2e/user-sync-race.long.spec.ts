import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { type ChildApplication, startChild } from '../support/child-application.js';
import { type PostgresServer, startPostgres } from '../support/postgres.js';
import type { RaceSettings } from './user-sync-race/application.js';
import { RaceUser } from './user-sync-race/race-user.entity.js';
import { transpile, type Transpiled } from './user-sync-race/transpiled.js';

const NAMES = Array.from({ length: 12 }, (_, index) => `user${index}`);

const server = await startPostgres();
afterAll(() => server?.stop());

describe.skipIf(server === undefined)('two processes over one PostgreSQL', () => {
  const applications: ChildApplication[] = [];
  let sources: Transpiled;
  let pool: CognitoEmulator;
  let database: DataSource;

  beforeAll(async () => {
    sources = transpile(['lib', 'test/e2e/user-sync-race']);
    database = await openDatabase(server as PostgresServer);
    pool = await CognitoEmulator.start({
      users: NAMES.map((username) => ({
        username,
        password: 'Passw0rd!',
        attributes: { email: `${username}@a.example` },
      })),
    });
    const settings: RaceSettings = { pool: { ...pool.options }, databaseUrl: (server as PostgresServer).url };
    const program = sources.pathOf('test/e2e/user-sync-race/application.ts');
    const environment = { RACE_SETTINGS: JSON.stringify(settings) };
    applications.push(...(await Promise.all([startChild(program, environment), startChild(program, environment)])));
  });

  afterAll(async () => {
    await Promise.all(applications.map((application) => application.stop()));
    await pool.stop();
    await database.destroy();
    sources.remove();
  });

  it.each(NAMES)('make one row of fifty first requests of %s at once, and answer all fifty', async (name) => {
    const { accessToken } = await pool.tokensFor(name);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => ask(applications[index % 2]?.url ?? '', accessToken)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));

    const rows = await database.getRepository(RaceUser).findBy({ email: `${name}@a.example` });
    expect(rows).toHaveLength(1);
    for (const { body } of answers) expect(body).toEqual(JSON.parse(JSON.stringify(rows[0])));
  });

  it('leave exactly as many rows as users', async () => {
    expect(await database.getRepository(RaceUser).count()).toBe(NAMES.length);
  });
});

async function openDatabase({ url }: PostgresServer): Promise<DataSource> {
  return new DataSource({ type: 'postgres', url, entities: [RaceUser], synchronize: true }).initialize();
}

async function ask(url: string, token: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/me`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: await response.json() };
}
