import { afterAll, describe } from 'vitest';
import { findMariaDb } from '../../support/local-databases.js';
import { startPostgres } from '../../support/postgres.js';
import { mariaDb, postgres, sqlJs } from './support/databases.js';
import { keepsUsers } from './support/store-behaviour.js';

const [server, maria] = await Promise.all([startPostgres(), findMariaDb()]);
afterAll(() => Promise.all([server?.stop(), maria?.stop()]));

describe('the store on sql.js', () => {
  keepsUsers(sqlJs());
});

describe.skipIf(server === undefined)('the store on PostgreSQL', () => {
  keepsUsers(postgres(server));
});

describe.skipIf(maria === undefined)('the store on MariaDB', () => {
  keepsUsers(mariaDb(maria));
});
