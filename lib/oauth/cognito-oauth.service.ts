import { Injectable, Logger } from '@nestjs/common';
import {
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
} from 'oauth4webapi';
import { applicationFault } from '../access/application-fault.js';
import { LocalUsers } from '../access/local-users.js';
import { type CognitoUserPrincipal, principalOf } from '../access/principal.js';
import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import type { CognitoRequest } from '../request/request-of.js';
import { Sealer } from '../sealing/sealer.js';
import type { CognitoSessionService } from '../session/cognito-session.service.js';
import type { VerifiedPair } from '../tokens/token-verifier.service.js';
import { CognitoTokenVerifier } from '../tokens/token-verifier.service.js';
import type { RefreshedTokens, SignInTokens } from '../user-pool/sign-in-result.js';
import { queryOf, stateOf, withQuery } from './addresses.js';
import { DomainTokens } from './domain-tokens.js';
import type { OAuthEndedSignIn, OAuthSignIn, OAuthSuccessDecision } from './handlers.js';
import { OAuthClient } from './oauth-client.js';
import type { ResolvedOAuthOptions } from './oauth.options.js';
import { returnAddress } from './return-address.js';
import { type OAuthSignInRequest, pageParameters, readSignInRequest } from './sign-in-request.js';
import { Transactions } from './transactions.js';
import { type OAuthUserInfo, userInfoOf } from './user-info.js';

/** Who keeps the browser sessions of the application, if anybody does. */
export type SessionKeeper = Pick<CognitoSessionService, 'start' | 'end'>;

/**
 * Signs people in at Cognito's own pages (managed login, hosted UI) by the authorization code flow with PKCE (RFC 6749 section
 * 4.1, RFC 7636, OpenID Connect Core section 3.1). The routes of {@link CognitoOAuthModule} call this; a handler of the
 * application's own may do so instead.
 */
@Injectable()
export class CognitoOAuthService {
  readonly #logger = new Logger('CognitoOAuthModule');
  readonly #client: OAuthClient;
  readonly #tokens: DomainTokens;
  readonly #transactions: Transactions;
  #sessions: SessionKeeper | undefined;
  #find: (pool: string) => CognitoOAuthService | undefined = () => undefined;

  /** @internal Built by {@link CognitoOAuthModule}. */
  constructor(
    private readonly options: ResolvedOAuthOptions,
    private readonly verifier: CognitoTokenVerifier,
    private readonly localUsers: LocalUsers,
    sealer: Sealer,
  ) {
    const { pool, redirectUri, signInLifetime: lifetime } = options;
    this.#client = new OAuthClient(pool, options);
    this.#tokens = new DomainTokens(this.#client, verifier, pool.name);
    const audience = `${pool.name} ${pool.clientId} ${redirectUri}`;
    this.#transactions = new Transactions(sealer, { audience, secure: redirectUri.startsWith('https:'), lifetime });
  }

  /** @internal Called by the module once every other module is there. */
  meet(sessions: SessionKeeper | undefined, find: (pool: string) => CognitoOAuthService | undefined): void {
    this.#sessions = sessions;
    this.#find = find;
  }

  /** The pool that this service signs people in at: `default`, or the key under `pools`. */
  get poolName(): string {
    return this.options.pool.name;
  }

  /**
   * The service of another pool, where {@link CognitoOAuthModule} was imported for it.
   *
   * @throws {@link CognitoError} `COGNITO_POOL_UNKNOWN` (500)
   */
  pool(name: string): CognitoOAuthService {
    const service = this.#find(name);
    if (service !== undefined) return service;
    throw new CognitoError('COGNITO_POOL_UNKNOWN', {
      detail: `CognitoOAuthModule is not imported for the pool ${JSON.stringify(name)}.`,
    });
  }

  /**
   * Reads what a link to the sign-in route asks for: `returnTo`, and of Cognito's parameters `identity_provider`, `login_hint`,
   * `lang` and `prompt`, as the options allow.
   *
   * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` (400)
   */
  readRequest(request: CognitoRequest): OAuthSignInRequest {
    return readSignInRequest(queryOf(request), this.options);
  }

