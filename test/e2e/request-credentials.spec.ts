import { Controller, Get, Logger, NotFoundException, Req, UseGuards } from '@nestjs/common';
import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  BearerExtractor,
  CognitoAuthGuard,
  CognitoError,
  CognitoModule,
  type CognitoOptions,
  type CognitoPrincipal,
  type CognitoRequest,
  CognitoService,
  CognitoTokens,
  CognitoUser,
  CookieExtractor,
  credentialSourceOf,
  HeadersExtractor,
  LiveSessions,
  OptionalAuth,
  Public,
  RequireLiveSession,
  type RequestTokens,
  TokenUse,
  UserPool,
} from '../../lib/index.js';
import { CognitoEmulator } from '../../lib/testing/index.js';
import { adapters, type RunningApp, startApp } from '../support/nest-app.js';

@UseGuards(CognitoAuthGuard)
@Controller()
class CredentialsController {
  @Get('who') who(@CognitoUser() user: CognitoPrincipal, @CognitoTokens() tokens: RequestTokens, @Req() req: object) {
    const { username, tokenUse, pool } = user;
    return { username, tokenUse, pool, has: Object.keys(tokens), from: credentialSourceOf(req) };
  }

  @TokenUse('id') @Get('by-id') byId(@CognitoUser() { tokenUse }: CognitoPrincipal, @CognitoTokens() tokens: object) {
    return { tokenUse, has: Object.keys(tokens) };
  }

  @OptionalAuth() @Get('optional') optional(@CognitoUser('sub') sub: unknown, @Req() req: object) {
    return { anonymous: sub === undefined, from: credentialSourceOf(req) ?? null };
  }

  @UserPool('staff') @Get('staff') staff(@CognitoUser() { pool }: CognitoPrincipal) {
    return { pool };
  }

  @Public() @Get('open') open(@Req() req: CognitoRequest) {
    return { has: 'unverifiedApiKey' in req, key: req.unverifiedApiKey ?? null };
  }

  @Get('key') key(@Req() req: CognitoRequest) {
    return { has: 'unverifiedApiKey' in req, key: req.unverifiedApiKey ?? null };
  }

  @RequireLiveSession() @Get('live') live() {
    return {};
  }

  @RequireLiveSession() @TokenUse('either') @Get('live-either') liveEither() {
    return {};
  }
}

const users = ['alice', 'bob'].map((username) => ({
  username,
  password: 'Passw0rd!',
  attributes: { email: `${username}@example.com` },
}));

let pool: CognitoEmulator;
let staff: CognitoEmulator;

beforeAll(async () => {
  [pool, staff] = await Promise.all([CognitoEmulator.start({ users }), CognitoEmulator.start({ users })]);
});

afterAll(() => Promise.all([pool.stop(), staff.stop()]));
afterEach(() => vi.restoreAllMocks());

function start(adapter: (typeof adapters)[number][1], options: Partial<CognitoOptions> = {}): Promise<RunningApp> {
  const cognito = CognitoModule.forRoot({ ...pool.options, pools: { staff: staff.options }, ...options });
  return startApp(adapter, { imports: [cognito], controllers: [CredentialsController] });
}

