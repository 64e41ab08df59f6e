import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOf, resolvedPool, usersOf } from '../../../lib/cli/pool-access.js';
import { CognitoEmulator } from '../../../lib/testing/index.js';
import type { UserPoolClient } from '../../../lib/user-pool/user-pool-client.js';
import { checkedUserSyncOptions } from '../../../lib/user-sync/checked-options.js';
import { importAll, type ImportOptions } from '../../../lib/user-sync/import-all.js';
import type { ImportProgress } from '../../../lib/user-sync/import-tally.js';
import { TypeOrmUserStore } from '../../../lib/user-sync/typeorm-user-store.js';
import { type PostgresServer, startPostgres } from '../../support/postgres.js';
import { User } from './support/entities.js';

const PEOPLE = 20_000;

const postgres: PostgresServer | undefined = await startPostgres();

describe.skipIf(postgres === undefined)('a pool of 20,000 users and PostgreSQL', () => {
  let pool: CognitoEmulator;
  let client: UserPoolClient;
  let dataSource: DataSource;

  beforeAll(async () => {
    pool = await CognitoEmulator.start({
      users: Array.from({ length: PEOPLE }, (_, index) => ({
        username: `person${index}`,
        password: 'Passw0rd!',
        attributes: { email: `person${index}@example.com` },
      })),
    });
    client = clientOf(resolvedPool(pool.options, 'default'), pool.options);
    const url = postgres?.url ?? '';
    dataSource = await new DataSource({ type: 'postgres', url, entities: [User], synchronize: true }).initialize();
  });

  afterAll(async () => {
    await dataSource.destroy();
    await client.close();
    await pool.stop();
    await postgres?.stop();
  });

  const run = async (options: ImportOptions) => {
    const policy = checkedUserSyncOptions({ entity: User });
    const store = new TypeOrmUserStore(dataSource, policy);
    return importAll(
      { users: usersOf(client), pool: 'default', store, policy },
      { requestsPerSecond: 1e6, ...options },
    );
  };

  it('are all brought in by a run that is stopped half way and another that goes on: one row each', async () => {
    const stop = new AbortController();
    const last: { progress?: ImportProgress } = {};
    const onProgress = (progress: ImportProgress) => {
      last.progress = progress;
      if (progress.seen >= PEOPLE / 2) stop.abort(new Error('half way'));
    };
    const began = performance.now();
    await expect(run({ signal: stop.signal, onProgress })).rejects.toThrow('half way');
    const half = last.progress;
    expect(await dataSource.getRepository(User).count()).toBe(half?.created);
    expect(half?.seen).toBeLessThan(PEOPLE);

    const rest = await run({ startAt: half?.nextToken });
    const seconds = (performance.now() - began) / 1000;
    process.stderr.write(`${PEOPLE} users came in within ${seconds.toFixed(1)} s.\n`);
    expect((half?.created ?? 0) + rest.created).toBe(PEOPLE);
    expect(rest).toMatchObject({ failed: 0, unchanged: 0, startedOver: 0 });
    expect(await rowsAndSubs()).toEqual([PEOPLE, PEOPLE]);
  });

  it('are all found again by a second run, which writes nothing', async () => {
    expect(await run({})).toMatchObject({ seen: PEOPLE, created: 0, updated: 0, unchanged: PEOPLE });
    expect(await rowsAndSubs()).toEqual([PEOPLE, PEOPLE]);
  });

  async function rowsAndSubs(): Promise<number[]> {
    const rows = await dataSource.getRepository(User).find({ select: { id: true, sub: true } });
    return [rows.length, new Set(rows.map(({ sub }) => sub)).size];
  }
});
