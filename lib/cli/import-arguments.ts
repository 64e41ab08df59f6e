import { parseArgs } from 'node:util';
import { definedOnly } from '../options/environment.js';
import type { UserMatchOptions } from '../user-sync/user-match.js';
import type { UserSyncOptions } from '../user-sync/user-sync.options.js';
import { UsageError } from './command.js';
import { type PoolArguments, poolArguments } from './pool-access.js';

/** Where users go. */
export type Destination =
  | { readonly database: string; readonly entityFile: string }
  | { readonly dataSourceFile: string; readonly entityName: string };

/** What `nest-cognito import` is asked for. */
export interface ImportArguments extends PoolArguments {
  readonly destination: Destination;
  /** What the command line says about user sync. */
  readonly userSync: Partial<UserSyncOptions>;
  /** The name under which the application knows the pool, where one table has users of several. */
  readonly poolName: string;
  readonly batch: number | undefined;
  readonly concurrency: number | undefined;
  readonly requestsPerSecond: number | undefined;
  readonly resume: string | undefined;
  readonly deactivateMissing: boolean;
  readonly force: boolean;
  readonly dryRun: boolean;
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;

/** @throws {@link UsageError} for a command line that means nothing */
export function readImportArguments(args: readonly string[]): ImportArguments {
  const values = parsed(args);
  if (values.force && !values['deactivate-missing']) throw new UsageError('--force belongs to --deactivate-missing.');
  return {
    pool: values.pool,
    region: values.region,
    endpoint: values.endpoint,
    destination: destinationOf(values),
    userSync: userSyncOf(values),
    poolName: values['pool-name'] ?? 'default',
    batch: positive('--batch', values.batch),
    concurrency: positive('--concurrency', values.concurrency),
    requestsPerSecond: positive('--rate', values.rate),
    resume: values.resume,
    deactivateMissing: values['deactivate-missing'],
    force: values.force,
    dryRun: values['dry-run'],
  };
}

function parsed(args: readonly string[]) {
  const options = {
    ...poolArguments,
    database: text,
    'data-source': text,
    entity: text,
    mapping: text,
    match: text,
    'pool-property': text,
    'pool-name': text,
    active: text,
    batch: text,
    concurrency: text,
    rate: text,
    resume: text,
    'deactivate-missing': flag,
    force: flag,
    'dry-run': flag,
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'The arguments cannot be read.');
  }
}

type Values = ReturnType<typeof parsed>;

function destinationOf({ database, 'data-source': dataSourceFile, entity }: Values): Destination {
  if ((database === undefined) === (dataSourceFile === undefined)) {
    throw new UsageError('Where to? Give --database or --data-source.');
  }
  if (database === undefined && dataSourceFile !== undefined) {
    return { dataSourceFile, entityName: entity ?? 'User' };
  }
  if (entity === undefined) throw new UsageError('--database needs --entity: the file of the entity class.');
  return { database: database ?? '', entityFile: entity };
}

function userSyncOf({ mapping, match, active, 'pool-property': poolProperty }: Values): Partial<UserSyncOptions> {
  const [claim, property] = match === undefined ? [] : pairOf('--match', match);
  // Validation refuses what is no good claim, and says why.
  const matching = definedOnly({ claim, property, poolProperty }) as UserMatchOptions;
  return definedOnly({
    attributes: mapping === undefined ? undefined : mappingOf(mapping),
    match: Object.keys(matching).length === 0 ? undefined : matching,
    activeProperty: active,
  });
}

/** `email=email,given_name=firstName` */
function mappingOf(written: string): Record<string, string> {
  return Object.fromEntries(written.split(',').map((pair) => pairOf('--mapping', pair)));
}

function pairOf(option: string, written: string): [name: string, property: string] {
  const [name = '', property = '', ...rest] = written.split('=').map((part) => part.trim());
  if (name !== '' && property !== '' && rest.length === 0) return [name, property];
  throw new UsageError(`${option} is written attribute=property, with commas between several.`);
}

function positive(option: string, written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  const number = Number(written);
  if (!/^\d+(\.\d+)?$/.test(written) || number <= 0) throw new UsageError(`${option} must be a number above 0.`);
  return number;
}
