import { describe, expect, it } from 'vitest';
import { createSharedSecret, stepOf, withCodeUsed } from '../../../lib/emulator/operations/software-token.js';
import { totp } from '../../support/totp.js';

/** The secret of RFC 6238 appendix B, `12345678901234567890`, in base32. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

// The last six digits of the codes that the appendix gives for SHA1.
const vectors: [seconds: number, code: string][] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
];

describe('a time-based code', () => {
  it.each(vectors)('at %d s is the one of RFC 6238', (seconds, code) => {
    const step = Math.floor(seconds / 30);
    expect(stepOf(SECRET, code, seconds * 1000)).toBe(step);
    expect(totp(SECRET, seconds * 1000)).toBe(code);
    expect(stepOf(SECRET, code, (step + 1) * 30_000 + 29_999)).toBe(step);
    expect(stepOf(SECRET, code, (step + 2) * 30_000)).toBeUndefined();
    expect(stepOf(SECRET, code, (step - 1) * 30_000)).toBe(step);
    expect(stepOf(SECRET, code, (step - 1) * 30_000 - 1)).toBeUndefined();
  });

  it.each(['', '28708', '2870820', '28708x', '２87082', '-87082', ' 87082'])('is none when it reads %j', (code) => {
    expect(stepOf(SECRET, code, 59_000)).toBeUndefined();
  });

  it('serves once, and none before it afterwards', () => {
    const now = 1_234_567_890_000;
    const token = { secret: SECRET, friendlyName: '' };
    const used = withCodeUsed(token, '005924', now);
    expect(used).toEqual({ ...token, lastStep: Math.floor(now / 30_000) });
    if (!used) throw new Error('not taken');
    const again = { name: 'ExpiredCodeException', message: 'Your software token has already been used once.' };
    expect(() => withCodeUsed(used, '005924', now)).toThrow(expect.objectContaining(again) as Error);
    expect(() => withCodeUsed(used, totp(SECRET, now - 30_000), now)).toThrow(expect.objectContaining(again) as Error);
    expect(withCodeUsed(used, totp(SECRET, now + 30_000), now)?.lastStep).toBe(Math.floor(now / 30_000) + 1);
    expect(withCodeUsed(used, '000000', now)).toBeUndefined();
  });

  it('is good again on a clock that was set back', () => {
    const used = { secret: SECRET, friendlyName: '', lastStep: 10_000 };
    expect(withCodeUsed(used, totp(SECRET, 59_000), 59_000)?.lastStep).toBe(1);
  });
});

describe('a shared secret', () => {
  it('has 256 bits in base32, and is never the same', () => {
    const secrets = new Set(Array.from({ length: 20 }, createSharedSecret));
    expect(secrets.size).toBe(20);
    for (const secret of secrets) expect(secret).toMatch(/^[A-Z2-7]{52}$/);
  });
});
