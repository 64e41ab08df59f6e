import { describe, expect, it } from 'vitest';
import { returnAddress } from '../../../lib/oauth/return-address.js';

const home = 'https://app.example.com';

/** Where a browser lands that follows what was emitted, or what a page of the application would make of it. */
const landing = (address: string): string => new URL(address, home).origin;

describe('the place to return to', () => {
  it.each([
    ['/', `${home}/`],
    ['/notes', `${home}/notes`],
    ['/notes/7?tab=all&q=a%20b#end', `${home}/notes/7?tab=all&q=a%20b#end`],
    ['/notes?next=https://evil.com//x', `${home}/notes?next=https://evil.com//x`],
    ['/a/../notes', `${home}/notes`],
    ['/ünï', `${home}/%C3%BCn%C3%AF`],
    [`${home}/notes`, `${home}/notes`],
    ['HTTPS://APP.example.com/notes', `${home}/notes`],
  ])('is absolute: %s', (written, address) => {
    expect(returnAddress(written, home, [])).toBe(address);
  });

  it.each([
    '//evil.com',
    '///evil.com',
    'https:evil.com',
    'https:/evil.com',
    'http:evil.com',
    '/.//evil.com',
    '/..//evil.com',
    '/a/..//evil.com',
    '/%2e%2e//evil.com',
    '/%2E/%2e%2e//evil.com',
    '/\\evil.com',
    '\\/evil.com',
    '\\\\evil.com',
    '/\t/evil.com',
    '\t//evil.com',
    '/\n/evil.com',
    '/\r\nLocation: https://evil.com',
    ' //evil.com',
    '/%2fevil.com',
    '/%2F%2Fevil.com',
    '/%252f%252fevil.com',
    '/%5cevil.com',
    '/%255cevil.com',
    '/%09/evil.com',
    '/a/%2e%2e/%2fevil.com',
    '/%25252525252fevil.com',
    '/%zz',
    'evil.com',
    'notes',
    '',
    '?x',
    '#x',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://evil.com/',
    'https://app.example.com.evil.com/',
    'https://app.example.com@evil.com/',
    'https://user:pass@app.example.com/',
    'https://app.example.com:8443/',
    'http://app.example.com/',
    'https://app.example.com//evil.com',
    'ftp://app.example.com/',
    'https://',
    `/${'a'.repeat(1024)}`,
    // Six letters each, once it is encoded.
    `/${'ü'.repeat(200)}`,
  ])('is never %j', (written) => {
    expect(returnAddress(written, home, [])).toBeUndefined();
  });

  it('is of the own origin or an allowed one, whatever is written', () => {
    const pieces = [
      '/',
      '//',
      '\\',
      '.',
      '..',
      '%2e',
      '%2f',
      '%5c',
      '\t',
      '@',
      ':',
      'https:',
      'evil.com',
      'a',
      '?',
      '#',
      '',
    ];
    const written = pieces.flatMap((one) =>
      pieces.flatMap((two) => pieces.map((three) => `${one}${two}${three}/evil.com`)),
    );
    const emitted = written.flatMap((text) => returnAddress(text, home, []) ?? []);

    expect(emitted.length).toBeGreaterThan(10);
    expect(new Set(emitted.map(landing))).toEqual(new Set([home]));
    // Also for whoever cuts the origin off and hands on the rest.
    expect(new Set(emitted.map((address) => landing(address.slice(home.length))))).toEqual(new Set([home]));
  });

  it('may be an address of an allowed origin, and of no other', () => {
    const allowed = ['https://www.example.com'];

    expect(returnAddress('https://www.example.com/x', home, allowed)).toBe('https://www.example.com/x');
    expect(returnAddress('https://www.example.com.evil.com/x', home, allowed)).toBeUndefined();
    expect(returnAddress('https://www.example.com:444/x', home, allowed)).toBeUndefined();
    expect(returnAddress('http://www.example.com/x', home, allowed)).toBeUndefined();
    expect(returnAddress('https://www.example.com/.//evil.com', home, allowed)).toBeUndefined();
  });
});
