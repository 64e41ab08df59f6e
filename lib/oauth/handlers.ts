import type { CognitoUserPrincipal } from '../access/principal.js';
import type { CognitoRequest } from '../request/request-of.js';
import type { AccessTokenClaims, IdTokenClaims } from '../tokens/claims.js';
import type { SignInTokens } from '../user-pool/sign-in-result.js';

/** Who signed in at Cognito's pages, and what they brought. Every token was verified. */
export interface OAuthSignIn {
  /** The user, as the id token tells. */
  readonly principal: CognitoUserPrincipal;
  /** What the id token says. */
  readonly claims: IdTokenClaims;
  /** What the access token says; `scope` is what was granted. */
  readonly accessClaims: AccessTokenClaims;
  /** Never put them into a page, a URL or a log. */
  readonly tokens: SignInTokens;
  /** `default`, or the key under `pools`. */
  readonly pool: string;
  /** The absolute address to which the browser is sent. */
  readonly returnTo: string;
  /** The application's own user, with user sync. */
  readonly localUser: object | undefined;
}

/** What {@link OAuthSuccessHandler} is given. */
export interface OAuthSuccessContext<Request = CognitoRequest> extends OAuthSignIn {
  /** The request of the callback, as Express or Fastify knows it. */
  readonly request: Request;
}

/** What {@link OAuthSuccessHandler} may answer. */
export interface OAuthSuccessDecision {
  /** Another place to go to: a path, or an address of an allowed origin. */
  readonly redirect: string;
}

/**
 * Decides about whoever signed in. `false` refuses them (403 `COGNITO_POLICY_REFUSED`, and their tokens are revoked), and so does
 * what it throws; an HttpException answers the request itself.
 */
export type OAuthSuccessHandler<Request = CognitoRequest> = {
  bivariant(
    context: OAuthSuccessContext<Request>,
  ): OAuthSuccessDecision | boolean | void | Promise<OAuthSuccessDecision | boolean | void>;
}['bivariant'];

/** The tokens of a sign-in that ends. */
export interface OAuthEndedSignIn {
  readonly refreshToken: string;
  /** Needed with the option `revocation` of `CognitoModule`. */
  readonly accessToken?: string | undefined;
}

/** Ends what the application keeps itself of a sign-in, and says which tokens it kept, so that they are revoked. */
export type OAuthLogoutHandler<Request = CognitoRequest> = {
  bivariant(context: {
    readonly request: Request;
  }): OAuthEndedSignIn | undefined | void | Promise<OAuthEndedSignIn | undefined | void>;
}['bivariant'];
