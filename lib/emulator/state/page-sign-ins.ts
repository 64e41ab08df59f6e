import type { User } from './users.js';

/** Who is signed in at the pages, in one browser. */
export interface PageSession {
  readonly user: User;
  /** Milliseconds since the epoch. */
  readonly authenticatedAt: number;
}

/** A sign-in at the pages that waits for more than a password. */
export interface PageStep {
  /** The pool's own session; it never leaves the server. */
  readonly session: string;
  readonly challengeName: string;
  /** What the page tells of the challenge. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The browser that began. */
  readonly browser: string;
  readonly clientId: string;
}

/** What an authorization code stands for until it is redeemed. */
export interface AuthorizationCode {
  readonly clientId: string;
  readonly redirectUri: string;
  /** Whether the request named its `redirect_uri`: then whoever redeems the code has to name it too. */
  readonly namesRedirectUri: boolean;
  readonly session: PageSession;
  readonly scopes: readonly string[];
  readonly nonce: string | undefined;
  /** The S256 challenge of PKCE. */
  readonly codeChallenge: string | undefined;
}

const MINUTE = 60 * 1000;

/** Both lifetimes are fixed at Cognito; milliseconds. */
export const CODE_LIFETIME = 5 * MINUTE;
export const PAGE_SESSION_LIFETIME = 60 * MINUTE;
/** AuthSessionValidity at its longest: the pool's own session may end before. */
export const STEP_LIFETIME = 15 * MINUTE;
