import { ImATeapotException, type LoggerService } from '@nestjs/common';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OAuthSuccessDecision } from '../../lib/oauth/index.js';
import { CognitoEmulator } from '../../lib/testing/index.js';
import { adapters, type RunningApp } from '../support/nest-app.js';
import { PageBrowser, type ShownPage } from '../support/page-browser.js';
import { callback, home, startOAuthApp } from './oauth/application.js';

const alice = { username: 'alice', password: 'Passw0rd!', attributes: { email: 'alice@example.com' } };
const written: string[] = [];
const note = (...parts: unknown[]) => void written.push(parts.map((part) => inspect(part)).join(' '));
const logger: LoggerService = { log: note, error: note, warn: note, debug: note, verbose: note, fatal: note };

describe.each(adapters)('at the pages of Cognito, on %s', (_, adapter) => {
  let pool: CognitoEmulator;
  let app: RunningApp;
  let browser: PageBrowser;

  /** What the application says to whoever signs in. */
  let decision: OAuthSuccessDecision | boolean | undefined;

  /** Whether it throws something of its own. */
  let refuse = false;

  const startOne = () =>
    startOAuthApp(adapter, pool, logger, () => {
      if (refuse) throw new ImATeapotException();
      return decision;
    });

  beforeAll(async () => {
    const urls = { callbackUrls: 'loopback', logoutUrls: 'loopback' } as const;
    const clients = [{ clientId: 'staff', clientSecret: 'staff-secret' }];
    pool = await CognitoEmulator.start({ users: [alice, { ...alice, username: 'bob' }], clients, ...urls });
    app = await startOne();
  });

  afterAll(async () => {
    await app.close();
    await pool.stop();
  });

  beforeEach(() => {
    browser = newBrowser();
  });

  afterEach(() => {
    pool.hooks.token = undefined;
    pool.clock.reset();
    decision = undefined;
    refuse = false;
  });

  const newBrowser = () => new PageBrowser({ [home]: app.url });
  const isCallback = (next: string) => next.startsWith(callback);

  /** Signs in as far as the callback, and gives its address. */
  async function reachCallback(visitor = browser, query = '', username = 'alice'): Promise<string> {
    const form = await visitor.open(`${home}/api/oauth/login${query}`, isCallback);
    const shown = form.text.includes('name="password"')
      ? await visitor.submit(form, { username, password: alice.password }, isCallback)
      : form;
    return shown.hops.at(-1)?.headers.get('location') ?? '';
  }

  const signIn = async (query = '') => browser.open(await reachCallback(browser, query));
  const errorOf = ({ url }: ShownPage) => new URL(url).searchParams.get('error');
  const transactionsOf = (visitor = browser) =>
    [...visitor.cookiesOf('localhost')].filter(([name]) => name.startsWith('cognito-oauth-'));
  const isSignedIn = async () => (await browser.open(`${home}/api/v1/notes`)).status === 200;

  it('somebody signs in and returns to where they wanted to go, and no code, state or token is logged or stays behind', async () => {
    written.length = 0;
    const address = await reachCallback(browser, '?returnTo=/api/v1/notes%3Fpage=2');
    expect(transactionsOf()).toHaveLength(1);
    const shown = await browser.open(address);

    expect([shown.url, shown.text]).toEqual([`${home}/api/v1/notes?page=2`, '{"username":"alice"}']);
    const [answer] = shown.hops;
    expect([answer?.status, answer?.headers.get('cache-control'), answer?.headers.get('referrer-policy')]).toEqual([
      302,
      'no-store',
      'no-referrer',
    ]);
    expect(transactionsOf()).toEqual([]);
    const { code = '', state = '' } = Object.fromEntries(new URL(address).searchParams);
    const traces = `${written.join('\n')} ${shown.text} ${[...browser.cookiesOf('localhost').values()].join(' ')}`;
    for (const secret of [code, state, 'eyJraWQ']) expect(secret !== '' && traces.includes(secret)).toBe(false);
  });

  it('what the pages are asked is the code flow with PKCE, a state and a nonce, new each time', async () => {
    const ask = async () => {
      const { hops } = await browser.open(
        `${home}/api/oauth/login?login_hint=alice&scope=admin&client_id=other`,
        () => true,
      );
      return Object.fromEntries(new URL(hops[0]?.headers.get('location') ?? '').searchParams);
    };
    const [one, other] = [await ask(), await ask()];

    expect(one).toMatchObject({
      response_type: 'code',
      client_id: pool.options.clientId,
      redirect_uri: callback,
      scope: 'openid',
      code_challenge_method: 'S256',
      login_hint: 'alice',
    });
    for (const name of ['state', 'nonce', 'code_challenge'] as const) {
      expect(one[name]?.length).toBeGreaterThanOrEqual(43);
      expect(one[name]).not.toBe(other[name]);
    }
  });

  it('the cookie of a sign-in is for the server alone and ends by itself', async () => {
    const { hops } = await browser.open(`${home}/api/oauth/login`, () => true);

    expect(hops[0]?.headers.getSetCookie().join()).toMatch(
      /^cognito-oauth-[\w-]{16}=[\w.-]+; Path=\/; Max-Age=900; HttpOnly; SameSite=Lax$/,
    );
  });

  it('a sign-in is finished once, also by a browser that puts its cookie back and in another process', async () => {
    const address = await reachCallback();
    const kept = transactionsOf();
    expect((await browser.open(address)).status).toBe(200);
    browser.cookiesOf('localhost').clear();
    expect(errorOf(await browser.open(address))).toBe('COGNITO_OAUTH_STATE_INVALID');

    for (const [name, value] of kept) browser.cookiesOf('localhost').set(name, value);
    expect(errorOf(await browser.open(address))).toBe('COGNITO_OAUTH_STATE_INVALID');

    const second = await startOne();
    const elsewhere = new PageBrowser({ [home]: second.url });
    for (const [name, value] of kept) elsewhere.cookiesOf('localhost').set(name, value);
    // That process has not seen the state; Cognito has seen the code.
    expect(errorOf(await elsewhere.open(address))).toBe('COGNITO_OAUTH_CODE_REFUSED');
    await second.close();
    expect(await isSignedIn()).toBe(false);
  });

  it('a sign-in is finished by the browser that began it, in time, with its state and nothing planted', async () => {
    const victim = newBrowser();
    expect(errorOf(await victim.open(await reachCallback(browser)))).toBe('COGNITO_OAUTH_STATE_INVALID');
    // An attacker's answer in a browser that has a sign-in of its own under way.
    await victim.open(`${home}/api/oauth/login`, () => true);
    expect(errorOf(await victim.open(await reachCallback(newBrowser())))).toBe('COGNITO_OAUTH_STATE_INVALID');

    const address = new URL(await reachCallback(newBrowser()));
    address.searchParams.delete('state');
    expect(errorOf(await browser.open(address.href))).toBe('COGNITO_OAUTH_STATE_INVALID');
    // With its cookie, so that nothing but the second state is wrong.
    const twice = await reachCallback();
    expect(errorOf(await browser.open(`${twice}&state=x`))).toBe('COGNITO_OAUTH_STATE_INVALID');

    const slow = newBrowser();
    const [late, kept] = [await reachCallback(slow), transactionsOf(slow)];
    pool.clock.advance({ minutes: 16 });
    // The browser has not dropped its cookie, as an honest one would.
    expect(kept).toHaveLength(1);
    expect(errorOf(await slow.open(late))).toBe('COGNITO_OAUTH_STATE_INVALID');
  });

  it('the cookie of a sign-in opens as it was sealed and under its own name alone', async () => {
    const address = await reachCallback();
    const jar = browser.cookiesOf('localhost');
    const [[name, value] = ['', '']] = transactionsOf();
    const changed = `${value.slice(0, -2)}${value.endsWith('AA') ? 'BB' : 'AA'}`;
    for (const broken of [changed, value.slice(0, 40), '']) {
      jar.set(name, broken);
      expect(errorOf(await browser.open(address))).toBe('COGNITO_OAUTH_STATE_INVALID');
    }
    // Another sign-in's cookie in its place.
    const other = newBrowser();
    await reachCallback(other);
    jar.set(name, transactionsOf(other)[0]?.[1] ?? '');
    expect(errorOf(await browser.open(address))).toBe('COGNITO_OAUTH_STATE_INVALID');
    jar.set(name, value);
    expect((await browser.open(address)).status).toBe(200);
  });

  it('a stolen code is worth nothing in the sign-in of another browser', async () => {
    const stolen = new URL(await reachCallback(newBrowser(), '', 'bob')).searchParams.get('code') ?? '';
    const address = new URL(await reachCallback());
    address.searchParams.set('code', stolen);

    expect(errorOf(await browser.open(address.href))).toBe('COGNITO_OAUTH_CODE_REFUSED');
    expect(await isSignedIn()).toBe(false);
  });

  it.each([
    ['another nonce', { nonce: 'x' }],
    ['no nonce', { nonce: undefined }],
    ['the hash of another access token', { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }],
    ['no hash of its access token', { at_hash: undefined }],
    ['another user', { sub: 'b80153d0-40f1-707b-4f10-0ab5a5e93e60' }],
    ['another app client', { aud: 'other' }],
    ['another issuer', { iss: 'https://evil.com/pool' }],
  ])('an id token with %s signs nobody in', async (__, claims) => {
    const address = await reachCallback();
    pool.hooks.token = (header, payload) => ({
      header,
      payload: payload['token_use'] === 'id' ? { ...payload, ...claims } : payload,
    });

    expect(errorOf(await browser.open(address))).toMatch(/^COGNITO_TOKEN_(CLAIMS_INVALID|WRONG_CLIENT|WRONG_ISSUER)$/);
    expect(await isSignedIn()).toBe(false);
  });

  it('an access token is verified, too', async () => {
    const address = await reachCallback();
    pool.hooks.token = (header, payload) => ({
      header,
      payload: payload['token_use'] === 'access' ? { ...payload, client_id: 'other' } : payload,
    });

    expect(errorOf(await browser.open(address))).toMatch(/^COGNITO_TOKEN_/);
  });

  it('no answer of the routes may be kept, and the page after it learns nothing of where it came from', async () => {
    const answers = [
      await browser.open(`${home}/api/oauth/login`, () => true),
      await browser.open(`${home}/api/oauth/login?returnTo=//evil.com`),
      await browser.open(`${callback}?state=unknown&code=secret`, () => true),
      await browser.post(`${home}/api/oauth/logout`, {}),
    ];
    expect(answers.map(({ status }) => status)).toEqual([302, 400, 302, 403]);
    for (const { hops } of answers) {
      const headers = hops.at(-1)?.headers;
      expect([headers?.get('cache-control'), headers?.get('referrer-policy')]).toEqual(['no-store', 'no-referrer']);
    }
  });

  it('a refusal of the application itself may not be kept either', async () => {
    const address = await reachCallback();
    refuse = true;
    const { status, hops } = await browser.open(address, () => true);

    expect([status, hops[0]?.headers.get('referrer-policy')]).toEqual([418, 'no-referrer']);
  });

  it('a session knows the pool at whose pages it began', async () => {
    const form = await browser.open(`${home}/api/staff/oauth/login`);
    const shown = await browser.submit(form, { username: 'alice', password: alice.password });

    expect([shown.url, shown.text]).toEqual([`${home}/api/v1/pool`, '{"pool":"staff"}']);
  });

  it('what goes wrong at the pages arrives as a code of ours, without a word of theirs', async () => {
    const answers = {
      access_denied: 'COGNITO_OAUTH_DENIED',
      login_required: 'COGNITO_OAUTH_LOGIN_REQUIRED',
      invalid_scope: 'COGNITO_CLIENT_MISCONFIGURED',
      server_error: 'COGNITO_UNAVAILABLE',
      '<script>alert(1)</script>': 'COGNITO_OAUTH_DENIED',
      constructor: 'COGNITO_OAUTH_DENIED',
    };
    const answered = async (error: string, description = 'Somebody’s own words') => {
      const { hops } = await browser.open(`${home}/api/oauth/login`, () => true);
      const state = new URL(hops[0]?.headers.get('location') ?? '').searchParams.get('state') ?? '';
      const query = new URLSearchParams({ state, error, error_description: description }).toString();
      return browser.open(`${callback}?${query}`);
    };
    for (const [error, code] of Object.entries(answers)) {
      const shown = await answered(error);

      expect(shown.url).toBe(`${home}/api/v1/sign-in?from=pages&error=${code}`);
    }
    expect(errorOf(await answered('invalid_request', 'PreSignUp failed with error own words.'))).toBe(
      'COGNITO_REFUSED_BY_TRIGGER',
    );
    expect(written.join('\n')).toContain('COGNITO_OAUTH_DENIED');
    expect(written.join('\n')).not.toMatch(/own words|<script>/);
    const silent = await browser.open(`${home}/api/oauth/login?prompt=none`);
    expect(errorOf(silent)).toBe('COGNITO_OAUTH_LOGIN_REQUIRED');
  });

  it.each([
    '//evil.com',
    'https:evil.com',
    '/.//evil.com',
    '/%2e%2e//evil.com',
    '/\\evil.com',
    '/\t/evil.com',
    'https://evil.com',
  ])('nobody is sent to %j', async (returnTo) => {
    const shown = await browser.open(`${home}/api/oauth/login?returnTo=${encodeURIComponent(returnTo)}`);

    expect([shown.status, JSON.parse(shown.text)]).toMatchObject([400, { code: 'COGNITO_RETURN_PATH_REFUSED' }]);
    expect(transactionsOf()).toEqual([]);
  });

  it.each([
    [false, 'COGNITO_POLICY_REFUSED'],
    [{ redirect: 'https://evil.com' }, 'COGNITO_RETURN_PATH_REFUSED'],
  ])('where the application answers %j, no session begins', async (answer, code) => {
    decision = answer;
    const shown = await signIn();

    expect(errorOf(shown)).toBe(code);
    expect(shown.hops[0]?.headers.getSetCookie().join()).toMatch(/^cognito-oauth-[^,]*$/);
    expect(await isSignedIn()).toBe(false);
  });

  it('a link chooses among what the options list', async () => {
    const status = async (query: string) => (await browser.open(`${home}/api/oauth/login?${query}`, () => true)).status;

    expect([await status('identity_provider=Google'), await status('lang=de')]).toEqual([302, 302]);
    expect([await status('identity_provider=Evil'), await status('lang=xx'), await status('lang=de&lang=de')]).toEqual([
      400, 400, 400,
    ]);
  });

  it('a browser has five sign-ins under way; the oldest makes room', async () => {
    const addresses: string[] = [];
    for (let tab = 0; tab < 7; tab += 1) {
      addresses.push(await reachCallback());
      pool.clock.advance({ seconds: 1 });
    }
    expect(transactionsOf()).toHaveLength(5);
    expect(errorOf(await browser.open(addresses[1] ?? ''))).toBe('COGNITO_OAUTH_STATE_INVALID');
    expect((await browser.open(addresses[2] ?? '')).status).toBe(200);
  });

  it('a session that began at the pages is renewed as any other', async () => {
    await signIn();
    for (const minutes of [59.6, 59]) {
      pool.clock.advance({ minutes });
      expect(await isSignedIn()).toBe(true);
    }
  });

  it('a sign-out ends the session here and at Cognito, and only a page of the application can ask for it', async () => {
    await signIn();
    const { token } = JSON.parse((await browser.open(`${home}/api/v1/csrf`)).text) as { token: string };
    // <img src="…/oauth/logout">
    expect((await browser.open(`${home}/api/oauth/logout`)).status).toBe(404);
    const url = `${home}/api/oauth/logout`;
    expect((await browser.post(url, {})).status).toBe(403);
    expect((await browser.post(url, { _csrf: 'x' })).status).toBe(403);
    expect((await browser.post(url, { _csrf: token }, undefined, { origin: 'https://evil.com' })).status).toBe(403);
    expect(await isSignedIn()).toBe(true);

    const shown = await browser.post(url, { _csrf: token });
    expect(shown.url).toBe(`${home}/api/v1/sign-in`);
    expect(shown.hops.map(({ status }) => status)).toEqual([303, 302, 200]);
    expect(await isSignedIn()).toBe(false);
    expect((await browser.open(`${home}/api/oauth/login`)).text).toContain('name="password"');
  });
});
