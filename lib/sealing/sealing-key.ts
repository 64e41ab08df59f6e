import { hkdfSync } from 'node:crypto';

/** What a sealed or signed string is for. One that was made for one purpose is nothing for another. */
export type SealingPurpose = 'challenge' | 'session' | 'csrf' | 'oauth';

/** One key for each purpose (HKDF, RFC 5869): a leak of one opens nothing of another. */
export function sealingKey(purpose: SealingPurpose, secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', `nest-cognito sealing ${purpose}`, 32));
}
