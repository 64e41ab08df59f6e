import 'reflect-metadata';
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CognitoAuthGuard, CognitoModule, type CognitoOptions, LocalUser } from '../../../lib/index.js';
import { RaceUser } from './race-user.entity.js';

/** What the test hands to this process. */
export interface RaceSettings {
  readonly pool: CognitoOptions;
  readonly databaseUrl: string;
}

const settings = JSON.parse(process.env['RACE_SETTINGS'] ?? '{}') as RaceSettings;

@Controller()
@UseGuards(CognitoAuthGuard)
class MeController {
  @Get('me')
  me(@LocalUser() user: RaceUser): RaceUser {
    return user;
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'postgres', url: settings.databaseUrl, entities: [RaceUser], poolSize: 10 }),
    CognitoModule.forRoot({ ...settings.pool, userSync: { entity: RaceUser } }),
  ],
  controllers: [MeController],
})
class RaceModule {}

const application = await NestFactory.create(RaceModule, { logger: ['error'] });
await application.listen(0, '127.0.0.1');
process.stdout.write(`${await application.getUrl()}\n`);
