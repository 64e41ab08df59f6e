import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  type INestApplication,
  Module,
  type NestInterceptor,
  Sse,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { ConnectedSocket, SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { Keyv } from 'keyv';
import { EventEmitter, once } from 'node:events';
import type { Server } from 'node:http';
import { fromEvent, map, Observable, startWith } from 'rxjs';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import {
  CognitoAuthGuard,
  CognitoModule,
  type CognitoPrincipal,
  CognitoService,
  CognitoUser,
  OptionalAuth,
  Public,
  TokenUse,
} from '../../lib/index.js';
import { CognitoEmulator } from '../../lib/testing/index.js';
import {
  authenticateHandshakes,
  CognitoWebsocketsModule,
  CognitoWsExceptionFilter,
} from '../../lib/websockets/index.js';
import { signedIn } from '../support/desk.js';
import { adapters, type RunningApp, startApp } from '../support/nest-app.js';

const news = new EventEmitter();
const held = new EventEmitter();

/** Stands between guard and parameters until `held` says `go`. */
class Held implements NestInterceptor {
  async intercept(_: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    held.emit('waiting');
    await once(held, 'go');
    return next.handle();
  }
}

/** What gateways of both kinds push to. */
interface Pushable {
  emit(event: string, data: unknown): void;
  to(room: string): Pushable;
  send(data: string): void;
  readonly clients?: Iterable<Pushable>;
  disconnect(close: boolean): void;
  close(): void;
}

const nameOf = (principal: CognitoPrincipal | undefined): string => principal?.username ?? 'nobody';
const answerOf = (principal: CognitoPrincipal | undefined) => ({ event: 'answer', data: nameOf(principal) });

@UseFilters(CognitoWsExceptionFilter)
@UseGuards(CognitoAuthGuard)
@WebSocketGateway({ path: '/chat' })
class ChatGateway {
  @WebSocketServer() server?: Pushable;
  readonly clients: Pushable[] = [];

  handleConnection(client: Pushable): void {
    this.clients.push(client);
  }

  /** The ways to push that each of the two has. */
  pushToAll(data: string): void {
    const { clients } = this.server ?? {};
    if (clients === undefined) this.server?.emit('answer', data);
    else for (const client of clients) client.send(JSON.stringify({ event: 'answer', data }));
  }

  pushToEach(data: string): void {
    const isWs = this.server?.clients !== undefined;
    for (const client of this.clients) {
      if (isWs) client.send(JSON.stringify({ event: 'answer', data }));
      else client.emit('answer', data);
    }
  }

  @SubscribeMessage('me') me(@CognitoUser() principal: CognitoPrincipal) {
    return answerOf(principal);
  }

  @UseInterceptors(Held) @SubscribeMessage('slow') slow(@CognitoUser() principal: CognitoPrincipal) {
    return answerOf(principal);
  }

  @TokenUse('id')
  @OptionalAuth({ badToken: 'anonymous' })
  @SubscribeMessage('unknown')
  unknown(@CognitoUser() principal: CognitoPrincipal | undefined) {
    return answerOf(principal);
  }

  @UseInterceptors(Held)
  @TokenUse('id')
  @OptionalAuth({ badToken: 'anonymous' })
  @SubscribeMessage('slowly-unknown')
  slowlyUnknown(@CognitoUser() principal: CognitoPrincipal | undefined) {
    return answerOf(principal);
  }

  @Public() @SubscribeMessage('open') open(@CognitoUser() principal: CognitoPrincipal | undefined) {
    return answerOf(principal);
  }

  @SubscribeMessage('leave') leave(@ConnectedSocket() client: Pushable): void {
    if (this.server?.clients === undefined) {
      client.emit('answer', 'bye');
      client.disconnect(true);
    } else {
      client.send(JSON.stringify({ event: 'answer', data: 'bye' }));
      client.close();
    }
  }
}

@UseGuards(CognitoAuthGuard)
@Controller('news')
class NewsController {
  @Sse() stream(@CognitoUser() principal: CognitoPrincipal): Observable<{ data: string }> {
    return fromEvent(news, 'headline').pipe(
      startWith(principal.username),
      map((data) => ({ data: String(data) })),
    );
  }

  @Sse('long') long(): Observable<{ data: string }> {
    return new Observable((events) => {
      for (let number = 0; number < 300; number += 1) events.next({ data: `${number}:${'x'.repeat(2_000)}` });
      events.complete();
    });
  }
}

/** A client of either kind: what it was sent, and the reason why it was sent no more. */
interface Listener {
  readonly heard: unknown[];
  readonly ended: Promise<unknown>;
  say(event: string): void;
}

type Knock = Readonly<Record<string, string | string[]>>;

function listenBySocketIo(url: string, headers: Knock): Listener {
  const extraHeaders = headers as Record<string, string>;
  const socket = io(url, { path: '/chat', extraHeaders, transports: ['websocket'], reconnection: false });
  const heard: unknown[] = [];
  let last: unknown;
  socket.on('answer', (data) => heard.push(data));
  socket.on('exception', (error: { code: string }) => (last = error.code));
  const ended = new Promise((resolve) => {
    socket.once('disconnect', (reason) => resolve(last ?? reason));
    socket.once('connect_error', (error) => resolve((error as Error & { data?: { code: string } }).data?.code));
  });
  return { heard, ended, say: (event) => socket.emit(event) };
}

function listenByWs(url: string, headers: Knock): Listener {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/chat`, { headers: headers as Record<string, string> });
  const heard: unknown[] = [];
  socket.on('message', (data: Buffer) => heard.push((JSON.parse(data.toString()) as { data: unknown }).data));
  const ended = new Promise((resolve) => {
    socket.once('close', (_, reason) => resolve(String(reason)));
    socket.once('unexpected-response', (_, response) => resolve(response.statusCode));
    socket.on('error', () => undefined);
  });
  const say = (event: string): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ event }));
    else socket.once('open', () => say(event));
  };
  return { heard, ended, say };
}

const kinds = [
  ['socket.io', (app: INestApplication) => new IoAdapter(app), listenBySocketIo, 'COGNITO_TOKEN_MALFORMED'],
  ['ws', (app: INestApplication) => new WsAdapter(app), listenByWs, 401],
] as const;

const alice = { username: 'alice', password: 'Passw0rd!' };
const bob = { ...alice, username: 'bob' };
/** A sign-out ends whatever began in its second. */
const carol = { ...alice, username: 'carol' };
const dave = { ...alice, username: 'dave' };
let pool: CognitoEmulator;

beforeAll(async () => {
  pool = await CognitoEmulator.start({ users: [alice, bob, carol, dave] });
});

afterAll(() => pool.stop());

function moduleWith(...providers: NonNullable<Parameters<typeof Module>[0]['providers']>) {
  const revocation = { store: new Keyv({ throwOnErrors: true }) };
  @Module({
    imports: [CognitoModule.forRoot({ ...pool.options, revocation }), CognitoWebsocketsModule],
    controllers: [NewsController],
    providers,
  })
  class AppModule {}
  return AppModule;
}

async function tokenOf(app: RunningApp, user: typeof alice): Promise<string> {
  return signedIn(await app.nest.get(CognitoService).signIn(user)).tokens.accessToken;
}

describe.each(kinds)('a connection of %s', (_, gatewayAdapter, listen, malformed) => {
  let app: RunningApp;
  let gateway: ChatGateway;

  beforeAll(async () => {
    const prepare = (nest: INestApplication): void => {
      nest.useWebSocketAdapter(authenticateHandshakes(gatewayAdapter(nest), nest));
    };
    app = await startApp(adapters[0][1], moduleWith(ChatGateway), { prepare });
    gateway = app.nest.get(ChatGateway);
  });

  afterAll(() => app.close());

  async function connect(token: string): Promise<Listener> {
    const listener = listen(app.url, { authorization: `Bearer ${token}` });
    listener.say('me');
    await vi.waitUntil(() => listener.heard.length > 0);
    return listener;
  }

  it.each([
    ['pushToAll', carol],
    ['pushToEach', dave],
  ] as const)('is sent no event any more after its user has signed out: %s', async (push, user) => {
    const accessToken = await tokenOf(app, user);
    const [hers, his] = [await connect(accessToken), await connect(await tokenOf(app, bob))];
    gateway[push]('rain');
    await vi.waitUntil(() => hers.heard.includes('rain') && his.heard.includes('rain'));
    await app.nest.get(CognitoService).signOut({ accessToken });
    gateway[push]('secret');
    gateway[push]('another secret');
    expect(await hers.ended).toBe('COGNITO_TOKEN_REVOKED');
    await vi.waitUntil(() => his.heard.includes('another secret'));
    expect(hers.heard).toEqual([user.username, 'rain']);
    expect(his.heard).toEqual(['bob', 'rain', 'secret', 'another secret']);
  });

  it('is sent what was pushed before it is closed by the application', async () => {
    const his = await connect(await tokenOf(app, bob));
    his.say('leave');
    expect(['', 'io server disconnect']).toContain(await his.ended);
    expect(his.heard).toEqual(['bob', 'bye']);
  });

  it.each([
    ['slow', 'unknown', ['nobody', 'alice']],
    ['slowly-unknown', 'me', ['alice', 'nobody']],
  ])('keeps two messages apart that are handled side by side: %s and %s', async (slow, quick, answers) => {
    const hers = await connect(await tokenOf(app, alice));
    const waiting = once(held, 'waiting');
    hers.say(slow);
    await waiting;
    hers.say(quick);
    await vi.waitUntil(() => hers.heard.length === 2);
    held.emit('go');
    await vi.waitUntil(() => hers.heard.length === 3);
    expect(hers.heard.slice(1)).toEqual(answers);
  });

  it('is nobody’s for a public handler, also after a message that was somebody’s', async () => {
    const hers = await connect(await tokenOf(app, alice));
    hers.say('open');
    await vi.waitUntil(() => hers.heard.length === 2);
    expect(hers.heard).toEqual(['alice', 'nobody']);
  });

  it('is not opened by two Authorization headers, whichever comes first', async () => {
    const [good, bad] = [`Bearer ${await tokenOf(app, alice)}`, 'Bearer bad'];
    for (const authorization of [
      [good, bad],
      [bad, good],
      [good, good],
    ]) {
      expect(await listen(app.url, { authorization }).ended).toBe(malformed);
    }
    const hers = await connect(good.slice('Bearer '.length));
    expect(hers.heard).toEqual(['alice']);
  });
});

describe('gateways that cannot be watched', () => {
  const startGuarded = (module: ReturnType<typeof moduleWith>) => {
    const prepare = (nest: INestApplication): void => {
      nest.useWebSocketAdapter(authenticateHandshakes(new IoAdapter(nest), nest));
    };
    return startApp(adapters[0][1], module, { prepare });
  };

  it('do not start: sessions that socket.io recovers are sent what they missed before they are asked', async () => {
    @UseGuards(CognitoAuthGuard)
    @WebSocketGateway({ connectionStateRecovery: {} })
    class RecoveringGateway {}
    await expect(startGuarded(moduleWith(RecoveringGateway))).rejects.toMatchObject({
      code: 'COGNITO_TRANSPORT_UNSUPPORTED',
      message: expect.stringContaining('connectionStateRecovery') as string,
    });
  });

  it('do not start: without the module there is nobody to authenticate handshakes', async () => {
    @Module({ imports: [CognitoModule.forRoot(pool.options)], providers: [ChatGateway] })
    class AppModule {}
    await expect(startGuarded(AppModule)).rejects.toMatchObject({
      code: 'COGNITO_TRANSPORT_UNSUPPORTED',
      message: expect.stringContaining('CognitoWebsocketsModule') as string,
    });
  });
});

describe.each(adapters)('a stream of events on %s', (_, adapter) => {
  let app: RunningApp;

  beforeAll(async () => {
    app = await startApp(adapter, moduleWith());
  });

  afterAll(() => {
    (app.nest.getHttpServer() as Server).closeAllConnections();
    return app.close();
  });

  async function read(path: string, token: string) {
    const response = await fetch(`${app.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    const reader = { status: response.status, text: '', end: undefined as 'complete' | 'cut off' | undefined };
    const decoder = new TextDecoder();
    const reading = async (): Promise<void> => {
      for await (const chunk of response.body ?? []) reader.text += decoder.decode(chunk as Uint8Array);
    };
    reading().then(
      () => (reader.end = 'complete'),
      () => (reader.end = 'cut off'),
    );
    return reader;
  }

  it('carries no event any more after its user has signed out', async () => {
    const accessToken = await tokenOf(app, carol);
    const [hers, his] = [await read('/news', accessToken), await read('/news', await tokenOf(app, bob))];
    await vi.waitUntil(() => hers.text.includes('carol') && his.text.includes('bob'));
    news.emit('headline', 'rain');
    await vi.waitUntil(() => hers.text.includes('rain') && his.text.includes('rain'));
    await app.nest.get(CognitoService).signOut({ accessToken });
    news.emit('headline', 'secret');
    news.emit('headline', 'another');
    await vi.waitUntil(() => hers.end !== undefined && his.text.includes('another'));
    expect([hers.end, hers.text.includes('secret'), his.text.includes('secret')]).toEqual(['cut off', false, true]);
  });

  it('comes whole and in its order, also where there is more of it than a connection takes at once', async () => {
    const reader = await read('/news/long', await tokenOf(app, bob));
    await vi.waitUntil(() => reader.end !== undefined, { timeout: 5_000 });
    expect([reader.status, reader.end]).toEqual([200, 'complete']);
    const numbers = [...reader.text.matchAll(/data: (\d+):/g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: 300 }, (__, number) => number));
  });
});
