import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { BearerExtractor } from '../../../lib/request/bearer.extractor.js';
import type { CognitoRequest } from '../../../lib/request/cognito-request.js';
import { CookieExtractor } from '../../../lib/request/cookie.extractor.js';
import { FirstOfExtractor } from '../../../lib/request/first-of.extractor.js';
import { HeadersExtractor } from '../../../lib/request/headers.extractor.js';
import type { TokenExtractor } from '../../../lib/request/token-extractor.js';

const requestWith = (headers: CognitoRequest['headers'], rawHeaders?: string[]): CognitoRequest => ({
  headers,
  ...(rawHeaders && { rawHeaders }),
});

describe('a token that was cut out of a long text', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;

  function keptOf(extractor: TokenExtractor, headersOf: (token: string, around: string) => CognitoRequest['headers']) {
    collect();
    const before = process.memoryUsage().heapUsed;
    const tokens = Array.from({ length: 8 }, (_, index) =>
      extractor.extract(requestWith(headersOf(`abcdefghijkl${index}`, ' '.repeat(1_000_000)))),
    );
    collect();
    return { kept: process.memoryUsage().heapUsed - before, tokens };
  }

  it.each<[string, TokenExtractor, (token: string, around: string) => CognitoRequest['headers']]>([
    ['bearer', new BearerExtractor(), (token, around) => ({ authorization: `Bearer ${around}${token}` })],
    ['cookie', new CookieExtractor({ name: 'a' }), (token, around) => ({ cookie: `a=${token}; b=${around}c` })],
    ['header', new HeadersExtractor(), (token, around) => ({ accesstoken: around + token, idtoken: around + token })],
  ])('does not keep that in memory, by the %s extractor', (from, extractor, headersOf) => {
    const { kept, tokens } = keptOf(extractor, headersOf);
    expect(tokens[7]).toMatchObject({ token: 'abcdefghijkl7', from });
    expect(kept).toBeLessThan(4_000_000);
  });
});

describe('the bearer extractor', () => {
  const plain = new BearerExtractor();
  const wider = new BearerExtractor({ schemes: ['Bearer', 'token', 'a+b'] });

  it.each<[string, string | undefined, string | undefined]>([
    ['Bearer abc', 'abc', 'abc'],
    ['bEaReR   abc', 'abc', 'abc'],
    ['Bearer abc def', 'abc def', 'abc def'],
    ['Bearer', undefined, undefined],
    ['Bearerabc', undefined, undefined],
    ['Basic abc', undefined, undefined],
    ['token abc', undefined, 'abc'],
    ['TOKEN abc', undefined, 'abc'],
    ['a+b abc', undefined, 'abc'],
    ['aab abc', undefined, undefined],
  ])('of "%s" takes %s, and with more schemes %s', (authorization, token, withMore) => {
    expect(plain.extract(requestWith({ authorization }))?.token).toBe(token);
    expect(wider.extract(requestWith({ authorization }))?.token).toBe(withMore);
  });

  it('takes the same of a header that is much longer than its token', () => {
    const padded = `Bearer ${' '.repeat(1000)}abc\u0141 `;
    expect(plain.extract(requestWith({ authorization: padded }))?.token).toBe('abc\u0141');
  });

  it('takes nothing that is good of two headers, of whichever schemes', () => {
    const refused = { token: '', from: 'bearer' };
    const twice = ['Authorization', 'Bearer abc', 'Host', 'x', 'authorization', 'Basic abc'];
    expect(plain.extract(requestWith({ authorization: 'Bearer abc' }, twice))).toEqual(refused);
    expect(plain.extract(requestWith({ authorization: 'Basic abc' }, twice))).toEqual(refused);
    expect(plain.extract({ headers: { authorization: 'Bearer abc' }, raw: { rawHeaders: twice } })).toEqual(refused);
    expect(plain.extract(requestWith({ authorization: ['Bearer abc', 'Bearer abc'] }))).toEqual(refused);
    expect(plain.extract(requestWith({ authorization: 'Bearer abc' }, twice.slice(0, 4)))?.token).toBe('abc');
    expect(plain.extract(requestWith({ authorization: 'Bearer abc' }, ['X', 'authorization', 'Y', 'a']))?.token).toBe(
      'abc',
    );
  });

  it('knows no scheme that is no word', () => {
    for (const schemes of [[], [''], ['a b'], ['a:'], [7]]) {
      expect(() => new BearerExtractor({ schemes: schemes as string[] })).toThrow(TypeError);
    }
  });
});

