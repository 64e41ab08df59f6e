import 'reflect-metadata';
import { Controller, Get, type ModuleMetadata, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Transport } from '@nestjs/microservices';
import { AuthGuard, PassportModule } from '@nestjs/passport';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  CognitoAuthGuard,
  CognitoModule,
  type CognitoOptions,
  isCognitoError,
  Public,
  RequireGroups,
} from '../../../lib/index.js';

// Run as a process of its own: starts applications that may and may not start, and writes what became of each.

@RequireGroups({ any: ['admin'] })
@Controller('restricted')
class RestrictedController {
  @Get() look() {
    return {};
  }
}

@UseGuards(CognitoAuthGuard)
@Controller('guarded')
class GuardedController extends RestrictedController {}

@UseGuards(AuthGuard('cognito'))
@Controller('passport')
class PassportController extends RestrictedController {}

@Controller()
class MessageController {
  @MessagePattern('list') list() {
    return [];
  }
}

@Public()
@Controller()
class OpenMessageController extends MessageController {}

@WebSocketGateway()
class Gateway {
  @SubscribeMessage('say') say() {
    return {};
  }
}

@UseGuards(CognitoAuthGuard)
@WebSocketGateway()
class GuardedGateway extends Gateway {}

const pool = { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: '1example23456789', jwks: { warmUp: false } } as const;

/** The status of the first route, or why the application did not start. */
async function outcomeOf(parts: ModuleMetadata, options: Partial<CognitoOptions> = {}, path = ''): Promise<unknown> {
  class AppModule {}
  const cognito = CognitoModule.forRoot({ ...pool, ...options });
  const root = { module: AppModule, imports: [PassportModule, cognito], ...parts };
  try {
    const app = await NestFactory.create(root, { logger: false, abortOnError: false });
    app.connectMicroservice({ transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } });
    await app.startAllMicroservices();
    await app.listen(0, '127.0.0.1');
    const { status } = await fetch(`${await app.getUrl()}${path}`);
    await app.close();
    return status;
  } catch (thrown) {
    return isCognitoError(thrown) ? thrown.code : String(thrown);
  }
}

const everywhere = { globalGuard: true };
const outcomes = {
  restricted: await outcomeOf({ controllers: [RestrictedController] }),
  restrictedUnderGlobalGuard: await outcomeOf({ controllers: [RestrictedController] }, everywhere, '/restricted'),
  guarded: await outcomeOf({ controllers: [GuardedController] }, {}, '/guarded'),
  passport: await outcomeOf({ controllers: [PassportController] }),
  hybrid: await outcomeOf({ controllers: [MessageController] }, everywhere),
  openHybrid: await outcomeOf({ controllers: [OpenMessageController] }, everywhere),
  gateway: await outcomeOf({ providers: [Gateway] }, everywhere),
  guardedGateway: await outcomeOf({ providers: [GuardedGateway] }, everywhere),
};
process.stdout.write(JSON.stringify(outcomes));
process.exit(0);
