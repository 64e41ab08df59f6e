import { MemoryStore } from 'express-session';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CognitoOptions } from '../../lib/index.js';
import type { CognitoSessionOptions } from '../../lib/session/index.js';
import { CognitoEmulator, errorAnswer } from '../../lib/testing/index.js';
import type { KeyValueStore } from '../../lib/tokens/key-value-store.js';
import { ConnectionRequest } from '../../lib/request/connection-request.js';
import { closeDesks, deskOf, signedIn } from '../support/desk.js';
import { Browser, type BrowserAnswer } from '../support/browser-with-cookies.js';
import { type SessionApp, type SessionAppSettings, startSessionApp } from './session/application.js';

const password = 'Passw0rd!';
const secrets = [randomBytes(32).toString('base64url')];
const HOUR = 3600;

let pool: CognitoEmulator;
let sent: string[] = [];
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    users: ['alice', 'bob'].map((username) => ({
      username,
      password,
      attributes: { email: `${username}@example.com`, email_verified: 'true' },
    })),
    refreshTokenRotation: { feature: 'ENABLED', retryGracePeriodSeconds: 0 },
  });
  pool.hooks.beforeAnswer = (operation, answer) => {
    sent.push(operation);
    return answer;
  };
});

afterAll(async () => {
  await Promise.all(open.map((app) => app.close()));
  await pool?.stop();
});

async function start(
  adapter: SessionAppSettings['adapter'],
  session: CognitoSessionOptions,
  more: Partial<SessionAppSettings> & { readonly options?: Partial<CognitoOptions> } = {},
): Promise<string> {
  const cognito = { ...pool.options, secrets, globalGuard: true, ...more.options };
  return (await startApplication({ adapter, cognito, session, ...more })).url;
}

async function startApplication(settings: SessionAppSettings): Promise<SessionApp> {
  const app = await startSessionApp(settings);
  open.push(app);
  return app;
}

async function signIn(browser: Browser, username = 'alice'): Promise<BrowserAnswer> {
  return browser.post('/login', { tokens: await pool.tokensFor(username) });
}

const refreshes = (): number => sent.filter((operation) => operation === 'GetTokensFromRefreshToken').length;
const statusesOf = (answers: readonly BrowserAnswer[]): number[] => [...new Set(answers.map(({ status }) => status))];

const kinds = (['Express', 'Fastify'] as const).flatMap((adapter) =>
  (['cookies', 'server'] as const).map((carrier) => ({ adapter, carrier })),
);

