import type * as Sdk from '@aws-sdk/client-cognito-identity-provider';
import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import { fromAwsError } from '../errors/from-aws.js';
import type { AwsCredentials, CredentialsOptions } from '../options/credentials.options.js';
import type { ResolvedPool } from '../options/resolved-pool.js';
import type { AttributeMapper } from './attribute-mapping.js';
import type { CognitoSdkClient } from './user-pool.options.js';

type SdkModule = typeof Sdk;
type CommandName = Extract<keyof SdkModule, `${string}Command`>;

/** The name of an AWS operation, such as `InitiateAuth`. */
export type Operation = CommandName extends `${infer Name}Command` ? Name : never;

/** The request of an operation. */
export type OperationInput<O extends Operation> = SdkModule[`${O}Command`] extends new (input: infer Input) => unknown
  ? Input
  : never;

/** The answer of an operation. */
export type OperationOutput<O extends Operation> = `${O}CommandOutput` extends keyof OutputTypes
  ? OutputTypes[`${O}CommandOutput`]
  : never;

/** The outputs of the operations that are called; the SDK exports them as types only, out of reach of a mapped type. */
interface OutputTypes {
  InitiateAuthCommandOutput: Sdk.InitiateAuthCommandOutput;
  AdminInitiateAuthCommandOutput: Sdk.AdminInitiateAuthCommandOutput;
  RespondToAuthChallengeCommandOutput: Sdk.RespondToAuthChallengeCommandOutput;
  AdminRespondToAuthChallengeCommandOutput: Sdk.AdminRespondToAuthChallengeCommandOutput;
  SignUpCommandOutput: Sdk.SignUpCommandOutput;
  ConfirmSignUpCommandOutput: Sdk.ConfirmSignUpCommandOutput;
  ResendConfirmationCodeCommandOutput: Sdk.ResendConfirmationCodeCommandOutput;
  AdminConfirmSignUpCommandOutput: Sdk.AdminConfirmSignUpCommandOutput;
  ForgotPasswordCommandOutput: Sdk.ForgotPasswordCommandOutput;
  ConfirmForgotPasswordCommandOutput: Sdk.ConfirmForgotPasswordCommandOutput;
  GetTokensFromRefreshTokenCommandOutput: Sdk.GetTokensFromRefreshTokenCommandOutput;
  RevokeTokenCommandOutput: Sdk.RevokeTokenCommandOutput;
  GlobalSignOutCommandOutput: Sdk.GlobalSignOutCommandOutput;
  AdminUserGlobalSignOutCommandOutput: Sdk.AdminUserGlobalSignOutCommandOutput;
  GetUserCommandOutput: Sdk.GetUserCommandOutput;
  UpdateUserAttributesCommandOutput: Sdk.UpdateUserAttributesCommandOutput;
  DeleteUserAttributesCommandOutput: Sdk.DeleteUserAttributesCommandOutput;
  GetUserAttributeVerificationCodeCommandOutput: Sdk.GetUserAttributeVerificationCodeCommandOutput;
  VerifyUserAttributeCommandOutput: Sdk.VerifyUserAttributeCommandOutput;
  ChangePasswordCommandOutput: Sdk.ChangePasswordCommandOutput;
  DeleteUserCommandOutput: Sdk.DeleteUserCommandOutput;
  AssociateSoftwareTokenCommandOutput: Sdk.AssociateSoftwareTokenCommandOutput;
  VerifySoftwareTokenCommandOutput: Sdk.VerifySoftwareTokenCommandOutput;
  SetUserMFAPreferenceCommandOutput: Sdk.SetUserMFAPreferenceCommandOutput;
  AdminSetUserMFAPreferenceCommandOutput: Sdk.AdminSetUserMFAPreferenceCommandOutput;
  GetUserAuthFactorsCommandOutput: Sdk.GetUserAuthFactorsCommandOutput;
  AdminGetUserAuthFactorsCommandOutput: Sdk.AdminGetUserAuthFactorsCommandOutput;
  AdminDeleteSoftwareTokenCommandOutput: Sdk.AdminDeleteSoftwareTokenCommandOutput;
  ConfirmDeviceCommandOutput: Sdk.ConfirmDeviceCommandOutput;
  GetDeviceCommandOutput: Sdk.GetDeviceCommandOutput;
  ListDevicesCommandOutput: Sdk.ListDevicesCommandOutput;
  UpdateDeviceStatusCommandOutput: Sdk.UpdateDeviceStatusCommandOutput;
  ForgetDeviceCommandOutput: Sdk.ForgetDeviceCommandOutput;
  AdminGetDeviceCommandOutput: Sdk.AdminGetDeviceCommandOutput;
  AdminListDevicesCommandOutput: Sdk.AdminListDevicesCommandOutput;
  AdminUpdateDeviceStatusCommandOutput: Sdk.AdminUpdateDeviceStatusCommandOutput;
  AdminForgetDeviceCommandOutput: Sdk.AdminForgetDeviceCommandOutput;
  StartWebAuthnRegistrationCommandOutput: Sdk.StartWebAuthnRegistrationCommandOutput;
  CompleteWebAuthnRegistrationCommandOutput: Sdk.CompleteWebAuthnRegistrationCommandOutput;
  ListWebAuthnCredentialsCommandOutput: Sdk.ListWebAuthnCredentialsCommandOutput;
  DeleteWebAuthnCredentialCommandOutput: Sdk.DeleteWebAuthnCredentialCommandOutput;
  AdminGetUserCommandOutput: Sdk.AdminGetUserCommandOutput;
  AdminCreateUserCommandOutput: Sdk.AdminCreateUserCommandOutput;
  AdminUpdateUserAttributesCommandOutput: Sdk.AdminUpdateUserAttributesCommandOutput;
  AdminDeleteUserAttributesCommandOutput: Sdk.AdminDeleteUserAttributesCommandOutput;
  AdminEnableUserCommandOutput: Sdk.AdminEnableUserCommandOutput;
  AdminDisableUserCommandOutput: Sdk.AdminDisableUserCommandOutput;
  AdminDeleteUserCommandOutput: Sdk.AdminDeleteUserCommandOutput;
  AdminSetUserPasswordCommandOutput: Sdk.AdminSetUserPasswordCommandOutput;
  AdminResetUserPasswordCommandOutput: Sdk.AdminResetUserPasswordCommandOutput;
  ListUsersCommandOutput: Sdk.ListUsersCommandOutput;
  AdminLinkProviderForUserCommandOutput: Sdk.AdminLinkProviderForUserCommandOutput;
  AdminDisableProviderForUserCommandOutput: Sdk.AdminDisableProviderForUserCommandOutput;
  ListUserSessionsCommandOutput: Sdk.ListUserSessionsCommandOutput;
  RevokeUserSessionCommandOutput: Sdk.RevokeUserSessionCommandOutput;
  AdminListUserSessionsCommandOutput: Sdk.AdminListUserSessionsCommandOutput;
  AdminRevokeUserSessionCommandOutput: Sdk.AdminRevokeUserSessionCommandOutput;
  CreateGroupCommandOutput: Sdk.CreateGroupCommandOutput;
  GetGroupCommandOutput: Sdk.GetGroupCommandOutput;
  UpdateGroupCommandOutput: Sdk.UpdateGroupCommandOutput;
  DeleteGroupCommandOutput: Sdk.DeleteGroupCommandOutput;
  ListGroupsCommandOutput: Sdk.ListGroupsCommandOutput;
  ListUsersInGroupCommandOutput: Sdk.ListUsersInGroupCommandOutput;
  AdminAddUserToGroupCommandOutput: Sdk.AdminAddUserToGroupCommandOutput;
  AdminRemoveUserFromGroupCommandOutput: Sdk.AdminRemoveUserFromGroupCommandOutput;
  AdminListGroupsForUserCommandOutput: Sdk.AdminListGroupsForUserCommandOutput;
}

