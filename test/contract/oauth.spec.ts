import { createHash } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { PageVisitor } from '../support/page-visitor.js';
import { call, decoded, refusal } from '../unit/emulator/wire-client.js';
import { basic, CALLBACK, codeOf, errorOf, OAuthClient, PASSWORD, VERIFIER } from './oauth-client.js';

const SECRET = 'a secret: with+signs';
const LOGOUT = 'http://localhost:3000/bye';
const rotation = { feature: 'ENABLED' as const, retryGracePeriodSeconds: 0 };

let pool: CognitoEmulator;
let client: OAuthClient;

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    clientId: 'main',
    callbackUrls: [CALLBACK, 'https://app.example/cb?tenant=1', 'myapp://back'],
    logoutUrls: [LOGOUT],
    resourceServers: [{ identifier: 'notes', scopes: ['read', 'write'] }],
    clients: [
      { clientId: 'other' },
      { clientId: 'secretive_1', clientSecret: SECRET, refreshTokenRotation: rotation },
      { clientId: 'machine', clientSecret: SECRET, allowedOAuthFlows: ['client_credentials'] },
      { clientId: 'implicit', allowedOAuthFlows: ['implicit'] },
      { clientId: 'narrow', allowedOAuthScopes: ['openid', 'notes/read'], defaultRedirectUri: CALLBACK },
      { clientId: 'irrevocable', enableTokenRevocation: false },
      { clientId: 'local', callbackUrls: 'loopback' },
    ],
    users: [
      {
        username: 'alice',
        password: PASSWORD,
        attributes: { email: 'alice@example.com', given_name: 'Alice', phone_number: '+4930123456' },
        groups: ['staff'],
      },
    ],
  });
  client = new OAuthClient(pool);
});

afterEach(() => {
  pool.clock.reset();
  pool.triggers.preTokenGeneration = undefined;
});

afterAll(async () => pool.stop());

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } };
const insecure = { [oauth.allowInsecureRequests]: true };

describe('a client that is not ours', () => {
  it('discovers the pool, signs in with PKCE and nonce, renews, asks who it is and revokes', async () => {
    const issuer = new URL(pool.options.issuer);
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
    const me = { client_id: 'secretive_1' };
    const how = oauth.ClientSecretBasic(SECRET);
    const { location = '' } = await client.signIn({ client_id: 'secretive_1' });
    const parameters = oauth.validateAuthResponse(server, me, new URL(location), 'st ate&1');
    const answer = await oauth.authorizationCodeGrantRequest(server, me, how, parameters, CALLBACK, VERIFIER, insecure);
    const expected = { expectedNonce: 'n-1', requireIdToken: true };
    const tokens = await oauth.processAuthorizationCodeResponse(server, me, answer, expected);
    await oauth.validateApplicationLevelSignature(server, answer, insecure);

    const info = await oauth.userInfoRequest(server, me, tokens.access_token, insecure);
    const { sub = '' } = oauth.getValidatedIdTokenClaims(tokens) ?? {};
    expect(await oauth.processUserInfoResponse(server, me, sub, info)).toMatchObject({ email: 'alice@example.com' });

    const old = tokens.refresh_token ?? '';
    const renewal = await oauth.refreshTokenGrantRequest(server, me, how, old, insecure);
    const renewed = await oauth.processRefreshTokenResponse(server, me, renewal);
    expect(renewed.refresh_token).not.toBe(old);
    const again = await client.post('/oauth2/token', { grant_type: 'refresh_token', refresh_token: old }, secretive());
    expect(again).toMatchObject(invalidGrant);

    const gone = await oauth.revocationRequest(server, me, how, renewed.refresh_token ?? '', insecure);
    expect(await oauth.processRevocationResponse(gone)).toBeUndefined();
    expect(await client.userInfo(`Bearer ${renewed.access_token}`)).toMatchObject({ status: 401 });
  });

  it('gets a token for itself, with custom scopes alone and nobody as its user', async () => {
    const all = await client.post('/oauth2/token', { grant_type: 'client_credentials' }, basic('machine', SECRET));
    expect(all.body).toEqual({ access_token: expect.any(String), expires_in: 3600, token_type: 'Bearer' });
    const { payload } = decoded(String(all.body['access_token']));
    expect(payload).toMatchObject({
      sub: 'machine',
      client_id: 'machine',
      scope: 'notes/read notes/write',
      version: 2,
    });
    expect(Object.keys(payload)).not.toContain('username');
    const asking = async (scope: string, form: Record<string, string> = {}, how = basic('machine', SECRET)) =>
      client.post('/oauth2/token', { grant_type: 'client_credentials', scope, ...form }, how);
    const one = await asking('notes/read');
    expect(decoded(String(one.body['access_token'])).payload['scope']).toBe('notes/read');
    expect((await asking('openid')).body).toEqual({ error: 'invalid_scope' });
    expect((await asking('notes/delete')).body).toEqual({ error: 'invalid_scope' });
    expect((await asking('notes/read', {}, secretive())).body).toEqual({ error: 'unauthorized_client' });
    expect(await client.userInfo(`Bearer ${String(one.body['access_token'])}`)).toMatchObject({ status: 401 });
  });
});

