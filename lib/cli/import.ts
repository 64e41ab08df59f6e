import type { Environment } from '../options/environment.js';
import type { UserPoolClient } from '../user-pool/user-pool-client.js';
import { checkedUserSyncOptions } from '../user-sync/checked-options.js';
import { deactivateMissing } from '../user-sync/deactivate-missing.js';
import { importAll } from '../user-sync/import-all.js';
import type { ImportProgress } from '../user-sync/import-tally.js';
import { TypeOrmUserStore } from '../user-sync/typeorm-user-store.js';
import { userSyncOptionsFromEnv } from '../user-sync/user-sync-from-env.js';
import type { ResolvedUserSyncOptions } from '../user-sync/user-sync.options.js';

import type { CommandIo } from './command.js';
import { type ImportArguments, readImportArguments } from './import-arguments.js';
import { openDestination } from './import-database.js';
import { progressLine, summaryOf } from './import-display.js';
import { clientOf, poolOptionsOf, resolvedPool, usersOf } from './pool-access.js';
import { type Resumption, resumptionOf } from './resumption.js';

/** Done, but some users could not be brought in. */
const SOME_FAILED = 3;
/** Stopped by Ctrl+C, as shells count it. */
const STOPPED = 130;

/** What one run works with. */
interface Run {
  readonly asked: ImportArguments;
  readonly io: CommandIo;
  readonly client: UserPoolClient;
  readonly store: TypeOrmUserStore;
  readonly options: ResolvedUserSyncOptions;
  readonly resumption: Resumption;
  readonly signal: AbortSignal;
}

/** `nest-cognito import`: brings the users of a pool into the application's database. */
export async function importCommand(
  args: readonly string[],
  io: CommandIo,
  environment: Environment = process.env,
): Promise<number> {
  const asked = readImportArguments(args);
  const written = poolOptionsOf(asked, environment);
  const pool = resolvedPool(written, asked.poolName);
  const resumption = await resumptionOf(asked.resume);
  const signal = stopSignal(io);
  const destination = await openDestination(asked.destination);
  const client = clientOf(pool, written);
  try {
    const { entity, dataSource } = destination;
    const fromEnv = userSyncOptionsFromEnv(environment);
    const options = checkedUserSyncOptions({ ...destination.userSync, ...fromEnv, ...asked.userSync, entity });
    const store = new TypeOrmUserStore(dataSource, options);
    return await carriedOut({ asked, io, client, store, options, resumption, signal });
  } finally {
    await Promise.all([client.close(), destination.close()]);
  }
}

function stopSignal(io: CommandIo): AbortSignal {
  const stop = new AbortController();
  void io.untilStopped().then(() => stop.abort());
  return stop.signal;
}

async function carriedOut(run: Run): Promise<number> {
  const { asked, io, signal } = run;
  const last: { progress?: ImportProgress } = {};
  try {
    const progress = await bringIn(run, last);
    for (const line of summaryOf(progress, asked.dryRun)) io.out(line);
    if (asked.deactivateMissing) await shutOut(run);
    return progress.failed === 0 ? 0 : SOME_FAILED;
  } catch (thrown) {
    tellHowToGoOn(run, last.progress);
    if (signal.aborted) return STOPPED;
    throw thrown;
  }
}

async function bringIn(
  { asked, io, client, ...run }: Run,
  last: { progress?: ImportProgress },
): Promise<ImportProgress> {
  const { store, options, resumption, signal } = run;
  const { batch, concurrency, requestsPerSecond, dryRun } = asked;
  const total = io.status === undefined ? undefined : await estimatedUsers(client);
  const tell = io.status ?? ((line: string) => io.err(line));
  const onProgress = async (progress: ImportProgress): Promise<void> => {
    last.progress = progress;
    if (!dryRun) await resumption.keep(progress.nextToken);
    tell(progressLine(progress, total));
  };
  try {
    return await importAll(
      { users: usersOf(client), pool: client.pool.name, store, policy: options },
      { batch, concurrency, requestsPerSecond, dryRun, signal, startAt: resumption.startAt, onProgress },
    );
  } finally {
    io.status?.('');
  }
}

async function shutOut({ asked, io, client, store, options, signal }: Run): Promise<void> {
  const { force, dryRun, requestsPerSecond } = asked;
  const gone = await deactivateMissing(
    { users: usersOf(client), pool: client.pool.name, store, match: options.match },
    { force, dryRun, requestsPerSecond, signal },
  );
  io.out(`${gone.missing} of ${gone.active} active users are gone from the pool: ${gone.deactivated} shut out`);
}

function tellHowToGoOn({ io, resumption }: Run, progress: ImportProgress | undefined): void {
  if (progress?.nextToken === undefined) return;
  io.err(`Stopped after ${progress.seen} users. To go on, run the same again with`);
  io.err(`  --resume ${resumption.wordFor(progress.nextToken)}`);
}

/** About how many there are; without the right to ask (DescribeUserPool) there is no bar, but counts. */
async function estimatedUsers(client: UserPoolClient): Promise<number | undefined> {
  const { userPoolId } = client.pool;
  const described = await client.send('DescribeUserPool', { UserPoolId: userPoolId }).catch(() => undefined);
  return described?.UserPool?.EstimatedNumberOfUsers;
}
