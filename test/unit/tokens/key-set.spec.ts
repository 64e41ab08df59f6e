import { Logger } from '@nestjs/common';
import { Keyv } from 'keyv';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { cognitoOptionsFromEnv, resolveCognitoOptions } from '../../../lib/cognito.options.js';
import type { JwksOptions, PoolOptions } from '../../../lib/options/pool.options.js';
import { resolvePool } from '../../../lib/options/resolved-pool.js';
import { CognitoTokenVerifier } from '../../../lib/tokens/token-verifier.service.js';
import { resolveTokensOptions } from '../../../lib/tokens/tokens.options.js';
import { makeKey, signToken } from './token-factory.js';

const issuer = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI';
const required = { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: 'client' };
const key = makeKey();
const keys = { keys: [key.jwk] };
let server: Server;
let uri: string;
let requests = 0;
let serve: (response: ServerResponse) => void;

const well = (response: ServerResponse): void => void response.end(JSON.stringify(keys));
const ill = (response: ServerResponse): void => void response.writeHead(500).end();

beforeAll(async () => {
  server = createServer((_, response) => {
    requests += 1;
    serve(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
});

beforeEach(() => {
  requests = 0;
  serve = well;
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function verifierOf(jwks: JwksOptions = {}, more: Partial<PoolOptions> = {}): CognitoTokenVerifier {
  const written = { ...required, issuer, ...more, jwks: { uri, ...jwks } };
  return new CognitoTokenVerifier([resolvePool('default', written)], resolveTokensOptions({}));
}

function token(claims: Readonly<Record<string, unknown>> = {}, signer = key): string {
  const now = Math.floor(Date.now() / 1000);
  const common = { sub: 'alice-sub', iss: issuer, client_id: 'client', token_use: 'access', username: 'alice' };
  return signToken(signer, { ...common, iat: now, exp: now + 3600, ...claims });
}

const judge = (verifier: CognitoTokenVerifier, text = token()) =>
  verifier.verify(text).then(
    () => 'passed',
    (error: { code: string }) => error.code,
  );

describe('a warm-up', () => {
  it('has the keys before the first token, and says so in one line', async () => {
    const log = vi.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    const verifier = verifierOf({ warmUp: 'strict' });
    expect(verifier.keyStatus()).toMatchObject([{ pool: 'default', issuer, ready: false, ageSeconds: undefined }]);
    await verifier.onApplicationBootstrap();
    expect(verifier.keyStatus()).toEqual([
      { pool: 'default', issuer, ready: true, ageSeconds: 0, lastError: undefined },
    ]);
    expect(log.mock.calls).toEqual([[`Pool "default": the keys of ${issuer} are there.`]]);
    expect(await judge(verifier)).toBe('passed');
    expect(requests).toBe(1);
  });

  it('does not hold the start up, and warns when it comes to nothing', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    let answer = (): void => undefined;
    serve = (response) => (answer = () => ill(response));
    const verifier = verifierOf({ retries: 0 });
    await verifier.onApplicationBootstrap();
    await vi.waitFor(() => expect(requests).toBe(1));
    expect(warn).not.toHaveBeenCalled();
    answer();
    await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(1));
    expect(warn.mock.calls[0]?.[0]).toMatch(/no keys could be fetched .*status 500/);
    expect(verifier.keyStatus()).toMatchObject([{ ready: false, lastError: 'status 500' }]);
  });

  it('says nothing of an application that closed meanwhile', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    let answer = (): void => undefined;
    serve = (response) => (answer = () => ill(response));
    const verifier = verifierOf({ retries: 0 });
    await verifier.onApplicationBootstrap();
    await vi.waitFor(() => expect(requests).toBe(1));
    verifier.onModuleDestroy();
    answer();
    await vi.waitFor(() => expect(verifier.keyStatus()).toMatchObject([{ lastError: 'status 500' }]));
    expect(warn).not.toHaveBeenCalled();
  });

  it('that is strict does not start without keys', async () => {
    serve = ill;
    await expect(verifierOf({ warmUp: 'strict', retries: 0 }).onApplicationBootstrap()).rejects.toMatchObject({
      code: 'COGNITO_KEYS_UNAVAILABLE',
    });
  });

  it('that is off, or has nothing to fetch or to keep, fetches nothing', async () => {
    for (const jwks of [{ warmUp: false }, { cache: false }, { uri: undefined, keys }] as const) {
      await verifierOf(jwks).onApplicationBootstrap();
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(requests).toBe(0);
  });
});

describe('a fetch that fails', () => {
  it('is tried again at once as often as was written', async () => {
    serve = (response) => (requests === 1 ? ill(response) : well(response));
    expect(await judge(verifierOf({ retries: 1 }))).toBe('passed');
    expect(requests).toBe(2);
    requests = 0;
    expect(await judge(verifierOf({ retries: 0 }))).toBe('COGNITO_KEYS_UNAVAILABLE');
  });

  it('is waited for by one token and not by the next, while there are keys to serve', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const verifier = verifierOf({ retries: 0 });
    expect(await judge(verifier)).toBe('passed');
    serve = ill;
    vi.advanceTimersByTime(301_000);
    expect(await judge(verifier)).toBe('passed');
    // From now on the server hangs; nobody hangs with it.
    const hanging: ServerResponse[] = [];
    serve = (response) => hanging.push(response);
    vi.advanceTimersByTime(31_000);
    const begun = process.hrtime.bigint();
    for (let i = 0; i < 20; i += 1) expect(await judge(verifier)).toBe('passed');
    expect(Number(process.hrtime.bigint() - begun) / 1e6).toBeLessThan(1_000);
    await vi.waitFor(() => expect(requests).toBe(3));
    for (const response of hanging) well(response);
    await vi.waitFor(() => expect(verifier.keyStatus()).toMatchObject([{ ready: true, lastError: undefined }]));
  });

  it('leaves the keys good for the time that was written, and no longer', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const verifier = verifierOf({ retries: 0, staleTtl: 600 });
    expect(await judge(verifier)).toBe('passed');
    serve = ill;
    vi.advanceTimersByTime(590_000);
    expect(await judge(verifier)).toBe('passed');
    vi.advanceTimersByTime(31_000);
    expect(await judge(verifier)).toBe('COGNITO_KEYS_UNAVAILABLE');
  });
});

describe('keys in a store', () => {
  it('are fetched by one process and used by the others, until they are too old', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const store = new Keyv();
    expect(await judge(verifierOf({ store }))).toBe('passed');
    const second = verifierOf({ store });
    expect(await judge(second)).toBe('passed');
    expect(requests).toBe(1);
    vi.advanceTimersByTime(301_000);
    expect(await judge(second)).toBe('passed');
    expect(requests).toBe(2);
  });

  it('do not hide a new key from whoever meets a token of it', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const store = new Keyv();
    const [first, second] = [verifierOf({ store }), verifierOf({ store })];
    expect([await judge(first), await judge(second)]).toEqual(['passed', 'passed']);
    const fresh = makeKey();
    serve = (response) => void response.end(JSON.stringify({ keys: [key.jwk, fresh.jwk] }));
    vi.advanceTimersByTime(11_000);
    expect(await judge(second, token({}, fresh))).toBe('passed');
  });

  it.each([
    ['fails', () => Promise.reject(new Error('gone'))],
    ['hangs', () => new Promise(() => undefined)],
    ['holds something else', () => Promise.resolve('{"set":7}')],
    ['holds what is from the future', () => Promise.resolve(JSON.stringify({ set: keys, fetchedAt: 9e15 }))],
  ])('are fetched from the server when the store %s', async (_, get) => {
    const store = { get, set: () => Promise.reject(new Error('gone')) };
    expect(await judge(verifierOf({ store, timeout: 200 }))).toBe('passed');
    expect(requests).toBe(1);
  });
});

