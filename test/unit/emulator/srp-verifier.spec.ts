import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { resolveOptions } from '../../../lib/emulator/emulator.options.js';
import { checkPassword } from '../../../lib/emulator/operations/password-check.js';
import { parseSrpTimestamp } from '../../../lib/emulator/operations/srp-timestamp.js';
import { seedUsers } from '../../../lib/emulator/seed.js';
import {
  createPasswordVerifier,
  createServerEphemeral,
  deferPasswordVerifier,
  isPasswordOf,
  isUsablePublicValue,
  proofKeyOf,
  provesPassword,
  scramblerOf,
  sharedSecretOf,
  signatureOf,
} from '../../../lib/emulator/srp-verifier.js';
import { OffsetClock } from '../../../lib/emulator/state/clock.js';
import { Pool } from '../../../lib/emulator/state/pool.js';
import { N } from '../../../lib/srp/group.js';
import { deriveKey, hmac } from './wire-client.js';

interface Vector {
  id: string;
  kind: 'user' | 'device';
  pool_name: string;
  username: string;
  device_group_key: string;
  device_key: string;
  password: string;
  A_hex: string;
  B_hex: string;
  salt_hex: string;
  secret_block_b64: string;
  timestamp: string;
  u_hex: string;
  S_hex: string;
  hkdf_key_hex: string;
  signature_b64: string;
  server_b_hex: string;
  verifier_hex: string;
}

const { vectors } = JSON.parse(readFileSync(new URL('../../vectors/srp-vectors.json', import.meta.url), 'utf8')) as {
  vectors: Vector[];
};
const hex = (digits: string) => BigInt(`0x${digits}`);

function read(vector: Vector) {
  const identity =
    vector.kind === 'user' ? `${vector.pool_name}${vector.username}` : `${vector.device_group_key}${vector.device_key}`;
  const A = hex(vector.A_hex);
  const verifier = hex(vector.verifier_hex);
  const ephemeral = createServerEphemeral(verifier, hex(vector.server_b_hex));
  const secretBlock = Buffer.from(vector.secret_block_b64, 'base64');
  const claim = { identity, secretBlock, timestamp: vector.timestamp };
  return { identity, A, verifier, ephemeral, claim, signature: Buffer.from(vector.signature_b64, 'base64') };
}

describe.each(vectors)('the server side of vector $id', (vector) => {
  const { identity, A, verifier, ephemeral, claim, signature } = read(vector);

  it('makes the same verifier of the password', () => {
    expect(createPasswordVerifier(identity, vector.password, hex(vector.salt_hex)).verifier).toBe(verifier);
  });

  it('arrives at the same B, u, S, key and signature', () => {
    const scrambler = scramblerOf(A, ephemeral.publicValue);
    const sharedSecret = sharedSecretOf(A, ephemeral, verifier);
    expect(ephemeral.publicValue).toBe(hex(vector.B_hex));
    expect(scrambler).toBe(hex(vector.u_hex));
    expect(sharedSecret).toBe(hex(vector.S_hex));
    const key = proofKeyOf(scrambler, sharedSecret);
    expect(key.toString('hex')).toBe(vector.hkdf_key_hex);
    expect(signatureOf(key, claim).toString('base64')).toBe(vector.signature_b64);
  });

  it('accepts the proof, and none that is changed in one bit, cut, or made for another moment', () => {
    const check = (offered: Buffer, changed = claim) => provesPassword(A, ephemeral, verifier, changed, offered);
    const tampered = Buffer.from(signature);
    tampered.writeUInt8(tampered.readUInt8(31) ^ 1, 31);
    expect(check(signature)).toBe(true);
    expect(check(tampered)).toBe(false);
    expect(check(signature.subarray(0, 31))).toBe(false);
    expect(check(Buffer.alloc(0))).toBe(false);
    expect(check(signature, { ...claim, timestamp: 'Fri Jul 10 11:01:01 UTC 2026' })).toBe(false);
    expect(check(signature, { ...claim, secretBlock: Buffer.from('another') })).toBe(false);
  });
});

describe('a public value that is a multiple of N', () => {
  const stored = createPasswordVerifier('Poolalice', 'Passw0rd!');

  it.each([0n, N, 2n * N])('is refused, also with a signature built from S = 0 (%#)', (A) => {
    const ephemeral = createServerEphemeral(stored.verifier);
    const claim = {
      identity: 'Poolalice',
      secretBlock: Buffer.from('block'),
      timestamp: 'Fri Jul 10 11:01:00 UTC 2026',
    };
    const key = deriveKey(scramblerOf(A, ephemeral.publicValue), 0n);
    const forged = hmac(key, claim.identity, claim.secretBlock, claim.timestamp);
    expect(isUsablePublicValue(A)).toBe(false);
    expect(provesPassword(A, ephemeral, stored.verifier, claim, forged)).toBe(false);
  });

  it.each([1n, N - 1n, N + 1n])('is told from its neighbours (%#)', (A) => {
    expect(isUsablePublicValue(A)).toBe(true);
  });
});

