import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { g, N } from '../../../lib/srp/group.js';
import { createDeviceVerifier } from '../../../lib/srp/device-verifier.js';
import { bigIntPower } from '../../../lib/srp/bigint-power.js';
import { modularPower } from '../../../lib/srp/modular-power.js';
import { pad } from '../../../lib/srp/pad.js';
import { claimKeyFor, PasswordProof, signClaim } from '../../../lib/srp/password-proof.js';
import { poolNameOf } from '../../../lib/srp/pool-name.js';
import {
  assertPublicValue,
  claimKey,
  createEphemeral,
  k,
  privateKey,
  scrambler,
  sharedSecret,
} from '../../../lib/srp/srp-arithmetic.js';
import { srpTimestamp } from '../../../lib/srp/timestamp.js';

interface Vector {
  id: string;
  kind: 'user' | 'device';
  pool_id?: string;
  username?: string;
  device_group_key?: string;
  device_key?: string;
  password: string;
  a_hex: string;
  A_hex: string;
  salt_hex: string;
  B_hex: string;
  secret_block_b64: string;
  timestamp: string;
  u_hex: string;
  x_hex: string;
  S_hex: string;
  hkdf_key_hex: string;
  /** Two published vectors end at the key. */
  signature_b64: string | null;
  device_secret_verifier_config?: { Salt: string; PasswordVerifier: string };
}

const data = JSON.parse(readFileSync(new URL('../../vectors/srp-vectors.json', import.meta.url), 'utf8')) as {
  group: { N_hex: string; k_hex?: string };
  vectors: Vector[];
  published: Vector[];
  probes: Vector[];
  pad: { int_hex: string; padded_hex: string }[];
  device_verifiers: {
    id: string;
    device_group_key: string;
    device_key: string;
    password: string;
    salt_b64?: string;
    password_verifier_b64?: string;
    inner_hash_b64?: string;
  }[];
};

const vectors = [...data.vectors, ...data.published, ...data.probes];
const hex = (digits: string): bigint => BigInt(`0x${digits}`);

function identityOf(vector: Vector) {
  return vector.kind === 'device'
    ? { scope: vector.device_group_key ?? '', name: vector.device_key ?? '' }
    : { scope: poolNameOf(vector.pool_id ?? ''), name: vector.username ?? '' };
}

