import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DataSource as CurrentDataSource } from 'typeorm';
import { afterAll, describe, expect, it } from 'vitest';
import { findMariaDb, findPostgres } from '../../support/local-databases.js';
import { startPostgres } from '../../support/postgres.js';
import { betterSqlite3, mariaDb, postgres, sqlJs } from './support/databases.js';
import { keepsUsers } from './support/store-behaviour.js';
import { oldTypeOrm } from '../../databases/typeorm-0.3/installed.js';

await oldTypeOrm.install();
const { DataSource } = oldTypeOrm.load<{ DataSource: typeof CurrentDataSource }>('typeorm');
const driver = oldTypeOrm.load<unknown>('better-sqlite3');
const [embedded, local, maria] = await Promise.all([startPostgres(), findPostgres(), findMariaDb()]);
afterAll(() => Promise.all([embedded?.stop(), local?.stop(), maria?.stop()]));

describe('the oldest TypeORM that user sync works with', () => {
  it('is 0.3.20', () => {
    const manifest = path.join(path.dirname(oldTypeOrm.resolve('typeorm')), 'package.json');
    expect(JSON.parse(readFileSync(manifest, 'utf8'))).toMatchObject({ version: '0.3.20' });
  });

  describe('on sql.js', () => {
    keepsUsers(sqlJs(DataSource));
  });

  describe('on better-sqlite3', () => {
    keepsUsers(betterSqlite3(DataSource, driver));
  });

  describe.skipIf(embedded === undefined)('on PostgreSQL', () => {
    keepsUsers(postgres(embedded, DataSource));
  });

  describe.skipIf(maria === undefined)('on MariaDB', () => {
    keepsUsers(mariaDb(maria, DataSource));
  });
});

describe('the TypeORM of today', () => {
  describe('on better-sqlite3', () => {
    keepsUsers(betterSqlite3(CurrentDataSource, driver));
  });

  describe.skipIf(local === undefined)('on the PostgreSQL of this machine', () => {
    keepsUsers(postgres(local));
  });

  describe.skipIf(maria === undefined)('on MariaDB as a kind of MySQL', () => {
    keepsUsers(mariaDb(maria, CurrentDataSource, 'mysql'));
  });
});
