import { Controller, Get, UseGuards } from '@nestjs/common';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  CognitoAuthGuard,
  CognitoModule,
  type CognitoOptions,
  type CognitoPrincipal,
  CognitoTokenVerifier,
  CognitoUser,
  RequireGroups,
  TokenUse,
} from '../../lib/index.js';
import { CognitoEmulator } from '../../lib/testing/index.js';
import { type AppChanges, adapters, type RunningApp, startApp } from '../support/nest-app.js';

// What another package for Nest and Cognito got wrong, each by the name under which it is known: none of it is true here.

@UseGuards(CognitoAuthGuard)
@Controller()
class DefectsController {
  @Get('who') who(@CognitoUser() { kind, username }: CognitoPrincipal) {
    return { kind, username: username ?? null };
  }

  @RequireGroups({ any: ['admin', 'support'], all: ['verified'] }) @Get('both') both() {
    return {};
  }

  @RequireGroups({ any: ['Admin'] }) @Get('upper') upper() {
    return {};
  }

  @TokenUse('id') @Get('id') id() {
    return {};
  }
}

let pool: CognitoEmulator;

beforeAll(async () => {
  const alice = { username: 'alice', password: 'Passw0rd!', attributes: { email: 'alice@example.com' } };
  pool = await CognitoEmulator.start({ users: [alice] });
});

afterAll(() => pool.stop());
afterEach(() => vi.restoreAllMocks());

const tokenWith = async (claims: object = {}): Promise<string> =>
  (await pool.tokensFor('alice', { claims: { ...claims } })).accessToken;

/** Serves the pool's keys at an address of its own, and counts how often they are fetched. */
async function countingKeyServer(): Promise<{ uri: string; fetched: () => number; server: Server }> {
  const keys = await (await fetch(`${pool.options.issuer}/.well-known/jwks.json`)).text();
  let count = 0;
  const server = createServer((_, response) => {
    count += 1;
    response.end(keys);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { uri: `http://127.0.0.1:${port}/keys`, fetched: () => count, server };
}

describe.each(adapters)('on %s', (_, adapter) => {
  let app: RunningApp;

  const start = (options: object = {}, changes: AppChanges = {}): Promise<RunningApp> => {
    const cognito = CognitoModule.forRoot({ ...pool.options, ...options });
    return startApp(adapter, { imports: [cognito], controllers: [DefectsController] }, changes);
  };

  beforeAll(async () => {
    app = await start();
  });

  afterAll(() => app.close());

  it('a: of two lists of groups neither makes the other void', async () => {
    const statusOf = async (...groups: string[]) =>
      (await app.get('/both', await tokenWith({ 'cognito:groups': groups }))).status;
    expect(await statusOf('verified', 'admin')).toBe(200);
    expect(await statusOf('verified')).toBe(403);
    expect(await statusOf('admin', 'support')).toBe(403);
  });

  it('b: the access token of a user is no machine, and that of a machine no user', async () => {
    expect((await app.get('/who', await tokenWith())).body).toEqual({ kind: 'user', username: 'alice' });
    const machine = await tokenWith({ username: undefined, sub: pool.options.clientId, origin_jti: undefined });
    expect((await app.get('/who', machine)).body).toEqual({ kind: 'machine', username: null });
    const neither = await tokenWith({ username: undefined });
    expect((await app.get('/who', neither)).status).toBe(401);
  });

  it('c: names of groups and users keep their case', async () => {
    expect((await app.get('/upper', await tokenWith({ 'cognito:groups': ['Admin'] }))).status).toBe(200);
    expect((await app.get('/upper', await tokenWith({ 'cognito:groups': ['admin'] }))).status).toBe(403);
    expect((await app.get('/who', await tokenWith({ username: 'ALICE' }))).body).toMatchObject({ username: 'ALICE' });
  });

  it('d: the wrong kind of token is 401', async () => {
    const { accessToken, idToken } = await pool.tokensFor('alice');
    expect((await app.get('/id', idToken)).status).toBe(200);
    expect((await app.get('/id', accessToken)).body.code).toBe('COGNITO_TOKEN_WRONG_USE');
    expect((await app.get('/id', accessToken)).status).toBe(401);
    expect((await app.get('/who', idToken)).status).toBe(401);
  });

  it('e: keys that cannot be fetched are 503, with a time to try again', async () => {
    const down = await start({ jwks: { uri: 'http://127.0.0.1:1/keys' } });
    const { status, body, headers } = await down.get('/who', await tokenWith());
    expect([status, body.code]).toEqual([503, 'COGNITO_KEYS_UNAVAILABLE']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(headers.get('www-authenticate')).toBeNull();
    await down.close();
  });

  it('f: another scheme is not taken for a token, and the scheme has no case', async () => {
    const verify = vi.spyOn(app.nest.get(CognitoTokenVerifier), 'verify');
    const basic = await app.get('/who', undefined, { authorization: 'Basic YWxpY2U6UGFzc3cwcmQh' });
    expect([basic.status, basic.body.code]).toEqual([401, 'COGNITO_TOKEN_MISSING']);
    expect(verify).not.toHaveBeenCalled();
    const token = await tokenWith();
    expect((await app.get('/who', undefined, { authorization: `bearer ${token}` })).status).toBe(200);
    expect(verify).toHaveBeenCalledWith(token, expect.anything());
  });

  it('g: a test may put another guard in the place of ours', async () => {
    const open = await start(
      {},
      { override: (builder) => builder.overrideGuard(CognitoAuthGuard).useValue({ canActivate: () => true }) },
    );
    expect((await open.get('/both')).status).toBe(200);
    expect((await app.get('/both')).status).toBe(401);
    await open.close();
  });

  it('h: what is written about keys is done, and what is misspelt is refused', async () => {
    const keys = await countingKeyServer();
    const fetchesFor = async (jwks: CognitoOptions['jwks']) => {
      const before = keys.fetched();
      const caching = await start({ jwks: { uri: keys.uri, ...jwks } });
      for (let round = 0; round < 3; round += 1) {
        expect((await caching.get('/who', await tokenWith({ round }))).status).toBe(200);
      }
      await caching.close();
      return keys.fetched() - before;
    };
    expect(await fetchesFor({})).toBe(1);
    expect(await fetchesFor({ cache: false })).toBeGreaterThanOrEqual(3);
    keys.server.close();
    const misspelt = { jwksCache: { max: 1 } };
    await expect(start(misspelt)).rejects.toMatchObject({ code: 'COGNITO_OPTIONS_INVALID' });
  });

  it('i: every 401 says how to authenticate', async () => {
    const challenges = await Promise.all(
      [undefined, 'not-a-token', (await pool.tokensFor('alice')).idToken].map(async (token) =>
        (await app.get('/who', token)).headers.get('www-authenticate'),
      ),
    );
    expect(challenges).toEqual([
      'Bearer realm="api"',
      expect.stringContaining('error="invalid_token"'),
      expect.stringContaining('error="invalid_token"'),
    ]);
  });

  it('j: without a pool to verify for, the application does not start', async () => {
    for (const options of [{ userPoolId: undefined }, { clientId: undefined }, { clientId: [] }, { userPoolId: '' }]) {
      await expect(start(options)).rejects.toMatchObject({ code: 'COGNITO_OPTIONS_INVALID' });
    }
  });
});
