import type { SigningKeys } from '../tokens/keys.js';
import { jsonAnswer, type HttpAnswer } from './http.js';

/** The public documents below the issuer: the keys and the OpenID configuration. */
export class WellKnown {
  /**
   * @param issuer for example `http://127.0.0.1:9229/local_AbCdEfGhI`
   * @param pagesAt the origin of the OAuth pages; `undefined` for a pool without a domain
   */
  constructor(
    private readonly issuer: string,
    private readonly pagesAt: string | undefined,
    private readonly keys: SigningKeys,
  ) {}

  /** The document at a path, if there is one. */
  async answer(path: string): Promise<HttpAnswer | undefined> {
    const base = new URL(this.issuer).pathname;
    if (path === `${base}/.well-known/jwks.json`) return jsonAnswer(200, await this.keys.keySet());
    if (path === `${base}/.well-known/openid-configuration`) return jsonAnswer(200, this.configuration());
    return undefined;
  }

  private configuration(): object {
    return {
      ...this.endpoints(),
      id_token_signing_alg_values_supported: ['RS256'],
      issuer: this.issuer,
      jwks_uri: `${this.issuer}/.well-known/jwks.json`,
      response_types_supported: ['code', 'token'],
      scopes_supported: ['openid', 'email', 'phone', 'profile'],
      subject_types_supported: ['public'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    };
  }

  // A pool without a domain advertises addresses below its issuer, where nothing is.
  private endpoints(): object {
    if (this.pagesAt === undefined) {
      return {
        authorization_endpoint: `${this.issuer}/authorize`,
        token_endpoint: `${this.issuer}/token`,
        userinfo_endpoint: `${this.issuer}/userInfo`,
      };
    }
    return {
      authorization_endpoint: `${this.pagesAt}/oauth2/authorize`,
      end_session_endpoint: `${this.pagesAt}/logout`,
      revocation_endpoint: `${this.pagesAt}/oauth2/revoke`,
      token_endpoint: `${this.pagesAt}/oauth2/token`,
      userinfo_endpoint: `${this.pagesAt}/oauth2/userInfo`,
    };
  }
}
