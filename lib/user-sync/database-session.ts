import type { DataSource, EntityManager } from 'typeorm';
import { fromDatabaseError, isDeadlock } from './database-fault.js';
import { OneAtATime, queueOf } from './one-at-a-time.js';

type Work<T> = (manager: EntityManager) => Promise<T>;

/** Where the statements of user sync run. What the database throws leaves as a `CognitoError`. */
export interface DatabaseSession {
  readonly dataSource: DataSource;
  /** The manager of the transaction; undefined outside of one. */
  readonly transaction: EntityManager | undefined;
  /** Reads, where there are replicas from one of them. */
  read<T>(work: Work<T>): Promise<T>;
  /** Reads where writes go: a replica may not know yet what was written just now. */
  readWritten<T>(work: Work<T>): Promise<T>;
  /** One writing statement. When it is refused, nothing else is lost. */
  write<T>(work: Work<T>): Promise<T>;
  /** Several statements: all or none. */
  together<T>(work: (session: DatabaseSession) => Promise<T>): Promise<T>;
}

/** How often a statement by itself is tried that runs into a deadlock. */
const ATTEMPTS = 4;

/** Statements outside of a transaction. */
export function openSession(dataSource: DataSource): DatabaseSession {
  return new PlainSession(dataSource);
}

/** Statements within a transaction that the caller began and will end. */
export function sessionWithin(dataSource: DataSource, manager: EntityManager): DatabaseSession {
  return new TransactionSession(dataSource, manager, refusalEndsTransaction(dataSource));
}

class PlainSession implements DatabaseSession {
  readonly transaction = undefined;
  /** SQLite drivers have one connection: what comes in between would belong to the transaction of somebody else. */
  readonly #queue: OneAtATime | undefined;

  constructor(readonly dataSource: DataSource) {
    this.#queue = hasOneConnection(dataSource) ? queueOf(dataSource) : undefined;
  }

  read<T>(work: Work<T>): Promise<T> {
    return this.#ask(() => work(this.dataSource.manager));
  }

  readWritten<T>(work: Work<T>): Promise<T> {
    return this.#ask(() => (hasReplicas(this.dataSource) ? this.#atMaster(work) : work(this.dataSource.manager)));
  }

  write<T>(work: Work<T>): Promise<T> {
    return this.#ask(() => againAfterDeadlock(() => work(this.dataSource.manager)));
  }

  together<T>(work: (session: DatabaseSession) => Promise<T>): Promise<T> {
    return this.#ask(() =>
      this.dataSource.transaction((manager) => work(new TransactionSession(this.dataSource, manager, false))),
    );
  }

  async #atMaster<T>(work: Work<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner('master');
    try {
      return await work(runner.manager);
    } finally {
      await runner.release();
    }
  }

  #ask<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue === undefined ? ask(this.dataSource, work) : this.#queue.run(() => ask(this.dataSource, work));
  }
}

class TransactionSession implements DatabaseSession {
  /** @param isGuarded puts a savepoint around each write, so that a refused one leaves the transaction usable */
  constructor(
    readonly dataSource: DataSource,
    readonly transaction: EntityManager,
    private readonly isGuarded: boolean,
  ) {}

  read<T>(work: Work<T>): Promise<T> {
    return ask(this.dataSource, () => work(this.transaction));
  }

  readWritten<T>(work: Work<T>): Promise<T> {
    return this.read(work);
  }

  write<T>(work: Work<T>): Promise<T> {
    return ask(this.dataSource, () => (this.isGuarded ? this.transaction.transaction(work) : work(this.transaction)));
  }

  together<T>(work: (session: DatabaseSession) => Promise<T>): Promise<T> {
    return ask(this.dataSource, () =>
      this.transaction.transaction((manager) => work(new TransactionSession(this.dataSource, manager, false))),
    );
  }
}

async function ask<T>(dataSource: DataSource, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw fromDatabaseError(thrown, !dataSource.isInitialized);
  }
}

async function againAfterDeadlock<T>(statement: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await statement();
    } catch (thrown) {
      if (attempt === ATTEMPTS || !isDeadlock(thrown)) throw thrown;
    }
  }
}

function hasOneConnection({ options }: DataSource): boolean {
  return ['sqljs', 'better-sqlite3', 'sqlite', 'capacitor', 'cordova', 'expo', 'nativescript', 'react-native'].includes(
    options.type,
  );
}

function hasReplicas({ options }: DataSource): boolean {
  return 'replication' in options && options.replication !== undefined;
}

/** PostgreSQL takes no further statement in a transaction in which one was refused. */
function refusalEndsTransaction({ options }: DataSource): boolean {
  return ['postgres', 'aurora-postgres', 'cockroachdb'].includes(options.type);
}