describe.each(kinds)('a session on $adapter in $carrier', ({ adapter, carrier }) => {
  let url: string;

  beforeAll(async () => {
    url = await start(adapter, { carrier, idleTimeout: 2 * HOUR, lifetime: 5 * HOUR });
  });

  const signedInBrowser = async (): Promise<Browser> => {
    const browser = new Browser(url);
    await signIn(browser);
    return browser;
  };

  it('is a credential for the guard, the global guard and Passport, for access and id routes alike; without it they refuse', async () => {
    const browser = new Browser(url);
    const routes = ['/me', '/id', '/by-passport', '/under-the-global-guard'];
    expect(statusesOf(await Promise.all(routes.map((route) => browser.get(route))))).toEqual([401]);
    expect((await browser.get('/me')).json).toMatchObject({ code: 'COGNITO_TOKEN_MISSING' });
    expect((await browser.get('/perhaps')).json).toEqual({ sub: null });

    expect((await signIn(browser)).status).toBe(201);
    expect(statusesOf(await Promise.all(routes.map((route) => browser.get(route))))).toEqual([200]);
    expect((await browser.get('/me')).json).toMatchObject({ tokenUse: 'access', carries: ['accessToken', 'idToken'] });
    expect((await browser.get('/id')).json).toEqual({ tokenUse: 'id', email: 'alice@example.com' });
    expect((await browser.get('/perhaps')).json['sub']).toEqual(expect.any(String));
  });

  it('shows no token when it is printed, logged or sent, and answers that set it are kept by nobody', async () => {
    const browser = new Browser(url);
    const tokens = await pool.tokensFor('alice');
    const login = await browser.post('/login', { tokens });
    const { printed, session } = (await browser.get('/session')).json;
    expect(session).toMatchObject({
      pool: 'default',
      principal: { claims: { username: expect.any(String) as string } },
    });
    const shown = `${String(printed)}${login.text}${String(browser.jar)}`;
    const secretsOf = [tokens.accessToken, tokens.idToken].map((token) => token.split('.')[2] ?? '');
    expect([...secretsOf, tokens.refreshToken].filter((secret) => shown.includes(secret))).toEqual([]);
    expect(login.headers.get('cache-control')).toBe('no-store');
  });

  it('has a new id after each sign-in, and the one before is over', async () => {
    const browser = new Browser(url);
    const first = (await signIn(browser)).json['id'];
    const captured = new Browser(url, browser.jar.copy());
    const second = (await signIn(browser, 'bob')).json['id'];
    expect(second).not.toBe(first);
    expect([(await captured.get('/me')).status, (await browser.get('/me')).status]).toEqual([401, 200]);
  });

  it('is renewed once for requests that come together, and goes on with what any of them got', async () => {
    const browser = await signedInBrowser();
    const sub = (await browser.get('/me')).json['sub'];
    pool.clock.advance({ minutes: 59, seconds: 30 });
    sent = [];
    const browsers = Array.from({ length: 12 }, () => new Browser(url, browser.jar.copy()));
    const answers = await Promise.all(browsers.map((each) => each.get('/me')));
    expect([statusesOf(answers), new Set(answers.map(({ json }) => json['sub'])), refreshes()]).toEqual([
      [200],
      new Set([sub]),
      1,
    ]);
    pool.clock.advance({ minutes: 59, seconds: 30 });
    // Old cookies are good for a moment only; the last ones go on.
    expect((await browsers.at(-1)?.get('/me'))?.status).toBe(200);
    expect(refreshes()).toBe(2);
    pool.clock.reset();
  });

  it('is renewed on demand, and not without a session', async () => {
    const browser = await signedInBrowser();
    const before = (await browser.get('/session')).json['refreshToken'];
    expect((await browser.post('/refresh')).status).toBe(201);
    expect((await browser.get('/session')).json['refreshToken']).not.toBe(before);
    expect((await new Browser(url).post('/refresh')).status).toBe(401);
  });

  it('goes on while Cognito is away and its token is good, and is refused with 503 after that', async () => {
    const browser = await signedInBrowser();
    const { beforeAnswer } = pool.hooks;
    pool.hooks.beforeAnswer = () => errorAnswer('InternalErrorException', 'away', 500);
    pool.clock.advance({ minutes: 59, seconds: 30 });
    expect((await browser.get('/me')).status).toBe(200);
    // Who asks for new tokens has to know that there are none.
    expect((await browser.post('/refresh')).status).toBe(503);
    pool.clock.advance({ seconds: 60 });
    // The browser's session is not idle: nobody knows what became of it.
    const refused = await browser.get('/me');
    expect([refused.status, refused.headers.getSetCookie().filter((line) => line.includes('Max-Age=0'))]).toEqual([
      503,
      [],
    ]);
    pool.hooks.beforeAnswer = beforeAnswer;
    pool.clock.reset();
  });

  it('ends with its sign-out, for a copy of its cookies too, and its refresh token is revoked', async () => {
    const tokens = await pool.tokensFor('alice');
    const browser = new Browser(url);
    await browser.post('/login', { tokens });
    const captured = new Browser(url, browser.jar.copy());
    sent = [];
    const logout = await browser.post('/logout');
    expect([logout.json, sent]).toEqual([{ revoked: true }, ['RevokeToken']]);
    expect(logout.headers.get('cache-control')).toBe('no-store');
    expect(browser.jar.names.filter((name) => name.startsWith('session.'))).toEqual([]);
    expect([(await browser.get('/me')).status, (await captured.get('/me')).status]).toEqual([401, 401]);
    expect((await captured.post('/refresh')).status).toBe(401);
    expect((await browser.post('/logout')).json).toEqual({ revoked: false });
  });

  it('ends here though Cognito cannot be told', async () => {
    const browser = await signedInBrowser();
    const captured = new Browser(url, browser.jar.copy());
    const { beforeAnswer } = pool.hooks;
    pool.hooks.beforeAnswer = () => errorAnswer('NotAuthorizedException', 'no');
    expect((await browser.post('/logout')).json).toEqual({ revoked: false });
    pool.hooks.beforeAnswer = beforeAnswer;
    expect([(await browser.get('/me')).status, (await captured.get('/me')).status]).toEqual([401, 401]);
  });

  it('is not brought back by a renewal that was under way when it ended', async () => {
    const browser = await signedInBrowser();
    const late = new Browser(url, browser.jar.copy());
    const { beforeAnswer } = pool.hooks;
    let goOn = (): void => undefined;
    const signedOut = new Promise<void>((resolve) => (goOn = resolve));
    const begun = new Promise<void>((resolve) => {
      pool.hooks.beforeAnswer = async (operation, answer) => {
        sent.push(operation);
        if (operation === 'GetTokensFromRefreshToken') {
          resolve();
          await signedOut;
        }
        return answer;
      };
    });
    sent = [];
    const renewal = late.post('/refresh');
    await begun;
    expect((await browser.post('/logout')).status).toBe(200);
    goOn();
    expect((await renewal).status).toBe(401);
    pool.hooks.beforeAnswer = beforeAnswer;
    expect([(await late.get('/me')).status, (await browser.get('/me')).status]).toEqual([401, 401]);
    // What the renewal brought has been revoked, too.
    expect(sent.filter((operation) => operation === 'RevokeToken')).toHaveLength(2);
  });

  it('ends when it lies idle, and after its whole life however busy it was', async () => {
    const idle = await signedInBrowser();
    const busy = new Browser(url, idle.jar.copy());
    const goOn = async (): Promise<number> => {
      pool.clock.advance({ minutes: 50 });
      return (await busy.get('/me')).status;
    };
    expect([await goOn(), await goOn(), await goOn()]).toEqual([200, 200, 200]);
    // A server session is one for both; of cookies each copy is seen by itself.
    expect((await idle.get('/me')).status).toBe(carrier === 'cookies' ? 401 : 200);
    expect([await goOn(), await goOn(), await goOn()]).toEqual([200, 200, 401]);
    pool.clock.reset();
  });
});

