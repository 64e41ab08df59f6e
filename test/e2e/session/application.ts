import 'reflect-metadata';
import fastifyCookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import { Body, Controller, Get, HttpCode, Inject, Module, Post, Req, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { RedisStore } from 'connect-redis';
import expressSession from 'express-session';
import { inspect } from 'node:util';
import { createClient } from 'redis';
import {
  CognitoAuthGuard,
  CognitoModule,
  type CognitoOptions,
  type CognitoPrincipal,
  CognitoTokens,
  CognitoUser,
  OptionalAuth,
  Public,
  type RequestTokens,
  TokenUse,
} from '../../../lib/index.js';
import { CognitoSessionModule, type CognitoSessionOptions, CognitoSessionService } from '../../../lib/session/index.js';
import type { UserTokens } from '../../../lib/user-pool/live-tokens.js';

/** An application whose browsers stay signed in, as a test or a process of its own runs it. */
export interface SessionAppSettings {
  readonly adapter: 'Express' | 'Fastify';
  readonly cognito: CognitoOptions;
  readonly session?: CognitoSessionOptions | undefined;
  /** A Redis for what the processes share, and for server sessions; without it both are in memory. */
  readonly redis?: { readonly url: string; readonly prefix: string; readonly lock: boolean } | undefined;
  /** Whether the middleware of server sessions is left out. */
  readonly withoutMiddleware?: boolean | undefined;
  /** In place of the store in memory of server sessions. */
  readonly serverStore?: expressSession.Store | undefined;
}

/** A running application. */
export interface SessionApp {
  readonly url: string;
  readonly sessions: CognitoSessionService;
  close(): Promise<void>;
}

type AnyRequest = Parameters<CognitoSessionService['find']>[0];

@Controller()
class SignInController {
  constructor(@Inject(CognitoSessionService) private readonly sessions: CognitoSessionService) {}

  @Public()
  @Post('login')
  async login(@Req() request: AnyRequest, @Body() body: { tokens: UserTokens; deviceKey?: string }): Promise<object> {
    const { id } = await this.sessions.start(request, body);
    return { id };
  }

  @Public()
  @Get('session')
  async session(@Req() request: AnyRequest): Promise<object> {
    const session = await this.sessions.find(request);
    if (session === undefined) return { session: null };
    const whole = (request as { session?: unknown }).session;
    const printed = [inspect(session, { depth: null, showHidden: true }), inspect(whole), JSON.stringify(session)];
    return { session, printed: printed.join('\n'), refreshToken: session.tokens.refreshToken.slice(-8) };
  }

  @Public()
  @Post('refresh')
  async refresh(@Req() request: AnyRequest): Promise<object> {
    const { principal, tokens } = await this.sessions.refresh(request);
    return { sub: principal.sub, expiresAt: tokens.expiresAt };
  }

  @Public()
  @Post('logout')
  @HttpCode(200)
  async logout(@Req() request: AnyRequest): Promise<object> {
    return this.sessions.end(request);
  }

  @Get('under-the-global-guard')
  open(@CognitoUser('sub') sub: string): object {
    return { sub };
  }
}

@UseGuards(CognitoAuthGuard)
@Controller()
class GuardedController {
  @Get('me')
  me(@CognitoUser() { sub, tokenUse }: CognitoPrincipal, @CognitoTokens() tokens: RequestTokens): object {
    return { sub, tokenUse, carries: Object.keys(tokens) };
  }

  @TokenUse('id')
  @Get('id')
  byIdToken(@CognitoUser() { tokenUse }: CognitoPrincipal, @CognitoUser('email') email: string): object {
    return { tokenUse, email };
  }

  @OptionalAuth()
  @Get('perhaps')
  perhaps(@CognitoUser() principal?: CognitoPrincipal): object {
    return { sub: principal?.sub ?? null };
  }
}

@Public()
@Controller()
class PassportController {
  @UseGuards(AuthGuard('cognito'))
  @Get('by-passport')
  me(@CognitoUser() { sub }: CognitoPrincipal): object {
    return { sub };
  }
}

/** Starts the application on a free port of this machine. */
export async function startSessionApp(settings: SessionAppSettings): Promise<SessionApp> {
  const { adapter, cognito, session, redis } = settings;
  const client = redis === undefined ? undefined : await createClient({ url: redis.url }).connect();
  const shared = client === undefined || redis === undefined ? undefined : prefixed(client, redis);

  @Module({
    imports: [
      CognitoModule.forRoot(cognito),
      CognitoSessionModule.forRoot({ ...session, ...(shared !== undefined && { store: shared }) }),
    ],
    controllers: [SignInController, GuardedController, PassportController],
  })
  class SessionAppModule {}

  const httpAdapter = adapter === 'Express' ? new ExpressAdapter() : new FastifyAdapter();
  const nest = await NestFactory.create(SessionAppModule, httpAdapter, { logger: false, abortOnError: false });
  const serverStore =
    settings.serverStore ?? (client && redis && new RedisStore({ client, prefix: `${redis.prefix}server:` }));
  if (session?.carrier === 'server' && settings.withoutMiddleware !== true)
    await addSessions(nest, adapter, serverStore);
  await nest.listen(0, '127.0.0.1');
  const close = async (): Promise<void> => {
    await nest.close();
    await client?.close();
  };
  return { url: await nest.getUrl(), sessions: nest.get(CognitoSessionService), close };
}

const secret = 'a secret of the server session, 32 bytes';

async function addSessions(nest: unknown, adapter: string, store: expressSession.Store | undefined): Promise<void> {
  if (adapter === 'Express') {
    const settings = { secret, resave: false, saveUninitialized: false, ...(store && { store }) };
    (nest as NestExpressApplication).use(expressSession(settings));
    return;
  }
  const application = nest as NestFastifyApplication;
  await application.register(fastifyCookie);
  const settings = { secret, saveUninitialized: false, cookie: { secure: false }, ...(store && { store }) };
  await application.register(fastifySession, settings as never);
}

type Client = ReturnType<typeof createClient>;

/** A client of Redis among keys of its own; without `lock` it is what any store of keys and values is. */
function prefixed(client: Client, { prefix, lock }: { readonly prefix: string; readonly lock: boolean }) {
  const set = (key: string, value: string, options: { PX: number; NX?: true }) =>
    client.set(`${prefix}${key}`, value, options);
  const get = (key: string) => client.get(`${prefix}${key}`);
  const del = (key: string) => client.del(`${prefix}${key}`);
  if (lock) return { get, set, del };
  return {
    get,
    delete: del,
    set: (key: string, value: string | number, ttl: number) => set(key, String(value), { PX: ttl }),
  };
}
