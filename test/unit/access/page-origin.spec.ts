import { describe, expect, it } from 'vitest';
import { pageOriginOf } from '../../../lib/access/page-origin.js';
import { RequestForgeryCheck } from '../../../lib/access/request-forgery-check.js';
import { resolveCognitoOptions } from '../../../lib/cognito.options.js';
import type { HttpRequest } from '../../../lib/request/http-request.js';

type Headers = HttpRequest['headers'];
const allowed = ['https://admin.example.com'];

function verdictOn(headers: Headers, protocol = 'https'): string {
  return pageOriginOf({ headers: { host: 'app.example.com', ...headers }, protocol, method: 'POST' }, allowed);
}

describe('the page that a request comes from', () => {
  it.each<[string, Headers]>([
    ['the browser says same-origin', { 'sec-fetch-site': 'same-origin', origin: 'https://app.example.com' }],
    ['a proxy has changed the host', { 'sec-fetch-site': 'same-origin', origin: 'https://elsewhere.example.net' }],
    ['its origin was stripped, and the browser says same-origin', { 'sec-fetch-site': 'same-origin', origin: 'null' }],
    ['the user did it without a page', { 'sec-fetch-site': 'none' }],
    ['an older browser names our own origin', { origin: 'https://app.example.com' }],
    [
      'the port that goes without saying is written',
      { host: 'app.example.com:443', origin: 'https://app.example.com' },
    ],
    ['the host is written in capitals', { host: 'APP.example.com', origin: 'https://app.example.com' }],
    ['HTTP/2 names the host', { host: undefined, ':authority': 'app.example.com', origin: 'https://app.example.com' }],
    ['its origin is in the list', { 'sec-fetch-site': 'same-site', origin: 'https://admin.example.com' }],
  ])('is our own where %s', (_case, headers) => {
    expect(verdictOn(headers)).toBe('own');
  });

  it.each<[string, Headers]>([
    ['of another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['of a sibling domain', { 'sec-fetch-site': 'same-site', origin: 'https://blog.example.com' }],
    [
      'that claims our origin, and the browser says otherwise',
      { 'sec-fetch-site': 'cross-site', origin: 'https://app.example.com' },
    ],
    ['without an origin', { origin: 'null' }],
    ['without an origin that nobody is said to have sent', { 'sec-fetch-site': 'none', origin: 'null' }],
    ['of a word that no browser says', { 'sec-fetch-site': 'same-origin ' }],
    ['of an older browser, elsewhere', { origin: 'https://evil.example' }],
    ['on another port', { origin: 'https://app.example.com:8443' }],
    ['whose name begins like ours', { origin: 'https://app.example.com.evil.example' }],
    ['over http, while we are over https', { origin: 'http://app.example.com' }],
    ['of another scheme', { origin: 'ftp://app.example.com' }],
    ['that names no address', { origin: 'app.example.com' }],
    ['that names us to nobody', { host: undefined, origin: 'https://app.example.com' }],
    ['that names two hosts', { host: ['app.example.com', 'evil.example'], origin: 'https://evil.example' }],
    [
      'that names two origins',
      { 'sec-fetch-site': 'same-origin', origin: ['https://app.example.com', 'https://a.example'] },
    ],
    ['that says two things', { 'sec-fetch-site': ['same-origin', 'cross-site'] }],
    ['of an origin in the list, longer', { origin: 'https://admin.example.com.evil.example' }],
  ])('is foreign %s', (_case, headers) => {
    expect(verdictOn(headers)).toBe('foreign');
  });

  it('is unknown where nobody says', () => {
    expect(verdictOn({})).toBe('unknown');
  });

  it('is our own over https, for a server behind a proxy that speaks http', () => {
    expect(verdictOn({ origin: 'https://app.example.com' }, 'http')).toBe('own');
  });
});

describe('a request that counts by its cookie', () => {
  const check = new RequestForgeryCheck();
  const sent = (method: string | undefined) =>
    check.assertOwn({ method, headers: { host: 'app.example.com', 'sec-fetch-site': 'cross-site' } });

  it.each(['GET', 'HEAD', 'OPTIONS', 'TRACE'])(
    'may come from anywhere by %s, which changes nothing',
    async (method) => {
      await expect(sent(method)).resolves.toBeUndefined();
    },
  );

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'QUERY', 'PROPFIND', 'get', '', undefined])(
    'has to come from an own page by %s',
    async (method) => {
      await expect(sent(method)).rejects.toMatchObject({ code: 'COGNITO_CSRF_REFUSED', status: 403 });
    },
  );
});

describe('the option allowedOrigins', () => {
  const written = { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: '1example23456789' };

  it('takes origins as a browser writes them', () => {
    const allowedOrigins = ['https://app.example.com', 'http://localhost:3000'];
    expect(resolveCognitoOptions({ ...written, allowedOrigins }, {}).access.allowedOrigins).toEqual(allowedOrigins);
  });

  it.each(['*', 'null', 'app.example.com', 'https://app.example.com/', 'https://*.example.com/a', 'https://a:443'])(
    'refuses %s, which no browser writes',
    (origin) => {
      expect(() => resolveCognitoOptions({ ...written, allowedOrigins: [origin] }, {})).toThrow('allowedOrigins.0');
    },
  );
});