describe('the cookie extractor', () => {
  const extractor = new CookieExtractor({ name: 'access' });

  it.each<[string, string | undefined]>([
    ['access=abc', 'abc'],
    ['a=b; access=abc; c=d', 'abc'],
    ['a=b;access=abc', 'abc'],
    ['Access=abc', undefined],
    ['xaccess=abc', undefined],
    ['a=access=abc', undefined],
    ['access', undefined],
    ['access=', ''],
    ['access="abc"', '"abc"'],
    ['access=a%62c', 'a%62c'],
    ['access=abc; access=abc', ''],
    ['access=abc; access=evil', ''],
    [`access=\u0141bc; other=${'x'.repeat(1000)}`, '\u0141bc'],
  ])('of "%s" takes %s', (cookie, token) => {
    expect(extractor.extract(requestWith({ cookie }))).toEqual(token === undefined ? token : { token, from: 'cookie' });
  });

  it('has a name that a cookie can have', () => {
    expect(extractor.extract(requestWith({}))).toBeUndefined();
    for (const name of ['', 'a=b', 'a;b', undefined]) {
      expect(() => new CookieExtractor({ name: name as string })).toThrow(TypeError);
    }
  });
});

describe('the extractor of two headers', () => {
  it('takes both or nothing, by the names it was told', () => {
    const plain = new HeadersExtractor();
    expect(plain.extract(requestWith({ accesstoken: 'a', idtoken: 'i', refreshtoken: 'r' }))).toEqual({
      token: 'a',
      idToken: 'i',
      from: 'header',
    });
    expect(plain.extract(requestWith({ accesstoken: 'a' }))).toBeUndefined();
    expect(plain.extract(requestWith({ idtoken: 'i' }))).toBeUndefined();
    expect(plain.extract(requestWith({ accesstoken: 'a', idtoken: '' }))).toMatchObject({ idToken: '' });
    const named = new HeadersExtractor({ access: 'X-Access', id: 'X-Id' });
    expect(named.extract(requestWith({ 'x-access': 'a', 'x-id': 'i' }))).toMatchObject({ token: 'a', idToken: 'i' });
    expect(named.extract(requestWith({ accesstoken: 'a', idtoken: 'i' }))).toBeUndefined();
  });

  it('takes nothing that is good where one of them was sent twice', () => {
    const raw = ['ACCESSTOKEN', 'a', 'IDTOKEN', 'i', 'AccessToken', 'b'];
    expect(new HeadersExtractor().extract(requestWith({ accesstoken: 'a, b', idtoken: 'i' }, raw))?.token).toBe('');
  });

  it('has two names', () => {
    expect(() => new HeadersExtractor({ access: 'TOKEN', id: 'token' })).toThrow(TypeError);
    expect(() => new HeadersExtractor({ access: 'a b' })).toThrow(TypeError);
  });
});

describe('the first of several extractors', () => {
  const extractor = new FirstOfExtractor([new BearerExtractor(), new CookieExtractor({ name: 'access' })]);

  it('decides, be its token good or bad', () => {
    const cookie = 'access=c';
    expect(extractor.extract(requestWith({ authorization: 'Bearer b', cookie }))).toEqual({
      token: 'b',
      from: 'bearer',
    });
    expect(extractor.extract(requestWith({ authorization: 'Basic b', cookie }))).toEqual({
      token: 'c',
      from: 'cookie',
    });
    expect(extractor.extract(requestWith({}))).toBeUndefined();
  });
});
