import { Controller, Get, type INestApplication, Post, VersioningType } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  CognitoAuthApiModule,
  type CognitoAuthApiModuleExtras,
  type CognitoAuthApiOptions,
} from '../../lib/auth-api/index.js';
import {
  CognitoModule,
  CognitoUser,
  CookieExtractor,
  BearerExtractor,
  type CognitoOptions,
  type CognitoPrincipal,
} from '../../lib/index.js';
import { CognitoSessionModule } from '../../lib/session/index.js';
import { CognitoEmulator, ProcessClock } from '../../lib/testing/index.js';
import { ApiBrowser } from '../support/api-browser.js';
import { type Answer, type RunningApp, startApp } from '../support/nest-app.js';
import { totp } from '../support/totp.js';

/** Behind a proxy that is trusted, so that tests may come from many addresses. */
const adapters = [
  ['Express', () => new ExpressAdapter()],
  ['Fastify', (trustProxy: boolean) => new FastifyAdapter({ trustProxy })],
] as const;

@Controller('notes')
class NotesController {
  @Get() list(@CognitoUser() { username }: CognitoPrincipal) {
    return { username };
  }

  @Post() add(@CognitoUser() { username }: CognitoPrincipal) {
    return { username };
  }
}

const PASSWORD = 'Passw0rd!';
const SECRETS = ['a-secret-of-this-test-of-more-than-32-bytes'];
const totpSecret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const user = (username: string, more: object = {}) => ({
  username,
  password: PASSWORD,
  attributes: { email: `${username}@example.com`, email_verified: 'true' },
  ...more,
});

const users = [
  user('alice', { groups: ['admin'] }),
  user('bob'),
  user('carol', { mfa: { totpSecret, preferred: 'SOFTWARE_TOKEN_MFA' } }),
  user('erin', { mfa: { email: true, preferred: 'EMAIL_OTP' } }),
  user('nina-Express', { status: 'FORCE_CHANGE_PASSWORD' }),
  user('nina-Fastify', { status: 'FORCE_CHANGE_PASSWORD' }),
  user('ursula', { status: 'UNCONFIRMED' }),
  user('dora', { enabled: false }),
  user('rita', { status: 'RESET_REQUIRED' }),
];

type Settings = CognitoAuthApiOptions & CognitoAuthApiModuleExtras;

let pool: CognitoEmulator;
const clock = new ProcessClock();
const apps: RunningApp[] = [];
let asked: string[] = [];

beforeAll(async () => {
  pool = await CognitoEmulator.start({ users, clock, mfaConfiguration: 'OPTIONAL' });
  pool.hooks.beforeAnswer = (operation, answer) => {
    asked.push(operation);
    return answer;
  };
});

