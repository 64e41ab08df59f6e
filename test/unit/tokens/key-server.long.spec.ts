import { Controller, Get, UseGuards } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { Agent, createServer, get, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CognitoAuthGuard, CognitoModule } from '../../../lib/index.js';
import { resolvePool } from '../../../lib/options/resolved-pool.js';
import { CognitoTokenVerifier } from '../../../lib/tokens/token-verifier.service.js';
import { resolveTokensOptions } from '../../../lib/tokens/tokens.options.js';
import { adapters, type RunningApp, startApp } from '../../support/nest-app.js';
import { encode, makeKey, signToken } from './token-factory.js';

const key = makeKey();
const issuer = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI';
const hour = 3_600_000;

/** What the key server does with a request. */
type Behaviour = (response: ServerResponse) => void;
const well: Behaviour = (response) => void response.end(JSON.stringify({ keys: [key.jwk] }));
const ill: Behaviour = (response) => void response.writeHead(500).end();
const hanging: Behaviour = () => undefined;

let server: Server;
let uri: string;
let behaviour: Behaviour;
let fetches: number;

beforeEach(async () => {
  behaviour = well;
  fetches = 0;
  server = createServer((_, response) => {
    fetches += 1;
    behaviour(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
});

afterEach(() => {
  vi.useRealTimers();
  server.closeAllConnections();
  server.close();
});

const poolOptions = () => ({
  userPoolId: 'eu-west-1_AbCdEfGhI',
  clientId: 'client',
  issuer,
  jwks: { uri, retries: 0, timeout: 1_000 },
});

function claims(jti: string): Readonly<Record<string, unknown>> {
  const now = Math.floor(Date.now() / 1000);
  const common = { sub: 'alice-sub', iss: issuer, client_id: 'client', token_use: 'access', username: 'alice' };
  return { ...common, jti, iat: now - 60, exp: now + 86_400 };
}

@Controller()
@UseGuards(CognitoAuthGuard)
class NotesController {
  @Get() list() {
    return {};
  }
}

const startGuarded = (adapter: (typeof adapters)[number][1]): Promise<RunningApp> =>
  startApp(adapter, { imports: [CognitoModule.forRoot(poolOptions())], controllers: [NotesController] });

describe('a key server that answers 500, and then hangs', () => {
  it('fails none of 10,000 distinct tokens, beyond the time for which keys and tokens are remembered', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const tokens = Array.from({ length: 10_000 }, (_, index) => signToken(key, claims(String(index))));
    const verifier = new CognitoTokenVerifier([resolvePool('default', poolOptions())], resolveTokensOptions({}));
    const failures: unknown[] = [];
    const verifyAll = async (some: readonly string[]): Promise<void> => {
      for (const token of some) await verifier.verify(token).catch((thrown: unknown) => failures.push(thrown));
    };
    await verifyAll(tokens.slice(0, 100));
    behaviour = ill;
    vi.advanceTimersByTime(hour);
    // Those of before are met again when what was remembered of them is too old.
    await verifyAll(tokens.slice(0, 5_000));
    behaviour = hanging;
    vi.advanceTimersByTime(hour);
    await verifyAll(tokens.slice(5_000, 5_001));
    await vi.waitFor(() => expect(fetches).toBe(3));
    // While it hangs:
    await Promise.all([verifyAll(tokens.slice(5_001, 7_500)), verifyAll(tokens.slice(7_500))]);
    expect(failures).toEqual([]);
    expect(fetches).toBe(3);
    behaviour = well;
    server.closeAllConnections();
    await vi.waitFor(async () => {
      vi.advanceTimersByTime(60_000);
      await verifyAll(tokens.slice(0, 1));
      expect(verifier.keyStatus()).toMatchObject([{ ready: true, lastError: undefined }]);
    });
    expect(failures).toEqual([]);
  }, 120_000);
});

describe.each(adapters)('on %s', (_, adapter) => {
  let app: RunningApp;

  afterEach(() => app.close());

  it('a key server that is down before the first fetch is 503 with Retry-After, and forgiven without a restart', async () => {
    behaviour = ill;
    app = await startGuarded(adapter);
    const token = signToken(key, claims('first'));
    const answer = await app.get('/', token);
    expect(answer).toMatchObject({ status: 503, body: { code: 'COGNITO_KEYS_UNAVAILABLE' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect((await app.get('/')).status).toBe(401);
    behaviour = well;
    await vi.waitFor(async () => expect((await app.get('/', token)).status).toBe(200), {
      timeout: 10_000,
      interval: 250,
    });
  }, 30_000);

  it('10,000 tokens of made-up keys over 50 connections cause one fetch in ten seconds, and good tokens pass beside them', async () => {
    app = await startGuarded(adapter);
    const good = Array.from({ length: 100 }, (__, index) => signToken(key, claims(String(index))));
    expect((await app.get('/', good[0])).status).toBe(200);
    const before = fetches;
    const agent = new Agent({ keepAlive: true, maxSockets: 50 });
    const statusOf = (token: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const request = get(app.url, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode ?? 0));
        });
        request.on('error', reject);
      });
    const begun = Date.now();
    const answers = new Map<string, number>();
    const count = async (sort: string, token: string): Promise<void> => {
      const outcome = `${sort} ${await statusOf(token)}`;
      answers.set(outcome, (answers.get(outcome) ?? 0) + 1);
    };
    const payload = encode(claims('strange'));
    const strange = (): string => `${encode({ kid: randomUUID(), alg: 'RS256' })}.${payload}.c2ln`;
    await Promise.all(
      Array.from({ length: 50 }, async (__, lane) => {
        for (let i = 0; i < 200; i += 1) {
          await count('strange', strange());
          if (i % 100 === 0) await count('good', good[lane * 2 + i / 100] ?? '');
        }
      }),
    );
    agent.destroy();
    expect(Object.fromEntries(answers)).toEqual({ 'strange 401': 10_000, 'good 200': 100 });
    expect(fetches - before).toBeLessThanOrEqual(1 + Math.floor((Date.now() - begun) / 10_000));
  }, 120_000);
});
