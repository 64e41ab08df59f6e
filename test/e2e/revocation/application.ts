import 'reflect-metadata';
import KeyvRedis from '@keyv/redis';
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Keyv } from 'keyv';
import { CognitoAuthGuard, CognitoModule, type CognitoOptions, CognitoUser } from '../../../lib/index.js';

/** What the test hands to this process. */
export interface RevocationSettings {
  readonly pool: CognitoOptions;
  readonly redisUrl: string;
  readonly namespace: string;
}

const settings = JSON.parse(process.env['REVOCATION_SETTINGS'] ?? '{}') as RevocationSettings;

@Controller()
@UseGuards(CognitoAuthGuard)
class MeController {
  @Get('me') me(@CognitoUser('username') username: string) {
    return { username };
  }
}

const adapter = new KeyvRedis(settings.redisUrl, { throwOnErrors: true });
const store = new Keyv({ store: adapter, namespace: settings.namespace, throwOnErrors: true });
// Both say of themselves what is wrong; whoever does not listen ends with it.
adapter.on('error', () => undefined);
store.on('error', () => undefined);

@Module({
  imports: [CognitoModule.forRoot({ ...settings.pool, revocation: { store, timeout: 500 } })],
  controllers: [MeController],
})
class RevocationModule {}

const application = await NestFactory.create(RevocationModule, { logger: false });
await application.listen(0, '127.0.0.1');
process.stdout.write(`${await application.getUrl()}\n`);