const secretive = () => basic('secretive_1', SECRET);

describe('the authorize endpoint', () => {
  it('sends nobody to an address that is not registered to the letter', async () => {
    const visitor = new PageVisitor();
    const foreign = [
      'https://evil.example/',
      `${CALLBACK}/`,
      `${CALLBACK}?x=1`,
      CALLBACK.toUpperCase(),
      'http://localhost:3000/oauth/callback#x',
      'http://127.0.0.1:3000/oauth/callback',
      'javascript:alert(1)',
    ];
    for (const redirect_uri of foreign) {
      for (const response_type of ['code', 'token', 'nonsense']) {
        const sent = await visitor.get(client.authorizeUrl({ redirect_uri, response_type }));
        expect(sent.location).toBe(client.at('/error', { error: 'redirect_mismatch', client_id: 'main' }));
        const login = await visitor.get(client.at('/login', { client_id: 'main', response_type, redirect_uri }));
        expect(login.location).toBe(sent.location);
      }
    }
    const page = await visitor.get(client.at('/error', { error: 'redirect_mismatch', client_id: 'main' }));
    expect(page.status).toBe(400);
    expect(page.text).toContain('An error was encountered with the requested page.');
    const twice = await visitor.get(`${client.authorizeUrl()}&redirect_uri=https://evil.example`);
    expect([twice.status, twice.location]).toEqual([400, undefined]);
    for (const client_id of [undefined, 'nobody']) {
      const unknown = await visitor.get(client.authorizeUrl({ client_id }));
      expect([unknown.status, unknown.location]).toEqual([400, undefined]);
    }
  });

  it('sends back to registered addresses of every kind, and to the default one where none is named', async () => {
    const tenant = await client.signIn({ redirect_uri: 'https://app.example/cb?tenant=1', state: undefined });
    expect(tenant.location).toMatch(/^https:\/\/app\.example\/cb\?tenant=1&code=[0-9a-f-]{36}$/);
    expect((await client.signIn({ redirect_uri: 'myapp://back' })).location).toMatch(/^myapp:\/\/back\?code=/);
    const unnamed = await client.signIn({ client_id: 'narrow', redirect_uri: undefined, scope: undefined });
    const reply = await client.redeem(codeOf(unnamed), { client_id: 'narrow', redirect_uri: undefined });
    expect(decoded(String(reply.body['access_token'])).payload['scope']).toBe('openid notes/read');
    const without = await new PageVisitor().get(client.authorizeUrl({ redirect_uri: undefined }));
    expect([without.status, without.location]).toEqual([400, undefined]);
  });

  it('takes any address of this machine where the client says so, and no other', async () => {
    for (const redirect_uri of ['http://127.0.0.1:8123/cb', 'http://localhost/', 'http://[::1]:9/x?y=1']) {
      const sent = await new PageVisitor().get(client.authorizeUrl({ client_id: 'local', redirect_uri }));
      expect(sent.location).toContain('/login?');
    }
    const foreign = ['http://evil.example/', 'http://localhost.evil.example/', 'http://localhost@evil.example/'];
    foreign.push('http://evil.example@localhost/');
    for (const redirect_uri of [...foreign, 'https://localhost/', 'http://localhost/#x', 'http://localhost/\r\nx']) {
      const sent = await new PageVisitor().get(client.authorizeUrl({ client_id: 'local', redirect_uri }));
      expect(sent.location).toContain('/error?error=redirect_mismatch');
    }
  });

  it.each([
    ['unsupported_response_type', { response_type: 'code token' }],
    ['invalid_request', { response_type: undefined }],
    ['invalid_request', { code_challenge_method: 'plain' }],
    ['invalid_request', { code_challenge_method: undefined }],
    ['invalid_request', { code_challenge: undefined }],
    ['invalid_request', { code_challenge: 'short' }],
    ['invalid_request', { prompt: 'nonsense' }],
    ['invalid_request', { identity_provider: 'Google' }],
    ['invalid_scope', { scope: 'openid notes/delete' }],
    ['invalid_scope', { client_id: 'narrow', scope: 'openid email' }],
    ['invalid_scope', { scope: 'email' }],
    ['invalid_scope', { scope: ' ' }],
    ['unauthorized_client', { client_id: 'machine' }],
    ['unauthorized_client', { client_id: 'implicit' }],
    ['login_required', { prompt: 'none' }],
  ])('tells the client %s of %o, with its state', async (error, changes) => {
    const sent = await new PageVisitor().get(client.authorizeUrl(changes));
    expect(errorOf(sent)).toBe(error);
    expect(new URL(sent.location ?? '').searchParams.get('state')).toBe('st ate&1');
  });

  it('knows whoever has signed in for an hour, unless the client asks again or an administrator intervenes', async () => {
    const visitor = new PageVisitor();
    await client.signIn({}, { visitor });
    pool.clock.advance({ minutes: 50 });
    const silent = await visitor.get(client.authorizeUrl({ prompt: 'none' }));
    const { body } = await client.redeem(codeOf(silent));
    const { auth_time: authTime, iat } = decoded(String(body['id_token'])).payload;
    expect(Number(iat) - Number(authTime)).toBeGreaterThanOrEqual(50 * 60);
    for (const prompt of ['login', 'select_account']) {
      expect((await visitor.get(client.authorizeUrl({ prompt }))).location).toContain('/login?');
    }
    const user = { UserPoolId: pool.options.userPoolId, Username: 'alice' };
    await call(pool, 'AdminDisableUser', user);
    expect(errorOf(await visitor.get(client.authorizeUrl({ prompt: 'none' })))).toBe('login_required');
    await call(pool, 'AdminEnableUser', user);
    pool.clock.advance({ minutes: 11 });
    expect(errorOf(await visitor.get(client.authorizeUrl({ prompt: 'none' })))).toBe('login_required');
  });

  it('hands tokens out in the fragment to a client of the implicit flow, no refresh token among them', async () => {
    const { location = '' } = await client.signIn({ client_id: 'implicit', response_type: 'token' });
    const answer = new URLSearchParams(new URL(location).hash.slice(1));
    expect([...answer.keys()].toSorted()).toEqual(['access_token', 'expires_in', 'id_token', 'state', 'token_type']);
    expect(new URL(location).search).toBe('');
    const alone = await client.signIn({ client_id: 'implicit', response_type: 'token', scope: 'notes/read' });
    expect(new URL(alone.location ?? '').hash).not.toContain('id_token');
    const refused = await new PageVisitor().get(client.authorizeUrl({ response_type: 'token' }));
    expect(refused.location).toMatch(/callback#error=unauthorized_client&state=/);
  });
});

describe('the token endpoint', () => {
  it('redeems a code once', async () => {
    const code = await client.code();
    const { status, headers, body } = await client.redeem(code);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json;charset=UTF-8');
    expect(headers.get('cache-control')).toBe('no-store');
    const { payload: id } = decoded(String(body['id_token']));
    expect(id).toMatchObject({
      nonce: 'n-1',
      at_hash: expect.any(String),
      email: 'alice@example.com',
      token_use: 'id',
    });
    expect(id).not.toHaveProperty('given_name');
    const { payload: access } = decoded(String(body['access_token']));
    expect(access).toMatchObject({ scope: 'openid email', version: 2, 'cognito:groups': ['staff'] });
    expect(access['origin_jti']).toBe(id['origin_jti']);
    expect(await client.redeem(code)).toMatchObject(invalidGrant);
  });

  it.each([
    ['another verifier', { code_verifier: 'x'.repeat(43) }],
    ['no verifier', { code_verifier: undefined }],
    ['another redirect_uri', { redirect_uri: 'myapp://back' }],
  ])('refuses a code with %s, and has it used up by that', async (_, changes) => {
    const code = await client.code();
    expect(await client.redeem(code, changes)).toMatchObject(invalidGrant);
    expect(await client.redeem(code)).toMatchObject(invalidGrant);
  });

  it('refuses a verifier where the request had no challenge', async () => {
    const unprotected = { code_challenge: undefined, code_challenge_method: undefined };
    expect(await client.redeem(await client.code(unprotected))).toMatchObject(invalidGrant);
    const reply = await client.redeem(await client.code(unprotected), { code_verifier: undefined });
    expect(reply.status).toBe(200);
  });

  it('has the address named again where the request named it', async () => {
    const reply = await client.redeem(await client.code(), { redirect_uri: undefined });
    expect(reply).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  it('takes no verifier that is too short to guess at, though it is the right one', async () => {
    const short = 'x'.repeat(42);
    const code = await client.code({ code_challenge: createHash('sha256').update(short).digest('base64url') });
    expect(await client.redeem(code, { code_verifier: short })).toMatchObject(invalidGrant);
  });

  it('knows nobody who was made anew or whose password was reset after the sign-in', async () => {
    const user = { UserPoolId: pool.options.userPoolId, Username: 'passing' };
    const asPassing = { username: 'passing' };
    const make = async () => {
      const reachable = { email: 'passing@example.com', email_verified: 'true' };
      const UserAttributes = Object.entries(reachable).map(([Name, Value]) => ({ Name, Value }));
      await call(pool, 'AdminCreateUser', { ...user, UserAttributes, MessageAction: 'SUPPRESS' });
      await call(pool, 'AdminSetUserPassword', { ...user, Password: PASSWORD, Permanent: true });
    };
    const visitor = new PageVisitor();
    for (const spoil of [
      async () => call(pool, 'AdminResetUserPassword', user),
      async () => call(pool, 'AdminDeleteUser', user).then(make),
    ]) {
      await make();
      const code = codeOf(await client.signIn({}, { ...asPassing, visitor }));
      await spoil();
      expect(errorOf(await visitor.get(client.authorizeUrl({ prompt: 'none' })))).toBe('login_required');
      expect(await client.redeem(code)).toMatchObject(invalidGrant);
      await call(pool, 'AdminDeleteUser', user);
    }
  });

  it('gives the code of one client to no other, which leaves it good', async () => {
    const code = await client.code();
    expect(await client.redeem(code, { client_id: 'other' })).toMatchObject(invalidGrant);
    expect(await client.redeem(code, { client_id: undefined }, secretive())).toMatchObject(invalidGrant);
    expect((await client.redeem(code)).status).toBe(200);
  });

  it('knows a code for five minutes, and only while its user may sign in', async () => {
    const late = await client.code();
    pool.clock.advance({ seconds: 299 });
    const last = await client.code();
    pool.clock.advance({ seconds: 1 });
    expect(await client.redeem(late)).toMatchObject(invalidGrant);
    const user = { UserPoolId: pool.options.userPoolId, Username: 'alice' };
    await call(pool, 'AdminDisableUser', user);
    expect(await client.redeem(last)).toMatchObject(invalidGrant);
    await call(pool, 'AdminEnableUser', user);
  });

  it('takes the secret of a client by header, escaped or not, or in the form; never a wrong one, none, or two', async () => {
    const redeem = async (changes: Record<string, string | undefined>, headers: Record<string, string> = {}) =>
      client.redeem(await client.code({ client_id: 'secretive_1' }), changes, headers);
    const inForm = { client_id: 'secretive_1', client_secret: SECRET };
    const escaped = basic(encodeURIComponent('secretive_1'), encodeURIComponent(SECRET));
    expect((await redeem({ client_id: undefined }, secretive())).status).toBe(200);
    expect((await redeem({ client_id: undefined }, escaped)).status).toBe(200);
    expect((await redeem(inForm)).status).toBe(200);
    const refused = { status: 400, body: { error: 'invalid_client', error_description: 'invalid_client_secret' } };
    expect(await redeem({ client_id: 'secretive_1' })).toMatchObject(refused);
    expect(await redeem({ ...inForm, client_secret: 'wrong' })).toMatchObject(refused);
    expect(await redeem({ client_id: undefined }, basic('secretive_1', 'wrong'))).toMatchObject(refused);
    expect((await redeem(inForm, secretive())).body).toEqual({ error: 'invalid_request' });
    expect((await redeem({ client_id: 'main' }, secretive())).body).toEqual({ error: 'invalid_request' });
    expect((await redeem({ client_id: 'nobody' })).body).toEqual({ error: 'invalid_client' });
    expect((await redeem({ client_id: 'main', client_secret: 'a' })).body).toMatchObject({ error: 'invalid_client' });
  });

  it('says what is wrong with a request', async () => {
    const error = async (form: Record<string, string>) => (await client.post('/oauth2/token', form)).body['error'];
    expect(await error({ client_id: 'main' })).toBe('invalid_request');
    expect(await error({ grant_type: 'password', client_id: 'main' })).toBe('unsupported_grant_type');
    expect(await error({ grant_type: 'authorization_code', client_id: 'main' })).toBe('invalid_request');
    expect(await error({ grant_type: 'authorization_code', client_id: 'implicit', code: 'x' })).toBe(
      'unauthorized_client',
    );
    expect(await error({ grant_type: 'refresh_token', client_id: 'main', refresh_token: 'x' })).toBe('invalid_grant');
    const machine = { client_id: 'machine', client_secret: SECRET };
    expect(await error({ grant_type: 'refresh_token', ...machine, refresh_token: 'x' })).toBe('unauthorized_client');
    const url = client.at('/oauth2/token');
    expect((await fetch(url)).status).toBe(404);
    const json = await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
    expect([json.status, await json.json()]).toEqual([400, { error: 'invalid_request' }]);
  });

  it('renews what a code brought: same sign-in, same scopes, no nonce; by the API too', async () => {
    const { body } = await client.redeem(await client.code());
    const form = { grant_type: 'refresh_token', client_id: 'main', refresh_token: String(body['refresh_token']) };
    const renewed = await client.post('/oauth2/token', form);
    expect(Object.keys(renewed.body).toSorted()).toEqual(['access_token', 'expires_in', 'id_token', 'token_type']);
    const { payload } = decoded(String(renewed.body['id_token']));
    expect(payload).not.toHaveProperty('nonce');
    expect(payload).toHaveProperty('at_hash');
    expect(payload['origin_jti']).toBe(decoded(String(body['id_token'])).payload['origin_jti']);
    const byApi = await call(pool, 'GetTokensFromRefreshToken', { RefreshToken: form.refresh_token });
    const { AccessToken, IdToken } = byApi.body['AuthenticationResult'] as Record<string, string>;
    expect(decoded(AccessToken).payload['scope']).toBe('openid email');
    expect(decoded(IdToken).payload).not.toHaveProperty('at_hash');
    expect(await refusal(call(pool, 'GetUser', { AccessToken }))).toContain('required scopes');
    expect(await client.post('/oauth2/token', { ...form, client_id: 'other' })).toMatchObject(invalidGrant);
  });

  it('asks the trigger of token generation, with the scopes, and passes on what it throws', async () => {
    const seen: unknown[] = [];
    pool.triggers.preTokenGeneration = ({ triggerSource, request }) => {
      seen.push(triggerSource, request.scopes);
      return { claimsAndScopeOverrideDetails: { accessTokenGeneration: { scopesToAdd: ['extra'] } } };
    };
    const { body } = await client.redeem(await client.code());
    expect(seen).toEqual(['TokenGeneration_HostedAuth', ['openid', 'email']]);
    expect(decoded(String(body['access_token'])).payload['scope']).toBe('openid email extra');
    pool.triggers.preTokenGeneration = () => {
      throw new Error('not today');
    };
    const refused = await client.redeem(await client.code());
    expect(refused.body).toEqual({
      error: 'invalid_request',
      error_description: 'PreTokenGeneration failed with error not today.',
    });
  });
});

describe('the hook before an answer', () => {
  it('has its say on tokens, but cannot keep a client waiting', async () => {
    pool.hooks.beforeAnswer = (operation, { status, body }) => ({ status, body: { ...body, operation } });
    const [code, other] = [await client.code(), await client.code()];
    expect((await client.redeem(code)).body['operation']).toBe('oauth2/token');
    pool.hooks.beforeAnswer = (_, { body }) => ({ status: 1000, body });
    expect(await client.redeem(other)).toMatchObject({ status: 500, body: { error: 'server_error' } });
    pool.hooks.beforeAnswer = undefined;
  });
});

describe('the other endpoints', () => {
  it('revoke refresh tokens of their own client, known or not', async () => {
    const { body } = await client.redeem(await client.code());
    const token = String(body['refresh_token']);
    const revoke = async (form: Record<string, string>) => client.post('/oauth2/revoke', form);
    expect(await revoke({ client_id: 'other', token })).toMatchObject({ status: 400 });
    expect(await revoke({ client_id: 'main' })).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect(await revoke({ client_id: 'nobody', token })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
    expect((await revoke({ client_id: 'irrevocable', token })).body).toEqual({ error: 'invalid_request' });
    const access = { client_id: 'main', token: String(body['access_token']) };
    expect((await revoke(access)).body).toEqual({ error: 'unsupported_token_type' });
    expect((await client.userInfo(`Bearer ${access.token}`)).status).toBe(200);
    for (const known of [token, token, 'a.b.c.d.e']) {
      expect(await revoke({ client_id: 'main', token: known })).toMatchObject({ status: 200, body: {} });
    }
    expect((await client.userInfo(`Bearer ${access.token}`)).status).toBe(401);
  });

  it('tell what the scopes open, in texts, and nothing to a token of the API', async () => {
    const infoFor = async (scope: string) => {
      const { body } = await client.redeem(await client.code({ scope }));
      return client.userInfo(`Bearer ${String(body['access_token'])}`);
    };
    const narrow = await infoFor('openid email');
    expect(narrow.headers.get('cache-control')).toBe('no-cache, no-store, max-age=0, must-revalidate');
    const sub = expect.any(String) as string;
    const email = { email: 'alice@example.com', email_verified: 'true' };
    expect(narrow.body).toEqual({ sub, username: 'alice', ...email });
    expect((await infoFor('openid')).body).toMatchObject({ given_name: 'Alice', phone_number_verified: 'false' });
    expect((await infoFor('openid phone')).body).not.toHaveProperty('email');
    expect((await infoFor('notes/read')).status).toBe(401);
    const { accessToken } = await pool.tokensFor('alice');
    const refused = await client.userInfo(`Bearer ${accessToken}`);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"');
    const malformed = await client.userInfo(undefined);
    expect(malformed.status).toBe(400);
    expect(malformed.headers.get('www-authenticate')).toContain('error="invalid_request"');
  });

  it('sign the browser out, and send it only to registered addresses; tokens live on', async () => {
    const visitor = new PageVisitor();
    const { body } = await client.redeem(codeOf(await client.signIn({}, { visitor })));
    const foreign = await visitor.get(client.at('/logout', { client_id: 'main', logout_uri: 'https://evil.example/' }));
    expect([foreign.status, foreign.location]).toEqual([400, undefined]);
    const callback = await visitor.get(client.at('/logout', { client_id: 'main', logout_uri: CALLBACK }));
    expect(callback.location).toBeUndefined();
    const bare = await visitor.get(client.at('/logout', { client_id: 'main' }));
    expect(bare.text).toContain('Required String parameter &#39;redirect_uri&#39; is not present');
    expect((await visitor.get(client.at('/logout', { logout_uri: LOGOUT }))).status).toBe(400);
    expect(codeOf(await visitor.get(client.authorizeUrl({ prompt: 'none' })))).toBeTruthy();
    const stolen = visitor.copy();
    const out = await visitor.get(client.at('/logout', { client_id: 'main', logout_uri: LOGOUT }));
    expect([out.status, out.location]).toEqual([302, LOGOUT]);
    expect(errorOf(await stolen.get(client.authorizeUrl({ prompt: 'none' })))).toBe('login_required');
    expect(errorOf(await visitor.get(client.authorizeUrl({ prompt: 'none' })))).toBe('login_required');
    expect((await client.userInfo(`Bearer ${String(body['access_token'])}`)).status).toBe(200);
    const next = { client_id: 'main', redirect_uri: CALLBACK, response_type: 'code' };
    expect((await visitor.get(client.at('/logout', next))).location).toBe(client.at('/login', next));
    const mismatch = await visitor.get(client.at('/logout', { ...next, redirect_uri: 'https://evil.example/' }));
    expect(mismatch.location).toContain('/error?error=redirect_mismatch');
  });
});