afterEach(async () => {
  asked = [];
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

afterAll(() => pool.stop());

async function start(
  adapter: (typeof adapters)[number][1],
  settings: Settings = {},
  on: CognitoEmulator = pool,
  trustsProxy = true,
  more: Partial<CognitoOptions> = {},
): Promise<RunningApp & { readonly api: string; browser(): Promise<ApiBrowser> }> {
  const extractors = [new BearerExtractor(), new CookieExtractor({ name: 'access' })];
  const imports = [
    CognitoModule.forRoot({ ...on.options, secrets: SECRETS, globalGuard: true, extractors, ...more }),
    CognitoSessionModule.forRoot(),
    CognitoAuthApiModule.forRoot(settings),
  ];
  const prepare = (app: INestApplication): void => {
    if (app.getHttpAdapter().getType() === 'express' && trustsProxy)
      (app as NestExpressApplication).set('trust proxy', true);
    app.setGlobalPrefix('api');
    app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
  };
  const app = await startApp(() => adapter(trustsProxy), { imports, controllers: [NotesController] }, { prepare });
  apps.push(app);
  const api = `${app.url}/api/${settings.path ?? 'auth'}`;
  const browser = async (): Promise<ApiBrowser> => {
    const made = new ApiBrowser(api);
    if (settings.tokens !== 'body') await made.load();
    return made;
  };
  return Object.assign(app, { api, browser });
}

let nextAddress = 0;

/** A caller nobody has met. */
function elsewhere(): { readonly headers: Record<string, string> } {
  nextAddress += 1;
  return { headers: { 'x-forwarded-for': `10.0.${nextAddress >> 8}.${nextAddress & 255}` } };
}

/** A name that nobody has, and nobody has tried. */
function nobody(): string {
  nextAddress += 1;
  return `nobody-${nextAddress}`;
}

/** Counts begin anew with each quarter of an hour; a test must not run over into the next. */
function atTheStartOfAWindow(): void {
  clock.advance({ seconds: 900 - (Math.floor(Date.now() / 1000) % 900) });
}

/** All that two answers to a stranger may differ in is when they were given. */
function told({ status, text, headers }: Answer): object {
  return { status, text, headers: [...headers].filter(([name]) => name !== 'date') };
}

describe.each(adapters)('the ready-made endpoints on %s', (kind, adapter) => {
  it('sign up, confirm, sign in, say who is there, renew and sign out, with a prefix, a version and a global guard', async () => {
    const app = await start(adapter);
    const browser = await app.browser();
    const name = `sven-${app.url.split(':').at(-1)}`;
    const account = { username: name, password: PASSWORD, attributes: { email: `${name}@example.com` } };

    const signedUp = await browser.post('/signup', account);
    expect([signedUp.status, signedUp.text]).toEqual([202, '{"status":"accepted"}']);
    const first = pool.inbox.last(name)?.code;
    expect((await browser.post('/resend', { username: name })).status).toBe(202);
    const code = pool.inbox.last(name)?.code ?? '';
    expect(code).not.toBe(first);
    expect((await browser.post('/confirm-signup', { username: name, code })).body).toEqual({ status: 'confirmed' });

    expect((await browser.get('/me')).status).toBe(401);
    const { cookies } = browser;
    const before = new Map(cookies);
    const ofLoginForm = { headers: { 'x-csrf-token': browser.csrfToken } };
    const signedIn = await browser.post('/login', { username: name, password: PASSWORD });
    expect(signedIn.body).toMatchObject({ status: 'authenticated', user: { username: name, groups: [] } });
    expect(signedIn.text).not.toMatch(/eyJ/);
    expect([...cookies.keys()]).not.toEqual([...before.keys()]);
    expect((await browser.get('/me')).body).toMatchObject({ username: name });
    expect((await new ApiBrowser(`${app.url}/api/v1`).get('/notes')).status).toBe(401);

    // The token of the login form belongs to nobody who is signed in.
    expect((await browser.post('/refresh', {})).body.code).toBe('COGNITO_CSRF_REFUSED');
    await browser.load();
    expect((await browser.post('/refresh', {})).body).toMatchObject({
      status: 'authenticated',
      user: { username: name },
    });
    const copy = new Map(cookies);
    expect((await browser.post('/logout', {})).body).toEqual({ status: 'signed-out', revoked: true });
    expect((await browser.get('/me')).status).toBe(401);
    // Nor is it good again after the sign-out, with a new cookie or without one.
    const refused = async () =>
      (await browser.post('/login', { username: name, password: PASSWORD }, ofLoginForm)).status;
    expect([await refused(), (await browser.get('/csrf')).status, await refused()]).toEqual([403, 200, 403]);
    for (const [cookie, value] of copy) cookies.set(cookie, value);
    expect((await browser.get('/me')).status).toBe(401);
  });

  it('set a new password by a code, and put one in the place of a temporary one', async () => {
    const app = await start(adapter);
    const browser = await app.browser();
    expect((await browser.post('/forgot-password', { username: 'bob' })).status).toBe(202);
    const code = pool.inbox.last('bob')?.code ?? '';
    const newPassword = 'Other-Passw0rd!';
    const wrong = await browser.post('/confirm-forgot-password', { username: 'bob', code: '000000', newPassword });
    expect([wrong.status, wrong.body.code]).toEqual([400, 'COGNITO_CODE_MISMATCH']);
    const changed = await browser.post('/confirm-forgot-password', { username: 'bob', code, newPassword });
    expect(changed.body).toEqual({ status: 'changed' });
    expect((await browser.post('/login', { username: 'bob', password: newPassword })).status).toBe(200);

    await browser.load();
    const nina = { username: `nina-${kind}`, password: PASSWORD };
    const { challenge, ...asks } = (await browser.post('/login', nina)).body;
    expect(asks).toEqual({ status: 'challenge', name: 'NEW_PASSWORD_REQUIRED', details: { requiredAttributes: [] } });
    const foreign = { newPassword, attributes: { 'custom:role': 'admin' } };
    const refused = await browser.post('/challenge', { challenge, answer: foreign });
    expect([refused.status, refused.body.code]).toEqual([400, 'COGNITO_CHALLENGE_ANSWER_INVALID']);
    const done = await browser.post('/challenge', { challenge, answer: { newPassword } });
    expect(done.body).toMatchObject({ status: 'authenticated', user: { username: nina.username } });
  });

  it('ask for a second factor, and take the sealed challenge back once more after a wrong code', async () => {
    const app = await start(adapter);
    const browser = await app.browser();
    const asks = await browser.post('/login', { username: 'carol', password: PASSWORD });
    expect(asks.body).toMatchObject({ status: 'challenge', name: 'SOFTWARE_TOKEN_MFA' });
    expect(asks.text).not.toContain('carol');
    const { challenge } = asks.body;
    const wrong = await browser.post('/challenge', { challenge, answer: { code: '000000' } });
    expect([wrong.status, wrong.body.code]).toEqual([400, 'COGNITO_CODE_MISMATCH']);
    // A code of an authenticator app is good once.
    clock.advance({ seconds: 90 });
    const right = await browser.post('/challenge', { challenge, answer: { code: totp(totpSecret, Date.now()) } });
    expect(right.body).toMatchObject({ status: 'authenticated', user: { username: 'carol' } });

    for (const answer of [{ code: '1', USERNAME: 'alice' }, { newPassword: 'x' }, {}]) {
      const misfit = await browser.post('/challenge', { challenge, answer }, elsewhere());
      expect(misfit.body.code).toMatch(/COGNITO_CSRF_REFUSED|COGNITO_CHALLENGE_ANSWER_INVALID/);
    }
    await browser.load();
    const forged = await browser.post('/challenge', { challenge: `${String(challenge)}A`, answer: { code: '1' } });
    expect([forged.status, forged.body.code]).toEqual([401, 'COGNITO_SESSION_INVALID']);
  });

  it('set an authenticator app up in a sign-in that demands one', async () => {
    const strict = await CognitoEmulator.start({ users: [user('alice')], clock, mfaConfiguration: 'ON' });
    const app = await start(adapter, {}, strict);
    const browser = await app.browser();
    const asks = (await browser.post('/login', { username: 'alice', password: PASSWORD })).body;
    expect(asks).toMatchObject({ name: 'MFA_SETUP' });
    const answer = { setUp: 'SOFTWARE_TOKEN_MFA' };
    const begun = (await browser.post('/challenge', { challenge: asks['challenge'], answer })).body;
    const { secretCode, otpauthUri } = begun['details'] as { secretCode: string; otpauthUri: string };
    expect(otpauthUri).toContain(secretCode);
    const { challenge } = begun;
    const session = await browser.post('/challenge', { challenge, answer: { session: 'of-somebody-else' } });
    expect(session.body.code).toBe('COGNITO_CHALLENGE_ANSWER_INVALID');
    const code = totp(secretCode, Date.now());
    const done = await browser.post('/challenge', { challenge, answer: { code } });
    expect(done.body).toMatchObject({ status: 'authenticated', user: { username: 'alice' } });
    await strict.stop();
  });

  it('take JSON of the right shape and no other, and tell no value of what was wrong', async () => {
    const app = await start(adapter);
    const browser = await app.browser();
    const account = 'username=alice&password=Passw0rd!';
    expect((await browser.postText('/login', account, 'application/x-www-form-urlencoded')).status).toBe(415);
    expect((await browser.postText('/login', '{"username":"alice","password":"Passw0rd!"}', 'text/plain')).status).toBe(
      415,
    );
    const alice = JSON.stringify({ username: 'alice', password: PASSWORD });
    expect((await browser.postText('/login', alice, 'application/json-seq')).status).toBe(415);
    const polluting = '{"username":"alice","password":"Passw0rd!","__proto__":{"flow":"USER_PASSWORD_AUTH"}}';
    expect((await browser.postText('/login', polluting, 'application/json')).status).toBe(400);
    const large = JSON.stringify({ challenge: 'a'.repeat(2_000_000), answer: {} });
    expect((await browser.postText('/challenge', large, 'application/json')).status).toBe(413);
    for (const body of [
      {},
      [],
      { username: 'alice' },
      { username: ['alice'], password: PASSWORD },
      { username: 'alice', password: PASSWORD, flow: 'USER_PASSWORD_AUTH' },
      { username: 'alice', password: PASSWORD, clientMetadata: { a: 'b' } },
      { username: 'a'.repeat(129), password: PASSWORD },
      { username: 'alice', password: 'a'.repeat(257) },
    ]) {
      const refused = await browser.post('/login', body);
      expect([refused.status, refused.body.code]).toEqual([400, 'COGNITO_PARAMETER_INVALID']);
      expect(refused.text).not.toContain('alice');
    }
    for (const attributes of [{ 'custom:role': 'admin' }, { email_verified: true }, { sub: 'x' }]) {
      const refused = await browser.post('/signup', { username: 'eve', password: PASSWORD, attributes });
      expect([refused.status, refused.body.code]).toEqual([400, 'COGNITO_ATTRIBUTE_REFUSED']);
    }
    const forced = { username: 'eve', code: '1', forceAliasCreation: true };
    expect((await browser.post('/confirm-signup', forced)).status).toBe(400);
    expect(asked).toEqual([]);
    expect((await browser.post('/login', { username: 'alice', password: PASSWORD })).status).toBe(200);
  });

  it('are nobody’s to keep, refusals included', async () => {
    const app = await start(adapter);
    const browser = await app.browser();
    const answers = [
      await browser.get('/csrf'),
      await browser.get('/me'),
      await browser.post('/login', {}),
      await browser.post('/login', { username: 'alice', password: PASSWORD }),
      await browser.get('/me'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 400, 200, 200]);
    expect(new Set(answers.map(({ headers }) => headers.get('cache-control')))).toEqual(new Set(['no-store']));
  });

  it('refuse what a foreign page sends, with a session and without', async () => {
    const app = await start(adapter);
    const browser = await app.browser();
    const account = { username: 'alice', password: PASSWORD };
    const foreign = [
      { withoutProof: true },
      { headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } },
      { headers: { 'sec-fetch-site': 'same-site', origin: 'https://blog.example.com' } },
      { headers: { origin: 'null' } },
      { headers: { 'x-csrf-token': 'AAAA' } },
    ];
    for (const sending of foreign) {
      const refused = await browser.post('/login', account, sending);
      expect([refused.status, refused.body.code]).toEqual([403, 'COGNITO_CSRF_REFUSED']);
    }
    expect((await browser.post('/login', account, { headers: { origin: app.url } })).status).toBe(200);
    await browser.load();
    const other = await app.browser();
    await other.post('/login', account);
    await other.load();
    const mixed = { headers: { 'x-csrf-token': other.csrfToken } };
    for (const sending of [...foreign, mixed]) {
      expect((await browser.post('/logout', {}, sending)).body.code).toBe('COGNITO_CSRF_REFUSED');
      const notes = await browser.post('/../v1/notes', {}, sending);
      expect([notes.status, notes.body.code]).toEqual([403, 'COGNITO_CSRF_REFUSED']);
    }
    expect((await browser.post('/../v1/notes', {})).body).toEqual({ username: 'alice' });
    expect((await browser.get('/../v1/notes', { 'sec-fetch-site': 'cross-site' })).status).toBe(200);
    expect((await browser.get('/me')).status).toBe(200);
    expect((await browser.post('/logout', {})).status).toBe(200);
  });

  it('ask for the proof of an own page each, before anything is done', async () => {
    const app = await start(adapter);
    const browser = await app.browser();
    const account = { username: nobody(), password: PASSWORD };
    const { username } = account;
    const bodiesOf: Readonly<Record<string, object>> = {
      login: account,
      challenge: { challenge: 'sealed', answer: {} },
      refresh: {},
      logout: {},
      signup: account,
      'confirm-signup': { username, code: '1' },
      resend: { username },
      'forgot-password': { username },
      'confirm-forgot-password': { username, code: '1', newPassword: PASSWORD },
    };
    for (const [path, body] of Object.entries(bodiesOf)) {
      expect((await browser.post(`/${path}`, body, { withoutProof: true })).body.code).toBe('COGNITO_CSRF_REFUSED');
      expect((await browser.get(`/${path}`)).status).toBe(404);
    }
    expect(asked).toEqual([]);
  });

  it('tell who does not know the password nothing about the account', async () => {
    for (const mode of ['LEGACY', 'ENABLED'] as const) {
      const hiding = await CognitoEmulator.start({
        users,
        clock,
        preventUserExistenceErrors: mode,
      });
      const app = await start(adapter, { preventUserExistenceErrors: mode }, hiding);
      const browser = await app.browser();
      const strangers = ['nobody', 'alice', 'ursula', 'dora', 'rita', 'nobody@example.com'];
      const answers: object[] = [];
      for (const username of strangers) {
        answers.push(told(await browser.post('/login', { username, password: 'Wr0ng-one!' }, elsewhere())));
      }
      expect(answers).toEqual(strangers.map(() => answers[0]));
      expect(answers[0]).toMatchObject({ status: 401 });

      const accepted: object[] = [];
      for (const username of strangers) {
        accepted.push(told(await browser.post('/forgot-password', { username }, elsewhere())));
        accepted.push(told(await browser.post('/resend', { username }, elsewhere())));
        const body = { username, password: PASSWORD, attributes: { email: 'alice@example.com' } };
        accepted.push(told(await browser.post('/signup', body, elsewhere())));
      }
      expect(accepted).toEqual(accepted.map(() => accepted[0]));
      expect(accepted[0]).toMatchObject({ status: 202 });

      const codes: object[] = [];
      for (const username of [...strangers, 'bob']) {
        codes.push(told(await browser.post('/confirm-signup', { username, code: '000000' }, elsewhere())));
        const body = { username, code: '000000', newPassword: PASSWORD };
        codes.push(told(await browser.post('/confirm-forgot-password', body, elsewhere())));
      }
      expect(codes).toEqual(codes.map(() => codes[0]));
      expect(codes[0]).toMatchObject({ status: 400 });

      // Who knows it is told, as far as Cognito does not tell others, too.
      const named = async (username: string) =>
        (await browser.post('/login', { username, password: PASSWORD }, elsewhere())).body.code;
      expect(await named('ursula')).toBe('COGNITO_USER_NOT_CONFIRMED');
      const hidden = 'COGNITO_CREDENTIALS_INCORRECT';
      expect(await named('dora')).toBe(mode === 'ENABLED' ? 'COGNITO_USER_DISABLED' : hidden);
      expect(await named('rita')).toBe(mode === 'ENABLED' ? 'COGNITO_PASSWORD_RESET_REQUIRED' : hidden);
      await hiding.stop();
    }
  });

  it('give tokens in the answer where there are no browsers, and read REFRESHTOKEN where tokens are renewed only', async () => {
    const app = await start(adapter, { tokens: 'body' });
    const phone = await app.browser();
    const { body: tokens, headers } = await phone.post('/login', { username: 'alice', password: PASSWORD });
    expect(Object.keys(tokens).toSorted()).toEqual(['accessToken', 'expiresIn', 'idToken', 'refreshToken', 'status']);
    expect(headers.get('set-cookie')).toBeNull();
    const bearer = { authorization: `Bearer ${String(tokens['accessToken'])}` };
    expect((await phone.get('/me', bearer)).body).toMatchObject({ username: 'alice', groups: ['admin'] });
    const refreshToken = String(tokens['refreshToken']);
    const inHeader = { headers: { refreshtoken: refreshToken } };
    expect((await phone.post('/refresh', { refreshToken })).body).toMatchObject({ status: 'authenticated' });
    expect((await phone.post('/refresh', {}, inHeader)).body).toMatchObject({ status: 'authenticated' });
    expect((await phone.post('/refresh', {})).status).toBe(401);
    expect((await phone.post('/refresh', { refreshToken: 'made-up' })).status).toBe(401);
    expect((await phone.get('/me', inHeader.headers)).status).toBe(401);
    expect((await phone.post('/logout', {}, inHeader)).status).toBe(400);
    expect((await phone.get('/csrf')).status).toBe(404);
    expect((await phone.post('/logout', { refreshToken })).body).toEqual({ status: 'signed-out', revoked: true });
    expect((await phone.post('/refresh', { refreshToken })).status).toBe(401);
  });

  it('answer under the names of older packages where that is wanted, below a path of the application’s own', async () => {
    const app = await start(adapter, { path: 'account', aliases: true });
    const browser = await app.browser();
    expect((await browser.get('/generate_csrf')).status).toBe(200);
    for (const alias of ['confirm_login', 'confirm_signup', 'forgot_password', 'confirm_forgot_password']) {
      expect((await browser.post(`/${alias}`, {})).status).toBe(400);
    }
    const without = await start(adapter);
    expect((await (await without.browser()).get('/generate_csrf')).status).toBe(404);
  });

  it('let nobody try more often than they say, and let others in meanwhile', async () => {
    const app = await start(adapter);
    const browser = await app.browser();
    const [attacker, office] = [elsewhere(), elsewhere()];
    atTheStartOfAWindow();
    const tried: number[] = [];
    for (let attempt = 1; attempt <= 7; attempt += 1) {
      const username = attempt < 7 ? 'alice' : ' ALICE';
      const answer = await browser.post('/login', { username, password: `wrong-${attempt}` }, attacker);
      tried.push(answer.status);
      if (attempt < 6) continue;
      expect(answer.body.code).toBe('COGNITO_LIMIT_EXCEEDED');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(800);
    }
    expect(tried).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect(asked.filter((operation) => operation === 'RespondToAuthChallenge')).toHaveLength(5);

    const names = Array.from({ length: 14 }, () => nobody());
    for (const username of names)
      tried.push((await browser.post('/login', { username, password: 'x' }, attacker)).status);
    expect(tried.slice(-2)).toEqual([401, 429]);

    // Cognito has locked her for a second by now; then she is let in, as often as she likes.
    clock.advance({ seconds: 2 });
    for (let times = 0; times < 22; times += 1) {
      await browser.load();
      const signedIn = await browser.post('/login', { username: 'alice', password: PASSWORD }, office);
      expect(signedIn.status).toBe(200);
    }
    await browser.load();
    expect((await browser.post('/login', { username: 'alice', password: PASSWORD }, attacker)).status).toBe(429);
    clock.advance({ minutes: 15 });
    expect((await browser.post('/login', { username: 'alice', password: PASSWORD }, attacker)).status).toBe(200);
  });

  it('limit what sends messages and what takes codes, each by itself', async () => {
    const app = await start(adapter);
    const browser = await app.browser();
    const username = nobody();
    const code = '000000';
    const bodiesOf: readonly (readonly [string, object])[] = [
      ['/login', { username: 'erin', password: PASSWORD }],
      ['/signup', { username: 'alice', password: PASSWORD }],
      ['/forgot-password', { username }],
      ['/confirm-forgot-password', { username, code, newPassword: PASSWORD }],
    ];
    const statusesOf = async (path: string, body: object): Promise<number[]> => {
      const statuses: number[] = [];
      for (let attempt = 1; attempt <= 6; attempt += 1) statuses.push((await browser.post(path, body)).status);
      return statuses;
    };
    atTheStartOfAWindow();
    for (const [path, body] of bodiesOf) {
      const statuses = await statusesOf(path, body);
      expect([new Set(statuses.slice(0, 5)).size, statuses[0] === 429, statuses[5]]).toEqual([1, false, 429]);
    }
    // What was counted there counts here.
    expect((await browser.post('/resend', { username })).status).toBe(429);
    expect((await browser.post('/confirm-signup', { username, code })).status).toBe(429);
    expect((await browser.post('/resend', { username: nobody() })).status).toBe(202);

    const phone = await (await start(adapter, { tokens: 'body' })).browser();
    const refreshes: number[] = [];
    for (let attempt = 1; attempt <= 21; attempt += 1) {
      refreshes.push((await phone.post('/refresh', { refreshToken: 'made-up' })).status);
    }
    expect(refreshes).toEqual([...Array<number>(20).fill(401), 429]);
  });

  it('count a sign-in that sends a code to whoever was named, and a wrong answer after which the triggers ask again', async () => {
    const mails = await CognitoEmulator.start({
      users,
      clock,
      aliasAttributes: ['email'],
      allowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'],
      preventUserExistenceErrors: 'LEGACY',
    });
    const choosing = await (await start(adapter, { flow: 'USER_AUTH' }, mails)).browser();
    atTheStartOfAWindow();
    const statuses: number[] = [];
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      statuses.push((await choosing.post('/login', { username: 'alice', preferredChallenge: 'EMAIL_OTP' })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    statuses.length = 0;
    const asker = elsewhere();
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      const { status, body } = await choosing.post('/login', { username: 'bob' }, asker);
      statuses.push(status);
      expect(body['name']).toBe(status === 200 ? 'SELECT_CHALLENGE' : undefined);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);

    Object.assign(mails.triggers, {
      defineAuthChallenge: ({ request: { session = [] } }) =>
        session.at(-1)?.challengeResult === true ? { issueTokens: true } : { challengeName: 'CUSTOM_CHALLENGE' },
      createAuthChallenge: () => ({
        publicChallengeParameters: { question: 'tea?' },
        privateChallengeParameters: { answer: 'yes' },
      }),
      verifyAuthChallengeResponse: ({ request: { challengeAnswer, privateChallengeParameters } }) => ({
        answerCorrect: challengeAnswer === privateChallengeParameters?.['answer'],
      }),
    } satisfies CognitoEmulator['triggers']);
    const asking = await (await start(adapter, { flow: 'CUSTOM_AUTH' }, mails)).browser();
    for (const username of [nobody(), 'ursula', 'dora']) {
      // Without a password nobody is told in which state an account is.
      const refused = await asking.post('/login', { username }, elsewhere());
      expect([username, refused.status, refused.body.code]).toEqual([username, 401, 'COGNITO_CREDENTIALS_INCORRECT']);
    }
    let { body } = await asking.post('/login', { username: 'alice@example.com' });
    // Whose address that is, a stranger does not learn.
    expect(body['details']).toEqual({ parameters: { question: 'tea?' } });
    statuses.length = 0;
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      const answer = await asking.post('/challenge', { challenge: body['challenge'], answer: { answer: 'no' } });
      statuses.push(answer.status);
      if (answer.status === 200) ({ body } = answer);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    clock.advance({ minutes: 16 });
    ({ body } = await asking.post('/login', { username: 'alice' }));
    const right = { challenge: body['challenge'], answer: { answer: 'yes' } };
    expect((await asking.post('/challenge', right)).body).toMatchObject({ status: 'authenticated' });
    await mails.stop();
  });

  it('take attributes by the names of the application, and no other that goes by such a name', async () => {
    const attributeMapping = { given_name: 'firstName', nickname: 'alias', 'custom:role': 'nickname' };
    const named = await CognitoEmulator.start({ users: [], clock });
    const signUp = async (settings: Settings, attributes: object) => {
      const app = await start(adapter, settings, named, true, { attributeMapping });
      const browser = await app.browser();
      return (await browser.post('/signup', { username: nobody(), password: PASSWORD, attributes })).status;
    };
    expect(await signUp({}, { firstName: 'Ann', alias: 'annie' })).toBe(202);
    expect(await signUp({}, { nickname: 'admin' })).toBe(400);
    expect(await signUp({ signUpAttributes: ['firstName'] }, { firstName: 'Ann' })).toBe(202);
    expect(await signUp({ signUpAttributes: ['firstName'] }, { alias: 'annie' })).toBe(400);
    expect(await signUp({ signUpAttributes: ['nickname'] }, { nickname: 'reader' })).toBe(202);
    await named.stop();
  });

  it('take five answers to one challenge, wherever they come from', async () => {
    const app = await start(adapter);
    const browser = await app.browser();
    const { challenge } = (await browser.post('/login', { username: 'carol', password: PASSWORD })).body;
    asked = [];
    const statuses: number[] = [];
    for (let answer = 0; answer < 6; answer += 1) {
      // Cognito would lock the account itself.
      clock.advance({ seconds: 5 });
      statuses.push((await browser.post('/challenge', { challenge, answer: { code: '000000' } }, elsewhere())).status);
    }
    expect(statuses).toEqual([400, 400, 400, 400, 400, 429]);
    expect(asked).toEqual(Array<string>(5).fill('RespondToAuthChallenge'));
    clock.advance({ minutes: 16 });

    // A new challenge for each answer does not help.
    atTheStartOfAWindow();
    const attacker = elsewhere();
    statuses.length = 0;
    for (let answer = 0; answer < 6; answer += 1) {
      clock.advance({ seconds: 5 });
      const asks = await browser.post('/login', { username: 'carol', password: PASSWORD }, attacker);
      const guess = { challenge: asks.body['challenge'], answer: { code: '000000' } };
      statuses.push((await browser.post('/challenge', guess, attacker)).status);
    }
    expect(statuses).toEqual([400, 400, 400, 400, 400, 429]);
    clock.advance({ minutes: 16 });
  });

  it('leave the limits to another limiter where that is wanted', async () => {
    const app = await start(adapter, { limiter: false });
    const browser = await app.browser();
    const attacker = elsewhere();
    for (let attempt = 1; attempt <= 21; attempt += 1) {
      expect((await browser.post('/login', { username: nobody(), password: 'x' }, attacker)).status).toBe(401);
    }
  });

  it('do not believe a header about where a caller is', async () => {
    const app = await start(adapter, {}, pool, false);
    const browser = await app.browser();
    const statuses: number[] = [];
    const username = nobody();
    atTheStartOfAWindow();
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      const { headers } = elsewhere();
      const sending = {
        headers: { ...headers, 'x-real-ip': headers['x-forwarded-for'] ?? '', forwarded: `for=${attempt}` },
      };
      statuses.push((await browser.post('/login', { username, password: 'x' }, sending)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it('are described for Swagger', async () => {
    const app = await start(adapter);
    const { paths } = SwaggerModule.createDocument(app.nest, new DocumentBuilder().build());
    expect(Object.keys(paths).filter((path) => path.startsWith('/api/auth')).length).toBe(11);
    const login = paths['/api/auth/login']?.post;
    expect(login).toMatchObject({
      summary: 'Signs in',
      requestBody: {
        content: { 'application/json': { schema: { required: ['username'], additionalProperties: false } } },
      },
    });
    expect(Object.keys(login?.responses ?? {})).toEqual(['200', '400', '401', '403', '415', '429', '503']);
  });
});
