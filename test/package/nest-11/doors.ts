import 'reflect-metadata';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Controller, Module, type ModuleMetadata, UseFilters, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import {
  ClientProxyFactory,
  MessagePattern,
  type MicroserviceOptions,
  MqttRecordBuilder,
  NatsRecordBuilder,
  RmqRecordBuilder,
  Transport,
} from '@nestjs/microservices';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { firstValueFrom, timeout } from 'rxjs';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { CognitoGraphqlModule, CognitoSubscriptions } from '../../../lib/graphql/index.js';
import {
  BearerExtractor,
  CognitoAuthGuard,
  CognitoModule,
  type CognitoOptions,
  type CognitoPrincipal,
  CognitoUser,
} from '../../../lib/index.js';
import { CognitoMicroservicesModule, PayloadExtractor } from '../../../lib/microservices/index.js';
import {
  authenticateHandshakes,
  CognitoWebsocketsModule,
  CognitoWsExceptionFilter,
} from '../../../lib/websockets/index.js';

// Run as a process of its own: knocks at every door with a good token and without one, and writes what it was answered.

interface Doors {
  readonly options: CognitoOptions;
  readonly token: string;
  /** Names of subjects, queues and topics begin with it. */
  readonly prefix: string;
  /** The addresses of the brokers that answer. */
  readonly brokers: Readonly<Partial<Record<'nats' | 'rabbitmq' | 'mqtt', string>>>;
}

const { options, token, prefix, brokers } = JSON.parse(process.env['DOORS'] ?? '') as Doors;
const good = { authorization: `Bearer ${token}` };

@UseGuards(CognitoAuthGuard)
@Resolver()
class MeResolver {
  @Query(() => String) me(@CognitoUser('username') username: string): string {
    return username;
  }
}

@UseFilters(CognitoWsExceptionFilter)
@UseGuards(CognitoAuthGuard)
@WebSocketGateway()
class MeGateway {
  @SubscribeMessage('me') me(@CognitoUser('username') username: string) {
    return { event: 'answer', data: username };
  }
}

@UseGuards(CognitoAuthGuard)
@Controller()
class MeController {
  @MessagePattern(`${prefix}.me`) me(@CognitoUser() { username }: CognitoPrincipal): unknown {
    return username;
  }
}

const extractors = [new BearerExtractor(), new PayloadExtractor({ property: 'accessToken' })];

function moduleOf(parts: ModuleMetadata) {
  @Module({ ...parts, imports: [CognitoModule.forRoot({ ...options, extractors }), ...(parts.imports ?? [])] })
  class AppModule {}
  return AppModule;
}

async function graphql(): Promise<unknown> {
  const api = GraphQLModule.forRootAsync<ApolloDriverConfig>({
    driver: ApolloDriver,
    imports: [CognitoGraphqlModule],
    inject: [CognitoSubscriptions],
    useFactory: (subscriptions: CognitoSubscriptions) => ({
      autoSchemaFile: true,
      subscriptions: { 'graphql-ws': subscriptions.hooks() },
    }),
  });
  const app = await NestFactory.create(moduleOf({ imports: [api], providers: [MeResolver] }), { logger: false });
  await app.listen(0, '127.0.0.1');
  const url = `${await app.getUrl()}/graphql`;
  const ask = async (headers: Record<string, string>): Promise<unknown> => {
    const body = JSON.stringify({ query: '{ me }' });
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    const { data, errors } = (await answer.json()) as { data?: object; errors?: [{ extensions: { code: string } }] };
    return errors?.[0].extensions.code ?? data;
  };
  const outcomes = [await ask(good), await ask({}), await subscribe(url, good), await subscribe(url, {})];
  await app.close();
  return outcomes;
}

/** What a connection of graphql-ws is answered to its first message. */
async function subscribe(url: string, payload: object): Promise<unknown> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
  await once(socket, 'open');
  const answer = new Promise((resolve) => {
    socket.once('message', (data: Buffer) => resolve((JSON.parse(data.toString()) as { type: string }).type));
    socket.once('close', (code) => resolve(code));
  });
  socket.send(JSON.stringify({ type: 'connection_init', payload }));
  const outcome = await answer;
  socket.terminate();
  return outcome;
}

