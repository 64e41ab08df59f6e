import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWhereOld, run, type Running, start } from './sample-app/processes.js';
import { type FormRequest, Visitor } from './sample-app/visitor.js';

const JWT = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;
const REAL_POOL = { COGNITO_USER_POOL_ID: 'eu-west-1_AbCdEfGhI', COGNITO_CLIENT_ID: '1example23456789' };
/** Where somebody is led who asks for the notes and is not signed in. */
const SIGN_IN_FIRST = '/sign-in?return=%2Fnotes';
const ALICE = { username: 'alice', password: 'Wonderland-1!' };

beforeAll(buildWhereOld);

describe('the demo', () => {
  it('passes every step on a pool of its own, whatever pool the environment names', async () => {
    const { code, lines, output } = await run('demo/main.js', [], {
      ...REAL_POOL,
      AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: 'http://127.0.0.1:9',
    });
    const steps = Number(/^demo: (\d+) steps, 0 failed$/.exec(lines.at(-1) ?? '')?.[1]);
    expect({ code, output }).toMatchObject({ code: 0, output: expect.not.stringContaining('not ok') as string });
    expect(steps).toBeGreaterThanOrEqual(27);
    expect(lines.slice(0, -1).map((line) => /^ok (\d+) .+: .+$/.exec(line)?.[1])).toEqual(
      Array.from({ length: steps }, (_, index) => String(index + 1)),
    );
    expect(output).not.toMatch(JWT);
  });

  it('fails at the wrong password when the pool accepts every proof', async () => {
    const { code, lines } = await run('demo/main.js', ['--sabotage', 'srp-check']);
    expect(code).toBe(1);
    expect(lines.filter((line) => line.startsWith('not ok'))).toEqual([
      expect.stringMatching(/^not ok \d+ refuse a wrong password: 200 instead of 401 COGNITO_CREDENTIALS_INCORRECT$/),
    ]);
    expect(lines.at(-2)).toMatch(/^ok \d+ stop:/);
    expect(lines.at(-1)).toMatch(/^demo: \d+ steps, 1 failed$/);
  });

  it.each([[['--unknown']], [['--sabotage', 'everything']], [['srp-check']]])(
    'shows its usage for %j and runs nothing',
    async (args) => {
      const { code, lines, errors } = await run('demo/main.js', args);
      expect({ code, lines }).toEqual({ code: 2, lines: [] });
      expect(errors).toContain('Usage: npm run demo');
    },
  );
});

describe('the start', () => {
  it.each<[string, Record<string, string>]>([
    ['a pool without a client', { COGNITO_USER_POOL_ID: REAL_POOL.COGNITO_USER_POOL_ID }],
    ['a client without a pool', { COGNITO_CLIENT_ID: REAL_POOL.COGNITO_CLIENT_ID }],
    ['a client secret alone', { COGNITO_CLIENT_SECRET: 'not-to-be-repeated' }],
    ['a blank pool and a blank client', { COGNITO_USER_POOL_ID: '', COGNITO_CLIENT_ID: ' ' }],
    ['a misspelt setting', { COGNITO_POOLID: 'eu-west-1_AbCdEfGhI' }],
    ['a client under its older name', { APP_CLIENT_ID: '1example23456789' }],
  ])('refuses %s instead of falling back to the local pool', async (_, environment) => {
    const { code, lines, errors } = await run('main.js', [], environment);
    expect({ code, lines }).toEqual({ code: 1, lines: [] });
    expect(errors).toMatch(/half configured .* Set COGNITO_USER_POOL_ID and COGNITO_CLIENT_ID/);
    expect(errors).not.toContain('not-to-be-repeated');
  });

  it.each(['production', 'Production', ' PRODUCTION '])('refuses the local pool in %j', async (NODE_ENV) => {
    const { code, lines, errors } = await run('main.js', [], { NODE_ENV });
    expect({ code, lines }).toEqual({ code: 1, lines: [] });
    expect(errors).toContain('for development only');
  });

  it('refuses a port that is in use, and one that is none', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const taken = await run('main.js', [], { PORT: String(port) });
    other.close();
    expect(taken).toMatchObject({ code: 1, lines: [] });
    expect(taken.errors).toBe(
      `The sample app cannot start. Port ${port} is in use: stop what listens there, or choose another, for example PORT=3001.\n`,
    );
    const nonsense = await run('main.js', [], { PORT: '3000x' });
    expect(nonsense).toMatchObject({ code: 1, lines: [] });
    expect(nonsense.errors).toContain('PORT must be a number');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends cleanly on %s', async (signal) => {
    const app = await start();
    expect(await app.stop(signal)).toBe(0);
    expect(app.log()).toMatch(/Stopped\.\n$/);
    await expect(fetch(app.origin)).rejects.toThrow('fetch failed');
  });

  it('refuses a pool at AWS in production without secrets of its own', async () => {
    const { code, errors } = await run('main.js', [], { ...REAL_POOL, NODE_ENV: 'production' });
    expect(code).toBe(1);
    expect(errors).toContain('secrets: is missing');
  });

  it('has neither an inbox nor known users on a pool at AWS, in production too', async () => {
    const app = await start({ ...REAL_POOL, NODE_ENV: 'production', COGNITO_SECRETS: 'f'.repeat(64) });
    const landing = await fetch(app.origin);
    const inbox = await fetch(`${app.origin}/inbox`);
    await app.stop();
    expect([landing.status, inbox.status]).toEqual([200, 404]);
    expect(await landing.text()).not.toContain('/inbox');
    expect(app.log()).not.toContain('password');
  });
});

