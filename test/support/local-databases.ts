import { randomBytes } from 'node:crypto';
import { DataSource, type DataSourceOptions } from 'typeorm';

/** A database of its own on a server that runs already. */
export interface LocalDatabase {
  readonly url: string;
  /** Drops it. */
  stop(): Promise<void>;
}

/**
 * A new database on the MariaDB or MySQL of `TEST_MYSQL_URL`; default: 127.0.0.1:3306, as root without a password.
 *
 * @returns undefined, and says so, when none answers; with REQUIRE_ALL_DATABASES=1 that is an error
 */
export function findMariaDb(): Promise<LocalDatabase | undefined> {
  const url = process.env['TEST_MYSQL_URL'] ?? 'mysql://root@127.0.0.1:3306';
  return find('MariaDB', { type: 'mariadb', url, connectTimeout: 3000 }, url);
}

/** The same for the PostgreSQL of `TEST_POSTGRES_URL`; default: 127.0.0.1:5432, as postgres. */
export function findPostgres(): Promise<LocalDatabase | undefined> {
  const url = process.env['TEST_POSTGRES_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
  return find('PostgreSQL', { type: 'postgres', url, connectTimeoutMS: 3000 }, url);
}

async function find(name: string, options: DataSourceOptions, url: string): Promise<LocalDatabase | undefined> {
  const server = new DataSource(options);
  try {
    await server.initialize();
  } catch (thrown) {
    return skipped(name, url, thrown);
  }
  const database = `nest_cognito_${randomBytes(6).toString('hex')}`;
  await server.query(`CREATE DATABASE ${database}`);
  return {
    url: Object.assign(new URL(url), { pathname: `/${database}` }).href,
    async stop() {
      await server.query(`DROP DATABASE ${database}`);
      await server.destroy();
    },
  };
}

function skipped(name: string, url: string, reason: unknown): undefined {
  const code = reason instanceof Error && 'code' in reason ? String(reason.code) : 'unknown error';
  const message = `No ${name} at ${new URL(url).host} (${code}): its tests are skipped.`;
  if (process.env['REQUIRE_ALL_DATABASES'] === '1') throw new Error(message);
  process.stderr.write(`${message}\n`);
  return undefined;
}