/**
 * What must not be sent twice: it spends a one-use session or token, sends a message to somebody, or counts an attempt. The
 * SDK would repeat it on a reset connection, a 500 or a 429.
 */
const sentOnce: ReadonlySet<Operation> = new Set<Operation>([
  'RespondToAuthChallenge',
  'GetTokensFromRefreshToken',
  'SignUp',
  'ConfirmSignUp',
  'ResendConfirmationCode',
]);

/** The one client that sends: every call to a pool's API goes through {@link UserPoolClient.send}. */
export class UserPoolClient {
  #clients: Promise<SdkClients> | undefined;

  // Private to the language, not only to TypeScript: whoever prints a service must not read a secret.
  readonly #pool: ResolvedPool;
  readonly #credentials: CredentialsOptions['credentials'];
  readonly #ownClient: CognitoSdkClient | undefined;

  constructor(
    pool: ResolvedPool,
    credentials: CredentialsOptions['credentials'],
    ownClient: CognitoSdkClient | undefined,
    /** Translates attributes between this pool and the application. */
    readonly attributes: AttributeMapper,
  ) {
    this.#pool = pool;
    this.#credentials = credentials;
    this.#ownClient = ownClient;
  }

  /** The pool that is called. */
  get pool(): ResolvedPool {
    return this.#pool;
  }

