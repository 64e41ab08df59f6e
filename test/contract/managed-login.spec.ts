import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { hiddenFields, PageVisitor, type Visit } from '../support/page-visitor.js';
import { totp } from '../support/totp.js';
import { CALLBACK, codeOf, OAuthClient, PASSWORD } from './oauth-client.js';

const KEY = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const MARKUP = `"><img src=x onerror=alert(1)>'&`;

let pool: CognitoEmulator;
let strict: CognitoEmulator;
let client: OAuthClient;

beforeAll(async () => {
  const users = ['alice', 'bob'].map((username) => ({ username, password: PASSWORD }));
  pool = await CognitoEmulator.start({
    clientId: 'main',
    callbackUrls: [CALLBACK],
    clients: [{ clientId: 'other' }],
    mfaConfiguration: 'OPTIONAL',
    schema: [{ name: 'given_name', required: true }, { name: 'email' }],
    users: [
      ...users,
      { username: 'new', password: PASSWORD, status: 'FORCE_CHANGE_PASSWORD' },
      { username: 'app', password: PASSWORD, mfa: { totpSecret: KEY } },
      {
        username: 'both',
        password: PASSWORD,
        attributes: { email: 'both@example.com' },
        mfa: { totpSecret: KEY, email: true },
      },
      { username: 'unconfirmed', password: PASSWORD, status: 'UNCONFIRMED' },
    ],
  });
  strict = await CognitoEmulator.start({
    clientId: 'main',
    callbackUrls: [CALLBACK],
    mfaConfiguration: 'ON',
    users,
  });
  client = new OAuthClient(pool);
});

afterEach(() => {
  pool.triggers.preAuthentication = undefined;
  pool.triggers.postAuthentication = undefined;
  pool.hooks.fault = undefined;
  pool.clock.reset();
});

afterAll(async () => Promise.all([pool.stop(), strict.stop()]));

const alertOf = ({ text }: Visit) => /<p role="alert">([^<]*)<\/p>/.exec(text)?.[1];
const titleOf = ({ text }: Visit) => /<h1>([^<]*)<\/h1>/.exec(text)?.[1];

