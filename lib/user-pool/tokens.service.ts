import { createHash } from 'node:crypto';
import { CognitoError } from '../errors/cognito.error.js';
import type { CognitoTokenVerifier } from '../tokens/token-verifier.service.js';
import { noteEndOfSignIn, noteEndOfUser } from './noted-end.js';
import { secretHashFor } from './secret-hash.js';
import { type RefreshedTokens, secondsLeft } from './sign-in-result.js';
import type { OperationOutput, UserPoolClient } from './user-pool-client.js';

/** What new tokens are asked for with. */
export interface RefreshInput {
  readonly refreshToken: string;
  /** The key of the device that signed in; Cognito wants it where the pool tracks devices. */
  readonly deviceKey?: string | undefined;
  /** Handed to the pool's Lambda triggers. */
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
  /** The user (`sub`) that the new tokens have to be of. Default: whoever the refresh token belongs to. */
  readonly expectedSub?: string | undefined;
  /**
   * Cognito's own name of the user, for the secret hash: needed under `refreshFlow: 'REFRESH_TOKEN_AUTH'` by app clients with a
   * secret, and by nobody else.
   */
  readonly username?: string | undefined;
}

/** Which sign-ins end: the one of a refresh token, or all of the user whose access token it is. */
export type SignOutInput =
  | { readonly scope?: 'global' | undefined; readonly accessToken: string }
  | ({ readonly scope: 'local' } & RevokeTokenInput);

/** The sign-in that ends. */
export interface RevokeTokenInput {
  readonly refreshToken: string;
  /**
   * An access token of the same sign-in; it may have expired. Needed with the option `revocation`, and only then: a refresh
   * token does not tell which sign-in it is of.
   */
  readonly accessToken?: string | undefined;
}

type AuthenticationResult = OperationOutput<'GetTokensFromRefreshToken'>['AuthenticationResult'];

/** New tokens, and whose they are. */
interface Renewed {
  readonly tokens: RefreshedTokens;
  readonly sub: string;
}

/** Renews and ends what a sign-in began. */
export class TokensService {
  readonly #client: UserPoolClient;
  readonly #verifier: CognitoTokenVerifier;
  /** Renewals that are under way, by what they are asked for with. */
  readonly #flights = new Map<string, Promise<Renewed>>();

  /** @internal Built by {@link CognitoService}. */
  constructor(client: UserPoolClient, verifier: CognitoTokenVerifier) {
    this.#client = client;
    this.#verifier = verifier;
  }

  /** GetTokensFromRefreshToken, or InitiateAuth: one request, however many ask with the same token at once. */
  async refresh(input: RefreshInput): Promise<RefreshedTokens> {
    const { tokens, sub } = await this.#flightFor(input);
    if (input.expectedSub !== undefined && input.expectedSub !== sub) {
      throw new CognitoError('COGNITO_TOKEN_CLAIMS_INVALID', { detail: 'The new tokens are of another user.' });
    }
    return tokens;
  }

  /** GlobalSignOut, or RevokeToken for the one sign-in. */
  async signOut(input: SignOutInput): Promise<void> {
    if (input.scope === 'local') return this.revokeToken(input);
    await noteEndOfUser(this.#verifier, this.#client.pool.name, input.accessToken);
    await this.#client.send('GlobalSignOut', { AccessToken: input.accessToken });
  }

  /** RevokeToken. */
  async revokeToken(input: RevokeTokenInput): Promise<void> {
    const { name, clientId, clientSecret } = this.#client.pool;
    await noteEndOfSignIn(this.#verifier, name, input.accessToken);
    await this.#client.send('RevokeToken', {
      Token: input.refreshToken,
      ClientId: clientId,
      ClientSecret: clientSecret,
    });
  }

  #flightFor(input: RefreshInput): Promise<Renewed> {
    const key = this.#flightKey(input);
    const underWay = this.#flights.get(key);
    if (underWay !== undefined) return underWay;
    const flight = this.#renew(input).finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  // The device's key is part of what is proved: nobody gets tokens by joining somebody who had it.
  #flightKey({ refreshToken, deviceKey = '' }: RefreshInput): string {
    const { userPoolId, clientId } = this.#client.pool;
    return createHash('sha256').update([userPoolId, clientId, deviceKey, refreshToken].join('\n')).digest('base64');
  }

  async #renew(input: RefreshInput): Promise<Renewed> {
    // With rotation the answer is the only copy of the new refresh token: it must not fail for want of keys.
    await this.#verifier.requireKeys(this.#client.pool.name);
    const given = await this.#request(input);
    const { AccessToken: accessToken, IdToken: idToken, RefreshToken: newToken, ExpiresIn: expiresIn } = given ?? {};
    if (accessToken === undefined || idToken === undefined) {
      throw new CognitoError('COGNITO_UNEXPECTED', { detail: 'Cognito answered a refresh without tokens.' });
    }
    const { access } = await this.#verifier.verifyGivenPair({ accessToken, idToken }, this.#client.pool.name);
    const rotated = newToken !== undefined && newToken !== input.refreshToken;
    const refreshToken = newToken ?? input.refreshToken;
    const tokens = {
      accessToken,
      idToken,
      refreshToken,
      tokenType: 'Bearer',
      expiresIn: expiresIn ?? secondsLeft(access.claims),
      rotated,
    } as const;
    return { tokens, sub: access.claims.sub };
  }

  async #request(input: RefreshInput): Promise<AuthenticationResult> {
    return this.#client.refreshFlow === 'REFRESH_TOKEN_AUTH' ? this.#initiateAuth(input) : this.#getTokens(input);
  }

  async #getTokens({ refreshToken, deviceKey, clientMetadata }: RefreshInput): Promise<AuthenticationResult> {
    const { clientId, clientSecret } = this.#client.pool;
    const output = await this.#client.send('GetTokensFromRefreshToken', {
      RefreshToken: refreshToken,
      ClientId: clientId,
      ClientSecret: clientSecret,
      DeviceKey: deviceKey,
      ClientMetadata: clientMetadata,
    });
    return output.AuthenticationResult;
  }

  async #initiateAuth(input: RefreshInput): Promise<AuthenticationResult> {
    const output = await this.#client.send('InitiateAuth', {
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      ClientId: this.#client.pool.clientId,
      AuthParameters: {
        REFRESH_TOKEN: input.refreshToken,
        ...(input.deviceKey === undefined ? {} : { DEVICE_KEY: input.deviceKey }),
        ...this.#secretHash(input.username),
      },
      ClientMetadata: input.clientMetadata,
    });
    return output.AuthenticationResult;
  }

  #secretHash(username: string | undefined): { SECRET_HASH?: string } {
    const { pool } = this.#client;
    if (pool.clientSecret === undefined) return {};
    if (username === undefined) {
      const detail =
        'REFRESH_TOKEN_AUTH of an app client with a secret needs `username`, Cognito’s own name of the user.';
      throw new CognitoError('COGNITO_PARAMETER_INVALID', { detail });
    }
    const hash = secretHashFor(pool, username);
    return hash === undefined ? {} : { SECRET_HASH: hash };
  }
}
