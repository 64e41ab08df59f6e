import { AsyncLocalStorage } from 'node:async_hooks';
import { CognitoError } from '../errors/cognito.error.js';
import type { CognitoTokenVerifier } from '../tokens/token-verifier.service.js';
import type { SignInTokens, RefreshedTokens } from './sign-in-result.js';
import type { TokensService } from './tokens.service.js';

/** The three tokens of a sign-in. */
export type UserTokens = Readonly<Pick<SignInTokens, 'accessToken' | 'idToken' | 'refreshToken'>>;

/** What keeping tokens alive depends on. */
export interface LiveTokensSettings {
  readonly service: TokensService;
  readonly verifier: CognitoTokenVerifier;
  /** The pool's name. */
  readonly pool: string;
  /** Seconds. */
  readonly renewBefore: number;
  readonly deviceKey: string | undefined;
  readonly onRenewed: ((tokens: RefreshedTokens) => void | Promise<void>) | undefined;
}

/** What the verified tokens say of themselves; times are epoch seconds. */
interface Owner {
  readonly sub: string;
  readonly username: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** The renewal that is just being told of, as `onRenewed` sees it. */
const toldOf = new AsyncLocalStorage<Promise<void>>();

/** The tokens of one sign-in, renewed before they expire, by one request however many wait for it. */
export class LiveTokens {
  readonly #settings: LiveTokensSettings;
  #tokens: UserTokens | undefined;
  /** Whose {@link #tokens} are; known after their first use. */
  #owner: Promise<Owner> | undefined;
  #renewal: Promise<void> | undefined;
  #ended = false;

  constructor({ accessToken, idToken, refreshToken }: UserTokens, settings: LiveTokensSettings) {
    this.#tokens = Object.freeze({ accessToken, idToken, refreshToken });
    this.#settings = settings;
  }

  /** The tokens as they are now. */
  get current(): UserTokens {
    if (this.#ended || this.#tokens === undefined) throw new CognitoError('COGNITO_SIGNED_OUT');
    return this.#tokens;
  }

  /** @throws {@link CognitoError} `COGNITO_SIGNED_OUT` after {@link end} */
  assertGoing(): void {
    void this.current;
  }

  /** Whether the access token has expired or is about to. */
  async isDue(): Promise<boolean> {
    return this.#isDue(this.current);
  }

  /** An access token with some life left. */
  async accessToken(): Promise<string> {
    if (await this.#isDue(this.current)) await this.renew();
    return this.current.accessToken;
  }

  /** Gets new tokens now; joins a renewal that is under way. */
  async renew(): Promise<void> {
    await this.#renewOnce(this.current);
    // Whoever signed out meanwhile is not signed in again by it.
    this.assertGoing();
  }

  /** Gets new tokens, unless somebody has since this access token was handed out. */
  async replace(refused: string): Promise<void> {
    if (this.current.accessToken === refused) await this.renew();
  }

  /**
   * Ends the sign-in, or all of the user. From the first moment on nothing else is done with the tokens; if Cognito does not
   * hear of it, they are kept for trying this again.
   */
  async end(scope: 'local' | 'global'): Promise<void> {
    this.#ended = true;
    // What a renewal brings is what has to be ended.
    if (!this.#isToldOfRenewal()) await this.#renewal?.catch(() => undefined);
    if (this.#tokens === undefined) return;
    await this.#settings.service.signOut(
      scope === 'local'
        ? { scope, refreshToken: this.#tokens.refreshToken, accessToken: this.#tokens.accessToken }
        : { scope, accessToken: await this.#accessTokenOf(this.#tokens) },
    );
    this.#tokens = undefined;
    this.#owner = undefined;
  }

  async #accessTokenOf(tokens: UserTokens): Promise<string> {
    if (await this.#isDue(tokens)) await this.#renewOnce(tokens);
    return (this.#tokens ?? tokens).accessToken;
  }

  async #isDue(tokens: UserTokens): Promise<boolean> {
    const { issuedAt, expiresAt } = await this.#ownerOf(tokens);
    // A token that lives shorter than the notice would be renewed with each use.
    const notice = Math.min(this.#settings.renewBefore, (expiresAt - issuedAt) / 2);
    return expiresAt - notice <= Date.now() / 1000;
  }

  async #renewOnce(tokens: UserTokens): Promise<void> {
    // Who is told of new tokens has them already.
    if (this.#isToldOfRenewal()) return;
    this.#renewal ??= this.#renew(tokens).finally(() => (this.#renewal = undefined));
    await this.#renewal;
  }

  /** Whether this is `onRenewed` asking, which the renewal waits for: it must not wait for the renewal. */
  #isToldOfRenewal(): boolean {
    return this.#renewal !== undefined && toldOf.getStore() === this.#renewal;
  }

  async #renew(tokens: UserTokens): Promise<void> {
    const { service, deviceKey, onRenewed } = this.#settings;
    const { sub, username } = await this.#ownerOf(tokens);
    const renewed = await service.refresh({ refreshToken: tokens.refreshToken, deviceKey, expectedSub: sub, username });
    const { accessToken, idToken, refreshToken } = renewed;
    this.#tokens = Object.freeze({ accessToken, idToken, refreshToken });
    this.#owner = undefined;
    if (this.#ended || this.#renewal === undefined) return;
    await toldOf.run(this.#renewal, async () => onRenewed?.(renewed));
  }

  #ownerOf(tokens: UserTokens): Promise<Owner> {
    this.#owner ??= this.#identify(tokens).catch((thrown: unknown) => {
      // Keys that are out of reach now may be there next time.
      this.#owner = undefined;
      throw thrown;
    });
    return this.#owner;
  }

  async #identify(tokens: UserTokens): Promise<Owner> {
    const { verifier, pool } = this.#settings;
    const { sub, username, iat, exp } = (await verifier.identifyPair(tokens, pool)).access.claims;
    return { sub, username, issuedAt: iat, expiresAt: exp };
  }
}
