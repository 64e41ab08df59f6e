import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { entityNamed, openDatabase, type OpenDataSource, openDataSource } from '../user-sync/open-data-source.js';
import { isDataSource, type UserEntity, type UserSyncOptions } from '../user-sync/user-sync.options.js';
import { UsageError } from './command.js';
import type { Destination } from './import-arguments.js';

/** A database with its table of users. */
export interface OpenDestination extends OpenDataSource {
  readonly entity: UserEntity;
  /** What the entity says itself (`CognitoUserColumns.userSync`). */
  readonly userSync: Partial<UserSyncOptions>;
}

/** Opens what the command line names. */
export async function openDestination(destination: Destination): Promise<OpenDestination> {
  if ('entityFile' in destination) {
    const entity = await entityIn(destination.entityFile);
    return { ...(await openDatabase(destination.database, entity)), entity, userSync: ownUserSync(entity) };
  }
  const { dataSourceFile, entityName } = destination;
  const exported = Object.values(await load(dataSourceFile));
  const open = await openDataSource(exported.find((value) => isDataSource(value)));
  try {
    const entity = entityNamed(open.dataSource, entityName);
    return { ...open, entity, userSync: ownUserSync(entity) };
  } catch (thrown) {
    await open.close();
    throw thrown;
  }
}

/** `dist/user.entity.js`, or `dist/entities.js#Member` where a file exports more than one thing. */
async function entityIn(written: string): Promise<UserEntity> {
  const [path = '', name] = written.split('#', 2);
  const exported = await load(path);
  const candidates = Object.entries(exported).filter(([, value]) => isEntity(value));
  const [only, ...others] = name === undefined ? candidates : candidates.filter(([own]) => own === name);
  if (only === undefined) throw new UsageError(`${path} exports no entity${name === undefined ? '' : ` "${name}"`}.`);
  if (others.length === 0) return only[1] as UserEntity;
  const names = candidates.map(([own]) => own).join(', ');
  throw new UsageError(`${path} exports several classes: write --entity ${path}#NAME, with one of ${names}.`);
}

function isEntity(value: unknown): boolean {
  return typeof value === 'function' || (typeof value === 'object' && value !== null && 'options' in value);
}

function ownUserSync(entity: UserEntity): Partial<UserSyncOptions> {
  const own = 'userSync' in entity ? entity.userSync : undefined;
  return typeof own === 'object' && own !== null ? own : {};
}

/** Loads a compiled file of the application's own. */
async function load(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as Readonly<Record<string, unknown>>;
  } catch (thrown) {
    const label = thrown instanceof Error ? ('code' in thrown ? String(thrown.code) : thrown.name) : 'no error';
    throw new UsageError(`The file ${path} cannot be loaded (${label}): it has to be compiled JavaScript.`);
  }
}
