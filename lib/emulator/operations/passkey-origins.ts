import type { Pool } from '../state/pool.js';

/** Whether a page of this origin may use the pool's passkeys. */
export function isAllowedOrigin({ settings: { webAuthn } }: Pool, origin: string): boolean {
  return webAuthn.origins?.includes(origin) ?? isOriginOf(webAuthn.relyingPartyId, origin);
}

// Without a list: any page of the domain and its subdomains, over http too, since this pool is a local one.
function isOriginOf(domain: string, origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  if (url.origin !== origin || !['http:', 'https:'].includes(url.protocol)) return false;
  return url.hostname === domain || url.hostname.endsWith(`.${domain}`);
}
