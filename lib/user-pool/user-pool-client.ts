import { CognitoError } from '../errors/cognito.error.js';
import { fromAwsError } from '../errors/from-aws.js';
import { type AwsCredentials, type CredentialsOptions, credentialsSchema } from '../options/credentials.options.js';
import type { ResolvedPool } from '../options/resolved-pool.js';
import type { AttributeMapper } from './attribute-mapping.js';
import { type CommandWithStack, endAttemptsAfter, failureBehind } from './attempts.js';
import type { CommandName, Operation, OperationInput, OperationOutput, SdkModule } from './operations.js';
import { isSentOnce } from './sent-once.js';
import type { CognitoSdkClient, RefreshFlow } from './user-pool.options.js';

export type { Operation, OperationInput, OperationOutput } from './operations.js';

/** What calling a pool depends on besides the pool. */
export interface UserPoolClientSettings {
  readonly credentials: CredentialsOptions['credentials'];
  /** The application's own SDK client. */
  readonly ownClient: CognitoSdkClient | undefined;
  readonly attributes: AttributeMapper;
  readonly refreshFlow: RefreshFlow;
  /** Milliseconds until an answer is given up. */
  readonly requestTimeout: number;
}

/** The one client that sends: every call to a pool's API goes through {@link UserPoolClient.send}. */
export class UserPoolClient {
  /** Translates attributes between this pool and the application. */
  readonly attributes: AttributeMapper;
  /** How tokens are renewed. */
  readonly refreshFlow: RefreshFlow;

  #loaded: Promise<LoadedSdk> | undefined;

  // Private to the language, not only to TypeScript: whoever prints a service must not read a secret.
  readonly #pool: ResolvedPool;
  readonly #settings: UserPoolClientSettings;

  constructor(pool: ResolvedPool, settings: UserPoolClientSettings) {
    this.#pool = pool;
    this.#settings = settings;
    this.attributes = settings.attributes;
    this.refreshFlow = settings.refreshFlow;
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
      const { sdk, client } = await this.#load();
      const command = commandFor(sdk, operation, input);
      endAttemptsAfter(command, (failure) => once || isLimit(failure));
      return (await client.send(command as never)) as OperationOutput<O>;
    } catch (thrown) {
      throw fromAwsError(failureBehind(thrown), operation, once);
    }
  }

  /** Closes the connections. */
  async close(): Promise<void> {
    const loaded = await this.#loaded?.catch(() => undefined);
    // Whoever brought a client closes it.
    if (this.#settings.ownClient === undefined) loaded?.client.destroy?.();
  }

  #load(): Promise<LoadedSdk> {
    this.#loaded ??= this.#loadSdk();
    return this.#loaded;
  }

  async #loadSdk(): Promise<LoadedSdk> {
    const sdk = await importSdk();
    const { ownClient, credentials, requestTimeout } = this.#settings;
    if (ownClient !== undefined) return { sdk, client: ownClient };
    const { region, endpoint } = this.pool;
    const client = new sdk.CognitoIdentityProviderClient({
      region,
      maxAttempts: 3,
      retryMode: 'standard',
      // Without throwOnRequestTimeout the SDK would only log that it waits too long.
      requestHandler: { connectionTimeout: 3_000, requestTimeout, throwOnRequestTimeout: true },
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(credentials === undefined ? {} : { credentials: toSdkCredentials(credentials) }),
    });
    return { sdk, client };
  }
}

function commandFor<O extends Operation>(sdk: SdkModule, operation: O, input: OperationInput<O>): CommandWithStack {
  const Command = sdk[`${operation}Command` as CommandName] as unknown as new (
    input: OperationInput<O>,
  ) => CommandWithStack;
  return new Command(input);
}

/** A limit per user and hour: each attempt makes it worse. */
function isLimit(failure: unknown): boolean {
  return failure instanceof Error && failure.name === 'LimitExceededException';
}

interface LoadedSdk {
  readonly sdk: SdkModule;
  readonly client: CognitoSdkClient;
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
  return typeof written === 'function' ? async () => fetched(written) : withoutUndefined(written);
}

async function fetched(fetchCredentials: () => Promise<AwsCredentials>): Promise<SdkCredentials> {
  const found = await called(fetchCredentials);
  if (credentialsSchema.safeParse(found).success) return withoutUndefined(found);
  throw credentialsMissing('gave no pair of keys');
}

async function called(fetchCredentials: () => Promise<AwsCredentials>): Promise<AwsCredentials> {
  try {
    return await fetchCredentials();
  } catch (thrown) {
    throw credentialsMissing(`failed: ${thrown instanceof Error ? thrown.name : 'no error'}`);
  }
}

function credentialsMissing(problem: string): CognitoError {
  return new CognitoError('COGNITO_CREDENTIALS_MISSING', { detail: `The function \`credentials\` ${problem}.` });
}

function withoutUndefined({ accessKeyId, secretAccessKey, sessionToken }: AwsCredentials): SdkCredentials {
  return sessionToken === undefined ? { accessKeyId, secretAccessKey } : { accessKeyId, secretAccessKey, sessionToken };
}
