import { ImATeapotException, Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LocalUsers } from '../../lib/access/local-users.js';
import { CognitoError } from '../../lib/errors/cognito.error.js';
import { CognitoModule, CognitoTokenVerifier } from '../../lib/index.js';
import {
  CognitoMachineTokens,
  CognitoMachineTokensModule,
  CognitoOAuthModule,
  CognitoOAuthService,
  type OAuthEndedSignIn,
  type OAuthOptions,
  type OAuthSuccessContext,
  type OAuthSuccessHandler,
} from '../../lib/oauth/index.js';
import type { CognitoEmulator, EmulatorAnswer } from '../../lib/testing/index.js';
import { Revocations } from '../../lib/tokens/revocations.js';
import { codeOf } from '../support/desk.js';
import { adapters, type RunningApp, startApp } from '../support/nest-app.js';
import { PageBrowser } from '../support/page-browser.js';
import { home } from './oauth/application.js';
import { alice, optionsOf, startPool } from './oauth/pools.js';

const [[, express]] = adapters;
const redirectUri = `${home}/oauth/callback`;

let pool: CognitoEmulator;
let app: RunningApp;
/** What the application does with whoever signs in, and what it was told. */
let decide: OAuthSuccessHandler = () => undefined;
let told: OAuthSuccessContext | undefined;
let localUser: () => object | undefined = () => undefined;
let kept: () => OAuthEndedSignIn | undefined = () => told?.tokens;

beforeAll(async () => {
  for (const level of ['warn', 'error'] as const) vi.spyOn(Logger.prototype, level).mockReturnValue(undefined);
  pool = await startPool();
  const onSuccess: OAuthSuccessHandler = (context) => {
    told = context;
    return decide(context);
  };
  const onLogout: OAuthOptions['onLogout'] = () => kept();
  app = await startApp(
    express,
    {
      imports: [
        CognitoModule.forRoot(optionsOf(pool)),
        CognitoOAuthModule.forRootAsync({
          useFactory: () => ({ redirectUri, successRedirect: '/in', onSuccess, onLogout }),
        }),
        CognitoOAuthModule.forRoot({
          pool: 'staff',
          path: 'staff/oauth',
          isGlobal: false,
          redirectUri: `${home}/staff/oauth/callback`,
          clientAuthentication: 'client_secret_post',
          onSuccess,
        }),
        CognitoMachineTokensModule.forRoot(),
      ],
    },
    {
      override: (builder) =>
        builder.overrideProvider(LocalUsers).useValue({ resolve: () => Promise.resolve(localUser()) }),
    },
  );
});

afterAll(async () => {
  await app.close();
  await pool.stop();
  vi.restoreAllMocks();
});

afterEach(() => {
  decide = () => undefined;
  localUser = () => undefined;
  kept = () => told?.tokens;
  pool.hooks.beforeAnswer = undefined;
  pool.hooks.token = undefined;
  pool.clock.reset();
});
const service = () => app.nest.get(CognitoOAuthService).pool('default');

/** Signs in at the pages, and shows what the callback answers. */
async function signIn(path = 'oauth', browser = new PageBrowser({ [home]: app.url })) {
  told = undefined;
  const elsewhere = (next: string) => next.startsWith(home) && !next.includes('/callback?');
  const form = await browser.open(`${home}/${path}/login`);
  return browser.submit(form, { username: 'alice', password: alice.password }, elsewhere);
}

const placeOf = (shown: Awaited<ReturnType<typeof signIn>>) => shown.hops.at(-1)?.headers.get('location');

async function tokensOfAlice() {
  await signIn();
  if (told === undefined) throw new Error('nobody has signed in');
  return told.tokens;
}

