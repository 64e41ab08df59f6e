/** How a client asks for tokens, by the names of ExplicitAuthFlows. */
export const EXPLICIT_AUTH_FLOWS = [
  'ALLOW_USER_SRP_AUTH',
  'ALLOW_USER_PASSWORD_AUTH',
  'ALLOW_ADMIN_USER_PASSWORD_AUTH',
  'ALLOW_CUSTOM_AUTH',
  'ALLOW_USER_AUTH',
  'ALLOW_REFRESH_TOKEN_AUTH',
] as const;

/** A way in which a client asks for tokens. */
export type ExplicitAuthFlow = (typeof EXPLICIT_AUTH_FLOWS)[number];

/** How a client gets tokens at the OAuth endpoints, by the names of AllowedOAuthFlows. */
export const OAUTH_FLOWS = ['code', 'implicit', 'client_credentials'] as const;

/** A way in which a client gets tokens at the OAuth endpoints. */
export type OAuthFlow = (typeof OAUTH_FLOWS)[number];

/** Addresses that the pages may send a browser to: each to the letter, or any `http` address of this machine. */
export type RegisteredUrls = readonly string[] | 'loopback';

/** What a client may do at the pages and the OAuth endpoints. */
export interface OAuthSettings {
  readonly callbackUrls: RegisteredUrls;
  readonly logoutUrls: RegisteredUrls;
  /** Where a browser goes when a request names no `redirect_uri`. */
  readonly defaultRedirectUri: string | undefined;
  readonly flows: readonly OAuthFlow[];
  /** `undefined`: every scope that the pool knows. */
  readonly scopes: readonly string[] | undefined;
}

/** An app client as the pool knows it. */
export interface AppClient {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly explicitAuthFlows: readonly ExplicitAuthFlow[];
  readonly preventUserExistenceErrors: 'ENABLED' | 'LEGACY';
  /** Seconds. */
  readonly accessTokenValidity: number;
  /** Seconds. */
  readonly idTokenValidity: number;
  /** Seconds. */
  readonly refreshTokenValidity: number;
  /** Minutes. */
  readonly authSessionValidity: number;
  /** Seconds for which a rotated refresh token still serves; `undefined` when refresh tokens do not rotate. */
  readonly rotationGrace: number | undefined;
  readonly enableTokenRevocation: boolean;
  /** `undefined`: all. */
  readonly readAttributes: readonly string[] | undefined;
  /** `undefined`: all. */
  readonly writeAttributes: readonly string[] | undefined;
  readonly oauth: OAuthSettings;
}

/** Whether a client may see an attribute; everybody may see who the user is. */
export function mayRead({ readAttributes }: AppClient, attribute: string): boolean {
  return attribute === 'sub' || !readAttributes || readAttributes.includes(attribute);
}

/** Whether a client may write an attribute that clients can write at all. */
export function mayWrite({ writeAttributes }: AppClient, attribute: string): boolean {
  return !writeAttributes || writeAttributes.includes(attribute);
}
