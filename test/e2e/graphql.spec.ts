import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Logger, Module, UseGuards } from '@nestjs/common';
import { GraphQLModule, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql';
import { createClient } from 'graphql-ws';
import { EventEmitter, on } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import {
  CognitoGraphqlModule,
  type CognitoSubscriptionOptions,
  CognitoSubscriptions,
} from '../../lib/graphql/index.js';
import {
  BearerExtractor,
  CognitoAuthGuard,
  CognitoError,
  CognitoModule,
  type CognitoPrincipal,
  type CognitoRequest,
  CognitoUser,
  type ExtractedToken,
  OptionalAuth,
  Public,
  RequireGroups,
  type TokenExtractor,
} from '../../lib/index.js';
import { CognitoEmulator } from '../../lib/testing/index.js';
import { adapters, type RunningApp, startApp } from '../support/nest-app.js';

const news = new EventEmitter();

async function* headlines(): AsyncGenerator<Record<string, string>> {
  for await (const [headline] of on(news, 'headline')) yield { headlines: String(headline), feed: String(headline) };
}

@UseGuards(CognitoAuthGuard)
@Resolver()
class NewsResolver {
  @Query(() => String) me(@CognitoUser() principal: CognitoPrincipal): string {
    return String(principal.username);
  }

  @Public() @Query(() => String) open(@CognitoUser() principal: CognitoPrincipal | undefined): string {
    return principal === undefined ? 'nobody' : 'somebody';
  }

  @OptionalAuth() @Query(() => String) optional(@CognitoUser() principal: CognitoPrincipal | undefined): string {
    return principal?.username ?? 'nobody';
  }

  @RequireGroups({ any: ['editors'] }) @Mutation(() => String) publish(): string {
    return 'published';
  }

  @Query(() => String) failing(): string {
    throw new CognitoError('COGNITO_THROTTLED', { retryAfter: 7 });
  }

  @Subscription(() => String) headlines(): AsyncGenerator<Record<string, string>> {
    return headlines();
  }
}

/** A subscription that nobody put a guard before. */
@Resolver()
class BareResolver {
  @Subscription(() => String) feed(): AsyncGenerator<Record<string, string>> {
    return headlines();
  }
}

class CookieToken implements TokenExtractor {
  extract({ headers }: CognitoRequest): ExtractedToken | undefined {
    const token = /(?:^|; )token=([^;]*)/.exec(String(headers['cookie'] ?? ''))?.[1];
    return token === undefined ? undefined : { token, from: 'cookie' };
  }
}

const users = [
  { username: 'alice', password: 'Passw0rd!', groups: ['editors'] },
  { username: 'bob', password: 'Passw0rd!' },
];

let pool: CognitoEmulator;

beforeAll(async () => {
  pool = await CognitoEmulator.start({ users });
});

afterAll(() => pool.stop());
afterEach(() => pool.clock.reset());

const origin = 'https://app.example.com';
const tokenOf = async (username: string, options = {}): Promise<string> =>
  (await pool.tokensFor(username, options)).accessToken;

function appModule(subscriptions: CognitoSubscriptionOptions | 'unwatched' = { allowedOrigins: [origin] }) {
  @Module({
    imports: [
      CognitoModule.forRoot({ ...pool.options, extractors: [new BearerExtractor(), new CookieToken()] }),
      GraphQLModule.forRootAsync<ApolloDriverConfig>({
        driver: ApolloDriver,
        imports: [CognitoGraphqlModule],
        inject: [CognitoSubscriptions],
        useFactory: (guarded: CognitoSubscriptions) => ({
          autoSchemaFile: true,
          graphiql: false,
          subscriptions: { 'graphql-ws': subscriptions === 'unwatched' || guarded.hooks(subscriptions) },
        }),
      }),
    ],
    providers: [NewsResolver, BareResolver],
  })
  class AppModule {}
  return AppModule;
}

interface GraphqlAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }[];
}

