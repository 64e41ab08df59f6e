import { accountCall } from './account-call.js';
import type { AccountDetails } from './account-details.js';
import { type AttributeValues, toCognitoAttributes } from './attributes.js';
import { type CodeDelivery, codeDeliveryOf } from './code-delivery.js';
import type { UserPoolClient } from './user-pool-client.js';

/** Who signs up. */
export interface SignUpInput extends AccountDetails {
  /** The user name; an e-mail address or phone number in pools that take one as the user name. */
  readonly username: string;
  /** May be left out in pools that let users sign in without one (e-mail or SMS codes, passkeys). */
  readonly password?: string | undefined;
  /** By the names of the option `attributeMapping`; others by Cognito's name, custom ones as `custom:name`. */
  readonly attributes?: AttributeValues | undefined;
  /** Handed to the pre-sign-up trigger only, and not kept. */
  readonly validationData?: AttributeValues | undefined;
}

/** What came of a sign-up. */
export interface SignUpResult {
  /** The user's immutable id. */
  readonly userSub: string;
  /** False while the code that was sent has to be confirmed. */
  readonly userConfirmed: boolean;
  readonly codeDelivery: CodeDelivery | undefined;
  /** Goes into `confirmSignUp`, where the app client permits USER_AUTH; a secret, good for a few minutes. */
  readonly session?: string | undefined;
}

/** The code that confirms a sign-up. */
export interface ConfirmSignUpInput extends AccountDetails {
  /** The same as at sign-up. */
  readonly username: string;
  readonly code: string;
  /** The session that `signUp` gave. */
  readonly session?: string | undefined;
  /**
   * Takes the address away from another account that has it as an alias, whose address becomes unverified. Default false: it is
   * for the application to decide, never for the user who signs up.
   */
  readonly forceAliasCreation?: boolean | undefined;
}

/** What came of a confirmation. */
export interface ConfirmSignUpResult {
  /**
   * Signs the user in without a further question: `signIn({ flow: 'USER_AUTH', username, session })`. Only where the app client
   * permits USER_AUTH; a secret, good once and for a few minutes.
   */
  readonly session?: string | undefined;
}

/** Whose code is sent again. */
export interface ResendConfirmationCodeInput extends AccountDetails {
  /** The same as at sign-up. */
  readonly username: string;
}

/** Signs users up. */
export class SignUpService {
  readonly #client: UserPoolClient;

  /** @internal Built by {@link CognitoService}. */
  constructor(client: UserPoolClient) {
    this.#client = client;
  }

  /** SignUp. */
  async signUp(input: SignUpInput): Promise<SignUpResult> {
    const output = await this.#client.send('SignUp', {
      ...accountCall(this.#client, input),
      Password: input.password,
      UserAttributes: this.#client.attributes.toCognito(input.attributes),
      ValidationData: toCognitoAttributes(input.validationData),
    });
    return {
      userSub: output.UserSub ?? '',
      userConfirmed: output.UserConfirmed ?? false,
      codeDelivery: codeDeliveryOf(output.CodeDeliveryDetails),
      session: output.Session,
    };
  }

  /** ConfirmSignUp. */
  async confirmSignUp(input: ConfirmSignUpInput): Promise<ConfirmSignUpResult> {
    const output = await this.#client.send('ConfirmSignUp', {
      ...accountCall(this.#client, input),
      ConfirmationCode: input.code,
      Session: input.session,
      ForceAliasCreation: input.forceAliasCreation,
    });
    return { session: output.Session };
  }

  /** ResendConfirmationCode. */
  async resendConfirmationCode(input: ResendConfirmationCodeInput): Promise<CodeDelivery | undefined> {
    const output = await this.#client.send('ResendConfirmationCode', accountCall(this.#client, input));
    return codeDeliveryOf(output.CodeDeliveryDetails);
  }
}
