import { Controller, Module, Sse, UseGuards } from '@nestjs/common';
import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { fromEvent, map, type Observable, startWith } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  BearerExtractor,
  CognitoAuthGuard,
  CognitoModule,
  type CognitoPrincipal,
  type CognitoRequest,
  CognitoUser,
  OptionalAuth,
  type TokenExtractor,
} from '../../lib/index.js';
import { CognitoEmulator } from '../../lib/testing/index.js';
import { adapters, type RunningApp, startApp } from '../support/nest-app.js';

const news = new EventEmitter();

@UseGuards(CognitoAuthGuard)
@Controller('news')
class NewsController {
  @Sse() stream(@CognitoUser() principal: CognitoPrincipal): Observable<{ data: unknown }> {
    return fromEvent(news, 'headline').pipe(
      startWith(principal.username),
      map((data) => ({ data: String(data) })),
    );
  }

  @OptionalAuth() @Sse('optional') optional(): Observable<{ data: unknown }> {
    return fromEvent(news, 'headline').pipe(
      startWith('nobody'),
      map((data) => ({ data: String(data) })),
    );
  }
}

/** An EventSource of a browser adds no header. */
const fromQuery: TokenExtractor = {
  extract(request) {
    const { query } = request as CognitoRequest & { readonly query?: Readonly<Record<string, string>> };
    return query?.['token'] === undefined ? undefined : { token: query['token'], from: 'other' };
  },
};

let pool: CognitoEmulator;

beforeAll(async () => {
  pool = await CognitoEmulator.start({ users: [{ username: 'alice', password: 'Passw0rd!' }] });
});

afterAll(() => pool.stop());

describe.each(adapters)('a stream of events on %s', (_, adapter) => {
  let app: RunningApp;

  beforeAll(async () => {
    const extractors = [new BearerExtractor(), fromQuery];
    @Module({
      imports: [CognitoModule.forRoot({ ...pool.options, globalGuard: true, extractors })],
      controllers: [NewsController],
    })
    class AppModule {}
    app = await startApp(adapter, AppModule);
  });

  afterAll(() => {
    (app.nest.getHttpServer() as Server).closeAllConnections();
    return app.close();
  });

  /** A reader: what it was sent, and whether the stream was cut off. */
  async function read(path: string, token?: string) {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const stop = new AbortController();
    const response = await fetch(`${app.url}${path}`, { headers, signal: stop.signal });
    const received: string[] = [];
    const state = { isOver: false };
    const reading = async (): Promise<void> => {
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) received.push(decoder.decode(chunk as Uint8Array));
    };
    reading()
      .catch(() => undefined)
      .finally(() => (state.isOver = true));
    return { status: response.status, received, state, stop: () => stop.abort() };
  }

  const tokenOf = async (expiresIn: number): Promise<string> =>
    (await pool.tokensFor('alice', { expiresIn })).accessToken;

  it('is sent to who has a good token, and to nobody else', async () => {
    const alice = await read('/news', await tokenOf(60));
    await vi.waitUntil(() => alice.received.join('').includes('alice'));
    news.emit('headline', 'rain');
    await vi.waitUntil(() => alice.received.join('').includes('rain'));
    alice.stop();
    expect([(await read('/news')).status, (await read('/news', 'bad')).status]).toEqual([401, 401]);
  });

  it('is cut off when the token expires, and its source is let go', async () => {
    const before = news.listenerCount('headline');
    const [short, long] = [await read('/news', await tokenOf(1)), await read('/news', await tokenOf(60))];
    await vi.waitUntil(() => short.state.isOver, { timeout: 5_000 });
    news.emit('headline', 'secret');
    await vi.waitUntil(() => long.received.join('').includes('secret'));
    expect(short.received.join('')).not.toContain('secret');
    expect(long.state.isOver).toBe(false);
    long.stop();
    await vi.waitUntil(() => news.listenerCount('headline') === before, { timeout: 5_000 });
  });

  it('is opened, and cut off in time, by a token that an extractor of the application found elsewhere', async () => {
    const alice = await read(`/news?token=${await tokenOf(1)}`);
    expect(alice.status).toBe(200);
    await vi.waitUntil(() => alice.received.join('').includes('alice'));
    await vi.waitUntil(() => alice.state.isOver, { timeout: 5_000 });
    expect((await read('/news?token=bad')).status).toBe(401);
  });

  it('may be anonymous, and has no end then', async () => {
    const stranger = await read('/news/optional');
    await vi.waitUntil(() => stranger.received.join('').includes('nobody'));
    expect(stranger.state.isOver).toBe(false);
    stranger.stop();
  });
});
