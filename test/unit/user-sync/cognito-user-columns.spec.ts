import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource, type DataSourceOptions, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkedUserSyncOptions } from '../../../lib/user-sync/checked-options.js';
import { CognitoUserColumns } from '../../../lib/user-sync/index.js';
import { TypeOrmUserStore } from '../../../lib/user-sync/typeorm-user-store.js';
import { findMariaDb, findPostgres } from '../../support/local-databases.js';

@Entity('members')
class Member extends CognitoUserColumns {
  @PrimaryGeneratedColumn() id!: number;
}

const page = readFileSync(join(import.meta.dirname, '../../../docs/guide/importing.md'), 'utf8');

/** The statement that the guide has for a database. */
function migrationFor(database: string): string {
  const [, sql] = new RegExp(`^${database}:\\n\\n\`\`\`sql\\n([^]+?)\\n\`\`\``, 'm').exec(page) ?? [];
  if (sql === undefined) throw new Error(`The guide has no migration for ${database}.`);
  return sql;
}

const mariaDb = await findMariaDb();
const postgres = await findPostgres();
const databases: { name: string; isThere: boolean; place: DataSourceOptions }[] = [
  { name: 'SQLite', isThere: true, place: { type: 'sqljs' } },
  { name: 'PostgreSQL', isThere: postgres !== undefined, place: { type: 'postgres', url: postgres?.url ?? '' } },
  { name: 'MySQL and MariaDB', isThere: mariaDb !== undefined, place: { type: 'mariadb', url: mariaDb?.url ?? '' } },
];

afterAll(async () => Promise.all([mariaDb?.stop(), postgres?.stop()]));

describe.for(databases.filter(({ isThere }) => isThere))('CognitoUserColumns on $name', ({ name, place }) => {
  let dataSource: DataSource;

  beforeAll(async () => {
    dataSource = await new DataSource({ ...place, entities: [Member] }).initialize();
    await dataSource.query(migrationFor(name));
  });

  afterAll(async () => dataSource.destroy());

  const storeOf = () => {
    const options = checkedUserSyncOptions({ entity: Member, ...Member.userSync });
    return new TypeOrmUserStore(dataSource, options);
  };
  const alice = { key: { value: 'sub of alice', pool: 'default' }, attributes: { username: 'alice', email: 'a@b.c' } };

  it('are what the migration of the guide makes', async () => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('keep a user with everything that their userSync maps, once', async () => {
    const store = storeOf();
    const { user, written } = await store.create(alice.key, { ...alice, syncedAt: Date.parse('2026-01-02T03:04:05Z') });
    expect(written).toBe(true);
    expect(user).toMatchObject({ sub: 'sub of alice', username: 'alice', email: 'a@b.c', isActive: true });
    expect(store.syncedAt(user)).toBe(Date.parse('2026-01-02T03:04:05Z'));
    expect((await store.create(alice.key, alice)).written).toBe(false);
    expect(await dataSource.getRepository(Member).countBy({ sub: 'sub of alice' })).toBe(1);
  });

  it('shut users out by isActive', async () => {
    const store = storeOf();
    expect(await store.deactivate([alice.key])).toBe(1);
    const user = await store.find(alice.key);
    expect(user && store.standingOf(user)).toBe('inactive');
  });
});