describe('a session', () => {
  const url = async (): Promise<string> => (ofCookies ??= await start('Express', {}));
  let ofCookies: string | undefined;

  it('in cookies that are cut, changed, swapped, sent twice or mixed with another user’s is gone, with 401', async () => {
    const [alice, bob] = [new Browser(await url()), new Browser(await url())];
    await signIn(alice);
    await signIn(bob, 'bob');
    const [first = '', second = ''] = ['session.0', 'session.1'].map((name) => alice.jar.get(name));
    const theirs = bob.jar.get('session.1') ?? '';
    const spoilt: readonly (readonly [string, string])[] = [
      [first, second.slice(0, -1)],
      [first, `${second}A`],
      [first, second.slice(1)],
      [second, first],
      [`1.${second}`, first.slice(2)],
      [first, theirs],
      [first.replace('2.', '1.'), second],
      [first.replace('2.', '3.'), second],
      [first.replace('2.', '9.'), second],
      [`${first.slice(0, 40)}${first[40] === 'A' ? 'B' : 'A'}${first.slice(41)}`, second],
      ['', ''],
      ['2.', second],
    ];
    for (const [zero, one] of spoilt) {
      const browser = new Browser(await url());
      browser.jar.set('session.0', zero);
      browser.jar.set('session.1', one);
      expect([(await browser.get('/me')).status, browser.jar.names]).toEqual([401, []]);
    }
    const twice = await new Browser(await url()).send('GET', '/me', {
      cookie: `${String(alice.jar)}; session.1=${second}`,
    });
    expect(twice.status).toBe(401);
    alice.jar.delete('session.0');
    expect((await alice.get('/me')).status).toBe(401);
    expect((await bob.get('/me')).status).toBe(200);
  });

  it('lives as long as the options say now, whatever they said at its sign-in', async () => {
    const before = new Browser(await start('Express', { lifetime: 5 * HOUR, idleTimeout: 5 * HOUR }));
    const shorter = await start('Express', { lifetime: HOUR });
    await signIn(before);
    const copy = new Browser(shorter, before.jar.copy());
    expect((await copy.get('/me')).status).toBe(200);
    pool.clock.advance({ minutes: 61 });
    expect([(await copy.get('/me')).status, (await before.get('/me')).status]).toEqual([401, 200]);
    pool.clock.reset();
  });

  it('is written down while it is used, but not so shortly before a renewal that a late answer could undo that', async () => {
    const browser = new Browser(await start('Fastify', { idleTimeout: 2 * HOUR }));
    await signIn(browser);
    const cookiesSet = async (): Promise<number> => (await browser.get('/me')).headers.getSetCookie().length;
    const seen = [await cookiesSet()];
    for (const time of [{ minutes: 20 }, { minutes: 38, seconds: 20 }, { minutes: 1, seconds: 10 }]) {
      pool.clock.advance(time);
      seen.push(await cookiesSet());
    }
    expect(seen).toEqual([0, 2, 0, 2]);
    pool.clock.reset();
  });

  it('in cookies drops what is left of a longer one', async () => {
    const browser = new Browser(await url());
    browser.jar.set('session.2', 'stale');
    await signIn(browser);
    expect([browser.jar.names, (await browser.get('/me')).status]).toEqual([['session.0', 'session.1'], 200]);
  });

  it('that fills more cookies than a server takes is refused before anything is set', async () => {
    const browser = new Browser(await url());
    const tokens = await pool.tokensFor('alice', {
      groups: Array.from({ length: 150 }, (_, index) => `a-group-${index}`),
    });
    const { status, json } = await browser.post('/login', { tokens });
    expect([status, json['code'], browser.jar.names]).toEqual([500, 'COGNITO_SESSION_TOO_LARGE', []]);
  });

  it('has cookies that are no script’s, no sibling domain’s, and over https no network’s', async () => {
    const plain = await signIn(new Browser(await url()));
    const secure = await signIn(
      new Browser(await start('Fastify', { cookies: { name: 'app', secure: true, persistent: true } })),
    );
    expect(plain.headers.getSetCookie().map(attributesOf)).toEqual(
      [0, 1].map((index) => `session.${index}; Path=/; HttpOnly; SameSite=Lax`),
    );
    expect(secure.headers.getSetCookie().map(attributesOf)).toEqual(
      [0, 1].map((index) => `__Host-app.${index}; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax`),
    );
  });

  it('opens under every secret, is sealed anew under the first, and is gone with its secret', async () => {
    const next = randomBytes(32).toString('base64url');
    const browser = new Browser(await url());
    await signIn(browser);
    const both = new Browser(await start('Express', {}, { options: { secrets: [next, ...secrets] } }), browser.jar);
    pool.clock.advance({ minutes: 7 });
    expect((await both.get('/me')).status).toBe(200);
    const old = new Browser(await url(), both.jar.copy());
    expect([(await old.get('/me')).status, (await both.get('/me')).status]).toEqual([401, 200]);
    pool.clock.reset();
  });

  it('is refused with 503 where the store fails, hangs or keeps nothing; a sign-out that was not noted says so', async () => {
    let trouble: 'throws' | 'hangs' | 'keeps nothing' | undefined;
    const entries = new Map<string, unknown>();
    const answer = async <T>(value: T): Promise<T> => {
      if (trouble === 'throws') throw new Error('ECONNREFUSED');
      return trouble === 'hangs' ? new Promise<never>(() => undefined) : value;
    };
    const store: KeyValueStore = {
      get: (key) => answer(entries.get(key)),
      set: (key, value) => answer(trouble === 'keeps nothing' ? false : entries.set(key, value)),
      delete: (key) => answer(entries.delete(key)),
    };
    const browser = new Browser(await start('Express', { store, storeTimeout: 50 }));
    await signIn(browser);
    for (trouble of ['throws', 'hangs'] as const) {
      const { status, json, headers } = await browser.get('/me');
      expect([status, json['code'], headers.get('retry-after')]).toEqual([503, 'COGNITO_SESSION_UNAVAILABLE', '1']);
    }
    trouble = undefined;
    expect((await browser.get('/me')).status).toBe(200);
    for (trouble of ['keeps nothing', 'throws'] as const) {
      const other = new Browser(browser.url, browser.jar.copy());
      sent = [];
      const logout = await other.post('/logout');
      expect([logout.status, other.jar.names, sent]).toEqual([503, [], ['RevokeToken']]);
    }
  });

  it('is over whenever its end is noted: before a renewal, during it, and before the new tokens are handed out', async () => {
    const [entries, kept] = [new Map<string, unknown>(), [] as string[]];
    let asks = 0;
    let endsAfter = Infinity;
    const store: KeyValueStore = {
      get: async (key) => (key.includes(':ended:') && asks++ >= endsAfter ? '1' : entries.get(key)),
      set: async (key, value) => {
        kept.push(key.split(':')[2] ?? '');
        return entries.set(key, value);
      },
      delete: async (key) => entries.delete(key),
    };
    const address = await start('Express', { store });
    const statuses: number[] = [];
    for (endsAfter of [0, 1, 2, 3]) {
      const browser = new Browser(address);
      await signIn(browser);
      asks = 0;
      statuses.push((await browser.post('/refresh')).status);
    }
    expect(statuses).toEqual([401, 401, 401, 201]);
    // Requests that come together have the store keep one renewal.
    endsAfter = Infinity;
    const browser = new Browser(address);
    await signIn(browser);
    kept.length = 0;
    const copies = Array.from({ length: 5 }, () => new Browser(address, browser.jar.copy()));
    expect(statusesOf(await Promise.all(copies.map((copy) => copy.post('/refresh'))))).toEqual([201]);
    expect(kept).toEqual(['next']);
  });

  it('goes on with the tokens of a renewal that the store did not keep, for they are the only ones', async () => {
    const entries = new Map<string, unknown>();
    let isAway = true;
    const store: KeyValueStore = {
      get: async (key) => entries.get(key),
      set: async (key, value) => (isAway ? false : entries.set(key, value)),
      delete: async (key) => entries.delete(key),
    };
    const browser = new Browser(await start('Express', { store }));
    await signIn(browser);
    sent = [];
    expect((await browser.post('/refresh')).status).toBe(503);
    isAway = false;
    expect([(await browser.post('/refresh')).status, refreshes()]).toEqual([201, 1]);
  });

  it('is given the renewed tokens of its own, and none that lie in their place in the store', async () => {
    const entries = new Map<string, unknown>();
    const store: KeyValueStore = {
      get: async (key) => entries.get(key),
      set: async (key, value) => entries.set(key, value),
      delete: async (key) => entries.delete(key),
    };
    const address = await start('Express', { store });
    const renewed = async (username: string) => {
      const browser = new Browser(address);
      await signIn(browser, username);
      const before = browser.jar.copy();
      const { json } = await browser.post('/refresh');
      const name = [...entries.keys()].findLast((key) => key.includes(':next:')) ?? '';
      return { browser, sub: json['sub'], name, again: () => new Browser(address, before.copy()).post('/refresh') };
    };
    const [alice, bob] = [await renewed('alice'), await renewed('bob')];
    expect([(await alice.again()).json['sub'], (await bob.again()).json['sub']]).toEqual([alice.sub, bob.sub]);

    const [ofAlice, ofBob] = [entries.get(alice.name), entries.get(bob.name)];
    const [first = '', second = ''] = ['session.0', 'session.1'].map((name) => bob.browser.jar.get(name));
    for (const planted of [ofBob, `${first.slice(2)}${second}`]) {
      entries.set(alice.name, planted);
      expect((await alice.again()).status).toBe(401);
    }
    entries.set(alice.name, ofAlice);
    expect((await alice.again()).json['sub']).toBe(alice.sub);
  });

  it('on the server is refused with 503 where its store keeps nothing, and with a mend where there is none', async () => {
    const serverStore = new MemoryStore();
    const browser = new Browser(await start('Express', { carrier: 'server' }, { serverStore }));
    serverStore.set = (_id, _session, done) => done?.(new Error('ECONNREFUSED'));
    const failed = await signIn(browser);
    expect([failed.status, failed.json['code']]).toEqual([503, 'COGNITO_SESSION_UNAVAILABLE']);
    const without = await signIn(
      new Browser(await start('Fastify', { carrier: 'server' }, { withoutMiddleware: true })),
    );
    expect([without.status, without.json['code']]).toEqual([500, 'COGNITO_SESSION_MISCONFIGURED']);
  });

  it('whose sign-in was revoked elsewhere is over, and its own sign-out revokes its bearer tokens too', async () => {
    const address = await start('Fastify', {}, { options: { revocation: { store: 'memory' } } });
    const [browser, tokens] = [new Browser(address), await pool.tokensFor('alice')];
    await browser.post('/login', { tokens });
    const bearer = { authorization: `Bearer ${tokens.accessToken}` };
    const asBearer = async (): Promise<number> => (await new Browser(address).send('GET', '/me', bearer)).status;
    expect([await asBearer(), (await browser.get('/me')).status]).toEqual([200, 200]);
    const again = new Browser(address, browser.jar.copy());
    await again.post('/login', { tokens });
    expect((await browser.post('/logout')).status).toBe(200);
    expect([await asBearer(), (await again.get('/me')).status]).toEqual([401, 401]);
  });

  it('may end all sign-ins of its user, also with an access token that has expired', async () => {
    const browser = new Browser(await start('Express', { signOut: 'global', idleTimeout: 3 * HOUR }));
    await signIn(browser);
    pool.clock.advance({ hours: 2 });
    sent = [];
    expect((await browser.post('/logout')).json).toEqual({ revoked: true });
    expect(sent).toEqual(['GetTokensFromRefreshToken', 'GlobalSignOut']);
    pool.clock.reset();
  });

  it('is over when its renewal brings another user’s tokens, and is not begun where no answer can carry it', async () => {
    const app = await startApplication({ adapter: 'Express', cognito: { ...pool.options, secrets } });
    const browser = new Browser(app.url);
    await signIn(browser);
    const { accessToken, idToken, refreshToken } = await pool.tokensFor('bob');
    const theirs = { AccessToken: accessToken, IdToken: idToken, RefreshToken: refreshToken, ExpiresIn: HOUR };
    const { beforeAnswer } = pool.hooks;
    pool.hooks.beforeAnswer = () => ({ status: 200, body: { AuthenticationResult: theirs } });
    expect([(await browser.post('/refresh')).status, browser.jar.names]).toEqual([401, []]);
    pool.hooks.beforeAnswer = beforeAnswer;
    const tokens = await pool.tokensFor('alice');
    const begun = app.sessions.start({ headers: { host: new URL(app.url).host } }, { tokens });
    await expect(begun).rejects.toMatchObject({ code: 'COGNITO_SESSION_MISCONFIGURED' });
  });

  it('at the handshake of a connection is asked for again with every message', async () => {
    const app = await startApplication({ adapter: 'Express', cognito: { ...pool.options, secrets } });
    const browser = new Browser(app.url);
    await signIn(browser);
    const headers = { cookie: String(browser.jar), host: new URL(app.url).host };
    const answer = { getHeader: () => undefined, removeHeader: () => undefined, header: () => undefined };
    const connection = Object.assign(new ConnectionRequest({ headers, withCookies: true }), { res: answer });
    expect((await app.sessions.find(connection))?.principal.kind).toBe('user');
    await browser.post('/logout');
    expect(await app.sessions.find(connection)).toBeUndefined();
  });

  it('is found at the handshake of a connection by the name that its cookies have, on this machine over https too', async () => {
    const { sessions } = await startApplication({ adapter: 'Express', cognito: { ...pool.options, secrets } });
    const opened = async (host: string, protocol: string, rename = (name: string) => name) => {
      const set: string[] = [];
      const res = {
        getHeader: () => [...set],
        removeHeader: () => void set.splice(0),
        header: (name: string, lines: string | string[]) => void (name === 'set-cookie' && set.push(...[lines].flat())),
      };
      const request = { headers: { host }, protocol, res };
      await sessions.start(request, { tokens: await pool.tokensFor('alice') });
      const cookie = set.map((line) => rename(line.split(';')[0] ?? '')).join('; ');
      const handshake = new ConnectionRequest({ headers: { host, cookie }, withCookies: true });
      return [/__Host-/.test(cookie), (await sessions.find(handshake)) !== undefined];
    };
    const withoutPrefix = (name: string): string => name.replace('__Host-', '');
    expect(await opened('localhost:3000', 'http')).toEqual([false, true]);
    expect(await opened('localhost:3000', 'https')).toEqual([true, true]);
    expect(await opened('app.example.com', 'https')).toEqual([true, true]);
    // Off this machine a cookie without the prefix may be a sibling domain's.
    expect(await opened('app.example.com', 'https', withoutPrefix)).toEqual([false, false]);
  });

  it('of a remembered device says so with each renewal', async () => {
    const tracking = await CognitoEmulator.start({
      users: [{ username: 'alice', password }],
      deviceConfiguration: { challengeRequiredOnNewDevice: true, deviceOnlyRememberedOnUserPrompt: false },
    });
    const desk = deskOf(tracking.options);
    const { tokens, newDevice } = signedIn(await desk.signIn({ username: 'alice', password }));
    const app = await startApplication({ adapter: 'Express', cognito: { ...tracking.options, secrets } });
    const [known, unknown] = [new Browser(app.url), new Browser(app.url)];
    await known.post('/login', { tokens, deviceKey: newDevice?.deviceKey });
    await unknown.post('/login', { tokens });
    expect([(await known.post('/refresh')).status, (await unknown.post('/refresh')).status]).toEqual([201, 401]);
    await closeDesks();
    await tracking.stop();
  });

  it('is not begun with tokens that are bad, or of two users', async () => {
    const browser = new Browser(await url());
    const [alice, bob] = [await pool.tokensFor('alice'), await pool.tokensFor('bob')];
    const mixed = await browser.post('/login', { tokens: { ...alice, idToken: bob.idToken } });
    const expired = await browser.post('/login', { tokens: await pool.tokensFor('alice', { expiresIn: -HOUR }) });
    expect([mixed.status, expired.status, browser.jar.names]).toEqual([401, 401, []]);
  });
});

it('an application in production does not start without secrets, and does with them', async () => {
  const real = { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: '1example23456789', jwks: { warmUp: false } } as const;
  vi.stubEnv('NODE_ENV', 'production');
  try {
    await expect(startSessionApp({ adapter: 'Express', cognito: real })).rejects.toMatchObject({
      code: 'COGNITO_OPTIONS_INVALID',
      message: expect.stringContaining('secrets: is missing') as string,
    });
    const app = await startApplication({ adapter: 'Express', cognito: { ...real, secrets } });
    expect((await new Browser(app.url).get('/me')).status).toBe(401);
  } finally {
    vi.unstubAllEnvs();
  }
});

function attributesOf(line: string): string {
  return line.replace(/=[^;]*/, '');
}
