import { CognitoError } from '../errors/cognito.error.js';
import { fromAwsError } from '../errors/from-aws.js';
import type { AwsCredentials, CredentialsOptions } from '../options/credentials.options.js';
import type { ResolvedPool } from '../options/resolved-pool.js';
import type { AttributeMapper } from './attribute-mapping.js';
import type { CommandName, Operation, OperationInput, OperationOutput, SdkModule } from './operations.js';
import { isSentOnce } from './sent-once.js';
import type { CognitoSdkClient } from './user-pool.options.js';

export type { Operation, OperationInput, OperationOutput } from './operations.js';

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
   * An operation that must not be carried out twice is sent once; others are repeated up to twice after a throttling, a fault of
   * the server or a broken connection.
   *
   * @throws {@link CognitoError} and nothing else: AWS's errors by their meaning, `COGNITO_OUTCOME_UNKNOWN` when the answer to
   * what is sent once was lost, `COGNITO_CREDENTIALS_MISSING` for a signed operation without AWS credentials,
   * `COGNITO_SDK_MISSING` without the SDK
   */
  async send<O extends Operation>(operation: O, input: OperationInput<O>): Promise<OperationOutput<O>> {
    const once = isSentOnce(operation, input);
    try {
      const { sdk, patient, oneShot } = await this.#load();
      const Command = sdk[`${operation}Command` as CommandName] as unknown as new (input: OperationInput<O>) => never;
      return (await (once ? oneShot : patient).send(new Command(input))) as OperationOutput<O>;
    } catch (thrown) {
      throw fromAwsError(thrown, operation, once);
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
        // Without throwOnRequestTimeout the SDK would only log that it waits too long.
        requestHandler: { connectionTimeout: 3_000, requestTimeout: 15_000, throwOnRequestTimeout: true },
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
