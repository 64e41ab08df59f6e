import fastifyCookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import { Body, Controller, Get, type INestApplication, Inject, Post, Req, Sse } from '@nestjs/common';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { TypeOrmModule } from '@nestjs/typeorm';
import expressSession from 'express-session';
import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { fromEvent, map, type Observable, startWith } from 'rxjs';
import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  CognitoModule,
  type CognitoPrincipal,
  CognitoUser,
  LocalUser,
  Public,
  RequireGroups,
  UserPool,
} from '../../lib/index.js';
import { CognitoSessionModule, CognitoSessionService, type HttpRequest } from '../../lib/session/index.js';
import { CognitoEmulator } from '../../lib/testing/index.js';
import type { UserTokens } from '../../lib/user-pool/live-tokens.js';
import { Browser } from '../support/browser-with-cookies.js';
import { type RunningApp, startApp } from '../support/nest-app.js';

const news = new EventEmitter();
const secret = 'a-secret-of-this-test-of-more-than-32-bytes';
const password = 'Passw0rd!';

@Entity()
@Unique(['sub', 'pool'])
class Person {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar') sub!: string;
  @Column('varchar') pool!: string;
  @Column('varchar', { nullable: true }) email!: string | null;
}

@Controller()
class PagesController {
  constructor(@Inject(CognitoSessionService) private readonly sessions: CognitoSessionService) {}

  @Public() @Post('login') async login(
    @Req() request: HttpRequest,
    @Body() body: { tokens: UserTokens; pool?: string },
  ) {
    const { pool } = await this.sessions.start(request, body);
    return { pool };
  }

  @Public() @Post('logout') logout(@Req() request: HttpRequest) {
    return this.sessions.end(request);
  }

  @Get('me') me(@CognitoUser() { username, pool }: CognitoPrincipal, @LocalUser() person: Person) {
    return { username, pool, person };
  }

  @UserPool('staff') @RequireGroups({ any: ['clerks'] }) @Get('staff') staff(@LocalUser() person: Person) {
    return person;
  }

  @Sse('news') stream(@CognitoUser() { username }: CognitoPrincipal): Observable<{ data: unknown }> {
    return fromEvent(news, 'headline').pipe(
      startWith(username),
      map((data) => ({ data: String(data) })),
    );
  }
}

let pool: CognitoEmulator;
let staff: CognitoEmulator;

beforeAll(async () => {
  const alice = { username: 'alice', password, attributes: { email: 'alice@example.com' } };
  const stella = { username: 'stella', password, groups: ['clerks'], attributes: { email: 'stella@example.com' } };
  pool = await CognitoEmulator.start({ users: [alice] });
  staff = await CognitoEmulator.start({ users: [stella, { username: 'sam', password }] });
});

afterAll(async () => {
  await pool.stop();
  await staff.stop();
});

function addServerSessions(nest: INestApplication, adapter: 'Express' | 'Fastify'): void {
  if (adapter === 'Express') {
    (nest as NestExpressApplication).use(expressSession({ secret, resave: false, saveUninitialized: false }));
    return;
  }
  const application = nest as NestFastifyApplication;
  void application.register(fastifyCookie);
  void application.register(fastifySession, { secret, saveUninitialized: false, cookie: { secure: false } });
}

const kinds = (['Express', 'Fastify'] as const).flatMap((adapter) =>
  (['cookies', 'server'] as const).map((carrier) => ({ adapter, carrier })),
);

