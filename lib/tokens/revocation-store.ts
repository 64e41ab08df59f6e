import type { KeyValueStore } from './key-value-store.js';

/** What is known of a token's sign-in. `unknown` is not `live`: a guard answers 503. */
export type RevocationAnswer = 'live' | 'revoked' | 'unknown';

/** Which sign-in a token comes from. */
export interface TokenOrigin {
  readonly userPoolId: string;
  readonly sub: string;
  /** `origin_jti`; pools without token revocation write none. */
  readonly originJti: string | undefined;
  /** `auth_time`, epoch seconds: when the user signed in, also in a token that was renewed since. */
  readonly authTime: number | undefined;
}

/** A user all of whose sign-ins up to a moment have ended. */
export interface EndedUser {
  readonly userPoolId: string;
  readonly sub: string;
  /** Epoch seconds; who signed in at this second or before is out. */
  readonly until: number;
}

/**
 * Remembers which sign-ins have ended before their tokens expire: a port. The option `revocation` takes a store of keys and
 * values, or an implementation of this class.
 *
 * An entry has to be kept for `lifetime` milliseconds: a day, the longest life of a token, and the tolerance.
 */
export abstract class RevocationStore {
  /** What is known of a sign-in; what is thrown counts as `unknown`. */
  abstract ask(origin: TokenOrigin): Promise<RevocationAnswer>;
  /** Notes that a sign-in has ended; throws when it could not be noted. */
  abstract endSignIn(origin: TokenOrigin, lifetime: number): Promise<void>;
  /** Notes that all sign-ins of a user have ended; throws when it could not be noted. */
  abstract endUser(user: EndedUser, lifetime: number): Promise<void>;
}

/** A revocation store over keys and values, shared by all processes that share those. */
export class KeyValueRevocationStore extends RevocationStore {
  readonly #store: KeyValueStore;

  constructor(store: KeyValueStore) {
    super();
    this.#store = store;
  }

  override async ask(origin: TokenOrigin): Promise<RevocationAnswer> {
    const [signIn, user] = await Promise.all([
      this.#store.get(keyOfSignIn(origin)),
      this.#store.get(keyOfUser(origin)),
    ]);
    if (!isNothing(signIn)) return 'revoked';
    if (isNothing(user)) return 'live';
    const until = secondsOf(user);
    if (until === undefined) return 'unknown';
    // A token that does not say when its user signed in may be from before.
    return (origin.authTime ?? 0) <= until ? 'revoked' : 'live';
  }

  override async endSignIn(origin: TokenOrigin, lifetime: number): Promise<void> {
    await this.#set(keyOfSignIn(origin), 1, lifetime);
  }

  override async endUser(user: EndedUser, lifetime: number): Promise<void> {
    await this.#set(keyOfUser(user), user.until, lifetime);
  }

  async #set(key: string, value: number, lifetime: number): Promise<void> {
    // Keyv says false where others throw.
    if ((await this.#store.set(key, value, lifetime)) === false) throw new Error('the entry was not kept');
  }
}

/** A moment as it was noted, or as a store that keeps texts gives it back; what became of it otherwise must not count as 0. */
function secondsOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined;
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

function keyOfSignIn({ userPoolId, sub, originJti, authTime }: TokenOrigin): string {
  const signIn = originJti === undefined ? `at:${sub}:${authTime ?? ''}` : `origin:${originJti}`;
  return `nest-cognito:revoked:${userPoolId}:${signIn}`;
}

function keyOfUser({ userPoolId, sub }: { readonly userPoolId: string; readonly sub: string }): string {
  return `nest-cognito:revoked:${userPoolId}:user:${sub}`;
}