describe('onSuccess', () => {
  it('is told who signed in, with verified tokens and the local user, in an application without sessions', async () => {
    localUser = () => ({ id: 7 });
    expect(placeOf(await signIn())).toBe(`${home}/in`);

    expect(told).toMatchObject({
      principal: { kind: 'user', username: 'alice', tokenUse: 'id' },
      claims: { email: 'alice@example.com' },
      accessClaims: { scope: 'openid' },
      pool: 'default',
      localUser: { id: 7 },
    });
    expect(told?.request).toMatchObject({ method: 'GET' });
    expect(JSON.stringify(told?.principal)).not.toContain(told?.tokens.accessToken);
  });

  it('may send the browser to another place of the application, and to no other', async () => {
    decide = () => ({ redirect: '/welcome' });
    expect(placeOf(await signIn())).toBe(`${home}/welcome`);
    decide = () => ({ redirect: 'https://evil.com' });
    expect((await signIn()).text).toContain('COGNITO_RETURN_PATH_REFUSED');
  });

  it('may refuse: with false, with an exception of its own, or by failing; the tokens are revoked then', async () => {
    decide = () => false;
    const refused = await signIn();
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([403, { code: 'COGNITO_POLICY_REFUSED' }]);
    expect(await codeOf(service().refresh(told?.tokens.refreshToken ?? ''))).toBe('COGNITO_REFRESH_TOKEN_INVALID');

    decide = () => {
      throw new ImATeapotException();
    };
    expect((await signIn()).status).toBe(418);
    decide = () => Promise.reject(new Error('no database'));
    expect((await signIn()).status).toBe(500);
  });

  it('is not asked about somebody whom the application does not know', async () => {
    localUser = () => {
      throw new CognitoError('COGNITO_USER_UNKNOWN');
    };
    expect((await signIn()).text).toContain('COGNITO_USER_UNKNOWN');
    expect(told).toBeUndefined();
  });
});

describe('a further pool', () => {
  it('has routes, a confidential app client and a callback of its own, and its sign-ins end there alone', async () => {
    await signIn('staff/oauth');
    expect(told?.principal).toMatchObject({ pool: 'staff', clientId: 'staff', username: 'alice' });

    expect(await codeOf(Promise.resolve().then(() => service().pool('other')))).toBe('COGNITO_POOL_UNKNOWN');
    const browser = new PageBrowser({ [home]: app.url });
    told = undefined;
    const form = await browser.open(`${home}/staff/oauth/login`);
    const atCallback = (next: string) => next.startsWith(home);
    const back = await browser.submit(form, { username: 'alice', password: alice.password }, atCallback);
    const address = (placeOf(back) ?? '').replace('/staff/oauth/', '/oauth/');
    expect((await browser.open(address)).text).toContain('COGNITO_OAUTH_STATE_INVALID');
    expect(told).toBeUndefined();
  });
});

describe('POST /oauth/logout of an application without sessions', () => {
  it('is a page’s of the application, revokes what the application kept, and goes on to Cognito', async () => {
    const { refreshToken, accessToken } = await tokensOfAlice();
    const browser = new PageBrowser({ [home]: app.url });
    const leave = (headers?: Record<string, string>) => browser.post(`${home}/oauth/logout`, {}, () => true, headers);
    const foreign = [{}, { origin: 'https://evil.com' }, { origin: 'null' }, { 'sec-fetch-site': 'same-site' }];
    for (const headers of foreign) expect((await leave(headers)).status).toBe(403);
    const shown = await leave();

    expect(shown.status).toBe(303);
    const to = new URL(placeOf(shown) ?? '');
    expect(`${to.origin}${to.pathname}`).toBe(`${new URL(pool.options.endpoint).origin}/logout`);
    expect(Object.fromEntries(to.searchParams)).toEqual({ client_id: pool.options.clientId, logout_uri: `${home}/` });
    expect(await codeOf(service().refresh(refreshToken))).toBe('COGNITO_REFRESH_TOKEN_INVALID');
    expect(await codeOf(app.nest.get(CognitoTokenVerifier).verify(accessToken))).toBe('COGNITO_TOKEN_REVOKED');
  });

  const statusOfLeaving = async () =>
    (await new PageBrowser({ [home]: app.url }).post(`${home}/oauth/logout`, {}, () => true)).status;

  it.each([
    { status: 503, body: {} },
    // An app client whose tokens cannot be revoked.
    { status: 400, body: { error: 'invalid_request' } },
  ])('goes on although Cognito answers %j', async (refusal: EmulatorAnswer) => {
    await tokensOfAlice();
    pool.hooks.beforeAnswer = (operation, answer) => (operation === 'oauth2/revoke' ? refusal : answer);

    expect(await statusOfLeaving()).toBe(303);
  });

  it('revokes at Cognito what guards could not be told of, and says so', async () => {
    const { refreshToken, accessToken } = await tokensOfAlice();
    const store = vi.spyOn(Revocations.prototype, 'endSignIn');
    store.mockRejectedValueOnce(new CognitoError('COGNITO_REVOCATION_UNAVAILABLE'));

    expect(await statusOfLeaving()).toBe(503);
    expect(await codeOf(service().refresh(refreshToken))).toBe('COGNITO_REFRESH_TOKEN_INVALID');
    kept = () => ({ refreshToken });
    expect(await statusOfLeaving()).toBe(400);
    kept = () => ({ refreshToken, accessToken });
    expect(await statusOfLeaving()).toBe(303);
    kept = () => undefined;
    expect(await statusOfLeaving()).toBe(303);
    store.mockRestore();
  });
});