describe('the application on the local pool', () => {
  let app: Running;
  beforeAll(async () => {
    app = await start();
  });
  afterAll(async () => {
    await app.stop();
  });

  it('takes a new user from the sign-up to the profile, and shows no token or password anywhere', async () => {
    const visitor = new Visitor(app.origin);
    const eve = { username: 'eve', password: 'Correct-h0rse!', email: 'eve@example.com', given_name: '<b>Eve</b>' };
    expect((await visitor.submit('/sign-up', eve)).location).toBe('/confirm?username=eve');
    expect((await visitor.submit('/sign-in', eve)).code).toBe('COGNITO_USER_NOT_CONFIRMED');
    const { text: inbox } = await visitor.get('/inbox');
    const code = /data-for="eve">(\d{6})</.exec(inbox)?.[1] ?? '';
    expect((await visitor.submit('/confirm', { username: 'eve', code })).location).toBe('/sign-in?notice=confirmed');
    expect((await visitor.submit('/sign-in', { ...eve, password: 'Wrong-h0rse!' })).code).toBe(
      'COGNITO_CREDENTIALS_INCORRECT',
    );
    expect((await visitor.submit('/sign-in', eve)).location).toBe('/notes');
    const { text: profile } = await visitor.get('/profile');
    expect(profile).toContain('eve@example.com');
    expect(profile).toContain('Hello, &lt;b&gt;Eve&lt;/b&gt;');
    expect((await visitor.submit('/sign-out', {}, '/profile')).location).toBe('/signed-out');

    const [first = '', ...pages] = visitor.pages;
    for (const text of [first, ...pages, app.log()]) {
      expect(text).not.toMatch(JWT);
      expect(text).not.toContain(eve.password);
    }
    expect(app.log()).not.toContain(code);
  });

  it('takes no step of a sign-in that it has not sealed itself', async () => {
    const visitor = new Visitor(app.origin);
    for (const challenge of ['', 'made up', 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA']) {
      const fields = { challenge, code: '123456', new_password: 'Correct-h0rse!' };
      expect(await visitor.submit('/sign-in/step', fields, '/sign-in')).toMatchObject({
        status: 401,
        code: 'COGNITO_SESSION_INVALID',
      });
    }
    expect((await visitor.get('/profile')).location).toBe('/sign-in?return=%2Fprofile');
  });

  it('keeps the session from scripts, takes it no longer once it has ended, and shares it with nobody', async () => {
    const visitor = new Visitor(app.origin);
    const { setCookies: before } = await visitor.get('/sign-in');
    const { setCookies: after } = await visitor.submit('/sign-in', ALICE);
    expect(before.length).toBe(1);
    expect(after.length).toBeGreaterThan(0);
    for (const line of [...before, ...after]) expect(line).toMatch(/; HttpOnly/);
    for (const line of [...before, ...after]) expect(line).toMatch(/; SameSite=Lax/);

    const stolen = visitor.cookie;
    expect((await new Visitor(app.origin, stolen).get('/notes')).status).toBe(200);
    await visitor.submit('/sign-out', {}, '/profile');
    expect((await visitor.get('/notes')).location).toBe(SIGN_IN_FIRST);
    expect((await new Visitor(app.origin, stolen).get('/notes')).location).toBe(SIGN_IN_FIRST);
  });

  it.each<[string, string, (own: FormRequest) => Promise<FormRequest> | FormRequest]>([
    ['without its token', 'COGNITO_CSRF_REFUSED', ({ headers }) => ({ headers, token: undefined })],
    [
      'with an altered token',
      'COGNITO_CSRF_REFUSED',
      ({ headers, token = '' }) => ({ headers, token: flipped(token) }),
    ],
    [
      "with another browser's token",
      'COGNITO_CSRF_REFUSED',
      async ({ headers }) => ({ headers, token: await new Visitor(app.origin).formToken('/sign-in') }),
    ],
    [
      'from another origin',
      'COGNITO_CSRF_REFUSED',
      ({ token }) => ({ token, headers: { origin: 'http://evil.test' } }),
    ],
    [
      'from an origin that is not told',
      'COGNITO_CSRF_REFUSED',
      ({ token }) => ({ token, headers: { origin: 'null' } }),
    ],
    [
      'from another site',
      'COGNITO_CSRF_REFUSED',
      ({ token, headers }) => ({ token, headers: { ...headers, 'sec-fetch-site': 'cross-site' } }),
    ],
  ])('refuses a form %s, and takes the same form as it was', async (_, code, change) => {
    const visitor = new Visitor(app.origin);
    const own = { token: await visitor.formToken('/sign-in'), headers: { origin: app.origin } };
    const refused = await visitor.post('/sign-in', ALICE, await change(own));
    expect(refused).toMatchObject({ status: 403, code });
    expect((await visitor.get('/notes')).location).toBe(SIGN_IN_FIRST);
    expect((await visitor.post('/sign-in', ALICE, own)).location).toBe('/notes');
  });

  it('takes the form of a browser that keeps the origin to itself and says that it stayed on the site', async () => {
    const visitor = new Visitor(app.origin);
    const token = await visitor.formToken('/sign-in');
    const headers = { origin: 'null', 'sec-fetch-site': 'same-origin' };
    expect((await visitor.post('/sign-in', ALICE, { token, headers })).location).toBe('/notes');
  });

  it('lets no page run a script, be framed or tell where it is', async () => {
    const answers = await Promise.all(
      ['/', '/nowhere', '/styles.css', '/api/me'].map((path) => fetch(app.origin + path)),
    );
    for (const { headers } of answers) {
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';.*frame-ancestors 'none'$/);
      expect(headers.get('content-security-policy')).not.toMatch(/script-src|unsafe/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  it('answers to its own name alone', async () => {
    const { port } = new URL(app.origin);
    const statuses = await Promise.all(['localhost', '127.0.0.1', 'evil.test'].map((host) => statusAt(port, host)));
    expect(statuses).toEqual([200, 200, 421]);
  });

  it('opens /api/me to an access token, and not to an id token or to nothing', async () => {
    const { AccessToken = '', IdToken = '' } = await tokensOf(app, ALICE);
    const me = (headers: Record<string, string>) => fetch(`${app.origin}/api/me`, { headers });

    const none = await me({});
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="api"']);
    const byIdToken = await me({ authorization: `Bearer ${IdToken}` });
    expect(byIdToken.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect([byIdToken.status, await byIdToken.json()]).toMatchObject([401, { code: 'COGNITO_TOKEN_WRONG_USE' }]);
    const good = await me({ authorization: `Bearer ${AccessToken}` });
    expect([good.status, await good.json()]).toMatchObject([
      200,
      {
        principal: { username: 'alice', groups: [], tokenUse: 'access' },
        user: { email: 'alice@example.com', firstName: 'Alice', lastName: 'Liddell' },
      },
    ]);
  });
});

function flipped(token: string): string {
  return (token.startsWith('A') ? 'B' : 'A') + token.slice(1);
}

/** What fetch does not permit: a request with a host of one's own choice. */
async function statusAt(port: string, host: string): Promise<number | undefined> {
  const request = httpRequest({ host: '127.0.0.1', port, headers: { host: `${host}:${port}` } }).end();
  const [response] = (await once(request, 'response')) as [{ statusCode?: number; resume(): void }];
  response.resume();
  return response.statusCode;
}

/** Asks the pool itself, at the address that the console names. */
async function tokensOf(app: Running, { username, password }: typeof ALICE): Promise<Record<string, string>> {
  const [, endpoint = '', client = ''] = /at (http:\S+), its app client (\w+)/.exec(app.log()) ?? [];
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
    },
    body: JSON.stringify({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: client,
      AuthParameters: { USERNAME: username, PASSWORD: password },
    }),
  });
  return ((await response.json()) as { AuthenticationResult: Record<string, string> }).AuthenticationResult;
}
