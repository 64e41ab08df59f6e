import { type AttributeValues, toCognitoAttributes } from './attributes.js';
import { secretHashFor } from './secret-hash.js';
import type { UserPoolClient } from './user-pool-client.js';

/** Who signs up. */
export interface SignUpInput {
  /** The user name; an e-mail address or phone number in pools that take one as the user name. */
  readonly username: string;
  readonly password: string;
  /** Standard attributes by their name, custom ones as `custom:name`. */
  readonly attributes?: AttributeValues | undefined;
  /** Handed to the pre-sign-up trigger only, and not kept. */
  readonly validationData?: AttributeValues | undefined;
  /** Handed to the pool's Lambda triggers. */
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
}

/** Where a code was sent; the destination is masked. */
export interface CodeDelivery {
  readonly destination: string;
  readonly medium: 'EMAIL' | 'SMS';
  readonly attribute: string | undefined;
}

/** What came of a sign-up. */
export interface SignUpResult {
  /** The user's immutable id. */
  readonly userSub: string;
  /** False while the code that was sent has to be confirmed. */
  readonly userConfirmed: boolean;
  readonly codeDelivery: CodeDelivery | undefined;
}

/** The code that confirms a sign-up. */
export interface ConfirmSignUpInput {
  readonly username: string;
  readonly code: string;
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
}

/** Signs users up. */
export class SignUpService {
  /** @internal Built by {@link CognitoService}. */
  constructor(private readonly client: UserPoolClient) {}

  /** SignUp. */
  async signUp(input: SignUpInput): Promise<SignUpResult> {
    const { username, password } = input;
    const output = await this.client.send('SignUp', {
      ...this.#clientOf(username),
      Username: username,
      Password: password,
      UserAttributes: toCognitoAttributes(input.attributes),
      ValidationData: toCognitoAttributes(input.validationData),
      ClientMetadata: input.clientMetadata,
    });
    return {
      userSub: output.UserSub ?? '',
      userConfirmed: output.UserConfirmed ?? false,
      codeDelivery: codeDeliveryOf(output.CodeDeliveryDetails),
    };
  }

  /** ConfirmSignUp. */
  async confirmSignUp({ username, code, clientMetadata }: ConfirmSignUpInput): Promise<void> {
    await this.client.send('ConfirmSignUp', {
      ...this.#clientOf(username),
      Username: username,
      ConfirmationCode: code,
      ClientMetadata: clientMetadata,
    });
  }

  /** ResendConfirmationCode. */
  async resendConfirmationCode(input: { readonly username: string }): Promise<CodeDelivery | undefined> {
    const output = await this.client.send('ResendConfirmationCode', {
      ...this.#clientOf(input.username),
      Username: input.username,
    });
    return codeDeliveryOf(output.CodeDeliveryDetails);
  }

  #clientOf(username: string): { ClientId: string; SecretHash: string | undefined } {
    return { ClientId: this.client.pool.clientId, SecretHash: secretHashFor(this.client.pool, username) };
  }
}

interface CodeDeliveryDetails {
  readonly Destination?: string | undefined;
  readonly DeliveryMedium?: string | undefined;
  readonly AttributeName?: string | undefined;
}

function codeDeliveryOf(details: CodeDeliveryDetails | undefined): CodeDelivery | undefined {
  if (details?.Destination === undefined) return undefined;
  const medium = details.DeliveryMedium === 'SMS' ? 'SMS' : 'EMAIL';
  return { destination: details.Destination, medium, attribute: details.AttributeName };
}
