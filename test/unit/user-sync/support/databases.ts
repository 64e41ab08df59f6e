import { DataSource, type DataSourceOptions, type EntitySchema, type Logger } from 'typeorm';
import type { PostgresServer } from '../../../support/postgres.js';

/** A database that the tests of user sync run on. */
export interface TestDatabase {
  readonly name: 'sql.js' | 'PostgreSQL';
  /** Opens it empty, with the tables of the entities. */
  open(...entities: (EntitySchema | (new () => object))[]): Promise<OpenDatabase>;
}

/** A DataSource that counts its statements. */
export interface OpenDatabase {
  readonly dataSource: DataSource;
  /** What was sent since it was last asked. */
  statements(): string[];
}

export function sqlJs(): TestDatabase {
  return { name: 'sql.js', open: (...entities) => open({ type: 'sqljs', entities }) };
}

export function postgres(server: PostgresServer | undefined): TestDatabase {
  return {
    name: 'PostgreSQL',
    open: (...entities) =>
      open({
        type: 'postgres',
        url: server?.url ?? '',
        entities,
        poolSize: 10,
        dropSchema: true,
        installExtensions: true,
      }),
  };
}

async function open(options: DataSourceOptions): Promise<OpenDatabase> {
  const sent: string[] = [];
  const dataSource = new DataSource({ ...options, synchronize: true, logger: recorder(sent) });
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
