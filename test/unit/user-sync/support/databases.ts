import { DataSource, type DataSourceOptions, type EntitySchema, type Logger } from 'typeorm';
import type { PostgresServer } from '../../../support/postgres.js';

/** A database that the tests of user sync run on. */
export interface TestDatabase {
  readonly name: 'sql.js' | 'better-sqlite3' | 'PostgreSQL' | 'MariaDB';
  /** Opens it empty, with the tables of the entities. */
  open(...entities: (EntitySchema | (new () => object))[]): Promise<OpenDatabase>;
}

/** A DataSource that counts its statements. */
export interface OpenDatabase {
  readonly dataSource: DataSource;
  /** What was sent since it was last asked. */
  statements(): string[];
}

/** TypeORM's DataSource, or that of another version. */
type DataSourceClass = new (options: DataSourceOptions) => DataSource;

export function sqlJs(make: DataSourceClass = DataSource): TestDatabase {
  return { name: 'sql.js', open: (...entities) => open(make, { type: 'sqljs', entities }) };
}

/** @param driver better-sqlite3 itself: it is compiled, and not among the packages of the everyday suite */
export function betterSqlite3(make: DataSourceClass, driver: unknown, database = ':memory:'): TestDatabase {
  return {
    name: 'better-sqlite3',
    open: (...entities) => open(make, { type: 'better-sqlite3', database, driver, entities }),
  };
}

export function postgres(
  server: Pick<PostgresServer, 'url'> | undefined,
  make: DataSourceClass = DataSource,
): TestDatabase {
  return {
    name: 'PostgreSQL',
    open: (...entities) =>
      open(make, {
        type: 'postgres',
        url: server?.url ?? '',
        entities,
        poolSize: 10,
        dropSchema: true,
        installExtensions: true,
      }),
  };
}

export function mariaDb(
  server: { readonly url: string } | undefined,
  make: DataSourceClass = DataSource,
  type: 'mariadb' | 'mysql' = 'mariadb',
): TestDatabase {
  return {
    name: 'MariaDB',
    open: (...entities) => open(make, { type, url: server?.url ?? '', entities, poolSize: 10, dropSchema: true }),
  };
}

async function open(make: DataSourceClass, options: DataSourceOptions): Promise<OpenDatabase> {
  const sent: string[] = [];
  const dataSource = new make({ ...options, synchronize: true, logger: recorder(sent) });
  await dataSource.initialize();
  sent.length = 0;
  return { dataSource, statements: () => sent.splice(0) };
}

function recorder(sent: string[]): Logger {
  const ignore = (): void => undefined;
  return {
    logQuery: (query) => void sent.push(query.trim()),
    logQueryError: ignore,
    logQuerySlow: ignore,
    logSchemaBuild: ignore,
    logMigration: ignore,
    log: ignore,
  };
}
