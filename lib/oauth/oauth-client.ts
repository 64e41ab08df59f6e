import { decodeJwt } from 'jose';
import {
  allowInsecureRequests,
  type AuthorizationServer,
  authorizationCodeGrantRequest,
  type Client,
  type ClientAuth,
  clientCredentialsGrantRequest,
  ClientSecretBasic,
  ClientSecretPost,
  clockTolerance,
  None,
  processAuthorizationCodeResponse,
  processClientCredentialsResponse,
  processRefreshTokenResponse,
  processRevocationResponse,
  processUserInfoResponse,
  refreshTokenGrantRequest,
  revocationRequest,
  type TokenEndpointResponse,
  type UserInfoResponse,
  userInfoRequest,
  validateAuthResponse,
} from 'oauth4webapi';
import type { ResolvedPool } from '../options/resolved-pool.js';
import { asOAuthFault, type OAuthStep } from './oauth-fault.js';
import type { ResolvedTokenEndpoint } from './oauth.options.js';

/** What the application keeps of a sign-in that is under way, as far as the protocol needs it. */
export interface ExpectedAnswer {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** What the token endpoint gave; nobody has verified it yet. */
export interface GivenTokens {
  readonly accessToken: string;
  readonly idToken: string | undefined;
  readonly refreshToken: string | undefined;
  /** Seconds. */
  readonly expiresIn: number | undefined;
}

interface RequestOptions {
  readonly signal: () => AbortSignal;
  readonly [allowInsecureRequests]: boolean;
}

/** Speaks OAuth 2.0 (RFC 6749) with the domain of one pool, for its app client; every error is ours. */
export class OAuthClient {
  readonly #server: AuthorizationServer;
  readonly #client: Client;
  readonly #authentication: ClientAuth;

  constructor(
    private readonly pool: ResolvedPool,
    private readonly settings: ResolvedTokenEndpoint,
  ) {
    const { endpoints, clientAuthentication } = settings;
    this.#server = {
      issuer: pool.issuers[0]?.issuer ?? '',
      authorization_endpoint: endpoints.authorize,
      token_endpoint: endpoints.token,
      revocation_endpoint: endpoints.revoke,
      userinfo_endpoint: endpoints.userInfo,
    };
    // Times are judged by our verifier, which knows the application's own tolerance.
    this.#client = { client_id: pool.clientId, [clockTolerance]: 600 };
    this.#authentication = authenticationOf(pool.clientSecret, clientAuthentication);
  }

  /**
   * Turns the answer of Cognito's pages into tokens: state, PKCE and nonce are checked.
   *
   * @throws {@link CognitoError} `COGNITO_OAUTH_DENIED` and others for an error that the pages told, `COGNITO_OAUTH_CODE_REFUSED`
   * for a code that is used up, expired or another's, `COGNITO_TOKEN_CLAIMS_INVALID` for an id token that is not meant for this
   */
  async redeem(answer: URLSearchParams, expected: ExpectedAnswer, redirectUri: string): Promise<GivenTokens> {
    return this.#ask('code', async (options) => {
      const { state, nonce, codeVerifier } = expected;
      const params = validateAuthResponse(this.#server, this.#client, answer, state);
      const response = await authorizationCodeGrantRequest(
        this.#server,
        this.#client,
        this.#authentication,
        params,
        redirectUri,
        codeVerifier,
        options,
      );
      return givenOf(
        await processAuthorizationCodeResponse(await this.#serverOf(response), this.#client, response, {
          expectedNonce: nonce,
          requireIdToken: true,
        }),
      );
    });
  }

  /** Renews tokens at the domain (RFC 6749 section 6). */
  async refresh(refreshToken: string): Promise<GivenTokens> {
    return this.#ask('refresh', async (options) => {
      const response = await refreshTokenGrantRequest(
        this.#server,
        this.#client,
        this.#authentication,
        refreshToken,
        options,
      );
      return givenOf(await processRefreshTokenResponse(await this.#serverOf(response), this.#client, response));
    });
  }

  /** Gets a token for the app client itself (RFC 6749 section 4.4). */
  async clientCredentials(scopes: readonly string[]): Promise<GivenTokens> {
    return this.#ask('machine', async (options) => {
      const parameters = new URLSearchParams(scopes.length === 0 ? {} : { scope: scopes.join(' ') });
      const response = await clientCredentialsGrantRequest(
        this.#server,
        this.#client,
        this.#authentication,
        parameters,
        options,
      );
      return givenOf(await processClientCredentialsResponse(this.#server, this.#client, response));
    });
  }

  /** Revokes a refresh token and what came of it (RFC 7009). */
  async revoke(refreshToken: string): Promise<void> {
    await this.#ask('revoke', async (options) => {
      const response = await revocationRequest(this.#server, this.#client, this.#authentication, refreshToken, options);
      await processRevocationResponse(response);
    });
  }

  /** Asks who a user is (OpenID Connect Core section 5.3). */
  async userInfo(accessToken: string, sub: string): Promise<UserInfoResponse> {
    return this.#ask('userInfo', async (options) => {
      const response = await userInfoRequest(this.#server, this.#client, accessToken, options);
      return processUserInfoResponse(this.#server, this.#client, sub, response);
    });
  }

  async #ask<T>(step: OAuthStep, ask: (options: RequestOptions) => Promise<T>): Promise<T> {
    try {
      return await ask({
        signal: () => AbortSignal.timeout(this.settings.requestTimeout),
        // The options have refused plain http anywhere but on loopback.
        [allowInsecureRequests]: true,
      });
    } catch (thrown) {
      throw asOAuthFault(thrown, step);
    }
  }

  /** A pool signs under either of its two names, and only the token tells; one that is not trusted stays refused. */
  async #serverOf(response: Response): Promise<AuthorizationServer> {
    const issuer = await issuerOf(response.clone());
    const trusted = this.pool.issuers.find((one) => one.issuer === issuer);
    return trusted === undefined ? this.#server : { ...this.#server, issuer: trusted.issuer };
  }
}

function authenticationOf(secret: string | undefined, way: ResolvedTokenEndpoint['clientAuthentication']): ClientAuth {
  if (secret === undefined) return None();
  return way === 'client_secret_post' ? ClientSecretPost(secret) : ClientSecretBasic(secret);
}

function givenOf(response: TokenEndpointResponse): GivenTokens {
  return {
    accessToken: response.access_token,
    idToken: response.id_token,
    refreshToken: response.refresh_token,
    expiresIn: response.expires_in,
  };
}

/** Read without any trust; what cannot be read is refused where the answer is judged. */
async function issuerOf(response: Response): Promise<string | undefined> {
  try {
    const { id_token: idToken } = (await response.json()) as { readonly id_token?: unknown };
    return typeof idToken === 'string' ? decodeJwt(idToken).iss : undefined;
  } catch {
    return undefined;
  }
}
