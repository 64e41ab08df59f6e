import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataSource } from 'typeorm';
import { inspect } from 'node:util';
import { fromDatabaseError } from '../../../lib/user-sync/database-fault.js';

let database: DataSource;

beforeAll(async () => {
  database = await new DataSource({ type: 'sqljs' }).initialize();
  await database.query('CREATE TABLE person (sub TEXT UNIQUE, name TEXT NOT NULL)');
});

afterAll(() => database.destroy());

const refusalOf = async (statement: string, ...values: string[]): Promise<unknown> =>
  database.query(statement, values).then(
    () => 'not refused',
    (thrown: unknown) => fromDatabaseError(thrown, false),
  );

describe('a statement that the database refuses', () => {
  it.each([
    ['a required column that nobody writes', 'INSERT INTO person (sub) VALUES (?)', 'person.name'],
    ['a table that was not migrated', 'INSERT INTO nowhere (sub) VALUES (?)', 'nowhere'],
  ])('names %s', async (_, statement, name) => {
    const error = await refusalOf(statement, 'S3cr3t');
    expect(error).toMatchObject({ code: 'COGNITO_UNEXPECTED', status: 500 });
    expect(String(error)).toContain(`(QueryFailedError, ${name})`);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('S3cr3t');
  });

  it('names what PostgreSQL names, and nothing of its sentences', () => {
    const driverError = { code: '23502', table: 'person', column: 'name', message: 'Failing row contains (S3cr3t)' };
    const error = fromDatabaseError({ name: 'QueryFailedError', driverError, parameters: ['S3cr3t'] }, false);
    expect(String(error)).toContain('(23502, person.name)');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('S3cr3t');
  });

  it("is somebody else's conflict when a unique value is taken", async () => {
    await database.query(`INSERT INTO person VALUES ('S3cr3t', 'x')`);
    expect(await refusalOf('INSERT INTO person VALUES (?, ?)', 'S3cr3t', 'y')).toMatchObject({
      code: 'COGNITO_USER_CONFLICT',
    });
  });
});
