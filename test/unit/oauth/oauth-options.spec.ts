import { describe, expect, it } from 'vitest';
import { isCognitoError } from '../../../lib/errors/cognito.error.js';
import { cognitoOAuthOptionsFromEnv } from '../../../lib/oauth/oauth-from-env.js';
import { faultOfRedirectUri, faultOfTarget, routesOf } from '../../../lib/oauth/oauth-routes.js';
import { resolveOAuthOptions } from '../../../lib/oauth/oauth.options.js';
import { pageParameters, readSignInRequest } from '../../../lib/oauth/sign-in-request.js';
import { userInfoOf } from '../../../lib/oauth/user-info.js';
import { resolvePool } from '../../../lib/options/resolved-pool.js';

const userPoolId = 'eu-west-1_AbCdEfGhI';
const pools = [
  resolvePool('default', { userPoolId, clientId: 'main', domain: 'auth.example.com' }),
  resolvePool('staff', { userPoolId, clientId: 'staff', domain: 'https://staff.example.com/' }),
  resolvePool('local', { userPoolId, clientId: 'local', domain: '127.0.0.1:9229' }),
  resolvePool('plain', { userPoolId, clientId: 'plain', domain: 'http://auth.example.com' }),
  resolvePool('mute', { userPoolId, clientId: 'mute' }),
];
const redirectUri = 'https://app.example.com/oauth/callback';

function faultOf(written: object): string {
  try {
    resolveOAuthOptions({ redirectUri, ...written }, pools);
  } catch (thrown) {
    if (isCognitoError(thrown, 'COGNITO_OPTIONS_INVALID')) return thrown.message;
    throw thrown;
  }
  return 'none';
}

describe('the options', () => {
  it('have defaults that are safe', () => {
    const resolved = resolveOAuthOptions({ redirectUri }, pools);

    expect(resolved).toMatchObject({
      successRedirect: 'https://app.example.com/',
      errorRedirect: undefined,
      logoutRedirect: 'https://app.example.com/',
      scopes: ['openid'],
      allowedReturnOrigins: [],
      identityProviders: [],
      clientAuthentication: 'client_secret_basic',
    });
    expect(resolved.endpoints).toEqual({
      authorize: 'https://auth.example.com/oauth2/authorize',
      token: 'https://auth.example.com/oauth2/token',
      revoke: 'https://auth.example.com/oauth2/revoke',
      userInfo: 'https://auth.example.com/oauth2/userInfo',
      logout: 'https://auth.example.com/logout',
    });
  });

  it('take the domain of the pool that they name, over http on loopback alone', () => {
    expect(resolveOAuthOptions({ redirectUri, pool: 'staff' }, pools).endpoints.logout).toBe(
      'https://staff.example.com/logout',
    );
    expect(resolveOAuthOptions({ redirectUri, pool: 'local' }, pools).endpoints.token).toBe(
      'http://127.0.0.1:9229/oauth2/token',
    );
    expect(faultOf({ pool: 'plain' })).toContain('domain: has to use https off loopback');
    expect(faultOf({ pool: 'mute' })).toContain('domain: is missing');
    expect(faultOf({ pool: 'other' })).toContain('pool: is no key under `pools`');
  });

  it('take a token endpoint over https, or on loopback', () => {
    const { endpoints } = resolveOAuthOptions(
      { redirectUri, tokenUrl: 'https://tokens.example.com/oauth2/token' },
      pools,
    );

    expect(endpoints.token).toBe('https://tokens.example.com/oauth2/token');
    expect(faultOf({ tokenUrl: 'http://localhost:9229/oauth2/token' })).toBe('none');
    for (const tokenUrl of [
      'http://auth.example.com/oauth2/token',
      'http://localhost.evil.com/',
      'http://127.0.0.1@evil.com/',
    ]) {
      expect(faultOf({ tokenUrl })).toContain('tokenUrl: ');
    }
  });

  it.each([
    ['redirectUri', '/oauth/callback'],
    ['redirectUri', 'http://app.example.com/oauth/callback'],
    ['redirectUri', 'https://app.example.com/oauth/callback#x'],
    ['redirectUri', undefined],
    ['logoutRedirect', '/'],
    ['successRedirect', 'home'],
    ['successRedirect', '//evil.com'],
    ['errorRedirect', 'javascript:alert(1)'],
    ['scopes', ['email']],
    ['scopes', ['openid email']],
    ['allowedReturnOrigins', ['https://www.example.com/path']],
    ['allowedReturnOrigins', ['*']],
    ['prompts', ['always']],
    ['clientAuthentication', 'none'],
    ['signInLifetime', 7200],
    ['requestTimeout', 0],
    ['onSuccess', 'x'],
  ])('are refused with %s: %j, and the value is not repeated', (key, value) => {
    const fault = faultOf({ [key]: value });

    expect(fault).toContain(`  ${key}`);
    if (typeof value === 'string') expect(fault).not.toContain(value.length > 4 ? value : '----');
  });

  it('are refused with a name that is none of theirs', () => {
    expect(faultOf({ redirectUrl: 'x' })).toContain('redirectUrl');
  });

  it('are read from the names of older packages, the misspelt one too', () => {
    const read = cognitoOAuthOptionsFromEnv({
      COGNITO_REDIRECT_URL: redirectUri,
      COGNIT_CALLBACK_URL_PATH: '/auth/callback',
      COGNITO_AUTH_SUCCESS_REDIRECT_URL: '/in',
      COGNITO_AUTH_ERROR_REDIRECT_URL: '/out',
      COGNITO_TOKEN_URL: 'https://auth.example.com/oauth2/token',
      COGNITO_OAUTH_SCOPES: 'openid email',
    });

    expect(read).toEqual({
      redirectUri,
      callbackPath: '/auth/callback',
      successRedirect: '/in',
      errorRedirect: '/out',
      tokenUrl: 'https://auth.example.com/oauth2/token',
      scopes: ['openid', 'email'],
    });
    expect(
      cognitoOAuthOptionsFromEnv({ COGNITO_CALLBACK_URL_PATH: 'right', COGNIT_CALLBACK_URL_PATH: 'wrong' }),
    ).toEqual({
      redirectUri: '',
      callbackPath: 'right',
    });
  });
});