  /**
   * Begins a sign-in: remembers it in a cookie of this browser, which may have five of them.
   *
   * @param asked where to return to, and what Cognito's pages are told
   * @returns the address of Cognito's pages, for a redirect that is not kept
   * @throws {@link CognitoError} `COGNITO_RETURN_PATH_REFUSED` (400)
   */
  async startSignIn(request: CognitoRequest, asked: OAuthSignInRequest = {}): Promise<string> {
    const { pool, redirectUri, scopes, endpoints } = this.options;
    const returnTo = this.#placeFor(asked.returnTo);
    const codeVerifier = generateRandomCodeVerifier();
    const [state, nonce] = [generateRandomState(), generateRandomNonce()];
    await this.#transactions.begin(request, { state, nonce, codeVerifier, returnTo });
    const query = {
      response_type: 'code',
      client_id: pool.clientId,
      redirect_uri: redirectUri,
      scope: scopes.join(' '),
      state,
      nonce,
      code_challenge: await calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      ...pageParameters(asked),
    };
    return withQuery(endpoints.authorize, query);
  }

  /**
   * Finishes the sign-in that Cognito's pages have sent back: checks its state, redeems the code, verifies both tokens, finds the
   * local user, asks `onSuccess` and begins a session where `CognitoSessionModule` is there.
   *
   * @param request the request of the callback
   * @throws {@link CognitoError} `COGNITO_OAUTH_STATE_INVALID`, `COGNITO_OAUTH_DENIED`, `COGNITO_OAUTH_LOGIN_REQUIRED`,
   * `COGNITO_OAUTH_CODE_REFUSED`, `COGNITO_TOKEN_…`, `COGNITO_USER_…`, `COGNITO_POLICY_REFUSED`, `COGNITO_CLIENT_MISCONFIGURED`,
   * `COGNITO_THROTTLED`, `COGNITO_UNAVAILABLE`
   */
  async finishSignIn(request: CognitoRequest): Promise<OAuthSignIn> {
    const answer = queryOf(request);
    const transaction = await this.#transactions.take(request, stateOf(answer));
    const { tokens, pair } = await this.#tokens.redeem(answer, transaction, this.options.redirectUri);
    try {
      return await this.#welcome(request, tokens, pair, transaction.returnTo);
    } catch (thrown) {
      // Nobody got these tokens, and nobody shall.
      await this.#revokeIfPossible(tokens.refreshToken, 'a sign-in that was refused');
      throw thrown;
    }
  }

  /**
   * Ends the session of a request, revokes its tokens, and says where Cognito ends its own.
   *
   * @returns the address of Cognito's `/logout`, to which the browser is sent
   */
  async signOut(request: CognitoRequest): Promise<string> {
    await this.#sessions?.end(request);
    const kept = await this.#askOnLogout(request);
    if (kept !== undefined) await this.#endTokens(kept);
    return this.logoutUrl();
  }

  /** The address that ends Cognito's own session of a browser and comes back to `logoutRedirect` (`/logout`, `logout_uri`). */
  logoutUrl(): string {
    const { endpoints, pool, logoutRedirect } = this.options;
    return withQuery(endpoints.logout, { client_id: pool.clientId, logout_uri: logoutRedirect });
  }

  /**
   * Renews tokens at the domain (RFC 6749 section 6), verified as those of a sign-in.
   *
   * @param expectedSub the user whose tokens they have to be; default whoever the refresh token belongs to
   * @throws {@link CognitoError} `COGNITO_REFRESH_TOKEN_INVALID` (401), `COGNITO_TOKEN_CLAIMS_INVALID`, `COGNITO_UNAVAILABLE`
   */
  async refresh(refreshToken: string, expectedSub?: string): Promise<RefreshedTokens> {
    return this.#tokens.refresh(refreshToken, expectedSub);
  }

  /**
   * Revokes a refresh token, and with it what came of it (RFC 7009). Noted for the guards first, with the option `revocation`.
   *
   * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` where an access token is needed and missing,
   * `COGNITO_CLIENT_MISCONFIGURED`, `COGNITO_REVOCATION_UNAVAILABLE`, `COGNITO_UNAVAILABLE`
   */
  async revoke(ended: OAuthEndedSignIn): Promise<void> {
    await this.#noteEnd(ended);
    await this.#client.revoke(ended.refreshToken);
  }