describe('keys that are written', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'nest-cognito-keys-'));
  const write = (name: string, content: unknown): string => {
    const file = path.join(directory, name);
    writeFileSync(file, JSON.stringify(content));
    return file;
  };
  const resolve = (more: Partial<PoolOptions>) => resolveCognitoOptions({ ...required, ...more }, {});

  afterAll(() => rmSync(directory, { recursive: true }));

  it('may stand in a file, which an environment variable may name', async () => {
    const file = write('good.json', keys);
    const options = cognitoOptionsFromEnv({
      COGNITO_USER_POOL_ID: required.userPoolId,
      COGNITO_CLIENT_ID: 'client',
      COGNITO_JWKS_FILE: file,
    });
    const { pools, tokens } = resolveCognitoOptions(options, {});
    expect(await judge(new CognitoTokenVerifier(pools, tokens))).toBe('passed');
    expect(requests).toBe(0);
  });

  it('need one that can sign', () => {
    const weak = { keys: [makeKey('weak', 1024).jwk] };
    const useless = { keys: [{ ...key.jwk, use: 'enc' }] };
    for (const set of [weak, useless]) {
      expect(() => resolve({ jwks: { keys: set } })).toThrow(/jwks\.keys: holds no RSA key/);
      expect(() => resolve({ jwks: { file: write('useless.json', set) } })).toThrow(/jwks\.file: holds no RSA key/);
    }
    expect(() => resolve({ jwks: { keys: { keys: [...weak.keys, key.jwk] } } })).not.toThrow();
  });

  it('are refused from a file that is none, and from two places at once', () => {
    const unreadable = /jwks\.file: cannot be read/;
    expect(() => resolve({ jwks: { file: path.join(directory, 'nowhere.json') } })).toThrow(unreadable);
    expect(() => resolve({ jwks: { file: write('other.json', { keys: 'none' }) } })).toThrow(unreadable);
    const file = write('good.json', keys);
    expect(() => resolve({ jwks: { file, keys } })).toThrow(/jwks: give one of/);
  });
});

describe('a pool that is replicated', () => {
  const replicated = { ...required, issuerRegions: ['us-east-1'], jwks: { keys } };

  it('is trusted by the issuers of each region that was written, and of no other', async () => {
    const verifier = new CognitoTokenVerifier([resolvePool('default', replicated)], resolveTokensOptions({}));
    const from = (host: string) =>
      judge(verifier, token({ iss: `https://${host}.amazonaws.com/${required.userPoolId}` }));
    expect(await from('cognito-idp.eu-west-1')).toBe('passed');
    expect(await from('cognito-idp.us-east-1')).toBe('passed');
    expect(await from('issuer-cognito-idp.us-east-1')).toBe('passed');
    expect(await from('cognito-idp.us-east-2')).toBe('COGNITO_TOKEN_WRONG_ISSUER');
  });

  it('cannot smuggle a host in, nor stand beside an issuer of its own', () => {
    const resolve = (more: Partial<PoolOptions>) => () => resolveCognitoOptions({ ...replicated, ...more }, {});
    expect(resolve({})).not.toThrow();
    expect(resolve({ issuerRegions: ['evil.example/'] })).toThrow(/issuerRegions\.0: is not an AWS region/);
    expect(resolve({ issuer })).toThrow(/issuerRegions: adds to the issuers of AWS/);
    expect(resolve({ endpoint: 'http://127.0.0.1:9' })).toThrow(/issuerRegions: adds to the issuers of AWS/);
  });
});
