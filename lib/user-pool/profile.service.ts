import { type AttributeValue, fromCognitoAttributes } from './attributes.js';
import type { UserPoolClient } from './user-pool-client.js';

/** What Cognito keeps about a user, as the user may see it. */
export interface UserProfile {
  readonly sub: string;
  /** Cognito's own, unchangeable user name. */
  readonly username: string;
  readonly email: string | undefined;
  readonly emailVerified: boolean;
  readonly phoneNumber: string | undefined;
  readonly phoneNumberVerified: boolean;
  /** Every attribute that the app client may read, as text. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The same under the names and with the types of the option `attributeMapping`. */
  readonly values: Readonly<Record<string, AttributeValue>>;
}

/** What a signed-in user may do with their own account; every call takes their access token. */
export class ProfileService {
  readonly #client: UserPoolClient;

  /** @internal Built by {@link CognitoService}. */
  constructor(client: UserPoolClient) {
    this.#client = client;
  }

  /**
   * Reads the profile (GetUser).
   *
   * @param input the access token, with the scope `aws.cognito.signin.user.admin`
   * @throws {@link CognitoError} `COGNITO_SCOPE_MISSING` for a token without the scope, `COGNITO_TOKEN_EXPIRED`,
   * `COGNITO_TOKEN_REVOKED`, `COGNITO_THROTTLED`, `COGNITO_UNAVAILABLE`
   */
  async get(input: { readonly accessToken: string }): Promise<UserProfile> {
    const output = await this.#client.send('GetUser', { AccessToken: input.accessToken });
    const attributes = fromCognitoAttributes(output.UserAttributes);
    return {
      sub: attributes['sub'] ?? '',
      username: output.Username ?? '',
      email: attributes['email'],
      emailVerified: attributes['email_verified'] === 'true',
      phoneNumber: attributes['phone_number'],
      phoneNumberVerified: attributes['phone_number_verified'] === 'true',
      attributes,
      values: this.#client.attributes.fromCognito(output.UserAttributes),
    };
  }
}
