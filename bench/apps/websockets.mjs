import 'reflect-metadata';
import { Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CognitoAuthGuard, CognitoModule } from 'nest-cognito';
import { authenticateHandshakes, CognitoWebsocketsModule } from 'nest-cognito/websockets';
import { settingsOfChild } from '../child.mjs';
import { memoryAfterCollection } from '../memory-of-process.mjs';
import { decorate } from './decorate.mjs';

const { isGuarded, userPoolId, clientId, jwks } = settingsOfChild();

class ChatGateway {
  say() {
    return 'said';
  }
}
decorate(ChatGateway, [WebSocketGateway(), ...(isGuarded ? [UseGuards(CognitoAuthGuard)] : [])], {
  say: [SubscribeMessage('say')],
});

class AppModule {}
const imports = isGuarded
  ? [CognitoModule.forRoot({ userPoolId, clientId, jwks: { keys: jwks } }), CognitoWebsocketsModule]
  : [];
decorate(AppModule, [Module({ imports, providers: [ChatGateway] })]);

const app = await NestFactory.create(AppModule, { logger: ['error'] });
const adapter = new WsAdapter(app);
app.useWebSocketAdapter(isGuarded ? authenticateHandshakes(adapter, app) : adapter);
await app.listen(0, '127.0.0.1');
process.on('message', () => process.send(memoryAfterCollection()));
process.send((await app.getUrl()).replace('http', 'ws'));
