import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CognitoAuthApiModule } from '../../../lib/auth-api/index.js';
import { CognitoModule } from '../../../lib/index.js';
import { CognitoMachineTokensModule, CognitoOAuthModule } from '../../../lib/oauth/index.js';
import { CognitoSessionModule } from '../../../lib/session/index.js';

// Run as a process of its own: an application with sessions, endpoints and managed login, and what its routes answer.

@Controller('notes')
class NotesController {
  @Get() list() {
    return [];
  }
}

@Module({
  imports: [
    CognitoModule.forRoot({
      userPoolId: 'eu-west-1_AbCdEfGhI',
      clientId: '1example23456789',
      domain: 'auth.example.com',
      jwks: { warmUp: false },
      globalGuard: true,
    }),
    CognitoSessionModule.forRoot(),
    CognitoAuthApiModule.forRoot(),
    CognitoOAuthModule.forRoot({ redirectUri: 'https://app.example.com/oauth/callback' }),
    CognitoMachineTokensModule.forRoot(),
  ],
  controllers: [NotesController],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
const address = await app.getUrl();
const outcomes: Record<string, number> = {};
for (const path of ['/notes', '/auth/csrf', '/auth/me', '/oauth/login']) {
  outcomes[path] = (await fetch(address + path, { redirect: 'manual' })).status;
}
process.stdout.write(JSON.stringify(outcomes));
process.exit(0);
