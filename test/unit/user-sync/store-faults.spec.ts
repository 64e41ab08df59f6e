import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { openSession } from '../../../lib/user-sync/database-session.js';
import { findMariaDb } from '../../support/local-databases.js';
import { startPostgres } from '../../support/postgres.js';
import { mariaDb, type OpenDatabase, postgres, sqlJs } from './support/databases.js';
import { facts, keyOf, storeOver } from './support/store-behaviour.js';
import { type Person, PersonSchema } from './support/store-entities.js';

const [server, maria] = await Promise.all([startPostgres(), findMariaDb()]);
const open: DataSource[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((dataSource) => dataSource.destroy()));
});
afterAll(() => Promise.all([server?.stop(), maria?.stop()]));

/** Another DataSource over tables that are there. */
async function connect(options: DataSourceOptions): Promise<OpenDatabase> {
  const dataSource = await new DataSource({ ...options, entities: [PersonSchema] }).initialize();
  open.push(dataSource);
  return { dataSource, statements: () => [] };
}

const UNAVAILABLE = { code: 'COGNITO_USER_STORE_UNAVAILABLE', status: 503 };

describe('a statement that runs into a deadlock', () => {
  it.each(['40P01', 'ER_LOCK_DEADLOCK'])(
    'is asked again (%s), and unavailable when that does not end',
    async (code) => {
      const { dataSource } = await sqlJs().open();
      open.push(dataSource);
      const session = openSession(dataSource);
      let asked = 0;
      const deadlockUntil = (last: number) => () => {
        asked++;
        if (asked < last) throw Object.assign(new Error(), { name: 'QueryFailedError', driverError: { code } });
        return Promise.resolve('written');
      };
      expect(await session.write(deadlockUntil(3))).toBe('written');
      expect(asked).toBe(3);
      await expect(session.write(deadlockUntil(99))).rejects.toMatchObject(UNAVAILABLE);
      asked = 0;
      // A transaction is gone as a whole: half of it must not be tried again.
      await expect(session.together((within) => within.write(deadlockUntil(2)))).rejects.toMatchObject(UNAVAILABLE);
    },
  );
});

describe.skipIf(server === undefined)('PostgreSQL', () => {
  it('with a replica that lags: who was made just now is read where they were written', async () => {
    const { dataSource } = await postgres(server).open(PersonSchema);
    open.push(dataSource);
    await dataSource.query('CREATE SCHEMA IF NOT EXISTS lagging');
    await dataSource.query('CREATE TABLE IF NOT EXISTS lagging.people (LIKE public.people)');
    const url = server?.url ?? '';
    const replicated = await connect({
      type: 'postgres',
      replication: { master: { url }, slaves: [{ url: `${url}?options=-c%20search_path%3Dlagging` }] },
    });
    const store = storeOver(replicated);
    const first = await store.create(keyOf('alice'), facts({ name: 'Alice' }));
    expect(await store.find(keyOf('alice'))).toBeUndefined();
    const second = await store.create(keyOf('alice'), facts({ name: 'Alice' }));
    expect(second).toEqual({ user: first.user, written: false });
    await dataSource.query('DROP SCHEMA lagging CASCADE');
  });

  it('with no connection left is unavailable, and the connection is not lost', async () => {
    await (await postgres(server).open(PersonSchema)).dataSource.destroy();
    const { dataSource, ...rest } = await connect({
      type: 'postgres',
      url: server?.url ?? '',
      poolSize: 1,
      connectTimeoutMS: 100,
    });
    const store = storeOver({ dataSource, ...rest });
    const runner = dataSource.createQueryRunner();
    await runner.connect();
    await expect(store.find(keyOf('alice'))).rejects.toMatchObject(UNAVAILABLE);
    await expect(store.create(keyOf('alice'), facts())).rejects.toMatchObject(UNAVAILABLE);
    await runner.release();
    expect(await store.find(keyOf('alice'))).toBeUndefined();
  });

  it('that was killed is unavailable, within transactions too, and comes back without half a row', async () => {
    const { dataSource } = await postgres(server).open(PersonSchema);
    open.push(dataSource);
    const store = storeOver({ dataSource, statements: () => [] });
    const cut = store.together(async (within) => {
      await within.create(keyOf('alice'), facts());
      await server?.kill();
      await within.create(keyOf('bob'), facts());
    });
    await expect(cut).rejects.toMatchObject(UNAVAILABLE);
    await expect(store.find(keyOf('alice'))).rejects.toMatchObject(UNAVAILABLE);
    await server?.restart();
    await expect.poll(() => store.find(keyOf('alice')).catch(() => 'not yet'), { timeout: 5_000 }).toBeUndefined();
    expect(await store.create(keyOf('alice'), facts())).toMatchObject({ written: true });
  });
});

describe.skipIf(maria === undefined)('MariaDB', () => {
  it('that cuts what is too long, without strict mode, does not get it: nobody comes to the row of a shorter name', async () => {
    await (await mariaDb(maria).open(PersonSchema)).dataSource.destroy();
    const { dataSource, ...rest } = await connect({ type: 'mariadb', url: maria?.url ?? '', poolSize: 1 });
    await dataSource.query("SET SESSION sql_mode = ''");
    const store = storeOver({ dataSource, ...rest });
    const { user } = await store.create(keyOf('a'.repeat(255)), facts({ name: 'Alice' }));
    for (const refused of [
      () => store.find(keyOf('a'.repeat(256))),
      () => store.create(keyOf('a'.repeat(256)), facts()),
      () => store.update(user, facts({ name: 'far too long for twenty' })),
    ]) {
      await expect(refused()).rejects.toMatchObject({ code: 'COGNITO_USER_NOT_STORABLE' });
    }
    expect(await store.update(user, facts({ 'custom:age': '99999999999' }))).toMatchObject({ written: false });
    const rows = await dataSource.getRepository<Person>('Person').find();
    expect(rows).toMatchObject([{ name: 'Alice', age: null }]);
  });

  it('with no connection left is unavailable', async () => {
    await (await mariaDb(maria).open(PersonSchema)).dataSource.destroy();
    const { dataSource, ...rest } = await connect({
      type: 'mariadb',
      url: maria?.url ?? '',
      poolSize: 1,
      extra: { waitForConnections: false },
    });
    const store = storeOver({ dataSource, ...rest });
    const runner = dataSource.createQueryRunner();
    await runner.connect();
    await expect(store.find(keyOf('alice'))).rejects.toMatchObject(UNAVAILABLE);
    await runner.release();
    expect(await store.find(keyOf('alice'))).toBeUndefined();
  });

  it('whose rows wait for somebody else is unavailable, and nothing is half written', async () => {
    const { dataSource } = await mariaDb(maria).open(PersonSchema);
    open.push(dataSource);
    const store = storeOver({ dataSource, statements: () => [] });
    const { user } = await store.create(keyOf('alice'), facts({ name: 'Alice' }));
    const other = dataSource.createQueryRunner();
    await other.startTransaction();
    await other.query('SELECT * FROM people FOR UPDATE');
    const waiting = store.together(async (within) => {
      await (within.transaction as DataSource['manager']).query('SET SESSION innodb_lock_wait_timeout = 1');
      await within.update(user, facts({ name: 'Alicia' }));
    });
    await expect(waiting).rejects.toMatchObject(UNAVAILABLE);
    await other.rollbackTransaction();
    await other.release();
    expect(await store.find(keyOf('alice'))).toMatchObject({ name: 'Alice' });
  });
});