async function ask(app: RunningApp, query: string, token?: string): Promise<GraphqlAnswer> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const headers = { 'content-type': 'application/json', ...authorization };
  const response = await fetch(`${app.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return (await response.json()) as GraphqlAnswer;
}

const outcome = ({ data, errors }: GraphqlAnswer): unknown => errors?.[0]?.extensions['code'] ?? data;

/** A subscriber: what it was sent, and how its connection ended. */
function subscribe(app: RunningApp, query: string, { params = {}, headers = {} }: Knock = {}) {
  class Socket extends WebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol, { headers: headers as Record<string, string> });
    }
  }
  const received: unknown[] = [];
  const client = createClient({
    url: `${app.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: Socket,
    connectionParams: params,
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => undefined,
  });
  const closed = new Promise<unknown>((resolve) => {
    client.on('closed', (event) => {
      const { code, reason } = event as { code: number; reason: string };
      resolve([code, reason]);
    });
  });
  const connected = new Promise<void>((resolve) => client.on('connected', () => resolve()));
  client.subscribe(
    { query },
    {
      next: (result) => received.push(result.data ?? result.errors),
      error: () => undefined,
      complete: () => undefined,
    },
  );
  return { received, closed, connected, close: () => client.dispose() };
}

interface Knock {
  readonly params?: Record<string, unknown>;
  readonly headers?: Record<string, string | string[]>;
}

/** Publishes until somebody has heard it: nobody is told when a subscription has begun. */
async function publishUntil(isHeard: () => boolean, headline: string): Promise<void> {
  await vi.waitUntil(
    () => {
      news.emit('headline', headline);
      return isHeard();
    },
    { interval: 20, timeout: 5_000 },
  );
}

describe.each(adapters)('resolvers behind the guard on %s', (_, adapter) => {
  let app: RunningApp;

  beforeAll(async () => {
    app = await startApp(adapter, appModule());
  });

  afterAll(() => app.close());

  it('answer a good token, as its user', async () => {
    expect((await ask(app, '{ me }', await tokenOf('alice'))).data).toEqual({ me: 'alice' });
  });

  it('refuse with the code and the status of the error, and repeat nothing of the token', async () => {
    const token = await tokenOf('alice');
    const [header, payload] = token.split('.');
    const answers = await Promise.all([ask(app, '{ me }'), ask(app, '{ me }', `${header}.${payload}.AAAA`)]);
    expect(answers.map(outcome)).toEqual(['COGNITO_TOKEN_MISSING', 'COGNITO_TOKEN_SIGNATURE_INVALID']);
    expect(answers.map(({ data }) => data)).toEqual([null, null]);
    expect(answers[0]?.errors?.[0]).toMatchObject({
      message: 'Authentication is required.',
      extensions: { status: 401 },
    });
    expect(JSON.stringify(answers)).not.toContain(payload);
  });

  it('leave nothing in the log of errors for who has no token, one that is bad, or no right', async () => {
    const logged = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const refused = [await ask(app, '{ me }'), await ask(app, '{ me }', 'x')];
    refused.push(await ask(app, 'mutation { publish }', await tokenOf('bob')));
    const lines = logged.mock.calls;
    logged.mockRestore();
    expect(refused.map(({ errors }) => errors?.[0]?.extensions['status'])).toEqual([401, 401, 403]);
    expect(lines).toEqual([]);
  });

  it('refuse a mutation to who may not, and let it pass for who may', async () => {
    const [alice, bob] = await Promise.all([tokenOf('alice'), tokenOf('bob')]);
    expect(outcome(await ask(app, 'mutation { publish }', alice))).toEqual({ publish: 'published' });
    expect(outcome(await ask(app, 'mutation { publish }', bob))).toBe('COGNITO_GROUPS_REQUIRED');
  });

  it('know public and optional ones', async () => {
    expect(outcome(await ask(app, '{ open optional }'))).toEqual({ open: 'nobody', optional: 'nobody' });
    expect(outcome(await ask(app, '{ optional }', await tokenOf('bob')))).toEqual({ optional: 'bob' });
    expect(outcome(await ask(app, '{ optional }', 'not-a-token'))).toBe('COGNITO_TOKEN_MALFORMED');
  });

  it('tell an error of a service in the same form, with the time until another attempt', async () => {
    const { errors } = await ask(app, '{ failing }', await tokenOf('alice'));
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'COGNITO_THROTTLED', retryAfter: 7 });
  });
});

