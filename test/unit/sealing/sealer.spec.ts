import { EncryptJWT } from 'jose';
import { hkdfSync } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SealBrokenError, Sealer } from '../../../lib/sealing/sealer.js';

const secret = 'the-first-secret-of-thirty-two-bytes';
const older = 'the-older-secret-of-thirty-two-bytes';
const sealer = new Sealer(() => [secret]);
const value = { session: 'AYABeFd…', username: 'alice' };

afterEach(() => vi.useRealTimers());

describe('a sealed value', () => {
  it('opens for the purpose that it was sealed for', async () => {
    expect(await sealer.open('challenge', await sealer.seal('challenge', value, 180))).toEqual(value);
  });

  it.each(['session', 'csrf', 'oauth'] as const)(
    'that was sealed as a challenge does not open as %s',
    async (purpose) => {
      const sealed = await sealer.seal('challenge', value, 180);
      await expect(sealer.open(purpose, sealed)).rejects.toThrow(SealBrokenError);
    },
  );

  it('is bound to its purpose by its key and by its word, and always ends', async () => {
    const sealedAs = async (key: string, audience: string, ends = true): Promise<string> => {
      const jwt = new EncryptJWT({ value }).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).setAudience(audience);
      if (ends) jwt.setExpirationTime('3m');
      return jwt.encrypt(new Uint8Array(hkdfSync('sha256', secret, '', `nest-cognito sealing ${key}`, 32)));
    };
    expect(await sealer.open('challenge', await sealedAs('challenge', 'challenge'))).toEqual(value);
    for (const forged of [
      await sealedAs('session', 'challenge'),
      await sealedAs('challenge', 'session'),
      await sealedAs('challenge', 'challenge', false),
    ]) {
      await expect(sealer.open('challenge', forged)).rejects.toThrow(SealBrokenError);
    }
  });

  it('shows nothing of what is inside, and differs each time', async () => {
    const [first, second] = [await sealer.seal('challenge', value, 180), await sealer.seal('challenge', value, 180)];
    expect(first).not.toBe(second);
    expect(Buffer.from(first, 'base64url').toString()).not.toContain('alice');
  });

  it('does not open when a single character is changed, wherever it is', async () => {
    const sealed = await sealer.seal('challenge', value, 180);
    for (let at = 0; at < sealed.length; at += 7) {
      const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
      await expect(sealer.open('challenge', changed)).rejects.toThrow(SealBrokenError);
    }
  });

  it.each(['', 'text', 'a.b.c.d.e', 'eyJhbGciOiJub25lIn0..e30'])('is not "%s"', async (sealed) => {
    await expect(sealer.open('challenge', sealed)).rejects.toThrow(SealBrokenError);
  });

  it('does not open once it has expired', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const sealed = await sealer.seal('challenge', value, 180);
    vi.setSystemTime(Date.now() + 179_000);
    expect(await sealer.open('challenge', sealed)).toEqual(value);
    vi.setSystemTime(Date.now() + 2_000);
    await expect(sealer.open('challenge', sealed)).rejects.toThrow(SealBrokenError);
  });

  it('opens under an older secret until that is taken away', async () => {
    const sealed = await new Sealer(() => [older]).seal('challenge', value, 180);
    expect(await new Sealer(() => [secret, older]).open('challenge', sealed)).toEqual(value);
    await expect(sealer.open('challenge', sealed)).rejects.toThrow(SealBrokenError);
  });
});
