import { type INestApplication, Module, UseFilters, UseGuards } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { once } from 'node:events';
import { io } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  BearerExtractor,
  CognitoAuthGuard,
  CognitoError,
  CognitoModule,
  type CognitoPrincipal,
  type CognitoRequest,
  CognitoUser,
  type ExtractedToken,
  Public,
  RequireGroups,
  type TokenExtractor,
} from '../../lib/index.js';
import { CognitoEmulator } from '../../lib/testing/index.js';
import {
  authenticateHandshakes,
  CognitoConnections,
  type CognitoHandshakeOptions,
  CognitoWebsocketsModule,
  CognitoWsExceptionFilter,
} from '../../lib/websockets/index.js';
import { adapters, type RunningApp, startApp } from '../support/nest-app.js';

const heard: string[] = [];

@UseFilters(CognitoWsExceptionFilter)
@UseGuards(CognitoAuthGuard)
@WebSocketGateway({ path: '/chat' })
class ChatGateway {
  constructor(private readonly connections: CognitoConnections) {}

  @SubscribeMessage('me') me(@CognitoUser() principal: CognitoPrincipal) {
    return { event: 'answer', data: principal.username };
  }

  @RequireGroups({ any: ['editors'] }) @SubscribeMessage('edit') edit() {
    return { event: 'answer', data: 'edited' };
  }

  @Public() @SubscribeMessage('open') open() {
    heard.push('open');
    return { event: 'answer', data: 'open' };
  }

  @SubscribeMessage('failing') failing(): never {
    throw new CognitoError('COGNITO_THROTTLED', { retryAfter: 7 });
  }

  @SubscribeMessage('renew') async renew(@ConnectedSocket() client: object, @MessageBody() token: string) {
    await this.connections.renew(client, token);
    return { event: 'answer', data: 'renewed' };
  }
}

class CookieToken implements TokenExtractor {
  extract({ headers }: CognitoRequest): ExtractedToken | undefined {
    const token = /(?:^|; )token=([^;]*)/.exec(String(headers['cookie'] ?? ''))?.[1];
    return token === undefined ? undefined : { token, from: 'cookie' };
  }
}

/** A client of either kind, as the tests see it. */
interface Connection {
  /** What the server answers to a message, an `exception` included. */
  ask(event: string, data?: unknown): Promise<unknown>;
  /** The code of the error that ended the connection. */
  readonly ended: Promise<unknown>;
  close(): void;
}

type Knock = Record<string, string>;

/** @returns the connection, or what the handshake was refused with */
async function connectBySocketIo(url: string, headers: Knock): Promise<Connection | { refused: unknown }> {
  const socket = io(url, { path: '/chat', extraHeaders: headers, transports: ['websocket'], reconnection: false });
  const refused = await new Promise<unknown>((resolve) => {
    socket.once('connect', () => resolve(undefined));
    socket.once('connect_error', (error) => resolve((error as Error & { data?: { code: string } }).data?.code));
  });
  if (refused !== undefined) return { refused };
  const ended = new Promise<unknown>((resolve) => {
    let last: unknown;
    socket.on('exception', (error: { code: string }) => (last = error.code));
    socket.once('disconnect', () => resolve(last));
  });
  return {
    ask: (event, data) =>
      new Promise((resolve) => {
        socket.once('answer', resolve).once('exception', resolve);
        socket.emit(event, data);
      }),
    ended,
    close: () => void socket.disconnect(),
  };
}

