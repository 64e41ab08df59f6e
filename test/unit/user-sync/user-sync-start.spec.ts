import { Module } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { afterEach, describe, expect, it } from 'vitest';
import { resolveUserSyncOptions, type UserSyncOptions } from '../../../lib/user-sync/user-sync.options.js';
import { UserSyncService } from '../../../lib/user-sync/user-sync.service.js';
import { LooseUser, PartlyUniqueUser, PoolUser, StrictUser, User } from './support/entities.js';
import { fakePool, idOf } from './support/people.js';

const database = {
  type: 'sqljs',
  synchronize: true,
  entities: [User, StrictUser, LooseUser, PoolUser, PartlyUniqueUser],
} satisfies DataSourceOptions;

let application: TestingModule | undefined;
afterEach(async () => {
  await application?.close();
  application = undefined;
});

interface Surroundings {
  readonly poolNames?: readonly string[];
  /** The name of the DataSource; `none` starts without TypeORM. */
  readonly connection?: string;
}

/** Starts an application with TypeORM under a name, or without it. */
async function start(
  options: Partial<UserSyncOptions> | undefined,
  { poolNames = ['default'], connection = 'default' }: Surroundings = {},
): Promise<UserSyncService> {
  @Module({
    providers: [
      {
        provide: UserSyncService,
        useFactory: (moduleRef: ModuleRef) =>
          new UserSyncService(
            resolveUserSyncOptions(options === undefined ? undefined : { entity: User, ...options }),
            fakePool().service,
            moduleRef,
            poolNames,
          ),
        inject: [ModuleRef],
      },
    ],
  })
  class SyncModule {}

  const databaseModules = connection === 'none' ? [] : [TypeOrmModule.forRoot({ ...database, name: connection })];
  application = await Test.createTestingModule({ imports: [SyncModule, ...databaseModules] }).compile();
  await application.init();
  return application.get(UserSyncService);
}

describe('user sync finds its DataSource', () => {
  it('where TypeOrmModule provides it, with no word about it in the options', async () => {
    const service = await start({});
    expect(await service.getOrCreate(idOf('alice'))).toMatchObject({ sub: 'alice' });
  });

  it('by the token of a named one', async () => {
    const service = await start({ dataSource: getDataSourceToken('people') }, { connection: 'people' });
    expect(await service.getOrCreate(idOf('alice'))).toMatchObject({ sub: 'alice' });
  });

  it('by the name of a named one', async () => {
    const service = await start({ dataSource: 'people' }, { connection: 'people' });
    expect(await service.getOrCreate(idOf('alice'))).toMatchObject({ sub: 'alice' });
  });

  it('when it is given itself', async () => {
    const dataSource = await new DataSource(database).initialize();
    const service = await start({ dataSource }, { connection: 'none' });
    expect(await service.getOrCreate(idOf('alice'))).toMatchObject({ sub: 'alice' });
    await dataSource.destroy();
  });
});

type Refusal = [name: string, options: Partial<UserSyncOptions>, surroundings: Surroundings, message: RegExp];

describe('user sync refuses to start', () => {
  it.each<Refusal>([
    ['without a DataSource', {}, { connection: 'none' }, /no module provides the DataSource \(DataSource\)/],
    ['with the token of no provider', { dataSource: 'peopleDataSource' }, {}, /\(peopleDataSource\)/],
    ['with a DataSource that is not initialised', { dataSource: new DataSource(database) }, {}, /not initialised/],
    ['with an entity that the DataSource does not know', { entity: class Stranger {} }, {}, /Stranger.*entities/],
    ['with an attribute for a property that is not there', { attributes: { email: 'mail' } }, {}, /"mail".*email/],
    ['with a match property that is not there', { match: { property: 'cognitoId' } }, {}, /"cognitoId".*sub/],
    ['with a match property that is not unique', { entity: LooseUser }, {}, /'sub' is not unique.*unique: true/],
    [
      'with a match property that is unique among some rows only',
      { entity: PartlyUniqueUser },
      {},
      /'sub' is not unique/,
    ],
    ['with a match property that is unique in company only', { entity: PoolUser }, {}, /'sub' is not unique/],
    [
      'with a property that a plain find leaves out',
      { entity: LooseUser, attributes: { email: 'email' } },
      {},
      /select: false/,
    ],
    ['with a flag that is no boolean', { activeProperty: 'role' }, {}, /activeProperty.*boolean/],
    [
      'with groups in a property for one word',
      { groups: 'role' },
      {},
      /groups: "role" has to be a JSON or array column/,
    ],
    ['with groups in no property', { groups: 'teams' }, {}, /groups: there is no property "teams"/],
    ['with a date in a property for words', { syncedAtProperty: 'role' }, {}, /syncedAtProperty.*date and time/],
    ['with links to rows that always have a key', { linkByVerifiedEmail: true }, {}, /'sub' is never empty.*nullable/],
    ['with several pools and one column', {}, { poolNames: ['default', 'staff'] }, /match\.poolProperty/],
    [
      'with several pools and columns that are not unique together',
      { match: { poolProperty: 'role' } },
      { poolNames: ['default', 'staff'] },
      /@Unique\(\['sub', 'role'\]\)/,
    ],
  ])('%s', async (_, options, surroundings, message) => {
    const starting = start(options, surroundings);
    await expect(starting).rejects.toThrow(message);
    await expect(starting).rejects.toMatchObject({ code: 'COGNITO_USER_SYNC_INVALID' });
  });

  it('naming everything that does not fit at once', async () => {
    const starting = start({ match: { property: 'cognitoId' }, attributes: { email: 'mail' }, activeProperty: 'on' });
    await expect(starting).rejects.toThrow(/cognitoId[^]*on[^]*mail/);
  });
});

describe('user sync without properties of the default mapping', () => {
  it('writes those that are there', async () => {
    const service = await start({ entity: StrictUser });
    const user = await service.getOrCreate(idOf('alice', { email: 'alice@example.com', given_name: 'Alice' }));
    expect(user).toMatchObject({ sub: 'alice', email: 'alice@example.com' });
    expect(user).not.toHaveProperty('firstName');
  });
});

describe('user sync that is not configured', () => {
  it('starts without TypeORM, answers the guard with nobody and a direct question with what to do', async () => {
    const service = await start(undefined, { connection: 'none' });
    expect(await service.resolve(idOf('alice'), {})).toBeUndefined();
    await expect(service.getOrCreate(idOf('alice'))).rejects.toMatchObject({
      code: 'COGNITO_USER_SYNC_NOT_CONFIGURED',
      message: expect.stringContaining('userSync: { entity }') as string,
    });
  });

  it('answers the guard with the row once it is', async () => {
    const service = await start({});
    expect(await service.resolve(idOf('alice'), {})).toBeInstanceOf(User);
  });
});
