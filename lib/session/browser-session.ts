import type { CognitoUserPrincipal } from '../access/principal.js';

/** The tokens of a session: found good, renewed before they expire. */
export interface SessionTokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
  /** When the first of access and id token expires, epoch seconds. */
  readonly expiresAt: number;
}

/** What the server knows of a browser that has signed in. Nothing of it is meant for a browser. */
export interface CognitoSession {
  /** Random, new at each sign-in; CSRF tokens are bound to it. */
  readonly id: string;
  /** The pool's name: `default`, or the key under `pools`. */
  readonly pool: string;
  /** Who signed in, as the access token tells. */
  readonly principal: CognitoUserPrincipal;
  /** Not shown when a session is printed or made JSON of. */
  readonly tokens: SessionTokens;
  /** When somebody signed in, epoch seconds. */
  readonly startedAt: number;
  /** The device that signed in, where the pool tracks devices. */
  readonly deviceKey?: string | undefined;
}

/** @internal A session whose tokens are in no log of it. */
export class BrowserSession implements CognitoSession {
  readonly id: string;
  readonly pool: string;
  readonly principal: CognitoUserPrincipal;
  readonly startedAt: number;
  readonly deviceKey?: string | undefined;
  readonly #tokens: SessionTokens;

  constructor({ tokens, ...shown }: CognitoSession) {
    this.id = shown.id;
    this.pool = shown.pool;
    this.principal = shown.principal;
    this.startedAt = shown.startedAt;
    if (shown.deviceKey !== undefined) this.deviceKey = shown.deviceKey;
    this.#tokens = Object.freeze(tokens);
    Object.freeze(this);
  }

  get tokens(): SessionTokens {
    return this.#tokens;
  }
}
