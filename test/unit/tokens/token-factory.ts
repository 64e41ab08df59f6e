import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { JsonWebKey } from '../../../lib/options/pool.options.js';

/** An RSA key that signs tokens by hand, so that a test can sign what no library would. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: JsonWebKey;
}

export function makeKey(kid = `${randomUUID()}=`, modulusLength = 2048): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  return { kid, privateKey, publicKey, jwk: { kid, kty: 'RSA', n, e, alg: 'RS256', use: 'sig' } };
}

export function encode(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

export function signToken(
  key: SigningKey,
  payload: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = { kid: key.kid, alg: 'RS256' },
  digest = 'sha256',
): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${sign(digest, Buffer.from(input), key.privateKey).toString('base64url')}`;
}
