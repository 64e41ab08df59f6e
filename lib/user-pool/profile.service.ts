import type { CognitoTokenVerifier } from '../tokens/token-verifier.service.js';
import { type AttributeValue, type AttributeValues, fromCognitoAttributes } from './attributes.js';
import { type CodeDelivery, codeDeliveryOf } from './code-delivery.js';
import { noteEndOfUser } from './noted-end.js';
import type { OwnCall } from './own-call.js';
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

/** Attributes that a code can verify. */
export type VerifiableAttribute = 'email' | 'phone_number';

/** New values of a user's own attributes. */
export interface UpdateAttributesInput extends OwnCall {
  /** By the names of the option `attributeMapping`, or Cognito's own; an empty text removes an attribute. */
  readonly attributes: AttributeValues;
  /** Handed to the pool's Lambda triggers. */
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
}

/** Attributes that a user no longer wants to have. */
export interface DeleteAttributesInput extends OwnCall {
  /** By the names of the option `attributeMapping`, or Cognito's own. */
  readonly names: readonly string[];
}

/** Which address a code is sent to. */
export interface AttributeVerificationCodeInput extends OwnCall {
  /** Default `email`. */
  readonly attribute?: VerifiableAttribute | undefined;
  /** Handed to the pool's Lambda triggers. */
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
}

/** A code that was sent to an address. */
export interface VerifyAttributeInput extends OwnCall {
  readonly code: string;
  /** Default `email`. */
  readonly attribute?: VerifiableAttribute | undefined;
}

/** A password in place of another. */
export interface ChangePasswordInput extends OwnCall {
  /** Left out by a user who has had no password so far. */
  readonly previousPassword?: string | undefined;
  readonly proposedPassword: string;
}

/**
 * What a signed-in user may do with their own account; every call takes their access token.
 *
 * Besides the codes that are named with each method, any may end with `COGNITO_SCOPE_MISSING` for a token without the scope
 * `aws.cognito.signin.user.admin`, `COGNITO_TOKEN_EXPIRED`, `COGNITO_TOKEN_REVOKED` or `COGNITO_TOKEN_CLAIMS_INVALID`.
 */
export class ProfileService {
  readonly #client: UserPoolClient;
  readonly #verifier: CognitoTokenVerifier;

  /** @internal Built by {@link CognitoService}. */
  constructor(client: UserPoolClient, verifier: CognitoTokenVerifier) {
    this.#client = client;
    this.#verifier = verifier;
  }

  /** Reads the profile (GetUser). */
  async get({ accessToken }: OwnCall): Promise<UserProfile> {
    const output = await this.#client.send('GetUser', { AccessToken: accessToken });
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

  /**
   * Writes attributes (UpdateUserAttributes). A new e-mail address or phone number has to be verified with the code that goes
   * there; until then it is unverified or, where the pool says so, the old one stays.
   *
   * @returns where codes were sent
   * @throws {@link CognitoError} `COGNITO_ATTRIBUTE_REFUSED` for one that the app client may not write, that cannot be changed
   * or that the schema does not allow, `COGNITO_ALIAS_EXISTS` for an address or name that somebody else signs in with,
   * `COGNITO_REFUSED_BY_TRIGGER`, `COGNITO_CODE_NOT_DELIVERED`
   */
  async updateAttributes(input: UpdateAttributesInput): Promise<{ readonly codeDeliveries: readonly CodeDelivery[] }> {
    const output = await this.#client.send('UpdateUserAttributes', {
      AccessToken: input.accessToken,
      UserAttributes: this.#client.attributes.toCognito(input.attributes),
      ClientMetadata: input.clientMetadata,
    });
    const deliveries = output.CodeDeliveryDetailsList ?? [];
    return { codeDeliveries: deliveries.flatMap((details) => codeDeliveryOf(details) ?? []) };
  }

  /**
   * Removes attributes (DeleteUserAttributes).
   *
   * @throws {@link CognitoError} `COGNITO_ATTRIBUTE_REFUSED` for one that the app client may not write or the account cannot do
   * without
   */
  async deleteAttributes({ accessToken, names }: DeleteAttributesInput): Promise<void> {
    await this.#client.send('DeleteUserAttributes', {
      AccessToken: accessToken,
      UserAttributeNames: names.map((name) => this.#client.attributes.nameOf(name)),
    });
  }

  /**
   * Sends a code to an address (GetUserAttributeVerificationCode), to the new one where it waits for its verification.
   *
   * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` for a user who has no such address, `COGNITO_LIMIT_EXCEEDED` after
   * too many codes, `COGNITO_CODE_NOT_DELIVERED`
   */
  async getAttributeVerificationCode(input: AttributeVerificationCodeInput): Promise<CodeDelivery | undefined> {
    const output = await this.#client.send('GetUserAttributeVerificationCode', {
      AccessToken: input.accessToken,
      AttributeName: input.attribute ?? 'email',
      ClientMetadata: input.clientMetadata,
    });
    return codeDeliveryOf(output.CodeDeliveryDetails);
  }

  /**
   * Verifies an address with the code that was sent there (VerifyUserAttribute).
   *
   * @throws {@link CognitoError} `COGNITO_CODE_MISMATCH`, `COGNITO_CODE_EXPIRED`, `COGNITO_ALIAS_EXISTS` for an address that
   * somebody else signs in with, `COGNITO_LIMIT_EXCEEDED` after too many attempts
   */
  async verifyAttribute({ accessToken, code, attribute = 'email' }: VerifyAttributeInput): Promise<void> {
    await this.#client.send('VerifyUserAttribute', { AccessToken: accessToken, AttributeName: attribute, Code: code });
  }

  /**
   * Changes the password (ChangePassword); sign-ins that are open stay open.
   *
   * @throws {@link CognitoError} `COGNITO_CREDENTIALS_INCORRECT` for a wrong previous password, `COGNITO_PASSWORD_POLICY`,
   * `COGNITO_PASSWORD_REUSED`, `COGNITO_LIMIT_EXCEEDED` after too many attempts
   */
  async changePassword({ accessToken, previousPassword, proposedPassword }: ChangePasswordInput): Promise<void> {
    await this.#client.send('ChangePassword', {
      AccessToken: accessToken,
      PreviousPassword: previousPassword,
      ProposedPassword: proposedPassword,
    });
  }

  /**
   * Deletes the account (DeleteUser); it cannot be brought back.
   *
   * @throws {@link CognitoError} `COGNITO_REVOCATION_UNAVAILABLE` when guards could not be told, with the option `revocation`
   */
  async deleteUser({ accessToken }: OwnCall): Promise<void> {
    await noteEndOfUser(this.#verifier, this.#client.pool.name, accessToken);
    await this.#client.send('DeleteUser', { AccessToken: accessToken });
  }
}
