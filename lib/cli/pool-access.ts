import { type CredentialsOptions, credentialsOptionsFromEnv } from '../options/credentials.options.js';
import type { Environment } from '../options/environment.js';
import { poolOptionsFromEnv } from '../options/pool-from-env.js';
import type { PoolOptions } from '../options/pool.options.js';
import { faultsOfPool, type ResolvedPool, resolvePool } from '../options/resolved-pool.js';
import { AttributeMapper } from '../user-pool/attribute-mapping.js';
import { Revocations } from '../tokens/revocations.js';
import { UserPoolClient } from '../user-pool/user-pool-client.js';
import { UsersService } from '../user-pool/users.service.js';
import { UsageError } from './command.js';

/** What the command line says about the pool; the rest is in the environment. */
export interface PoolArguments {
  readonly pool?: string | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
}

/** The options of a command that say which pool is meant, for `parseArgs`. */
export const poolArguments = {
  pool: { type: 'string' },
  region: { type: 'string' },
  endpoint: { type: 'string' },
} as const;

/** Milliseconds until an answer is given up. */
const REQUEST_TIMEOUT = 15_000;

/** The options of the pool: the environment's, as `cognitoOptionsFromEnv` reads them, and the command line's over them. */
export function poolOptionsOf(
  { pool, region, endpoint }: PoolArguments,
  environment: Environment,
): PoolOptions & CredentialsOptions {
  return {
    ...poolOptionsFromEnv(environment),
    ...credentialsOptionsFromEnv(environment),
    ...(pool === undefined ? {} : { userPoolId: pool }),
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

/**
 * Resolves the pool under a name.
 *
 * @throws {@link UsageError} when it cannot be told which pool is meant, or where
 */
export function resolvedPool(written: PoolOptions, name: string): ResolvedPool {
  if (written.userPoolId === '') throw new UsageError('Which pool? Give --pool, or set COGNITO_USER_POOL_ID.');
  const [fault] = faultsOfPool(written, { production: false });
  if (fault !== undefined) throw new UsageError(`${fault.key}: ${fault.mend}.`);
  return resolvePool(name, written);
}

/** What sends requests to the pool, signed by the credentials at hand. */
export function clientOf(pool: ResolvedPool, { credentials }: CredentialsOptions): UserPoolClient {
  return new UserPoolClient(pool, {
    credentials,
    ownClient: undefined,
    attributes: new AttributeMapper(),
    refreshFlow: 'GetTokensFromRefreshToken',
    requestTimeout: REQUEST_TIMEOUT,
  });
}

/** What an administrator does with the users of the pool. A command ends nobody's sign-in, so none is noted. */
export function usersOf(client: UserPoolClient): UsersService {
  return new UsersService(client, new Revocations(undefined, [client.pool], 0), (user) => user);
}