describe('the service at the domain', () => {
  it('tells who a user is by an access token of the pages, and by no other', async () => {
    const { accessToken } = await tokensOfAlice();

    expect(await service().userInfo(accessToken)).toMatchObject({ username: 'alice', email_verified: true });
    const ofApi = await pool.tokensFor('alice');
    expect(await codeOf(service().userInfo(ofApi.accessToken))).toBe('COGNITO_SCOPE_MISSING');
    expect(await codeOf(service().userInfo(ofApi.idToken))).toBe('COGNITO_TOKEN_WRONG_USE');
  });

  it('renews tokens, for the user whose they have to be', async () => {
    const { refreshToken, accessToken } = await tokensOfAlice();
    const renewed = await service().refresh(refreshToken, told?.principal.sub);

    expect(renewed).toMatchObject({ refreshToken, rotated: false, tokenType: 'Bearer', expiresIn: 3600 });
    expect(renewed.accessToken).not.toBe(accessToken);
    const answer = async (given: string) => {
      pool.hooks.beforeAnswer = (_, { status, body }) => ({ status, body: { ...body, refresh_token: given } });
      return service().refresh(refreshToken);
    };
    expect(await answer(refreshToken)).toMatchObject({ refreshToken, rotated: false });
    expect(await answer('a new one')).toMatchObject({ refreshToken: 'a new one', rotated: true });
    pool.hooks.beforeAnswer = undefined;
    expect(await codeOf(service().refresh(refreshToken, 'another'))).toBe('COGNITO_TOKEN_CLAIMS_INVALID');
    expect(await codeOf(service().refresh('unknown'))).toBe('COGNITO_REFRESH_TOKEN_INVALID');
    // What cannot be sent is no outage.
    expect(await codeOf(service().refresh(''))).toBe('COGNITO_REFRESH_TOKEN_INVALID');
    expect(await codeOf(service().revoke({ refreshToken: '', accessToken }))).toBe('COGNITO_PARAMETER_INVALID');
  });

  it('revokes a sign-in, and says so to the guards', async () => {
    const { refreshToken, accessToken } = await tokensOfAlice();
    expect(await codeOf(service().revoke({ refreshToken }))).toBe('COGNITO_PARAMETER_INVALID');
    await service().revoke({ refreshToken, accessToken });

    expect(await codeOf(service().refresh(refreshToken))).toBe('COGNITO_REFRESH_TOKEN_INVALID');
    expect(await codeOf(service().userInfo(accessToken))).toBe('COGNITO_TOKEN_REVOKED');
  });

  it.each([
    [{ status: 503, body: {} }, 'COGNITO_UNAVAILABLE'],
    [{ status: 429, body: { error: 'slow_down' } }, 'COGNITO_THROTTLED'],
    [{ status: 400, body: { error: 'invalid_client' } }, 'COGNITO_CLIENT_MISCONFIGURED'],
    [{ status: 418, body: { no: 'error' } }, 'COGNITO_UNEXPECTED'],
    [{ status: 200, body: { access_token: 'x', token_type: 'Bearer' } }, 'COGNITO_TOKEN_CLAIMS_INVALID'],
  ])('tells %j by its code', async (answer: EmulatorAnswer, code) => {
    pool.hooks.beforeAnswer = () => answer;

    expect(await codeOf(service().refresh('any'))).toBe(code);
  });
});

