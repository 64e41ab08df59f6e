import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { Browser, type BrowserAnswer } from '../support/browser-with-cookies.js';
import { type ChildApplication, startChild } from '../support/child-application.js';
import { findRedis } from '../support/redis.js';
import { type SessionAppSettings, startSessionApp } from './session/application.js';
import { transpile, type Transpiled } from './user-sync-race/transpiled.js';

const secrets = [randomBytes(32).toString('base64url')];
const redis = await findRedis();
const kinds = (['Express', 'Fastify'] as const).flatMap((adapter) =>
  (['cookies', 'server'] as const).map((carrier) => ({ adapter, carrier })),
);

/** Seconds for which the tokens of a sign-in are good, so that a test can wait for their end. */
const SHORT = 3;

/** A pool that rotates refresh tokens, and what it was asked. */
async function startPool(grace: number): Promise<{ pool: CognitoEmulator; refreshes: () => number }> {
  let refreshes = 0;
  const pool = await CognitoEmulator.start({
    users: [{ username: 'alice', password: 'Passw0rd!' }],
    refreshTokenRotation: { feature: 'ENABLED', retryGracePeriodSeconds: grace },
  });
  pool.hooks.beforeAnswer = async (operation, answer) => {
    if (operation !== 'GetTokensFromRefreshToken') return answer;
    refreshes += 1;
    // So long that everybody comes in between.
    await wait(300);
    return answer;
  };
  return { pool, refreshes: () => refreshes };
}

/** A browser whose tokens have just expired. */
async function expiredBrowser(pool: CognitoEmulator, url: string): Promise<Browser> {
  const browser = new Browser(url);
  await browser.post('/login', { tokens: await pool.tokensFor('alice', { expiresIn: SHORT }) });
  await wait(SHORT * 1000 + 100);
  return browser;
}

/** What many requests of one browser come to that are sent at once, in turn to each address. */
async function allAtOnce(
  browser: Browser,
  urls: readonly string[],
): Promise<{ answers: BrowserAnswer[]; last: Browser }> {
  const copies = Array.from(
    { length: 100 },
    (_, index) => new Browser(urls[index % urls.length] ?? '', browser.jar.copy()),
  );
  const answers = await Promise.all(copies.map((copy) => copy.get('/me')));
  return { answers, last: copies.at(-1) ?? browser };
}

const summaryOf = (answers: readonly BrowserAnswer[]) => ({
  statuses: [...new Set(answers.map(({ status }) => status))],
  users: new Set(answers.map(({ json }) => json['sub'])).size,
});
const oneUser = { statuses: [200], users: 1 };

describe.each(kinds)(
  'a hundred requests with an expired token at once, on $adapter in $carrier',
  ({ adapter, carrier }) => {
    it('are all let in as the same user by one renewal, and the last cookie goes on', async () => {
      const { pool, refreshes } = await startPool(0);
      const app = await startSessionApp({ adapter, cognito: { ...pool.options, secrets }, session: { carrier } });
      const { answers, last } = await allAtOnce(await expiredBrowser(pool, app.url), [app.url]);
      expect([summaryOf(answers), refreshes()]).toEqual([oneUser, 1]);
      expect([(await last.get('/me')).status, (await last.post('/refresh')).status, refreshes()]).toEqual([
        200, 201, 2,
      ]);
      await app.close();
      await pool.stop();
    });
  },
);

describe.skipIf(redis === undefined)('two processes that share a Redis', () => {
  let sources: Transpiled;
  let prefix: string;
  const running: { stop(): Promise<void> }[] = [];

  beforeAll(() => {
    sources = transpile(['lib', 'test/e2e/session']);
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.stop()));
    const client = await createClient({ url: redis ?? '' }).connect();
    for await (const keys of client.scanIterator({ MATCH: `${prefix}*` })) if (keys.length > 0) await client.del(keys);
    await client.close();
  });

  afterAll(() => sources?.remove());

  async function startTwo(
    pool: CognitoEmulator,
    settings: Pick<SessionAppSettings, 'adapter' | 'session'>,
    lock = true,
  ): Promise<[ChildApplication, ChildApplication]> {
    prefix = `nest-cognito-test:${randomUUID()}:`;
    const cognito = { ...pool.options, secrets };
    const whole: SessionAppSettings = { ...settings, cognito, redis: { url: redis ?? '', prefix, lock } };
    const program = sources.pathOf('test/e2e/session/process.ts');
    const environment = { SESSION_SETTINGS: JSON.stringify(whole) };
    const two = await Promise.all([startChild(program, environment), startChild(program, environment)]);
    running.push(...two, pool);
    return two;
  }

  describe.each(kinds)('on $adapter in $carrier', ({ adapter, carrier }) => {
    it.each([0, 30])('renew once between them for a hundred requests, with a grace of %i seconds', async (grace) => {
      const { pool, refreshes } = await startPool(grace);
      const [one, other] = await startTwo(pool, { adapter, session: { carrier } });
      const { answers, last } = await allAtOnce(await expiredBrowser(pool, one.url), [one.url, other.url]);
      expect([summaryOf(answers), refreshes()]).toEqual([oneUser, 1]);
      const [here, there] = [new Browser(one.url, last.jar), new Browser(other.url, last.jar)];
      expect([(await here.get('/me')).status, (await there.post('/refresh')).status]).toEqual([200, 201]);
    });

    it('know a session of each other, and its end, also for a copy of the cookies and during a renewal', async () => {
      const { pool } = await startPool(0);
      const [one, other] = await startTwo(pool, { adapter, session: { carrier } });
      const browser = new Browser(one.url);
      await browser.post('/login', { tokens: await pool.tokensFor('alice') });
      const there = new Browser(other.url, browser.jar);
      expect((await there.get('/me')).status).toBe(200);
      const captured = browser.jar.copy();
      const renewal = new Browser(other.url, captured.copy()).post('/refresh');
      await wait(100);
      expect((await browser.post('/logout')).status).toBe(200);
      expect((await renewal).status).toBe(401);
      const statuses = [one.url, other.url].map(
        async (url) => (await new Browser(url, captured.copy()).get('/me')).status,
      );
      expect(await Promise.all(statuses)).toEqual([401, 401]);
    });
  });

  it('are served by a grace of the rotation, where the store cannot lock', async () => {
    const { pool, refreshes } = await startPool(30);
    const [one, other] = await startTwo(pool, { adapter: 'Express', session: { carrier: 'cookies' } }, false);
    const { answers, last } = await allAtOnce(await expiredBrowser(pool, one.url), [one.url, other.url]);
    expect([summaryOf(answers), refreshes()]).toEqual([oneUser, 2]);
    expect((await new Browser(other.url, last.jar).get('/me')).status).toBe(200);
  });
});
