import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { createClient } from 'redis';
import { CognitoAuthApiModule } from '../../../lib/auth-api/index.js';
import { CognitoModule, type CognitoOptions } from '../../../lib/index.js';

/** What the test that starts this process says. */
export interface ApplicationSettings {
  readonly cognito: CognitoOptions;
  readonly redisUrl: string;
  readonly prefix: string;
}

const { cognito, redisUrl, prefix } = JSON.parse(process.env['AUTH_API_SETTINGS'] ?? '') as ApplicationSettings;
const store = await createClient({ url: redisUrl }).connect();
// So long that no run crosses into the next window.
const imports = [
  CognitoModule.forRoot(cognito),
  CognitoAuthApiModule.forRoot({ tokens: 'body', limiter: { store, prefix, window: 31_536_000 } }),
];

class AppModule {}

const app = await NestFactory.create<NestExpressApplication>({ module: AppModule, imports }, new ExpressAdapter(), {
  logger: false,
});
app.set('trust proxy', true);
await app.listen(0, '127.0.0.1');
process.stdout.write(`${await app.getUrl()}\n`);
