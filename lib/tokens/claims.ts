/** What every token of a user pool says (JWT, RFC 7519 section 4.1, and Cognito's own claims). Times are epoch seconds. */
export interface CognitoClaims {
  readonly iss: string;
  readonly sub: string;
  readonly exp: number;
  readonly iat: number;
  readonly auth_time?: number;
  readonly jti?: string;
  /** Shared by all tokens of one sign-in, refreshed ones included. */
  readonly origin_jti?: string;
  readonly event_id?: string;
  readonly 'cognito:groups'?: readonly string[];
  readonly [claim: string]: unknown;
}

/** The claims of an id token: who the user is. */
export interface IdTokenClaims extends CognitoClaims {
  readonly token_use: 'id';
  /** The app client. */
  readonly aud: string;
  readonly 'cognito:username': string;
  readonly email?: string;
  readonly email_verified?: boolean;
}

/** The claims of a user's access token: what the app may do for them. */
export interface AccessTokenClaims extends CognitoClaims {
  readonly token_use: 'access';
  readonly client_id: string;
  /** Granted scopes, separated by spaces. */
  readonly scope?: string;
  readonly username: string;
}

/** The claims of a machine's access token (OAuth 2.0 client credentials, RFC 6749 section 4.4). */
export interface MachineTokenClaims extends CognitoClaims {
  readonly token_use: 'access';
  readonly client_id: string;
  readonly scope?: string;
  readonly username?: never;
}

/** Which of a user pool's two kinds of JWT. */
export type TokenUse = 'id' | 'access';

/** A token that was found good, and for which pool. */
export type VerifiedToken = VerifiedIdToken | VerifiedAccessToken | VerifiedMachineToken;

interface Verified {
  /** The pool's name: `default`, or the key under `pools`. */
  readonly pool: string;
  readonly clientId: string;
  readonly kid: string;
}

/** An id token that was found good. */
export interface VerifiedIdToken extends Verified {
  readonly kind: 'id';
  readonly claims: IdTokenClaims;
}

/** A user's access token that was found good. */
export interface VerifiedAccessToken extends Verified {
  readonly kind: 'access';
  readonly claims: AccessTokenClaims;
}

/** A machine's access token that was found good. */
export interface VerifiedMachineToken extends Verified {
  readonly kind: 'machine';
  readonly claims: MachineTokenClaims;
}
