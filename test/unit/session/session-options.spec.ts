import { describe, expect, it } from 'vitest';
import { CognitoError } from '../../../lib/errors/cognito.error.js';
import { cookieOf, cookiesOf, serializeCookie, setCookie } from '../../../lib/request/cookies.js';
import { responseOf } from '../../../lib/request/response-of.js';
import { SessionCookies } from '../../../lib/session/session-cookies.js';
import { cognitoSessionOptionsFromEnv } from '../../../lib/session/session-from-env.js';
import { sessionStoreOf } from '../../../lib/session/session-store.js';
import { type CognitoSessionOptions, resolveSessionOptions } from '../../../lib/session/session.options.js';

/** What is said about options that are refused. */
function complaintOf(options: unknown, production = false): string {
  try {
    resolveSessionOptions(options as CognitoSessionOptions, production);
  } catch (thrown) {
    if (thrown instanceof CognitoError && thrown.code === 'COGNITO_OPTIONS_INVALID') return thrown.message;
    throw thrown;
  }
  return 'accepted';
}

describe('the options of sessions', () => {
  it('have safe defaults', () => {
    expect(resolveSessionOptions({}, true)).toMatchObject({
      carrier: 'cookies',
      cookies: { name: 'session', secure: true, sameSite: 'Lax', persistent: false },
      lifetime: 43_200,
      idleTimeout: 3600,
      renewBefore: 60,
      isStorePerProcess: true,
      signOut: 'local',
    });
  });

  it.each([
    ['cookies.httpOnly', { cookies: { httpOnly: false } }],
    ['cookies.name', { cookies: { name: '__Host-session' } }],
    ['cookies.name', { cookies: { name: 'a b' } }],
    ['cookies.sameSite', { cookies: { sameSite: 'None' } }],
    ['cookies.domain', { cookies: { domain: 'example.com' } }],
    ['csrf', { csrf: false }],
    ['carrier', { carrier: 'browser' }],
    ['lifetime', { lifetime: 0 }],
    ['lifetime', { lifetime: 401 * 86_400 }],
    ['idleTimeout', { idleTimeout: -1 }],
    ['renewBefore', { renewBefore: Number.NaN }],
    ['store', { store: 'redis' }],
    ['store', { store: { get: () => undefined } }],
    ['storeTimeout', { storeTimeout: 60_000 }],
    ['signOut', { signOut: true }],
    ['sessions', { sessions: true }],
  ])('refuse what is wrong with %s: %j', (key, options) => {
    expect(complaintOf(options)).toContain(`\n  ${key}: `);
  });

  it('refuse cookies over http in production, and take them elsewhere', () => {
    expect(complaintOf({ cookies: { secure: false } }, true)).toContain('cookies.secure');
    expect(complaintOf({ cookies: { secure: false } })).toBe('accepted');
  });

  it('are read from the environment under the names of older packages, whose unsafe values are refused', () => {
    const environment = {
      SECURE_COOKIE: 'True',
      HTTP_ONLY_COOKIE: 'true',
      USE_CSRF: '1',
      COGNITO_SESSION_LIFETIME: '60',
    };
    expect(cognitoSessionOptionsFromEnv(environment)).toEqual({
      csrf: true,
      cookies: { httpOnly: true, secure: true },
      lifetime: 60,
    });
    expect(cognitoSessionOptionsFromEnv({})).toEqual({});
    expect(complaintOf(cognitoSessionOptionsFromEnv(environment))).toBe('accepted');
    const unsafe = cognitoSessionOptionsFromEnv({ HTTP_ONLY_COOKIE: 'False', USE_CSRF: 'False' });
    expect(complaintOf(unsafe)).toMatch(/cookies\.httpOnly: [\s\S]*csrf: |csrf: [\s\S]*cookies\.httpOnly: /);
  });
});

describe('the cookies of sessions', () => {
  const isSecure = (request: { readonly protocol?: string; readonly host: string }, production = false): boolean =>
    new SessionCookies(resolveSessionOptions({}, production)).isSecure({
      headers: { host: request.host },
      protocol: request.protocol,
    });

  it('are for https, but on this machine in development', () => {
    expect(isSecure({ protocol: 'http', host: 'localhost:3000' })).toBe(false);
    expect(isSecure({ protocol: 'http', host: '127.0.0.1' })).toBe(false);
    expect(isSecure({ protocol: 'https', host: 'localhost:3000' })).toBe(true);
    expect(isSecure({ protocol: 'http', host: 'app.example.com' })).toBe(true);
    expect(isSecure({ protocol: 'http', host: 'localhost.example.com' })).toBe(true);
    expect(isSecure({ protocol: 'http', host: 'no host' })).toBe(true);
    expect(isSecure({ protocol: 'http', host: 'localhost:3000' }, true)).toBe(true);
  });

  it('are read with all their values and taken only where there is one', () => {
    const request = { headers: { cookie: 'a=1; b=2;a=3; broken; =x; c==' } };
    expect([...cookiesOf(request)]).toEqual([
      ['a', ['1', '3']],
      ['b', ['2']],
      ['', ['x']],
      ['c', ['=']],
    ]);
    expect([cookieOf(request, 'a'), cookieOf(request, 'b'), cookieOf(request, 'd')]).toEqual([
      undefined,
      '2',
      undefined,
    ]);
  });

  it('hold nothing that would end them early', () => {
    const attributes = { httpOnly: true, secure: true, sameSite: 'Lax' } as const;
    expect(serializeCookie('a', 'b', attributes)).toBe('a=b; Path=/; HttpOnly; Secure; SameSite=Lax');
    for (const value of ['b; Domain=evil.com', 'b\r\nSet-Cookie: c', 'b c', '"b"', 'b,c']) {
      expect(() => serializeCookie('a', value, attributes)).toThrow(TypeError);
    }
    expect(() => serializeCookie('a b', 'c', attributes)).toThrow(TypeError);
  });

  it('are not set with an answer whose headers are sent', () => {
    const answer = { getHeader: () => undefined, removeHeader: () => undefined, header: () => undefined };
    const attributes = { httpOnly: true, secure: false, sameSite: 'Lax' } as const;
    expect(setCookie({ res: answer }, 'a', 'b', attributes)).toBe(true);
    expect(setCookie({ res: { ...answer, headersSent: true } }, 'a', 'b', attributes)).toBe(false);
    expect([responseOf({}), responseOf({ res: {} })]).toEqual([undefined, undefined]);
  });
});

describe('a store of sessions over a client of Redis', () => {
  it('speaks to node-redis and to ioredis as each understands it', async () => {
    const calls: unknown[][] = [];
    const note =
      (answer: unknown) =>
      (...call: unknown[]): Promise<unknown> => {
        calls.push(call);
        return Promise.resolve(answer);
      };
    const client = { get: note('1'), set: note('OK'), del: note(1) };
    const stores = [sessionStoreOf(client), sessionStoreOf({ ...client, defineCommand: () => undefined })];
    for (const store of stores) {
      await store.set('a', 'b', 1000.5);
      expect(await store.add?.('c', 'd', 2000)).toBe(true);
    }
    expect(calls).toEqual([
      ['a', 'b', { PX: 1001 }],
      ['c', 'd', { PX: 2000, NX: true }],
      ['a', 'b', 'PX', 1001],
      ['c', 'd', 'PX', 2000, 'NX'],
    ]);
    const taken = sessionStoreOf({ ...client, set: note(null) });
    expect(await taken.add?.('c', 'd', 2000)).toBe(false);
  });
});
