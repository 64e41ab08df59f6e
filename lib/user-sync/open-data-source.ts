import { CognitoError } from '../errors/cognito.error.js';
import { fromDatabaseError } from './database-fault.js';
import { isDataSource, type UserDataSource, type UserEntity } from './user-sync.options.js';

/** A DataSource of TypeORM that is connected, for whoever has no Nest application around. */
export interface OpenDataSource {
  readonly dataSource: UserDataSource;
  /** Closes it, if it was opened here. */
  close(): Promise<void>;
}

const DRIVERS = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'mysql:': 'mysql',
  'mariadb:': 'mariadb',
  'sqlite:': 'better-sqlite3',
} as const;

/** The addresses that {@link openDatabase} takes. */
export const DATABASE_PROTOCOLS: readonly string[] = Object.keys(DRIVERS);

/**
 * Connects to a database.
 *
 * @param url `postgres://…`, `mysql://…`, `mariadb://…`, or `sqlite:` and the path of a file
 * @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID` for another address, or where TypeORM or its driver is not
 * installed; `COGNITO_USER_STORE_UNAVAILABLE`
 */
export async function openDatabase(url: string, entity: UserEntity): Promise<OpenDataSource> {
  const { DataSource } = await import('typeorm').catch((thrown: unknown) => {
    throw invalid(thrown, 'TypeORM is not installed: npm install typeorm');
  });
  const driver = Object.entries(DRIVERS).find(([protocol]) => url.startsWith(protocol));
  if (driver === undefined) throw invalid(undefined, `the database has to be one of ${DATABASE_PROTOCOLS.join(', ')}`);
  const [protocol, type] = driver;
  const place = type === 'better-sqlite3' ? { type, database: url.slice(protocol.length) } : { type, url };
  return initialised(() => new DataSource({ ...place, entities: [entity as EntityClass] }));
}

/**
 * Connects a DataSource of the application's own, unless it is connected.
 *
 * @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID` for what is no DataSource, `COGNITO_USER_STORE_UNAVAILABLE`
 */
export async function openDataSource(given: unknown): Promise<OpenDataSource> {
  if (!isDataSource(given)) throw invalid(undefined, 'what is exported is no DataSource of TypeORM');
  if (given.isInitialized) return { dataSource: given, close: () => Promise.resolve() };
  return initialised(() => given as Initialisable);
}

/**
 * The entity that a DataSource has under a name.
 *
 * @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID` naming those that there are
 */
export function entityNamed(dataSource: UserDataSource, name: string): UserEntity {
  const { entityMetadatas } = dataSource as Initialisable;
  const found = entityMetadatas.find((entity) => entity.name === name);
  // Of an EntitySchema TypeORM keeps the name alone, and finds it by an object that has it.
  if (found !== undefined) return typeof found.target === 'string' ? namesake(name) : (found.target as UserEntity);
  const names = entityMetadatas.map((entity) => entity.name).join(', ');
  throw invalid(undefined, `the DataSource has no entity "${name}"; there are: ${names}`);
}

function namesake(name: string): UserEntity & { readonly name: string } {
  return { name, options: { name } };
}

/** TypeORM takes classes for functions. */
type EntityClass = Extract<UserEntity, abstract new (...parameters: never[]) => object> & (() => unknown);

/** The part of a DataSource that opens and closes it. */
interface Initialisable extends UserDataSource {
  readonly entityMetadatas: ReadonlyArray<{ readonly name: string; readonly target: unknown }>;
  initialize(): Promise<unknown>;
  destroy(): Promise<void>;
}

async function initialised(make: () => Initialisable): Promise<OpenDataSource> {
  try {
    const dataSource = make();
    await dataSource.initialize();
    return { dataSource, close: () => dataSource.destroy() };
  } catch (thrown) {
    const fault = fromDatabaseError(thrown, false);
    if (fault instanceof CognitoError) throw fault;
    const isMissing = thrown instanceof Error && thrown.name === 'DriverPackageNotInstalledError';
    const mend = 'the driver of the database is not installed: npm install pg, mysql2 or better-sqlite3';
    throw invalid(thrown, isMissing ? mend : 'the DataSource cannot be opened');
  }
}

/** What a driver says may repeat the address, and with it a password. */
function invalid(thrown: unknown, fault: string): CognitoError {
  const label = thrown instanceof Error ? ` (${'code' in thrown ? String(thrown.code) : thrown.name})` : '';
  return new CognitoError('COGNITO_USER_SYNC_INVALID', { detail: `userSync: ${fault}${label}.` });
}
