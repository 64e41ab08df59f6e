import { faultOfAddress, isLoopback, join } from '../options/trusted-address.js';

/** The endpoints of a pool's domain, absolute. */
export interface OAuthEndpoints {
  readonly authorize: string;
  readonly token: string;
  readonly revoke: string;
  readonly userInfo: string;
  readonly logout: string;
}

/**
 * The endpoints of a domain (Amazon Cognito developer guide, "Managed login endpoints"). They are known, so nothing is fetched
 * to discover them.
 */
export function endpointsOf(domain: string, tokenUrl?: string): OAuthEndpoints {
  const base = baseOf(domain);
  return {
    authorize: join(base, 'oauth2/authorize'),
    token: tokenUrl ?? join(base, 'oauth2/token'),
    revoke: join(base, 'oauth2/revoke'),
    userInfo: join(base, 'oauth2/userInfo'),
    logout: join(base, 'logout'),
  };
}

/** What is wrong with a domain or a token endpoint; undefined for nothing. Codes and secrets go there: https, or loopback. */
export function faultOfEndpoints(domain: string | undefined, tokenUrl?: string): string | undefined {
  if (domain === undefined) return 'domain: is missing at the pool; it is the domain of managed login';
  const ofDomain = faultOfAddress(baseOf(domain), false);
  if (ofDomain !== undefined) return `domain: ${ofDomain}`;
  const ofToken = tokenUrl === undefined ? undefined : faultOfAddress(tokenUrl, false);
  return ofToken === undefined ? undefined : `tokenUrl: ${ofToken}`;
}

/** A domain is usually written without a scheme; that of the local pool is a loopback address and a port. */
function baseOf(domain: string): string {
  if (/^https?:\/\//i.test(domain)) return domain;
  const plain = `http://${domain}`;
  return URL.canParse(plain) && isLoopback(new URL(plain)) ? plain : `https://${domain}`;
}