describe('a password sent in the clear', () => {
  it('is recognised by its verifier alone, under a salt of its own', () => {
    const stored = createPasswordVerifier('Poolalice', 'Passw0rd!');
    expect(isPasswordOf('Poolalice', 'Passw0rd!', stored)).toBe(true);
    expect(isPasswordOf('Poolalice', 'passw0rd!', stored)).toBe(false);
    expect(isPasswordOf('Poolbob', 'Passw0rd!', stored)).toBe(false);
    expect(createPasswordVerifier('Poolalice', 'Passw0rd!').salt).not.toBe(stored.salt);
  });
});

describe('the TIMESTAMP of a password claim', () => {
  it.each([
    ['Tue Feb 1 03:04:05 UTC 2000', Date.UTC(2000, 1, 1, 3, 4, 5)],
    ['Fri Jul 10 11:01:00 UTC 2026', Date.UTC(2026, 6, 10, 11, 1, 0)],
    ['Thu Feb 29 00:00:00 UTC 2024', Date.UTC(2024, 1, 29)],
  ])('is read: %s', (timestamp, time) => {
    expect(parseSrpTimestamp(timestamp)).toBe(time);
  });

  it.each([
    ['a day with a leading zero', 'Tue Feb 01 03:04:05 UTC 2000'],
    ['a wrong weekday', 'Mon Feb 1 03:04:05 UTC 2000'],
    ['a day that does not exist', 'Wed Feb 30 03:04:05 UTC 2000'],
    ['an hour of one digit', 'Tue Feb 1 3:04:05 UTC 2000'],
    ['hour 24', 'Tue Feb 1 24:04:05 UTC 2000'],
    ['another zone', 'Tue Feb 1 03:04:05 GMT 2000'],
    ['another language', 'Die Feb 1 03:04:05 UTC 2000'],
    ['an unknown month', 'Tue Fev 1 03:04:05 UTC 2000'],
    ['a line break at the end', 'Tue Feb 1 03:04:05 UTC 2000\n'],
    ['two spaces', 'Tue Feb  1 03:04:05 UTC 2000'],
    ['ISO 8601', '2000-02-01T03:04:05Z'],
    ['nothing', ''],
  ])('is refused with %s', (_, timestamp) => {
    expect(parseSrpTimestamp(timestamp)).toBeUndefined();
  });
});

describe('a verifier that waits until it is asked for', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('is the same one, made once', async () => {
    // Loaded anew: whoever tested before what happens when OpenSSL fails has left the modules without it.
    vi.resetModules();
    const fresh = await import('../../../lib/emulator/srp-verifier.js');
    const atOnce = fresh.createPasswordVerifier('Poolalice', 'Passw0rd!', 0xabcdn);
    const power = vi.spyOn(crypto, 'publicEncrypt');
    const deferred = fresh.deferPasswordVerifier('Poolalice', 'Passw0rd!', 0xabcdn);
    expect(power).not.toHaveBeenCalled();
    const { verifier } = deferred;
    expect(power).toHaveBeenCalledOnce();
    expect(deferred.verifier).toBe(verifier);
    expect(power).toHaveBeenCalledOnce();
    expect({ ...deferred }).toEqual(atOnce);
  });

  it('recognises its password and no other, under a salt of its own', () => {
    const deferred = deferPasswordVerifier('Poolalice', 'Passw0rd!');
    expect(isPasswordOf('Poolalice', 'passw0rd!', deferred)).toBe(false);
    expect(isPasswordOf('Poolbob', 'Passw0rd!', deferred)).toBe(false);
    expect(isPasswordOf('Poolalice', 'Passw0rd!', deferred)).toBe(true);
    expect(deferPasswordVerifier('Poolalice', 'Passw0rd!').salt).not.toBe(deferred.salt);
  });

  it('is what a pool holds of the users that it starts with, who sign in all the same', () => {
    const options = resolveOptions({ users: [{ username: 'alice', password: 'Passw0rd!' }] });
    const pool = new Pool(options, 'http://127.0.0.1:1/local', new OffsetClock(), {}, {});
    const power = vi.spyOn(crypto, 'publicEncrypt');
    seedUsers(pool);
    expect(power).not.toHaveBeenCalled();
    const alice = { userId: 'alice', user: pool.users.byName('alice') };
    expect(checkPassword(pool, options.client, alice, 'Passw0rd!')).toBe(alice.user);
    expect(() => checkPassword(pool, options.client, alice, 'Passw0rd?')).toThrow('Incorrect username or password');
  });

  it('shows nothing of what it is made from', () => {
    expect(Object.keys(deferPasswordVerifier('Poolalice', 'Passw0rd!'))).toEqual(['salt', 'verifier']);
  });
});