describe('the sign-in page', () => {
  it('checks the password, and says no more than the API would', async () => {
    const visitor = new PageVisitor();
    const wrong = await client.signIn({}, { visitor, password: 'wrong' });
    const nobody = await client.signIn({}, { visitor, username: 'nobody' });
    const empty = await client.signIn({}, { visitor, password: '' });
    for (const refused of [wrong, nobody, empty]) {
      expect([refused.status, alertOf(refused)]).toEqual([200, 'Incorrect username or password.']);
      expect(refused.text).not.toContain(PASSWORD);
    }
    expect(
      codeOf(await visitor.submit(client.authorizeUrl(), wrong, { username: 'alice', password: PASSWORD })),
    ).toBeTruthy();
    expect(alertOf(await client.signIn({}, { username: 'unconfirmed' }))).toBe('User is not confirmed.');
  });

  it('locks whoever guesses out, here and at the API alike', async () => {
    for (let attempt = 0; attempt < 5; attempt += 1) await client.signIn({}, { username: 'bob', password: 'wrong' });
    expect(alertOf(await client.signIn({}, { username: 'bob' }))).toBe('Password attempts exceeded');
    pool.clock.advance({ seconds: 2 });
    expect(codeOf(await client.signIn({}, { username: 'bob' }))).toBeTruthy();
  });

  it('runs the triggers of a sign-in, once', async () => {
    const seen: string[] = [];
    pool.triggers.preAuthentication = ({ triggerSource }) => {
      seen.push(triggerSource);
    };
    pool.triggers.postAuthentication = ({ triggerSource }) => {
      seen.push(triggerSource);
    };
    const visitor = new PageVisitor();
    await client.signIn({}, { visitor });
    expect(codeOf(await visitor.get(client.authorizeUrl()))).toBeTruthy();
    expect(seen).toEqual(['PreAuthentication_Authentication', 'PostAuthentication_Authentication']);
    pool.triggers.preAuthentication = () => {
      throw new Error('<b>closed</b>');
    };
    const refused = await client.signIn();
    expect(alertOf(refused)).toBe('PreAuthentication failed with error &lt;b&gt;closed&lt;/b&gt;.');
  });

  it('takes a form only from the browser that it gave it to', async () => {
    const visitor = new PageVisitor();
    const { location = '' } = await visitor.get(client.authorizeUrl());
    const typed = { username: 'alice', password: PASSWORD, ...hiddenFields((await visitor.get(location)).text) };
    const foreign = { ...typed, ...hiddenFields((await new PageVisitor().get(location)).text) };
    const without = { username: 'alice', password: PASSWORD };
    expect((await visitor.post(location, foreign)).status).toBe(403);
    expect((await visitor.post(location, without)).status).toBe(403);
    expect((await new PageVisitor().post(location, typed)).status).toBe(403);
    expect((await visitor.post(location, typed, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await visitor.post(location, typed, { 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await visitor.post(location, typed, { 'sec-fetch-site': 'same-origin' })).status).toBe(302);
  });

  it('cannot be framed, read by scripts of other pages, or made to show markup', async () => {
    const visitor = new PageVisitor();
    const query = { login_hint: MARKUP, state: MARKUP, nonce: MARKUP, client_id: 'main' };
    const { location = '' } = await visitor.get(client.authorizeUrl(query));
    const shown = await visitor.get(location, { origin: 'http://localhost:3000' });
    const typed = await visitor.submit(location, shown, { username: MARKUP, password: MARKUP });
    const errors = await visitor.get(client.at('/error', { error: MARKUP }));
    for (const { headers, text } of [shown, typed, errors]) {
      expect(text).not.toMatch(/<img|<script|style="/);
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; frame-ancestors 'none'$/,
      );
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
    expect(shown.text).toContain('&quot;&gt;&lt;img');
    expect(shown.text).toContain('&gt;&#39;&amp;"');
    expect(hiddenFields(shown.text)).toHaveProperty('_csrf');
    const cookies = [...shown.headers.getSetCookie(), ...(await client.signIn()).headers.getSetCookie()];
    for (const cookie of cookies) expect(cookie).toMatch(/; HttpOnly; SameSite=Lax$/);
  });

  it('reads repeated, oversized and malformed requests without a fault', async () => {
    const faults: unknown[] = [];
    pool.hooks.fault = (error) => faults.push(error);
    const visitor = new PageVisitor();
    const { location = '' } = await visitor.get(client.authorizeUrl());
    await visitor.get(location);
    expect((await visitor.get(`${location}&client_id=main`)).status).toBe(400);
    expect((await visitor.get(`${location}&scope=openid`)).location).toContain('error=invalid_request');
    expect((await visitor.get(`${location}&state=2`)).location).toContain('error=invalid_request');
    expect((await visitor.post(location, { username: 'x'.repeat(1024 * 1024) })).status).toBe(400);
    const odd = ['/login', '/login?client_id=%ff&redirect_uri=%00', '/logout?client_id=a&client_id=b', '/error?error='];
    for (const path of odd) expect((await visitor.get(`${pool.options.endpoint}${path}`)).status).toBe(400);
    expect(faults).toEqual([]);
  });
});

describe('a pool without a domain', () => {
  it('has no pages, and says so in its configuration', async () => {
    const bare = await CognitoEmulator.start({ pages: false, callbackUrls: 'loopback' });
    const at = async (url: string) => fetch(url, { redirect: 'manual' });
    expect((await at(new OAuthClient(bare).authorizeUrl({ client_id: bare.options.clientId }))).status).toBe(404);
    const configuration = (url: string) =>
      at(`${url}/.well-known/openid-configuration`).then(async (answer) => answer.json());
    const { issuer } = bare.options;
    expect(await configuration(issuer)).toMatchObject({ authorization_endpoint: `${issuer}/authorize` });
    expect(await configuration(issuer)).not.toHaveProperty('end_session_endpoint');
    expect(await configuration(pool.options.issuer)).toHaveProperty(
      'end_session_endpoint',
      client.at('/logout').slice(0, -1),
    );
    await bare.stop();
  });
});

describe('the further steps of a sign-in', () => {
  it('ask for a new password and what the pool demands', async () => {
    const visitor = new PageVisitor();
    const asked = await client.signIn({}, { visitor, username: 'new' });
    expect(titleOf(asked)).toBe('Change your password');
    const weak = { NEW_PASSWORD: 'short', 'userAttributes.given_name': 'New' };
    const again = await visitor.submit(client.at('/login'), asked, weak);
    expect(alertOf(again)).toContain('Password');
    const typed = { ...weak, NEW_PASSWORD: 'N3w-Passw0rd!' };
    const { body } = await client.redeem(codeOf(await visitor.submit(client.at('/login'), again, typed)));
    expect(body['access_token']).toBeTruthy();
    const old = await client.signIn({}, { username: 'new' });
    expect(alertOf(old)).toBe('Incorrect username or password.');
  });

  it('ask for a code of the app, whose wrong ones count', async () => {
    const visitor = new PageVisitor();
    const asked = await client.signIn({}, { visitor, username: 'app' });
    expect(titleOf(asked)).toBe('Enter the code');
    const wrong = await visitor.submit(client.at('/login'), asked, { SOFTWARE_TOKEN_MFA_CODE: '000000' });
    expect(alertOf(wrong)).toContain('Invalid');
    const code = { SOFTWARE_TOKEN_MFA_CODE: totp(KEY, pool.clock.now()) };
    const right = await visitor.submit(client.at('/login'), wrong, code);
    expect(codeOf(right)).toBeTruthy();
    const replayed = await visitor.submit(client.at('/login'), wrong, code);
    expect(alertOf(replayed)).toBe('The sign-in took too long: begin anew.');
  });

  it('lock whoever guesses codes out, as guessing passwords does', async () => {
    const visitor = new PageVisitor();
    pool.clock.advance({ hours: 1 });
    let shown = await client.signIn({}, { visitor, username: 'app' });
    for (let attempt = 0; attempt < 5; attempt += 1) {
      shown = await visitor.submit(client.at('/login'), shown, { SOFTWARE_TOKEN_MFA_CODE: '000000' });
    }
    const right = () => ({ SOFTWARE_TOKEN_MFA_CODE: totp(KEY, pool.clock.now()) });
    const refused = await visitor.submit(client.at('/login'), shown, right());
    expect(alertOf(refused)).toBe('Password attempts exceeded');
    expect(alertOf(await client.signIn({}, { username: 'app' }))).toBe('Password attempts exceeded');
    pool.clock.advance({ minutes: 1 });
    const asked = await client.signIn({}, { visitor, username: 'app' });
    expect(codeOf(await visitor.submit(client.at('/login'), asked, right()))).toBeTruthy();
  });

  it('belong to their browser and client', async () => {
    const [visitor, thief] = [new PageVisitor(), new PageVisitor()];
    const asked = await client.signIn({}, { visitor, username: 'app' });
    const { step = '' } = hiddenFields(asked.text);
    const { location = '' } = await thief.get(client.authorizeUrl());
    const code = { step, SOFTWARE_TOKEN_MFA_CODE: totp(KEY, pool.clock.now() + 30_000) };
    expect(alertOf(await thief.submit(location, await thief.get(location), code))).toContain('begin anew');
    const elsewhere = client.authorizeUrl({ client_id: 'other' }).replace('/oauth2/authorize', '/login');
    const other = await visitor.post(elsewhere, { ...hiddenFields(asked.text), ...code });
    expect(alertOf(other)).toContain('begin anew');
    expect(codeOf(await visitor.submit(client.at('/login'), asked, code))).toBeTruthy();
  });

  it('offer a choice of factors, and send the code that was chosen', async () => {
    const visitor = new PageVisitor();
    const asked = await client.signIn({}, { visitor, username: 'both' });
    expect(titleOf(asked)).toBe('Choose how to go on');
    const sent = await visitor.submit(client.at('/login'), asked, { ANSWER: 'EMAIL_OTP' });
    expect(sent.text).toContain('b***@e***');
    const { code = '' } = pool.inbox.last('both@example.com') ?? {};
    expect(sent.text).not.toContain(code);
    expect(codeOf(await visitor.submit(client.at('/login'), sent, { EMAIL_OTP_CODE: code }))).toBeTruthy();
  });

  it('have an address for codes by e-mail proved where that is the one factor, and nobody else’s account taken by it', async () => {
    const visitor = new PageVisitor();
    const users = [
      { username: 'bare', password: PASSWORD },
      { username: 'known', password: PASSWORD, attributes: { email: 'known@example.com' } },
    ];
    const mailed = await CognitoEmulator.start({
      clientId: 'main',
      callbackUrls: [CALLBACK],
      mfaConfiguration: 'ON',
      enabledMfas: ['EMAIL_OTP'],
      users,
    });
    const at = new OAuthClient(mailed);
    const asked = await at.signIn({}, { visitor, username: 'bare' });
    expect(titleOf(asked)).toBe('Set up a second factor');
    const spoiled = await visitor.submit(at.at('/login'), asked, { EMAIL: MARKUP });
    expect(alertOf(spoiled)).toBeTruthy();
    expect(spoiled.text).not.toContain('<img');
    const sent = await visitor.submit(at.at('/login'), spoiled, { EMAIL: 'bare@example.com' });
    expect(titleOf(sent)).toBe('Enter the code');
    const { code = '' } = mailed.inbox.last('bare@example.com') ?? {};
    expect(sent.text).not.toContain(code);
    expect(codeOf(await visitor.submit(at.at('/login'), sent, { EMAIL_OTP_CODE: code }))).toBeTruthy();
    await mailed.stop();
  });

  it('set an authenticator app up where everybody needs one', async () => {
    const visitor = new PageVisitor();
    const at = new OAuthClient(strict);
    const asked = await at.signIn({}, { visitor });
    expect(titleOf(asked)).toBe('Set up a second factor');
    const key = /<code>([A-Z2-7]+)<\/code>/.exec(asked.text)?.[1] ?? '';
    const wrong = await visitor.submit(at.at('/login'), asked, { USER_CODE: 'abc' });
    expect(titleOf(wrong)).toBe('Set up a second factor');
    const done = await visitor.submit(at.at('/login'), wrong, { USER_CODE: totp(key, strict.clock.now()) });
    expect((await at.redeem(codeOf(done))).status).toBe(200);
  });
});
