import { describe, expect, it } from 'vitest';
import { Signer } from '../../../lib/sealing/signer.js';

const secret = 'the-first-secret-of-thirty-two-bytes';
const older = 'the-older-secret-of-thirty-two-bytes';
const signer = new Signer('csrf', () => [secret]);

describe('a signature', () => {
  it('is one of its text, differs each time, and shows neither text nor secret', () => {
    const [first, second] = [signer.sign('session-1'), signer.sign('session-1')];
    expect(signer.verify(first, 'session-1')).toBe(true);
    expect(signer.verify(second, 'session-1')).toBe(true);
    expect(first).not.toBe(second);
    expect(first).toMatch(/^[\w-]{22}\.[\w-]{43}$/);
  });

  it('is none of another text, for another purpose or under another secret', () => {
    const signed = signer.sign('session-1');
    expect(signer.verify(signed, 'session-2')).toBe(false);
    expect(new Signer('oauth', () => [secret]).verify(signed, 'session-1')).toBe(false);
    expect(new Signer('csrf', () => [older]).verify(signed, 'session-1')).toBe(false);
  });

  it('is verified by every secret and made with the first', () => {
    const rotated = new Signer('csrf', () => [secret, older]);
    expect(rotated.verify(new Signer('csrf', () => [older]).sign('a'), 'a')).toBe(true);
    expect(signer.verify(rotated.sign('a'), 'a')).toBe(true);
  });

  it('is not what was cut, prolonged, changed or made up', () => {
    const signed = signer.sign('a');
    const [nonce = '', signature = ''] = signed.split('.');
    const other = signer.sign('a').split('.')[1];
    for (const forged of [
      '',
      '.',
      nonce,
      `${nonce}.`,
      `.${signature}`,
      `${signed}A`,
      `${nonce}.${other}`,
      'ä'.repeat(66),
    ]) {
      expect({ forged, verified: signer.verify(forged, 'a') }).toEqual({ forged, verified: false });
    }
  });

  it('does not move the border between its nonce and the text', () => {
    const signed = signer.sign('a.b');
    expect(signer.verify(signed, 'b')).toBe(false);
    expect(signer.verify(signed, 'a')).toBe(false);
  });
});