describe.each(adapters)('subscriptions on %s', (_, adapter) => {
  let app: RunningApp;

  beforeAll(async () => {
    app = await startApp(adapter, appModule());
  });

  afterAll(() => app.close());

  const bearer = async (username: string, options = {}): Promise<Knock> => ({
    params: { Authorization: `Bearer ${await tokenOf(username, options)}` },
  });

  it('are opened by the token of their connection parameters', async () => {
    const alice = subscribe(app, 'subscription { headlines }', await bearer('alice'));
    await publishUntil(() => alice.received.length > 0, 'rain');
    expect(alice.received[0]).toEqual({ headlines: 'rain' });
    await alice.close();
  });

  it('are closed with 4401 at once without a good token, also where no guard stands before the resolver', async () => {
    for (const query of ['subscription { headlines }', 'subscription { feed }']) {
      for (const [params, reason] of [
        [{}, 'COGNITO_TOKEN_MISSING'],
        [{ authorization: 'Bearer not-a-token' }, 'COGNITO_TOKEN_MALFORMED'],
        [{ authorization: `Bearer ${(await pool.tokensFor('alice')).idToken}` }, 'COGNITO_TOKEN_WRONG_USE'],
      ] as const) {
        const stranger = subscribe(app, query, { params });
        expect(await stranger.closed).toEqual([4401, reason]);
        expect(stranger.received).toEqual([]);
      }
    }
  });

  it('ask the token again for every event, and close instead of pushing it', async () => {
    const alice = subscribe(app, 'subscription { feed }', await bearer('alice'));
    await publishUntil(() => alice.received.length > 0, 'sun');
    pool.clock.advance({ hours: 1, minutes: 1 });
    news.emit('headline', 'secret');
    expect(await alice.closed).toEqual([4401, 'COGNITO_TOKEN_EXPIRED']);
    expect(JSON.stringify(alice.received)).not.toContain('secret');
  });

  it('are closed when the token expires, though nothing is pushed', async () => {
    const alice = subscribe(app, 'subscription { headlines }', await bearer('alice', { expiresIn: 3 }));
    await alice.connected;
    expect(await alice.closed).toEqual([4401, 'COGNITO_TOKEN_EXPIRED']);
  });

  it('make each operation one of its own: whoever is connected, a public resolver sees nobody', async () => {
    const knock = await bearer('alice');
    for (const [query, answer] of [
      ['{ me }', { me: 'alice' }],
      ['{ open }', { open: 'nobody' }],
    ] as const) {
      const alice = subscribe(app, query, knock);
      await vi.waitUntil(() => alice.received.length > 0);
      expect(alice.received).toEqual([answer]);
      await alice.close();
    }
  });

  it('are not opened by two Authorization headers, or by two such parameters', async () => {
    const good = `Bearer ${await tokenOf('alice')}`;
    for (const knock of [
      { headers: { authorization: [good, 'Bearer bad'] } },
      { params: { authorization: good, Authorization: 'Bearer bad' } },
    ]) {
      const closed = subscribe(app, 'subscription { feed }', knock).closed;
      expect(await closed).toEqual([4401, 'COGNITO_TOKEN_MALFORMED']);
    }
  });

  it('take a cookie only from a page of the application', async () => {
    const cookie = `token=${await tokenOf('alice')}`;
    const ours = subscribe(app, 'subscription { headlines }', { headers: { cookie, origin } });
    await ours.connected;
    await ours.close();
    for (const headers of [{ cookie }, { cookie, origin: 'https://evil.example.com' }, { cookie, origin: 'null' }]) {
      const theirs = subscribe(app, 'subscription { headlines }', { headers, params: { origin, cookie } });
      expect(await theirs.closed).toEqual([4401, 'COGNITO_TOKEN_MISSING']);
    }
  });
});

describe('subscriptions that may be anonymous', () => {
  it('reach what is public, and nothing else', async () => {
    const [, adapter] = adapters[0];
    const app = await startApp(adapter, appModule({ isOptional: true }));
    const open = subscribe(app, '{ open }');
    await vi.waitUntil(() => open.received.length > 0);
    expect(open.received).toEqual([{ open: 'nobody' }]);
    await open.close();
    const me = subscribe(app, '{ me }');
    await vi.waitUntil(() => me.received.length > 0);
    expect(JSON.stringify(me.received)).toContain('COGNITO_TOKEN_MISSING');
    await me.close();
    expect(await subscribe(app, '{ open }', { params: { authorization: 'Bearer bad' } }).closed).toEqual([
      4401,
      'COGNITO_TOKEN_MALFORMED',
    ]);
    await app.close();
  });
});

describe('subscriptions whose connection nobody watches', () => {
  it('are refused by the guard, whatever token they bring', async () => {
    const [, adapter] = adapters[0];
    const app = await startApp(adapter, appModule('unwatched'));
    const headers = { authorization: `Bearer ${await tokenOf('alice')}` };
    const alice = subscribe(app, '{ me }', { headers, params: headers });
    await vi.waitUntil(() => alice.received.length > 0);
    expect(JSON.stringify(alice.received)).toContain('COGNITO_TRANSPORT_UNSUPPORTED');
    await alice.close();
    await app.close();
  });
});
