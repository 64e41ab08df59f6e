/** How a client asks for tokens, by the names of ExplicitAuthFlows. */
export type ExplicitAuthFlow = 'ALLOW_USER_SRP_AUTH' | 'ALLOW_USER_PASSWORD_AUTH' | 'ALLOW_REFRESH_TOKEN_AUTH';

/** An app client as the pool knows it. */
export interface AppClient {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly explicitAuthFlows: readonly ExplicitAuthFlow[];
  readonly preventUserExistenceErrors: 'ENABLED' | 'LEGACY';
  /** Seconds. */
  readonly accessTokenValidity: number;
  /** Seconds. */
  readonly idTokenValidity: number;
  /** Seconds. */
  readonly refreshTokenValidity: number;
}