async function connectByWs(url: string, headers: Knock): Promise<Connection | { refused: unknown }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/chat`, { headers });
  const refused = await new Promise<unknown>((resolve) => {
    socket.once('open', () => resolve(undefined));
    socket.once('unexpected-response', (_, response) => resolve(response.statusCode));
    socket.once('error', () => resolve('error'));
  });
  if (refused !== undefined) return { refused };
  return {
    ask: async (event, data) => {
      const answer = once(socket, 'message') as Promise<[Buffer]>;
      socket.send(JSON.stringify({ event, data }));
      return (JSON.parse((await answer)[0].toString()) as { data: unknown }).data;
    },
    ended: once(socket, 'close').then(([, reason]) => String(reason)),
    close: () => socket.close(),
  };
}

const kinds = [
  ['socket.io', (app: INestApplication) => new IoAdapter(app), connectBySocketIo],
  ['ws', (app: INestApplication) => new WsAdapter(app), connectByWs],
] as const;

const matrix = kinds.flatMap(([kind, gatewayAdapter, connect]) =>
  adapters.map(([http, adapter]) => [kind, http, { gatewayAdapter, connect, adapter }] as const),
);

const origin = 'https://app.example.com';
let pool: CognitoEmulator;

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    users: [
      { username: 'alice', password: 'Passw0rd!', groups: ['editors'] },
      { username: 'bob', password: 'Passw0rd!' },
    ],
  });
});

afterAll(() => pool.stop());
afterEach(() => pool.clock.reset());

const tokenOf = async (username: string, options = {}): Promise<string> =>
  (await pool.tokensFor(username, options)).accessToken;

const bearer = async (username: string, options = {}): Promise<Knock> => ({
  authorization: `Bearer ${await tokenOf(username, options)}`,
});

function start([, , { adapter, gatewayAdapter }]: (typeof matrix)[number], options: CognitoHandshakeOptions) {
  @Module({
    imports: [
      CognitoModule.forRoot({ ...pool.options, extractors: [new BearerExtractor(), new CookieToken()] }),
      CognitoWebsocketsModule,
    ],
    providers: [ChatGateway],
  })
  class AppModule {}
  const prepare = (app: INestApplication): void => {
    app.useWebSocketAdapter(authenticateHandshakes(gatewayAdapter(app), app, options));
  };
  return startApp(adapter, AppModule, { prepare });
}

describe.each(matrix)('a gateway over %s on %s', (...row) => {
  const [kind, , { connect }] = row;
  let app: RunningApp;

  beforeAll(async () => {
    app = await start(row, { allowedOrigins: [origin] });
  });

  afterAll(() => app.close());

  async function open(headers: Knock): Promise<Connection> {
    const connection = await connect(app.url, headers);
    if ('refused' in connection) throw new Error(`refused: ${String(connection.refused)}`);
    return connection;
  }

  const refusal = (code: string): unknown => ({ refused: kind === 'ws' ? 401 : code });

  it('answers who shook hands with a good token, as its user', async () => {
    const alice = await open(await bearer('alice'));
    expect([await alice.ask('me'), await alice.ask('edit'), await alice.ask('open')]).toEqual([
      'alice',
      'edited',
      'open',
    ]);
    alice.close();
  });

  it('has no connection for who comes without a good token', async () => {
    const { idToken } = await pool.tokensFor('alice');
    expect(await connect(app.url, {})).toEqual(refusal('COGNITO_TOKEN_MISSING'));
    expect(await connect(app.url, { authorization: 'Bearer bad' })).toEqual(refusal('COGNITO_TOKEN_MALFORMED'));
    expect(await connect(app.url, { authorization: `Bearer ${idToken}` })).toEqual(refusal('COGNITO_TOKEN_WRONG_USE'));
  });

  it('refuses a message with the code and without what was sent, and stays open', async () => {
    const bob = await open(await bearer('bob'));
    expect(await bob.ask('edit', 'secret')).toEqual({
      status: 'error',
      code: 'COGNITO_GROUPS_REQUIRED',
      statusCode: 403,
      message: expect.any(String) as string,
    });
    expect(await bob.ask('failing')).toMatchObject({ code: 'COGNITO_THROTTLED', retryAfter: 7 });
    expect(await bob.ask('me')).toBe('bob');
    bob.close();
  });

  it('asks the token again for every message, also one for a public handler, and ends the connection', async () => {
    const alice = await open(await bearer('alice', { expiresIn: 30 }));
    expect(await alice.ask('open')).toBe('open');
    heard.length = 0;
    // Less than the client of socket.io waits for a sign of life, by the same clock.
    pool.clock.advance({ seconds: 31 });
    void alice.ask('open').catch(() => undefined);
    expect(await alice.ended).toBe('COGNITO_TOKEN_EXPIRED');
    expect(heard).toEqual([]);
  });

  it('ends the connection when the token expires, though nobody says anything', async () => {
    const alice = await open(await bearer('alice', { expiresIn: 3 }));
    expect(await alice.ended).toBe('COGNITO_TOKEN_EXPIRED');
  });

  it('goes on with a newer token of the same user, and of nobody else', async () => {
    const alice = await open(await bearer('alice', { expiresIn: 20 }));
    expect(await alice.ask('renew', await tokenOf('bob'))).toMatchObject({ code: 'COGNITO_TOKEN_WRONG_USER' });
    expect(await alice.ask('renew', 'bad')).toMatchObject({ code: 'COGNITO_TOKEN_MALFORMED' });
    expect(await alice.ask('me')).toBe('alice');
    expect(await alice.ask('renew', await tokenOf('alice'))).toBe('renewed');
    pool.clock.advance({ seconds: 31 });
    expect(await alice.ask('me')).toBe('alice');
    alice.close();
  });

  it('takes a cookie only from a page of the application', async () => {
    const cookie = `token=${await tokenOf('alice')}`;
    const ours = await open({ cookie, origin });
    expect(await ours.ask('me')).toBe('alice');
    ours.close();
    for (const headers of [{ cookie }, { cookie, origin: 'https://evil.example.com' }, { cookie, origin: 'null' }]) {
      expect(await connect(app.url, headers)).toEqual(refusal('COGNITO_TOKEN_MISSING'));
    }
  });
});

describe.each(matrix.filter(([, http]) => http === 'Express'))('a gateway that may be anonymous over %s', (...row) => {
  it('lets who has no token reach what is public, and nothing else', async () => {
    const app = await start(row, { isOptional: true });
    const { connect } = row[2];
    const stranger = await connect(app.url, {});
    if ('refused' in stranger) throw new Error('refused');
    expect(await stranger.ask('open')).toBe('open');
    expect(await stranger.ask('me')).toMatchObject({ code: 'COGNITO_TOKEN_MISSING', statusCode: 401 });
    stranger.close();
    expect(await connect(app.url, { authorization: 'Bearer bad' })).toHaveProperty('refused');
    await app.close();
  });
});

describe('a token in the `auth` of socket.io', () => {
  it('opens a connection as one in a header does', async () => {
    const [row] = matrix;
    const app = await start(row as (typeof matrix)[number], {});
    const auth = { token: await tokenOf('alice') };
    const socket = io(app.url, { path: '/chat', auth, transports: ['polling'], reconnection: false });
    const answer = new Promise((resolve) => socket.once('answer', resolve).once('connect_error', resolve));
    socket.emit('me');
    expect(await answer).toBe('alice');
    socket.disconnect();
    await app.close();
  });
});

describe('an adapter without the handshake', () => {
  it('has its guarded messages refused, whatever token was sent', async () => {
    @Module({ imports: [CognitoModule.forRoot(pool.options), CognitoWebsocketsModule], providers: [ChatGateway] })
    class AppModule {}
    const [, http] = adapters[0];
    const app = await startApp(http, AppModule, { prepare: (nest) => nest.useWebSocketAdapter(new WsAdapter(nest)) });
    const alice = await connectByWs(app.url, await bearer('alice'));
    if ('refused' in alice) throw new Error('refused');
    expect(await alice.ask('me')).toMatchObject({ code: 'COGNITO_TRANSPORT_UNSUPPORTED' });
    alice.close();
    await app.close();
  });

  it('is not made out of a server that nobody knows', async () => {
    @Module({ imports: [CognitoModule.forRoot(pool.options), CognitoWebsocketsModule], providers: [ChatGateway] })
    class AppModule {}
    class StrangeAdapter extends WsAdapter {
      override create(): object {
        return {};
      }
    }
    const [, http] = adapters[0];
    const prepare = (nest: INestApplication): void => {
      nest.useWebSocketAdapter(authenticateHandshakes(new StrangeAdapter(nest), nest));
    };
    await expect(startApp(http, AppModule, { prepare })).rejects.toMatchObject({
      code: 'COGNITO_TRANSPORT_UNSUPPORTED',
    });
  });
});