function expectVectorToHold(vector: Vector): void {
  const [a, A, B] = [hex(vector.a_hex), hex(vector.A_hex), hex(vector.B_hex)];
  const identity = identityOf(vector);
  const u = scrambler(A, B);
  const x = privateKey(identity, vector.password, hex(vector.salt_hex));
  const S = sharedSecret(a, B, u, x);
  const key = claimKey(S, u);
  expect(modularPower(g, a)).toBe(A);
  expect(u).toBe(hex(vector.u_hex));
  expect(x).toBe(hex(vector.x_hex));
  expect(S).toBe(hex(vector.S_hex));
  expect(key.toString('hex')).toBe(vector.hkdf_key_hex);
  if (vector.signature_b64 !== null) {
    expect(signClaim(key, identity, vector.secret_block_b64, vector.timestamp)).toBe(vector.signature_b64);
  }
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('the group', () => {
  it('is the published 3072-bit prime with the multiplier that Cognito uses', () => {
    expect(N).toBe(hex(data.group.N_hex));
    expect(k).toBe(hex('538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6'));
  });
});

describe('padding', () => {
  it.each(data.pad)('writes $int_hex as $padded_hex', ({ int_hex, padded_hex }) => {
    expect(pad(hex(int_hex)).toString('hex')).toBe(padded_hex);
  });
});

describe('a proof', () => {
  it.each(vectors)('meets the known answer $id on OpenSSL', (vector) => {
    const openssl = vi.spyOn(crypto, 'publicEncrypt');
    expectVectorToHold(vector);
    expect(openssl).toHaveBeenCalled();
  });

  it.each(vectors)('meets the known answer $id on the BigInt fallback, OpenSSL refusing', (vector) => {
    vi.spyOn(crypto, 'publicEncrypt').mockImplementation(() => {
      throw new Error('disabled');
    });
    expectVectorToHold(vector);
  });

  it('differs when the password, the user, the pool, the secret block or the timestamp differs', () => {
    const vector = data.vectors.find((candidate) => candidate.kind === 'user');
    if (!vector) throw new Error('no user vector');
    const ephemeral = { a: hex(vector.a_hex), A: hex(vector.A_hex) };
    const challenge = { srpB: vector.B_hex, salt: vector.salt_hex };
    const identity = identityOf(vector);
    const sign = (who: typeof identity, password: string, block: string, time: string): string =>
      signClaim(claimKeyFor(ephemeral, who, password, challenge), who, block, time);
    const { password, secret_block_b64: block, timestamp } = vector;
    expect(sign(identity, password, block, timestamp)).toBe(vector.signature_b64);
    const others = [
      sign(identity, `${password} `, block, timestamp),
      sign({ ...identity, name: 'somebody' }, password, block, timestamp),
      sign({ ...identity, scope: 'otherpool' }, password, block, timestamp),
      sign(identity, password, Buffer.from('other').toString('base64'), timestamp),
      sign(identity, password, block, 'Thu Jan 1 00:00:00 UTC 1970'),
    ];
    expect(others).not.toContain(vector.signature_b64);
    expect(new Set(others).size).toBe(others.length);
  });

  it('stamps the moment of the answer, not that of its beginning', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2000, 1, 1, 3, 4, 5) });
    const proof = PasswordProof.begin();
    vi.setSystemTime(Date.UTC(2000, 1, 1, 3, 5, 6));
    const challenge = { srpB: 'abc', salt: '0A1', secretBlock: 'AAAA' };
    expect(proof.claim({ scope: 'p', name: 'u' }, 'pw', challenge).timestamp).toBe('Tue Feb 1 03:05:06 UTC 2000');
  });

  it.each(['0', '00', N.toString(16), (2n * N).toString(16), `00${N.toString(16).toUpperCase()}`])(
    'is given up when B is zero mod N (%#)',
    (srpB) => {
      const claim = () =>
        PasswordProof.begin().claim({ scope: 'p', name: 'u' }, 'pw', { srpB, salt: '1', secretBlock: '' });
      expect(claim).toThrowError(expect.objectContaining({ name: 'SrpError', reason: 'public-value-is-zero' }));
    },
  );

  it('is given up when a value is not hexadecimal, and the message repeats no value', () => {
    const claim = () =>
      PasswordProof.begin().claim({ scope: 'p', name: 'u' }, 'pw', { srpB: 'xyz-value', salt: '1', secretBlock: '' });
    expect(claim).toThrowError(expect.objectContaining({ reason: 'malformed-challenge' }));
    expect(claim).not.toThrowError(/xyz-value/);
  });

  it('is given up when the scrambler is zero', () => {
    const zero = { update: () => zero, digest: () => Buffer.alloc(32) };
    vi.spyOn(crypto, 'createHash').mockReturnValue(zero as never);
    expect(() => scrambler(1n, 2n)).toThrowError(expect.objectContaining({ reason: 'scrambler-is-zero' }));
  });

  it('never shows a public value that is zero mod N', () => {
    expect(() => assertPublicValue(N)).toThrowError(expect.objectContaining({ reason: 'public-value-is-zero' }));
    expect(() => assertPublicValue(N + 1n)).not.toThrow();
    const first = createEphemeral();
    expect(first.A).toBe(bigIntPower(g, first.a, N));
    expect(createEphemeral().A).not.toBe(first.A);
  });

  it('keeps its secret out of sight of JSON and of inspection', async () => {
    const { inspect } = await import('node:util');
    const proof = PasswordProof.begin();
    expect(JSON.stringify(proof)).toBe('{}');
    expect(inspect(proof, { showHidden: true, depth: 5 })).not.toMatch(/[0-9]{40}/);
  });
});

