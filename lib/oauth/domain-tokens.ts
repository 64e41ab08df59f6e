import { CognitoError } from '../errors/cognito.error.js';
import type { CognitoTokenVerifier, VerifiedPair } from '../tokens/token-verifier.service.js';
import type { RefreshedTokens, SignInTokens } from '../user-pool/sign-in-result.js';
import type { ExpectedAnswer, OAuthClient } from './oauth-client.js';

/** Tokens of a person, and what they say. */
interface BelievedTokens {
  readonly tokens: SignInTokens;
  readonly pair: VerifiedPair;
}

/** What the token endpoint gives to a person's sign-in, once it has been verified. */
export class DomainTokens {
  constructor(
    private readonly client: OAuthClient,
    private readonly verifier: CognitoTokenVerifier,
    private readonly pool: string,
  ) {}

  /** Redeems the code of an answer. @throws {@link CognitoError} as {@link OAuthClient.redeem}; `COGNITO_TOKEN_…` */
  async redeem(answer: URLSearchParams, expected: ExpectedAnswer, redirectUri: string): Promise<BelievedTokens> {
    // Before the code is spent: without keys nothing that it brings could be verified.
    await this.verifier.requireKeys(this.pool);
    const { accessToken, idToken, refreshToken, expiresIn } = await this.client.redeem(answer, expected, redirectUri);
    if (idToken === undefined || refreshToken === undefined) throw unusable('A code brought no id or refresh token.');
    const pair = await this.verifier.verifyGivenPair({ accessToken, idToken }, this.pool);
    // Checked where it is there; at the token endpoint it always is (OpenID Connect Core section 3.1.3.6).
    if (pair.id.claims['at_hash'] === undefined) throw unusable('The id token does not name its access token.');
    const tokens = tokensOf({ accessToken, idToken, refreshToken, expiresIn }, pair);
    return { tokens, pair };
  }

  /** Renews tokens. @throws {@link CognitoError} as {@link OAuthClient.refresh}; `COGNITO_TOKEN_…` */
  async refresh(refreshToken: string, expectedSub: string | undefined): Promise<RefreshedTokens> {
    await this.verifier.requireKeys(this.pool);
    const { accessToken, idToken, refreshToken: given, expiresIn } = await this.client.refresh(refreshToken);
    if (idToken === undefined) throw unusable('A refresh brought no id token.');
    // `at_hash` is checked where it is there; user, app client and sign-in tie the two in any case (OpenID Connect Core section 12.2).
    const pair = await this.verifier.verifyGivenPair({ accessToken, idToken }, this.pool);
    if (expectedSub !== undefined && pair.access.claims.sub !== expectedSub) throw unusable('The user is another one.');
    const rotated = given !== undefined && given !== refreshToken;
    return { ...tokensOf({ accessToken, idToken, refreshToken: given ?? refreshToken, expiresIn }, pair), rotated };
  }
}

interface Given {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
  readonly expiresIn: number | undefined;
}

function tokensOf({ expiresIn, ...given }: Given, { access }: VerifiedPair): SignInTokens {
  const secondsLeft = Math.max(0, Math.floor(access.claims.exp - Date.now() / 1000));
  return { ...given, tokenType: 'Bearer', expiresIn: expiresIn ?? secondsLeft };
}

function unusable(detail: string): CognitoError {
  return new CognitoError('COGNITO_TOKEN_CLAIMS_INVALID', { detail });
}