describe('a link to the sign-in route', () => {
  const options = { identityProviders: ['Google'], languages: ['de'], prompts: ['login'], loginHint: true };
  const read = (query: string, changed: object = {}) =>
    readSignInRequest(new URLSearchParams(query), { ...options, ...changed });

  it('may say what the options list, and nothing else of it is handed on', () => {
    const asked = read(
      'returnTo=/x&identity_provider=Google&lang=de&prompt=login&login_hint=al&scope=admin&client_id=x&utm=1',
    );

    expect(asked).toEqual({
      returnTo: '/x',
      identityProvider: 'Google',
      lang: 'de',
      prompt: 'login',
      loginHint: 'al',
    });
    expect(pageParameters(asked)).toEqual({
      identity_provider: 'Google',
      login_hint: 'al',
      lang: 'de',
      prompt: 'login',
    });
  });

  it.each([
    'identity_provider=Evil',
    'lang=xx',
    'prompt=none',
    'prompt=login&prompt=none',
    'login_hint=a%0Ab',
    `login_hint=${'a'.repeat(257)}`,
    'returnTo=/a&returnTo=/b',
  ])('is refused with %s', (query) => {
    expect(() => read(query)).toThrow(expect.objectContaining({ code: 'COGNITO_PARAMETER_INVALID' }));
  });

  it('may not hint at a user where the options say so', () => {
    expect(() => read('login_hint=al', { loginHint: false })).toThrow(/login_hint/);
  });
});

describe('the path of redirectUri', () => {
  const express = (...paths: string[]) =>
    Object.assign(() => undefined, {
      router: { stack: [{}, ...paths.map((path) => ({ route: { path, methods: { get: true } } }))] },
    });
  const fastify = (...paths: string[]) => ({ hasRoute: ({ url }: { readonly url: string }) => paths.includes(url) });

  it.each([
    ['Express', express],
    ['Fastify', fastify],
  ])('is that of the mounted callback (%s)', (_, app) => {
    const routes = routesOf({ path: '/oauth/' });

    expect(faultOfRedirectUri('https://a.io/api/oauth/callback', routes, app('/api/oauth/callback'))).toBeUndefined();
    expect(faultOfRedirectUri('https://a.io/oauth/callback', routes, app('/api/oauth/callback'))).toContain('mounted');
    expect(faultOfRedirectUri('https://a.io/oauth/callback/', routes, app('/oauth/callback'))).toContain('mounted');
    // A route of somebody else.
    expect(faultOfRedirectUri('https://a.io/notes', routes, app('/notes', '/oauth/callback'))).toContain('mounted');
  });

  it('may have in front what a proxy takes off', () => {
    const routes = routesOf({ proxyPath: '/shop' });

    expect(faultOfRedirectUri('https://a.io/shop/oauth/callback', routes, express('/oauth/callback'))).toBeUndefined();
    expect(faultOfRedirectUri('https://a.io/oauth/callback', routes, express('/oauth/callback'))).toContain('mounted');
    expect(faultOfRedirectUri('https://a.io/shop/oauth/callback', routesOf({}), express('/oauth/callback'))).toContain(
      'mounted',
    );
  });
});

describe('the place where a sign-in ends', () => {
  const faultAt = (path: string, written = {}, callback = 'https://a.io/api/oauth/callback') =>
    faultOfTarget(new URL(path, callback).href, callback, routesOf(written));

  it.each([
    '/sign-in',
    '/api/oauth',
    '/oauth/login',
    '/api/oauth/login/help',
    '/api/login',
    'https://b.io/api/oauth/login',
    'http://a.io/api/oauth/login',
  ])('may be %s', (path) => {
    expect(faultAt(path)).toBeUndefined();
  });

  it.each([
    '/api/oauth/login',
    '/api/oauth/login/?from=pages',
    '/API/oauth/Login',
    '/api/oauth/%6Cogin#top',
    '/api/oauth/callback?error=x',
    'https://a.io:443/api/oauth/login',
  ])('is not %s, which sends the browser off again', (path) => {
    expect(faultAt(path)).toContain('for ever');
  });

  it('is looked for where the routes are written to be', () => {
    const proxied = { path: 'staff', callbackPath: 'in', proxyPath: 'shop' };
    expect(faultAt('/shop/staff/login', proxied, 'https://a.io/shop/in')).toContain('for ever');
    expect(faultAt('/staff/login', proxied, 'https://a.io/shop/in')).toBeUndefined();
    expect(faultAt('/login', { path: '/', callbackPath: 'in' }, 'https://a.io/in')).toContain('for ever');
  });
});

describe('what userInfo tells', () => {
  it('has booleans where Cognito writes texts, for "false" would count as true', () => {
    const read = userInfoOf({
      sub: 's',
      email: 'a@b.io',
      email_verified: 'false' as never,
      phone_number_verified: 'true',
    });

    expect(read).toEqual({ sub: 's', email: 'a@b.io', email_verified: false, phone_number_verified: true });
    expect(userInfoOf({ sub: 's', email_verified: 'maybe' as never })).toEqual({ sub: 's' });
  });
});
