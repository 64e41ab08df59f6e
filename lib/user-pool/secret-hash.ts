import { createHmac } from 'node:crypto';
import type { ResolvedPool } from '../options/resolved-pool.js';

/**
 * Proves that a call comes from the app client: base64 of HMAC-SHA256 over user name and client id, keyed with the secret.
 *
 * @param username exactly the one that the same request carries
 */
export function secretHash(username: string, clientId: string, clientSecret: string): string {
  return createHmac('sha256', clientSecret).update(`${username}${clientId}`, 'utf8').digest('base64');
}

/** The secret hash of a pool's app client; undefined for a client without a secret, which must not send one. */
export function secretHashFor(pool: ResolvedPool, username: string): string | undefined {
  return pool.clientSecret === undefined ? undefined : secretHash(username, pool.clientId, pool.clientSecret);
}