async function socketIo(): Promise<unknown> {
  const parts = moduleOf({ imports: [CognitoWebsocketsModule], providers: [MeGateway] });
  const app = await NestFactory.create(parts, { logger: false });
  app.useWebSocketAdapter(authenticateHandshakes(new IoAdapter(app), app));
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const ask = async (extraHeaders: Record<string, string>): Promise<unknown> => {
    const socket = io(url, { extraHeaders, transports: ['websocket'], reconnection: false });
    const answer = new Promise((resolve) => {
      socket.once('answer', resolve);
      socket.once('connect_error', (error) => resolve((error as Error & { data?: { code: string } }).data?.code));
    });
    socket.emit('me');
    const outcome = await answer;
    socket.disconnect();
    return outcome;
  };
  const outcomes = [await ask(good), await ask({})];
  await app.close();
  return outcomes;
}

async function ws(): Promise<unknown> {
  const parts = moduleOf({ imports: [CognitoWebsocketsModule], providers: [MeGateway] });
  const app = await NestFactory.create(parts, { logger: false });
  app.useWebSocketAdapter(authenticateHandshakes(new WsAdapter(app), app));
  await app.listen(0, '127.0.0.1');
  const url = (await app.getUrl()).replace('http', 'ws');
  const ask = async (headers: Record<string, string>): Promise<unknown> => {
    const socket = new WebSocket(url, { headers });
    const answer = new Promise((resolve) => {
      socket.on('error', () => undefined);
      socket.once('unexpected-response', (_, { statusCode }) => resolve(statusCode));
      socket.once('message', (data: Buffer) => resolve((JSON.parse(data.toString()) as { data: unknown }).data));
      socket.once('open', () => socket.send(JSON.stringify({ event: 'me' })));
    });
    const outcome = await answer;
    socket.terminate();
    return outcome;
  };
  const outcomes = [await ask(good), await ask({})];
  await app.close();
  return outcomes;
}

/** What messages are answered whose token is beside the data, in it, missing, or bad. */
async function messages(transport: MicroserviceOptions, withHeaders: (headers: object) => unknown): Promise<unknown> {
  const parts = moduleOf({ imports: [CognitoMicroservicesModule], controllers: [MeController] });
  const service = await NestFactory.createMicroservice<MicroserviceOptions>(parts, { ...transport, logger: false });
  await service.listen();
  const client = ClientProxyFactory.create(transport as Parameters<typeof ClientProxyFactory.create>[0]);
  const ask = async (data: unknown): Promise<unknown> => {
    try {
      return await firstValueFrom(client.send<unknown>(`${prefix}.me`, data).pipe(timeout(10_000)));
    } catch (refusal) {
      return (refusal as { code?: unknown }).code ?? String(refusal);
    }
  };
  const outcomes = [
    await ask(withHeaders(good)),
    await ask({ accessToken: token }),
    await ask({}),
    await ask(withHeaders({ authorization: 'Bearer bad' })),
  ];
  await client.close();
  await service.close();
  return outcomes;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function tcp(): Promise<unknown> {
  const outcome = await messages(
    { transport: Transport.TCP, options: { host: '127.0.0.1', port: await freePort() } },
    () => ({ accessToken: token }),
  );
  return (outcome as unknown[]).slice(0, 3);
}

async function nats(url: string): Promise<unknown> {
  const { headers } = createRequire(import.meta.url)('nats') as {
    headers(this: void): { set(name: string, value: string): void };
  };
  return messages({ transport: Transport.NATS, options: { servers: [url] } }, (sent) => {
    const carried = headers();
    for (const [name, value] of Object.entries(sent)) carried.set(name, String(value));
    return new NatsRecordBuilder({}).setHeaders(carried).build();
  });
}

async function rabbitmq(url: string): Promise<unknown> {
  const queueOptions = { durable: false, autoDelete: true };
  return messages({ transport: Transport.RMQ, options: { urls: [url], queue: prefix, queueOptions } }, (sent) =>
    new RmqRecordBuilder({}).setOptions({ headers: sent as Record<string, string> }).build(),
  );
}

async function mqtt(url: string): Promise<unknown> {
  return messages({ transport: Transport.MQTT, options: { url, protocolVersion: 5 } }, (sent) =>
    new MqttRecordBuilder({}).setProperties({ userProperties: sent as Record<string, string> }).build(),
  );
}

const outcomes = {
  graphql: await graphql(),
  socketIo: await socketIo(),
  ws: await ws(),
  tcp: await tcp(),
  ...(brokers.nats !== undefined && { nats: await nats(brokers.nats) }),
  ...(brokers.rabbitmq !== undefined && { rabbitmq: await rabbitmq(brokers.rabbitmq) }),
  ...(brokers.mqtt !== undefined && { mqtt: await mqtt(brokers.mqtt) }),
};
process.stdout.write(JSON.stringify(outcomes));
process.exit(0);