  /**
   * Asks the domain who a user is (OpenID Connect Core section 5.3).
   *
   * @param accessToken one with the scope `openid`, from Cognito's pages
   * @throws {@link CognitoError} `COGNITO_TOKEN_…` (401), `COGNITO_SCOPE_MISSING` (403) for a token of the API, which Cognito
   * refuses there, `COGNITO_UNAVAILABLE`
   */
  async userInfo(accessToken: string): Promise<OAuthUserInfo> {
    const verified = await this.verifier.verify(accessToken, { pool: this.options.pool.name, tokenUse: 'access' });
    const scopes = typeof verified.claims['scope'] === 'string' ? verified.claims['scope'].split(' ') : [];
    if (!scopes.includes('openid')) throw new CognitoError('COGNITO_SCOPE_MISSING');
    return userInfoOf(await this.#client.userInfo(accessToken, verified.claims.sub));
  }

  async #welcome(
    request: CognitoRequest,
    tokens: SignInTokens,
    pair: VerifiedPair,
    returnTo: string,
  ): Promise<OAuthSignIn> {
    const { accessToken, idToken } = tokens;
    const principal = principalOf(pair.id, { token: idToken, from: 'other', tokens: { accessToken, idToken } });
    // A verified id token is a person's; a machine has none.
    const signIn = {
      principal: principal as CognitoUserPrincipal,
      claims: pair.id.claims,
      accessClaims: pair.access.claims,
      tokens,
      pool: this.options.pool.name,
      returnTo,
      localUser: await this.localUsers.resolve(principal, request),
    };
    const decision = await this.#askOnSuccess({ ...signIn, request });
    // Judged before the session begins: what is refused leaves none behind.
    const place = decision === undefined ? returnTo : this.#placeFor(decision.redirect);
    await this.#sessions?.start(request, { tokens, pool: signIn.pool });
    return { ...signIn, returnTo: place };
  }

  async #askOnSuccess(
    context: OAuthSignIn & { readonly request: CognitoRequest },
  ): Promise<OAuthSuccessDecision | undefined> {
    const answer = await this.#callApplication('onSuccess', () => this.options.onSuccess?.(context));
    if (answer === false)
      throw new CognitoError('COGNITO_POLICY_REFUSED', { detail: 'onSuccess refused the sign-in.' });
    return typeof answer === 'object' ? answer : undefined;
  }

  async #askOnLogout(request: CognitoRequest): Promise<OAuthEndedSignIn | undefined> {
    return (await this.#callApplication('onLogout', () => this.options.onLogout?.({ request }))) ?? undefined;
  }

  async #callApplication<T>(name: string, call: () => T): Promise<Awaited<T>> {
    try {
      return await call();
    } catch (thrown) {
      throw applicationFault(thrown, name);
    }
  }

  async #noteEnd({ accessToken }: OAuthEndedSignIn): Promise<void> {
    const { revocations } = this.verifier;
    if (!revocations.areKept) return;
    if (accessToken === undefined) {
      const detail = 'With the option `revocation` a sign-in is ended by `refreshToken` and `accessToken`.';
      throw new CognitoError('COGNITO_PARAMETER_INVALID', { detail });
    }
    await revocations.endSignIn(await this.verifier.identify(accessToken, this.options.pool.name, 'accepted'));
  }

  /** The application has let go of these tokens, so this cannot be tried again: Cognito is told though the guards could not be. */
  async #endTokens(ended: OAuthEndedSignIn): Promise<void> {
    try {
      await this.#noteEnd(ended);
    } finally {
      await this.#revokeIfPossible(ended.refreshToken, 'a sign-out');
    }
  }

  /** Signed out is who has lost their session, whatever Cognito says. */
  async #revokeIfPossible(refreshToken: string, whose: string): Promise<void> {
    try {
      await this.#client.revoke(refreshToken);
    } catch (thrown) {
      const code = isCognitoError(thrown) ? thrown.code : 'COGNITO_UNEXPECTED';
      this.#logger.warn(`The tokens of ${whose} could not be revoked: ${code}`);
    }
  }

  #placeFor(written: string | undefined): string {
    const { successRedirect, home, allowedReturnOrigins } = this.options;
    if (written === undefined) return successRedirect;
    const address = returnAddress(written, home, allowedReturnOrigins);
    if (address === undefined) throw new CognitoError('COGNITO_RETURN_PATH_REFUSED');
    return address;
  }
}
