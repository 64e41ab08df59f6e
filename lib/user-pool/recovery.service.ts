import { accountCall } from './account-call.js';
import type { AccountDetails } from './account-details.js';
import { type CodeDelivery, codeDeliveryOf } from './code-delivery.js';
import type { UserPoolClient } from './user-pool-client.js';

/** Who forgot their password. */
export interface ForgotPasswordInput extends AccountDetails {
  /** The user name, or an alias (e-mail, phone number, preferred user name) where the pool permits it. */
  readonly username: string;
}

/** The code that was sent, and the password to be set with it. */
export interface ConfirmForgotPasswordInput extends AccountDetails {
  /** The same as was given to `forgotPassword`. */
  readonly username: string;
  readonly code: string;
  readonly newPassword: string;
}

/** Sets a new password for users who forgot theirs. */
export class RecoveryService {
  readonly #client: UserPoolClient;

  /** @internal Built by {@link CognitoService}. */
  constructor(client: UserPoolClient) {
    this.#client = client;
  }

  /** ForgotPassword. */
  async forgotPassword(input: ForgotPasswordInput): Promise<CodeDelivery | undefined> {
    const output = await this.#client.send('ForgotPassword', accountCall(this.#client, input));
    return codeDeliveryOf(output.CodeDeliveryDetails);
  }

  /** ConfirmForgotPassword. */
  async confirmForgotPassword(input: ConfirmForgotPasswordInput): Promise<void> {
    await this.#client.send('ConfirmForgotPassword', {
      ...accountCall(this.#client, input),
      ConfirmationCode: input.code,
      Password: input.newPassword,
    });
  }
}