/** The status of a request with every header line as it is given; `fetch` would join them. */
function statusOf(url: string, lines: string[]): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { host } = new URL(url);
    httpRequest(url, { headers: ['Host', host, 'Connection', 'close', ...lines] }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe.each(adapters)('the credential of a request on %s', (_, adapter) => {
  let app: RunningApp;

  beforeAll(async () => {
    const extractors = [
      new BearerExtractor({ schemes: ['Bearer', 'token'] }),
      new HeadersExtractor(),
      new CookieExtractor({ name: 'access' }),
    ];
    app = await start(adapter, { extractors });
  });

  afterAll(() => app.close());

  const withHeaders = (path: string, headers: Record<string, string>) => app.get(path, undefined, headers);
  const pairOf = ({ accessToken, idToken }: { accessToken: string; idToken: string }) => ({
    ACCESSTOKEN: accessToken,
    IdToken: idToken,
  });

  it('is found where it is, and its source is known', async () => {
    const tokens = await pool.tokensFor('alice');
    const base = { username: 'alice', tokenUse: 'access', pool: 'default' };
    const one = { ...base, has: ['accessToken'] };
    const { accessToken } = tokens;
    expect((await app.get('/who', accessToken)).body).toEqual({ ...one, from: 'bearer' });
    expect((await withHeaders('/who', { authorization: `ToKeN ${accessToken}` })).body).toEqual({
      ...one,
      from: 'bearer',
    });
    expect((await withHeaders('/who', { cookie: `a=b; access=${accessToken}` })).body).toEqual({
      ...one,
      from: 'cookie',
    });
    expect((await withHeaders('/who', pairOf(tokens))).body).toEqual({
      ...base,
      has: ['accessToken', 'idToken'],
      from: 'header',
    });
    expect((await withHeaders('/optional', {})).body).toEqual({ anonymous: true, from: null });
  });

  it('makes the principal of the token of a pair that the route wants', async () => {
    const tokens = await pool.tokensFor('alice');
    expect((await withHeaders('/by-id', pairOf(tokens))).body).toEqual({
      tokenUse: 'id',
      has: ['accessToken', 'idToken'],
    });
    expect((await app.get('/by-id', tokens.accessToken)).status).toBe(401);
  });

  it('is a pair only if both tokens are good and of one sign-in', async () => {
    const [first, second, bob] = await Promise.all(['alice', 'alice', 'bob'].map((name) => pool.tokensFor(name)));
    if (!first || !second || !bob) throw new Error('no tokens');
    const { accessToken, idToken } = first;
    const refused: [Record<string, string>, string][] = [
      [pairOf({ accessToken, idToken: bob.idToken }), 'COGNITO_TOKEN_CLAIMS_INVALID'],
      [pairOf({ accessToken, idToken: second.idToken }), 'COGNITO_TOKEN_CLAIMS_INVALID'],
      [pairOf({ accessToken, idToken: accessToken }), 'COGNITO_TOKEN_WRONG_USE'],
      [pairOf({ accessToken: idToken, idToken }), 'COGNITO_TOKEN_WRONG_USE'],
      [pairOf({ accessToken, idToken: tampered(idToken) }), 'COGNITO_TOKEN_SIGNATURE_INVALID'],
      [pairOf({ accessToken, idToken: `${idToken}x` }), 'COGNITO_TOKEN_MALFORMED'],
      [pairOf({ accessToken, idToken: '' }), 'COGNITO_TOKEN_MALFORMED'],
      [{ ACCESSTOKEN: accessToken }, 'COGNITO_TOKEN_MISSING'],
      [{ IDTOKEN: idToken }, 'COGNITO_TOKEN_MISSING'],
      [{ REFRESHTOKEN: first.refreshToken }, 'COGNITO_TOKEN_MISSING'],
    ];
    for (const [index, [headers, code]] of refused.entries()) {
      const { status, body } = await withHeaders('/who', headers);
      expect([index, status, body.code]).toEqual([index, 401, code]);
    }
    expect((await withHeaders('/who', pairOf(second))).status).toBe(200);
  });

  it('is refused in two Authorization headers, and in a cookie that is sent twice', async () => {
    const { accessToken } = await pool.tokensFor('alice');
    const bearer = ['Authorization', `Bearer ${accessToken}`];
    const url = `${app.url}/optional`;
    expect(await statusOf(url, bearer)).toBe(200);
    expect(await statusOf(url, [...bearer, ...bearer])).toBe(401);
    expect(await statusOf(url, [...bearer, 'authorization', 'Basic YWxpY2U6eA=='])).toBe(401);
    expect(await statusOf(url, ['Authorization', 'Basic YWxpY2U6eA==', ...bearer])).toBe(401);
    expect(await statusOf(url, ['Cookie', `access=${accessToken}`, 'Cookie', `access=${accessToken}`])).toBe(401);
  });
});

describe.each(adapters)('the API key of a request on %s', (_, adapter) => {
  it('is put on it as it came, on public routes too, and only where it came and is wanted', async () => {
    const app = await start(adapter, { apiKeyHeader: true });
    const { accessToken } = await pool.tokensFor('alice');
    const header = { 'Authorization-Id': 'key-1' };
    expect((await app.get('/open', undefined, header)).body).toEqual({ has: true, key: 'key-1' });
    expect((await app.get('/key', accessToken, header)).body).toEqual({ has: true, key: 'key-1' });
    expect((await app.get('/key', accessToken)).body).toEqual({ has: false, key: null });
    expect((await app.get('/open')).body).toEqual({ has: false, key: null });
    expect((await app.get('/key', undefined, header)).status).toBe(401);
    await app.close();

    const named = await start(adapter, { apiKeyHeader: 'X-Api-Key' });
    expect((await named.get('/open', undefined, { 'x-api-key': 'key-2' })).body).toEqual({ has: true, key: 'key-2' });
    expect((await named.get('/open', undefined, header)).body).toEqual({ has: false, key: null });
    await named.close();

    const without = await start(adapter);
    expect((await without.get('/open', undefined, header)).body).toEqual({ has: false, key: null });
    await without.close();
  });

  it('does not travel where tokens do', async () => {
    for (const apiKeyHeader of ['Authorization', 'cookie', 'a b', '', 7 as never]) {
      await expect(start(adapter, { apiKeyHeader })).rejects.toMatchObject({ code: 'COGNITO_OPTIONS_INVALID' });
    }
  });
});

describe.each(adapters)('the pool of a request on %s', (_, adapter) => {
  it('is what the application says where the route names none, whatever the token says', async () => {
    const logged = vi.spyOn(Logger.prototype, 'error').mockReturnValue();
    const tenants: Record<string, () => string | undefined | Promise<string | undefined>> = {
      ours: () => undefined,
      staff: async () => 'staff',
      unknown: () => 'constructor',
      nothing: () => null as never,
      nowhere: () => {
        throw new NotFoundException();
      },
      broken: () => Promise.reject(Object.assign(new Error('S3cr3t'), { statusCode: 200 })),
    };
    const app = await start(adapter, { poolOf: ({ headers }) => tenants[String(headers['x-tenant'])]?.() });
    const [ours, theirs] = await Promise.all([pool.tokensFor('alice'), staff.tokensFor('alice')]);
    const ask = async (path: string, token: string, tenant: string) => {
      const { status, body } = await app.get(path, token, { 'x-tenant': tenant });
      return [status, body['pool'] ?? body.code];
    };
    expect(await ask('/who', ours.accessToken, 'ours')).toEqual([200, 'default']);
    expect(await ask('/who', theirs.accessToken, 'ours')).toEqual([401, 'COGNITO_TOKEN_WRONG_ISSUER']);
    expect(await ask('/who', theirs.accessToken, 'staff')).toEqual([200, 'staff']);
    expect(await ask('/who', ours.accessToken, 'staff')).toEqual([401, 'COGNITO_TOKEN_WRONG_ISSUER']);
    expect(await ask('/staff', theirs.accessToken, 'ours')).toEqual([200, 'staff']);
    expect(await ask('/who', ours.accessToken, 'unknown')).toEqual([500, 'COGNITO_POOL_UNKNOWN']);
    expect(await ask('/who', ours.accessToken, 'nothing')).toEqual([500, 'COGNITO_POOL_UNKNOWN']);
    expect((await ask('/who', ours.accessToken, 'nowhere'))[0]).toBe(404);
    expect(await ask('/who', ours.accessToken, 'broken')).toEqual([500, 'COGNITO_UNEXPECTED']);
    expect(JSON.stringify(logged.mock.calls)).toContain('S3cr3t');
    await app.close();
  });
});

describe.each(adapters)('a route for live sessions on %s', (_, adapter) => {
  let app: RunningApp;

  beforeAll(async () => {
    app = await start(adapter, { liveSessionCacheTtl: 0 });
  });

  afterAll(() => app.close());

  it('refuses the token of a session that has ended, which other routes still take', async () => {
    const tokens = await pool.tokensFor('alice');
    expect((await app.get('/live', tokens.accessToken)).status).toBe(200);
    await app.nest.get(CognitoService).revokeToken(tokens);
    const { status, body } = await app.get('/live', tokens.accessToken);
    expect([status, body.code]).toEqual([401, 'COGNITO_TOKEN_REVOKED']);
    expect((await app.get('/who', tokens.accessToken)).status).toBe(200);
  });

  it('refuses a token that cannot ask, and a machine', async () => {
    const machine = { username: undefined, sub: pool.options.clientId, origin_jti: undefined };
    const tokenWith = async (claims: object) => (await pool.tokensFor('alice', { claims: { ...claims } })).accessToken;
    const answers = await Promise.all([
      app.get('/live', await tokenWith({ scope: 'openid' })),
      app.get('/live', await tokenWith({ ...machine, scope: 'aws.cognito.signin.user.admin' })),
      app.get('/live-either', (await pool.tokensFor('alice')).idToken),
    ]);
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [403, 'COGNITO_SCOPE_MISSING'],
      [403, 'COGNITO_SCOPE_MISSING'],
      [401, 'COGNITO_TOKEN_WRONG_USE'],
    ]);
  });

  it('says 429 or 503 while Cognito does not answer', async () => {
    vi.spyOn(Logger.prototype, 'error').mockReturnValue();
    const { accessToken } = await pool.tokensFor('alice');
    const ask = vi.spyOn(app.nest.get(LiveSessions), 'assertLive');
    for (const [code, status] of [
      ['COGNITO_THROTTLED', 429],
      ['COGNITO_UNAVAILABLE', 503],
    ] as const) {
      ask.mockRejectedValueOnce(new CognitoError(code, { retryAfter: 3 }));
      const answer = await app.get('/live', accessToken);
      expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([status, code, '3']);
    }
    expect((await app.get('/live', accessToken)).status).toBe(200);
  });
});

/** The same token with another signature, of the same length. */
function tampered(token: string): string {
  return token.replace(/\.[^.](?=[^.]*$)/, (begins) => (begins === '.A' ? '.B' : '.A'));
}
