import type { InjectionToken } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { CognitoError } from '../errors/cognito.error.js';
import { CognitoUserStore } from './cognito-user-store.js';
import { isDataSource, type ResolvedUserSyncOptions } from './user-sync.options.js';

/**
 * Finds where users are kept, and holds options, entity and database against each other.
 *
 * @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID`, with what is missing
 */
export async function findStore(
  options: ResolvedUserSyncOptions,
  moduleRef: ModuleRef,
  poolNames: readonly string[],
): Promise<CognitoUserStore> {
  if (options.store !== undefined) return ownStore(options.store, moduleRef);
  if (poolNames.length > 1 && options.match.poolProperty === undefined) {
    throw invalid('with several pools two users may have one name: write `match.poolProperty`');
  }
  // On first use: an application without local users, or with a store of its own, never loads it.
  const { TypeOrmUserStore } = await import('./typeorm-user-store.js');
  return new TypeOrmUserStore(await findDataSource(options, moduleRef), options);
}

function ownStore(store: CognitoUserStore | InjectionToken, moduleRef: ModuleRef): CognitoUserStore {
  const found = store instanceof CognitoUserStore ? store : provided(store, moduleRef);
  if (found instanceof CognitoUserStore) return found;
  throw invalid(`no module provides a CognitoUserStore under \`store\` (${nameOf(store as InjectionToken)})`);
}

async function findDataSource({ dataSource }: ResolvedUserSyncOptions, moduleRef: ModuleRef): Promise<object> {
  if (isDataSource(dataSource)) return dataSource;
  const token = dataSource ?? (await defaultDataSourceToken());
  for (const name of await tokensOf(token)) {
    const found = provided(name, moduleRef);
    if (isDataSource(found)) return found;
  }
  throw invalid(
    `no module provides the DataSource (${nameOf(token)}); import TypeOrmModule.forRoot, or write \`dataSource\``,
  );
}

/** A text is a token itself, or the name that a DataSource was given in TypeOrmModule.forRoot. */
async function tokensOf(token: InjectionToken): Promise<InjectionToken[]> {
  if (typeof token !== 'string') return [token];
  return [token, token === 'default' ? await defaultDataSourceToken() : `${token}DataSource`];
}

/**
 * Loads TypeORM and names the token under which `TypeOrmModule.forRoot` provides its DataSource.
 *
 * @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID` when TypeORM is not installed
 */
export async function defaultDataSourceToken(): Promise<InjectionToken> {
  try {
    return (await import('typeorm')).DataSource;
  } catch (thrown) {
    const isMissing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND';
    if (!isMissing) throw thrown;
    const detail = 'userSync needs TypeORM, which is not installed: npm install typeorm';
    throw new CognitoError('COGNITO_USER_SYNC_INVALID', { detail });
  }
}

function provided(token: InjectionToken, moduleRef: ModuleRef): unknown {
  try {
    return moduleRef.get(token, { strict: false });
  } catch {
    return undefined;
  }
}

function nameOf(token: InjectionToken): string {
  return typeof token === 'function' ? token.name : String(token);
}

function invalid(fault: string): CognitoError {
  return new CognitoError('COGNITO_USER_SYNC_INVALID', { detail: `userSync: ${fault}.` });
}