describe.each(kinds)('with a session on $adapter in $carrier', ({ adapter, carrier }) => {
  let app: RunningApp;

  beforeAll(async () => {
    const userSync = { entity: Person, attributes: { email: 'email' }, match: { poolProperty: 'pool' } };
    const cognito = {
      ...pool.options,
      secrets: [secret],
      globalGuard: true,
      pools: { staff: staff.options },
      userSync,
    };
    const imports = [
      TypeOrmModule.forRoot({ type: 'sqljs', entities: [Person], synchronize: true }),
      CognitoModule.forRoot(cognito),
      CognitoSessionModule.forRoot({ carrier, idleTimeout: 3 * 3600 }),
    ];
    const prepare = (nest: INestApplication): void => {
      if (carrier === 'server') addServerSessions(nest, adapter);
    };
    const made = (): ExpressAdapter | FastifyAdapter =>
      adapter === 'Express' ? new ExpressAdapter() : new FastifyAdapter();
    app = await startApp(made, { imports, controllers: [PagesController] }, { prepare });
  });

  afterAll(() => {
    (app.nest.getHttpServer() as Server).closeAllConnections();
    return app.close();
  });

  async function signedIn(): Promise<Browser> {
    const browser = new Browser(app.url);
    await browser.post('/login', { tokens: await pool.tokensFor('alice') });
    return browser;
  }

  /** Opens the stream: what it was sent, and whether it was cut off. */
  async function read(browser: Browser) {
    const response = await fetch(`${app.url}/news`, { headers: { cookie: String(browser.jar) } });
    browser.jar.take(response);
    const stream = { status: response.status, received: '', isOver: false };
    const reading = async (): Promise<void> => {
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) stream.received += decoder.decode(chunk as Uint8Array);
    };
    reading()
      .catch(() => undefined)
      .finally(() => (stream.isOver = true));
    return stream;
  }

  it('a route is handed the row of its user', async () => {
    expect((await new Browser(app.url).get('/me')).status).toBe(401);
    const row = (await (await signedIn()).get('/me')).json;
    expect(row).toMatchObject({ username: 'alice', person: { pool: 'default', email: 'alice@example.com' } });
  });

  it('of a named pool the routes of that pool are let in, by their rules, and no others', async () => {
    const browser = new Browser(app.url);
    const statusOf = async (path: string): Promise<number> => (await browser.get(path)).status;
    const clerk = { tokens: await staff.tokensFor('stella'), pool: 'staff' };
    expect((await browser.post('/login', clerk)).json).toEqual({ pool: 'staff' });
    expect((await browser.get('/staff')).json).toMatchObject({ pool: 'staff', email: 'stella@example.com' });
    // What is refused elsewhere is not taken away.
    expect([await statusOf('/me'), await statusOf('/staff')]).toEqual([401, 200]);
    const sam = await staff.tokensFor('sam');
    await browser.post('/login', { tokens: sam, pool: 'staff' });
    expect([await statusOf('/me'), await statusOf('/staff')]).toEqual([401, 403]);
    expect((await browser.post('/login', { tokens: sam })).status).toBe(401);
    await browser.post('/login', { tokens: await pool.tokensFor('alice') });
    expect([await statusOf('/me'), await statusOf('/staff')]).toEqual([200, 401]);
  });

  it('a stream of events ends with the sign-out, before the next event', async () => {
    const browser = await signedIn();
    const stream = await read(browser);
    await vi.waitUntil(() => stream.received.includes('alice'));
    await browser.post('/logout');
    news.emit('headline', 'secret');
    await vi.waitUntil(() => stream.isOver);
    expect(stream.received).not.toContain('secret');
  });

  it('a stream that is opened with tokens that have expired goes on with the new ones', async () => {
    const browser = await signedIn();
    pool.clock.advance({ minutes: 65 });
    const stream = await read(browser);
    expect(stream.status).toBe(200);
    await vi.waitUntil(() => stream.received.includes('alice'));
    news.emit('headline', 'rain');
    await vi.waitUntil(() => stream.received.includes('rain'));
    expect((await browser.get('/me')).status).toBe(200);
    await browser.post('/logout');
    news.emit('headline', 'secret');
    await vi.waitUntil(() => stream.isOver);
    expect(stream.received).not.toContain('secret');
    pool.clock.reset();
  });

  it('a stream whose token expires is cut off, and the session that was renewed meanwhile goes on', async () => {
    const browser = await signedIn();
    const stream = await read(browser);
    await vi.waitUntil(() => stream.received.includes('alice'));
    pool.clock.advance({ minutes: 65 });
    expect((await browser.get('/me')).status).toBe(200);
    news.emit('headline', 'secret');
    await vi.waitUntil(() => stream.isOver);
    expect(stream.received).not.toContain('secret');
    expect((await browser.get('/me')).status).toBe(200);
    pool.clock.reset();
  });
});