describe('tokens for machines', () => {
  const machines = () => app.nest.get(CognitoMachineTokens);
  const scopeOf = async (token: string) =>
    (await app.nest.get(CognitoTokenVerifier).verify(token, { pool: 'robot' })).claims['scope'];

  it('are asked for once, kept until shortly before their end, and for the scopes that are wanted', async () => {
    let asked = 0;
    pool.hooks.beforeAnswer = (_, answer) => {
      asked += 1;
      return answer;
    };
    const get = () => machines().get({ pool: 'robot', scopes: ['notes/read'] });
    const tokens = await Promise.all(Array.from({ length: 20 }, get));
    expect([new Set(tokens).size, asked]).toEqual([1, 1]);
    pool.clock.advance({ minutes: 58 });
    expect([await get(), asked]).toEqual([tokens[0], 1]);
    pool.clock.advance({ minutes: 1, seconds: 5 });
    const next = await get();
    expect([next === tokens[0], asked, await scopeOf(next)]).toEqual([false, 2, 'notes/read']);

    expect(await scopeOf(await machines().get({ pool: 'robot' }))).toBe('notes/read notes/write');
    machines().forget(next);
    expect([(await get()) === next, asked]).toEqual([false, 4]);
    // A pool's name may look like another's with a scope.
    expect(await codeOf(machines().get({ pool: 'robot notes/read' }))).toBe('COGNITO_CLIENT_MISCONFIGURED');
  });

  it('are kept for half of a short life, and not without end', async () => {
    let asked = 0;
    pool.hooks.token = (header, payload) => ({ header, payload: { ...payload, exp: Number(payload['iat']) + 60 } });
    const robot = { pool: 'robot', scopes: ['notes/write', 'notes/read'] };
    pool.hooks.beforeAnswer = (_, answer) => {
      asked += 1;
      return answer;
    };
    const token = await machines().get(robot);
    expect([(await machines().get(robot)) === token, asked]).toEqual([true, 1]);
    pool.clock.advance({ seconds: 31 });
    expect([(await machines().get(robot)) === token, asked]).toEqual([false, 2]);
    pool.hooks.token = undefined;

    const body = { access_token: token, token_type: 'Bearer', expires_in: 60 };
    pool.hooks.beforeAnswer = () => {
      asked += 1;
      return { status: 200, body };
    };
    for (let index = 0; index < 101; index += 1) await machines().get({ pool: 'robot', scopes: [`scope-${index}`] });
    expect(asked).toBe(103);
    await machines().get({ pool: 'robot', scopes: ['scope-100'] });
    expect(asked).toBe(103);
    await machines().get({ pool: 'robot', scopes: ['scope-0'] });
    expect(asked).toBe(104);
  });

  it('are not asked for where nothing could be verified, and neither is a code spent', async () => {
    const asked: string[] = [];
    pool.hooks.beforeAnswer = (operation, answer) => {
      asked.push(operation);
      return answer;
    };
    const keys = vi.spyOn(CognitoTokenVerifier.prototype, 'requireKeys');
    keys.mockRejectedValue(new CognitoError('COGNITO_KEYS_UNAVAILABLE'));

    expect(await codeOf(machines().get({ pool: 'robot', scopes: ['notes/write'] }))).toBe('COGNITO_KEYS_UNAVAILABLE');
    expect((await signIn()).text).toContain('COGNITO_KEYS_UNAVAILABLE');
    expect(await codeOf(service().refresh('any'))).toBe('COGNITO_KEYS_UNAVAILABLE');
    expect(asked).toEqual([]);
    keys.mockRestore();
  });

  it('are refused to an app client without the grant, with a wrong secret or for a foreign scope, and are tried again', async () => {
    expect(await codeOf(machines().get({ pool: 'staff' }))).toBe('COGNITO_CLIENT_MISCONFIGURED');
    expect(await codeOf(machines().get({ pool: 'imposter' }))).toBe('COGNITO_CLIENT_MISCONFIGURED');
    expect(await codeOf(machines().get({ pool: 'robot', scopes: ['openid'] }))).toBe('COGNITO_CLIENT_MISCONFIGURED');
    expect(await codeOf(machines().get({ pool: 'nobody' }))).toBe('COGNITO_OPTIONS_INVALID');
    pool.hooks.beforeAnswer = () => ({ status: 503, body: {} });
    const get = () => machines().get({ pool: 'robot', scopes: ['notes/write'] });
    expect(await codeOf(get())).toBe('COGNITO_UNAVAILABLE');
    pool.hooks.beforeAnswer = undefined;
    expect(await scopeOf(await get())).toBe('notes/write');
  });

  it('are verified: a person’s token is none, and neither is an unsigned one', async () => {
    const { accessToken } = await tokensOfAlice();
    for (const token of [accessToken, 'eyJhbGciOiJub25lIn0.e30.']) {
      const body = { access_token: token, token_type: 'Bearer', expires_in: 3600 };
      pool.hooks.beforeAnswer = () => ({ status: 200, body });
      expect(await codeOf(machines().get({ pool: 'default', scopes: [token.slice(0, 9)] }))).toMatch(/^COGNITO_TOKEN_/);
    }
  });
});

