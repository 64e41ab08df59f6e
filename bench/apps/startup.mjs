import 'reflect-metadata';
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { settingsOfChild } from '../child.mjs';
import { decorate } from './decorate.mjs';

/** What each brings along: its modules and the guards of its one route. */
const applications = {
  'without a guard': () => ({ imports: [], guards: [] }),
  'guard alone': guardAlone,
  'all rooms for HTTP': allRooms,
  '@nestjs-cognito/auth': nestjsCognito,
};

const { application, notes, userPoolId, clientId, jwks } = settingsOfChild();
const counts = notes ? (await import('../loaded-modules.mjs')).noteModules() : undefined;
const begin = performance.now();
const { imports, guards, controllers = [], providers = [] } = await applications[application]();
const imported = performance.now();

class NotesController {
  list() {
    return 'notes';
  }
}
decorate(NotesController, [Controller('notes'), ...(guards.length > 0 ? [UseGuards(...guards)] : [])], {
  list: [Get()],
});

class AppModule {}
decorate(AppModule, [Module({ imports, providers, controllers: [NotesController, ...controllers] })]);

const app = await NestFactory.create(AppModule, new ExpressAdapter(), { logger: ['error'] });
await app.init();
const ready = performance.now();
process.send({ import: imported - begin, init: ready - imported, total: ready - begin, packages: counts?.() });

async function guardAlone() {
  const { CognitoAuthGuard, CognitoModule } = await import('nest-cognito');
  return {
    imports: [CognitoModule.forRoot({ userPoolId, clientId, jwks: { keys: jwks } })],
    guards: [CognitoAuthGuard],
  };
}

/** Rows of users are kept nowhere: TypeORM is the application's, and would be most of what is measured. */
async function allRooms() {
  const { ClaimsUserStore, CognitoAuthGuard, CognitoModule, Public } = await import('nest-cognito');
  const { CognitoSessionModule } = await import('nest-cognito/session');
  const { CognitoAuthApiModule } = await import('nest-cognito/auth-api');
  const { CognitoOAuthModule } = await import('nest-cognito/oauth');
  const { CognitoHealthIndicator } = await import('nest-cognito/health');
  const { HealthCheckService, TerminusModule } = await import('@nestjs/terminus');
  class HealthController {
    constructor(health, cognito) {
      Object.assign(this, { health, cognito });
    }

    check() {
      return this.health.check([() => this.cognito.check()]);
    }
  }
  Reflect.defineMetadata('design:paramtypes', [HealthCheckService, CognitoHealthIndicator], HealthController);
  decorate(HealthController, [Public(), Controller('health')], { check: [Get()] });
  return {
    imports: [
      CognitoModule.forRoot({
        userPoolId,
        clientId,
        jwks: { keys: jwks },
        domain: 'auth.example.com',
        secrets: ['a secret of thirty-two letters or more'],
        userSync: { store: new ClaimsUserStore() },
      }),
      CognitoSessionModule.forRoot(),
      CognitoAuthApiModule.forRoot(),
      CognitoOAuthModule.forRoot({
        redirectUri: 'http://127.0.0.1:3000/oauth/callback',
        successRedirect: '/',
        errorRedirect: '/',
        logoutRedirect: 'http://127.0.0.1:3000/',
      }),
      TerminusModule,
    ],
    guards: [CognitoAuthGuard],
    controllers: [HealthController],
    providers: [CognitoHealthIndicator],
  };
}

async function nestjsCognito() {
  const { AuthenticationGuard, CognitoAuthModule } = await import('@nestjs-cognito/auth');
  const jwtVerifier = { userPoolId, clientId, tokenUse: 'access' };
  return { imports: [CognitoAuthModule.register({ jwtVerifier })], guards: [AuthenticationGuard] };
}
