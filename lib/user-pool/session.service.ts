import { CognitoError } from '../errors/cognito.error.js';
import type { CognitoTokenVerifier } from '../tokens/token-verifier.service.js';
import type { RefreshedTokens } from './sign-in-result.js';
import type { UserPoolClient } from './user-pool-client.js';

/** Renews and ends what a sign-in began. */
export class SessionService {
  /** @internal Built by {@link CognitoService}. */
  constructor(
    private readonly client: UserPoolClient,
    private readonly verifier: CognitoTokenVerifier,
  ) {}

  /** GetTokensFromRefreshToken: works with and without rotation, and takes the client's secret instead of a hash. */
  async refresh(input: {
    readonly refreshToken: string;
    readonly deviceKey?: string | undefined;
  }): Promise<RefreshedTokens> {
    const { clientId, clientSecret } = this.client.pool;
    const { AuthenticationResult: given } = await this.client.send('GetTokensFromRefreshToken', {
      RefreshToken: input.refreshToken,
      ClientId: clientId,
      ClientSecret: clientSecret,
      DeviceKey: input.deviceKey,
    });
    const { AccessToken: accessToken, IdToken: idToken, RefreshToken: newToken, ExpiresIn: expiresIn } = given ?? {};
    if (accessToken === undefined || idToken === undefined) {
      throw new CognitoError('COGNITO_UNEXPECTED', { detail: 'Cognito answered a refresh without tokens.' });
    }
    await this.verifier.verifyPair({ accessToken, idToken }, this.client.pool.name);
    const rotated = newToken !== undefined && newToken !== input.refreshToken;
    const refreshToken = newToken ?? input.refreshToken;
    return { accessToken, idToken, refreshToken, tokenType: 'Bearer', expiresIn: expiresIn ?? 0, rotated };
  }

  /** GlobalSignOut. */
  async signOut(input: { readonly accessToken: string }): Promise<void> {
    await this.client.send('GlobalSignOut', { AccessToken: input.accessToken });
  }

  /** RevokeToken. */
  async revokeToken(input: { readonly refreshToken: string }): Promise<void> {
    const { clientId, clientSecret } = this.client.pool;
    await this.client.send('RevokeToken', {
      Token: input.refreshToken,
      ClientId: clientId,
      ClientSecret: clientSecret,
    });
  }
}