describe('an application does not start', () => {
  const start = (options: Partial<OAuthOptions>, prefix?: string, adapter: (typeof adapters)[number][1] = express) => {
    const module = CognitoOAuthModule.forRoot({ redirectUri, onSuccess: () => undefined, ...options });
    const metadata = { imports: [CognitoModule.forRoot({ ...pool.options, allowLocalIssuer: true }), module] };
    return startApp(adapter, metadata, {
      prepare: (nest) => void (prefix !== undefined && nest.setGlobalPrefix(prefix)),
    });
  };

  it.each(adapters)('with a redirectUri that does not lead to the callback, on %s', async (_, adapter) => {
    expect(await codeOf(start({}, 'api', adapter))).toBe('COGNITO_OPTIONS_INVALID');
    expect(await codeOf(start({ redirectUri: `${home}/callback` }, undefined, adapter))).toBe(
      'COGNITO_OPTIONS_INVALID',
    );
    await (await start({ redirectUri: `${home}/api/oauth/callback` }, 'api', adapter)).close();
  });

  it.each(['successRedirect', 'errorRedirect'])('where its %s sends the browser to sign in for ever', async (key) => {
    const at = (path: string) => start({ redirectUri: `${home}/api/oauth/callback`, [key]: path }, 'api');
    for (const path of ['/api/oauth/login', `${home}/api/oauth/callback`]) {
      await expect(at(path)).rejects.toMatchObject({
        code: 'COGNITO_OPTIONS_INVALID',
        message: expect.stringContaining(`${key}: leads to the sign-in`) as string,
      });
    }
    await (await at('/api/sign-in')).close();
  });

  it('with the routes of two pools in one place', async () => {
    const at = (written: Partial<Parameters<typeof CognitoOAuthModule.forRoot>[0]>) =>
      CognitoOAuthModule.forRoot({ redirectUri, onSuccess: () => undefined, ...written });
    const startWith = (staff: Parameters<typeof at>[0]) =>
      startApp(express, {
        imports: [CognitoModule.forRoot(optionsOf(pool)), at({}), at({ pool: 'staff', isGlobal: false, ...staff })],
      });

    expect(await codeOf(startWith({}))).toBe('COGNITO_OPTIONS_INVALID');
    expect(await codeOf(startWith({ path: 'staff', callbackPath: 'oauth/callback' }))).toBe('COGNITO_OPTIONS_INVALID');
    await (await startWith({ path: 'staff', redirectUri: `${home}/staff/callback` })).close();
  });

  it('with nobody to keep the tokens', async () => {
    expect(await codeOf(start({ onSuccess: undefined }))).toBe('COGNITO_OPTIONS_INVALID');
  });

  it('in production without secrets to seal sign-ins with', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    await expect(start({})).rejects.toThrow('secrets');
    vi.unstubAllEnvs();
    await (await start({})).close();
  });
});
