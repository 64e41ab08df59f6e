import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type SealingPurpose, sealingKey } from './sealing-key.js';

const NONCE_BYTES = 16;
/** A nonce of 16 bytes and a signature of 32, both base64url, with a dot between. */
const SIGNED = /^[\w-]{22}\.[\w-]{43}$/;

/**
 * Signs what both sides know anyway, so that only the signature has to travel (HMAC-SHA-256, RFC 2104). Every signature is
 * different, so that a page that is compressed over and over does not give one away.
 */
export class Signer {
  /** @param secrets the application's secrets, read at each use; the first signs, all verify */
  constructor(
    private readonly purpose: SealingPurpose,
    private readonly secrets: () => readonly [string, ...string[]],
  ) {}

  /** Signs a text. */
  sign(text: string): string {
    const [signing] = this.secrets();
    const nonce = randomBytes(NONCE_BYTES).toString('base64url');
    return `${nonce}.${this.#signature(signing, nonce, text).toString('base64url')}`;
  }

  /** Whether this is a signature of the text; takes as long for a wrong one as for a right one. */
  verify(signed: string, text: string): boolean {
    if (!SIGNED.test(signed)) return false;
    const [nonce = '', signature = ''] = signed.split('.');
    const given = Buffer.from(signature, 'base64url');
    return this.secrets().some((secret) => timingSafeEqual(given, this.#signature(secret, nonce, text)));
  }

  // The nonce is of one length, so where it ends and the text begins cannot be shifted.
  #signature(secret: string, nonce: string, text: string): Buffer {
    return createHmac('sha256', sealingKey(this.purpose, secret)).update(`${nonce}.${text}`).digest();
  }
}