  /**
   * Calls an operation. The AWS SDK is loaded with the first call: who only guards routes never pays for it.
   *
   * @throws {@link CognitoError} and nothing else: AWS's errors by their meaning, `COGNITO_SDK_MISSING` without the SDK
   */
  async send<O extends Operation>(operation: O, input: OperationInput<O>): Promise<OperationOutput<O>> {
    try {
      const { sdk, patient, oneShot } = await this.#load();
      const Command = sdk[`${operation}Command` as CommandName] as unknown as new (input: OperationInput<O>) => never;
      const client = sentOnce.has(operation) ? oneShot : patient;
      return (await client.send(new Command(input))) as OperationOutput<O>;
    } catch (thrown) {
      throw isCognitoError(thrown) ? thrown : fromAwsError(thrown, operation);
    }
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    const clients = await this.#clients?.catch(() => undefined);
    // Whoever brought a client closes it.
    if (clients === undefined || this.#ownClient !== undefined) return;
    clients.patient.destroy?.();
    clients.oneShot.destroy?.();
  }

  #load(): Promise<SdkClients> {
    this.#clients ??= this.#makeClients();
    return this.#clients;
  }

  async #makeClients(): Promise<SdkClients> {
    const sdk = await importSdk();
    if (this.#ownClient !== undefined) return { sdk, patient: this.#ownClient, oneShot: this.#ownClient };
    const { region, endpoint } = this.pool;
    const make = (maxAttempts: number): CognitoSdkClient =>
      new sdk.CognitoIdentityProviderClient({
        region,
        maxAttempts,
        retryMode: 'standard',
        requestHandler: { connectionTimeout: 3_000, requestTimeout: 15_000 },
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(this.#credentials === undefined ? {} : { credentials: toSdkCredentials(this.#credentials) }),
      });
    return { sdk, patient: make(3), oneShot: make(1) };
  }
}

interface SdkClients {
  readonly sdk: SdkModule;
  /** Tries up to three times. */
  readonly patient: CognitoSdkClient;
  /** Tries once. */
  readonly oneShot: CognitoSdkClient;
}

async function importSdk(): Promise<SdkModule> {
  try {
    return await import('@aws-sdk/client-cognito-identity-provider');
  } catch (thrown) {
    const missing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND';
    throw missing
      ? new CognitoError('COGNITO_SDK_MISSING', {
          detail: 'The AWS SDK is not installed: npm install @aws-sdk/client-cognito-identity-provider',
        })
      : thrown;
  }
}

type SdkCredentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

function toSdkCredentials(
  written: NonNullable<CredentialsOptions['credentials']>,
): SdkCredentials | (() => Promise<SdkCredentials>) {
  return typeof written === 'function' ? async () => withoutUndefined(await written()) : withoutUndefined(written);
}

function withoutUndefined({ accessKeyId, secretAccessKey, sessionToken }: AwsCredentials): SdkCredentials {
  return sessionToken === undefined ? { accessKeyId, secretAccessKey } : { accessKeyId, secretAccessKey, sessionToken };
}