describe('the verifier of a device', () => {
  const integer = (base64 = '') => BigInt(`0x${Buffer.from(base64, 'base64').toString('hex')}`);

  it.each(data.device_verifiers)('agrees with $id', (vector) => {
    const identity = { scope: vector.device_group_key, name: vector.device_key };
    if (vector.password_verifier_b64 === undefined) {
      const inner = crypto.createHash('sha256').update(`${identity.scope}${identity.name}:${vector.password}`);
      const digest = inner.digest();
      expect(digest.toString('base64')).toBe(vector.inner_hash_b64);
      const salted = crypto.createHash('sha256').update(Buffer.of(5)).update(digest).digest('hex');
      expect(privateKey(identity, vector.password, 5n)).toBe(BigInt(`0x${salted}`));
      return;
    }
    const made = createDeviceVerifier(identity, vector.password, integer(vector.salt_b64));
    expect(made).toEqual({ salt: vector.salt_b64, verifier: vector.password_verifier_b64 });
  });

  it.each(data.vectors.filter(({ kind }) => kind === 'device'))('is the one that belongs to $id', (vector) => {
    const identity = { scope: vector.device_group_key ?? '', name: vector.device_key ?? '' };
    const made = createDeviceVerifier(identity, vector.password, BigInt(`0x${vector.salt_hex}`));
    expect(made).toEqual({
      salt: vector.device_secret_verifier_config?.Salt,
      verifier: vector.device_secret_verifier_config?.PasswordVerifier,
    });
  });

  it('has a salt of its own each time', () => {
    const identity = { scope: '-group', name: 'local_key' };
    const [one, other] = [createDeviceVerifier(identity, 'secret'), createDeviceVerifier(identity, 'secret')];
    expect(one.salt).not.toBe(other.salt);
    expect(one.verifier).not.toBe(other.verifier);
  });
});

describe('modular powers', () => {
  const bases = [0n, 1n, 2n, 3n, N - 1n, N, N + 5n, -7n, 2n ** 3071n + 12345n];
  const exponents = [
    0n,
    1n,
    2n,
    3n,
    65537n,
    2n ** 255n + 8n,
    2n ** 512n + 6n,
    N - 2n,
    N - 1n,
    N,
    N + 1n,
    2n ** 8189n + 2n,
  ];

  it('agree with BigInt for odd, even, tiny, huge and out-of-range values', () => {
    for (const base of bases) {
      for (const exponent of exponents) {
        expect(modularPower(base, exponent)).toBe(bigIntPower(((base % N) + N) % N, exponent, N));
      }
    }
  });

  it('switch to BigInt for good when the self-test at first use fails', async () => {
    vi.resetModules();
    const wrong = vi.spyOn(crypto, 'publicEncrypt').mockReturnValue(Buffer.alloc(384, 1));
    const fresh = await import('../../../lib/srp/modular-power.js');
    expect(fresh.modularPower(5n, 7n)).toBe(78125n);
    const callsOfTheSelfTest = wrong.mock.calls.length;
    expect(fresh.modularPower(5n, 3n)).toBe(125n);
    expect(wrong.mock.calls.length).toBe(callsOfTheSelfTest);
  });
});

describe('the timestamp', () => {
  it.each([
    [Date.UTC(2000, 1, 1, 3, 4, 5), 'Tue Feb 1 03:04:05 UTC 2000'],
    [Date.UTC(2026, 6, 10, 11, 1, 0), 'Fri Jul 10 11:01:00 UTC 2026'],
    [Date.UTC(2020, 1, 29, 23, 59, 59), 'Sat Feb 29 23:59:59 UTC 2020'],
    [Date.UTC(2022, 0, 1, 0, 0, 0), 'Sat Jan 1 00:00:00 UTC 2022'],
  ])('of %d reads %s', (moment, text) => {
    expect(srpTimestamp(new Date(moment))).toBe(text);
  });
});
