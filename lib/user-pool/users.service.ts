import { fromCognitoAttributes } from './attributes.js';
import type { UserPoolClient } from './user-pool-client.js';

/** What Cognito keeps about a user, as an administrator sees it. */
export interface AdminUser {
  readonly sub: string;
  /** Cognito's own, unchangeable user name. */
  readonly username: string;
  /** `CONFIRMED`, `UNCONFIRMED`, `FORCE_CHANGE_PASSWORD`, `RESET_REQUIRED`, `EXTERNAL_PROVIDER`, … */
  readonly status: string;
  /** False for a user who was disabled. */
  readonly enabled: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  readonly createdAt: Date | undefined;
  readonly modifiedAt: Date | undefined;
}

/** What an administrator does with users. Every call is signed with AWS credentials. */
export class UsersService {
  readonly #client: UserPoolClient;

  /** @internal Built by {@link CognitoService}. */
  constructor(client: UserPoolClient) {
    this.#client = client;
  }

  /**
   * Reads a user (AdminGetUser).
   *
   * @throws {@link CognitoError} `COGNITO_USER_NOT_FOUND`, `COGNITO_AWS_CREDENTIALS_INVALID`
   */
  async get(input: { readonly username: string }): Promise<AdminUser> {
    const output = await this.#client.send('AdminGetUser', {
      UserPoolId: this.#client.pool.userPoolId,
      Username: input.username,
    });
    const attributes = fromCognitoAttributes(output.UserAttributes);
    return {
      sub: attributes['sub'] ?? '',
      username: output.Username ?? '',
      status: output.UserStatus ?? 'UNKNOWN',
      enabled: output.Enabled ?? false,
      attributes,
      createdAt: output.UserCreateDate,
      modifiedAt: output.UserLastModifiedDate,
    };
  }
}
