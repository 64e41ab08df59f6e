import 'reflect-metadata';
import { createRequire } from 'node:module';
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSourceOptions, EntityManager } from 'typeorm';
import { CognitoAuthGuard, CognitoModule, type CognitoOptions, LocalUser } from '../../../lib/index.js';
import { RaceGreeting, RaceUser } from './race-user.entity.js';

/** What the test hands to this process. */
export interface RaceSettings {
  readonly pool: CognitoOptions;
  readonly database: RaceDatabase;
  /** Greets each new user by the hook `afterCreate`. */
  readonly isGreeting: boolean;
}

/** A database that several processes can open. */
export type RaceDatabase =
  | { readonly type: 'postgres' | 'mariadb'; readonly url: string }
  | { readonly type: 'better-sqlite3'; readonly database: string; readonly driverPath: string };

const settings = JSON.parse(process.env['RACE_SETTINGS'] ?? '{}') as RaceSettings;

@Controller()
@UseGuards(CognitoAuthGuard)
class MeController {
  @Get('me')
  me(@LocalUser() user: RaceUser): RaceUser {
    return user;
  }
}

const hooks = {
  async afterCreate(user: object, { transaction }: { transaction: object | undefined }): Promise<void> {
    await (transaction as EntityManager).insert(RaceGreeting, { sub: (user as RaceUser).sub });
  },
};

@Module({
  imports: [
    TypeOrmModule.forRoot({ ...optionsOf(settings.database), entities: [RaceUser, RaceGreeting], retryAttempts: 0 }),
    CognitoModule.forRoot({
      ...settings.pool,
      userSync: { entity: RaceUser, ...(settings.isGreeting ? { hooks } : {}) },
    }),
  ],
  controllers: [MeController],
})
class RaceModule {}

const application = await NestFactory.create(RaceModule, { logger: ['error'] });
await application.listen(0, '127.0.0.1');
process.stdout.write(`${await application.getUrl()}\n`);

function optionsOf(database: RaceDatabase): DataSourceOptions {
  switch (database.type) {
    case 'better-sqlite3': {
      const driver: unknown = createRequire(import.meta.url)(database.driverPath);
      return { type: database.type, database: database.database, driver, enableWAL: true };
    }
    case 'postgres':
      return { type: database.type, url: database.url, poolSize: 10 };
    case 'mariadb':
      return { type: database.type, url: database.url, poolSize: 10 };
  }
}
