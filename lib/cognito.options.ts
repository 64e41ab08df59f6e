import type { FactoryProvider, ModuleMetadata, Type } from '@nestjs/common';
import { z } from 'zod';
import {
  type AccessOptions,
  accessOptionsShape,
  type ResolvedAccessOptions,
  resolveAccessOptions,
} from './access/access.options.js';
import { CognitoError } from './errors/cognito.error.js';
import {
  type CredentialsOptions,
  credentialsOptionsFromEnv,
  credentialsOptionsShape,
} from './options/credentials.options.js';
import type { Environment } from './options/environment.js';
import { poolOptionsFromEnv } from './options/pool-from-env.js';
import { type PoolOptions, poolOptionsShape } from './options/pool.options.js';
import {
  DEFAULT_POOL,
  faultsOfPool,
  type OptionFault,
  type ResolvedPool,
  resolvePool,
} from './options/resolved-pool.js';
import {
  type ResolvedSecrets,
  resolveSecrets,
  type SecretsOptions,
  secretsOptionsFromEnv,
  secretsOptionsShape,
} from './options/secrets.options.js';
import { readKeys } from './tokens/public-keys.js';
import {
  resolveTokensOptions,
  type ResolvedTokensOptions,
  type TokensOptions,
  tokensOptionsShape,
} from './tokens/tokens.options.js';
import { AttributeMapper } from './user-pool/attribute-mapping.js';
import { type CognitoSdkClient, type UserPoolOptions, userPoolOptionsShape } from './user-pool/user-pool.options.js';
import {
  type ResolvedUserSyncOptions,
  resolveUserSyncOptions,
  type UserSyncModuleOptions,
} from './user-sync/user-sync.options.js';
import { userSyncOptionsShape } from './user-sync/user-sync-schema.js';
import { userSyncOptionsFromEnv } from './user-sync/user-sync-from-env.js';

/** The options of {@link CognitoModule}. Only `userPoolId` and `clientId` are required. */
export interface CognitoOptions
  extends
    PoolOptions,
    CredentialsOptions,
    SecretsOptions,
    TokensOptions,
    UserPoolOptions,
    AccessOptions,
    UserSyncModuleOptions {
  /** Further pools by name, for `@UserPool('staff')` and `cognito.pool('staff')`. */
  pools?: Readonly<Record<string, NamedPoolOptions>> | undefined;
}

/** A pool under `pools`; one in another AWS account brings its own `credentials` (default: those at the top). */
export interface NamedPoolOptions extends PoolOptions, CredentialsOptions {}

/** What has to be known when the module is defined, before any option is. */
export interface CognitoModuleExtras {
  /** Whether the module's providers are there in every module of the application. Default true. */
  isGlobal?: boolean | undefined;
}

/** A provider of options, for `useClass` and `useExisting`. */
export interface CognitoOptionsFactory {
  /** Makes the options; called once, when the application starts. */
  createCognitoOptions(): CognitoOptions | Promise<CognitoOptions>;
}

/** Options that are made by other providers. Exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface CognitoAsyncOptions extends CognitoModuleExtras, Pick<ModuleMetadata, 'imports'> {
  /** Makes the options from the providers that `inject` names. */
  useFactory?: ((...args: never[]) => CognitoOptions | Promise<CognitoOptions>) | undefined;
  /** What `useFactory` is called with, in this order. */
  inject?: FactoryProvider['inject'] | undefined;
  /** A class that is made for this and asked for the options. */
  useClass?: Type<CognitoOptionsFactory> | undefined;
  /** A provider of `imports` that is asked for the options. */
  useExisting?: Type<CognitoOptionsFactory> | undefined;
}

/** {@link CognitoOptions} as the rooms read them: checked, defaults filled in, frozen. */
export interface ResolvedCognitoOptions {
  /** The default pool first. */
  readonly pools: readonly ResolvedPool[];
  readonly credentials: CredentialsOptions['credentials'];
  /** The credentials of the named pools that have their own. */
  readonly poolCredentials: ReadonlyMap<string, CredentialsOptions['credentials']>;
  readonly client: CognitoSdkClient | undefined;
  readonly attributes: AttributeMapper;
  /** How long calls may take, and how tokens are renewed. */
  readonly calls: Pick<UserPoolOptions, 'requestTimeout' | 'refreshFlow'>;
  /** Milliseconds for which the answer about a live session is remembered. */
  readonly liveSessionCacheTtl: number;
  readonly secrets: ResolvedSecrets;
  readonly tokens: ResolvedTokensOptions;
  readonly access: ResolvedAccessOptions;
  readonly userSync: ResolvedUserSyncOptions | undefined;
}

const poolSchema = z.strictObject({ ...poolOptionsShape, ...credentialsOptionsShape });

const optionsSchema = z.strictObject({
  ...poolOptionsShape,
  ...credentialsOptionsShape,
  ...secretsOptionsShape,
  ...tokensOptionsShape,
  ...userPoolOptionsShape,
  ...accessOptionsShape,
  ...userSyncOptionsShape,
  pools: z
    .record(
      z.string().refine((name) => name !== DEFAULT_POOL, `"${DEFAULT_POOL}" is the name of the pool at the top`),
      poolSchema,
    )
    .optional(),
});

/**
 * Checks the options and fills in their defaults.
 *
 * @param environment what the process says of itself; default `process.env`
 * @throws {@link CognitoError} `COGNITO_OPTIONS_INVALID`: one error that names every bad or missing key and its mend, and
 * repeats no value
 */
export function resolveCognitoOptions(
  written: CognitoOptions,
  environment: Environment = process.env,
): ResolvedCognitoOptions {
  const production = environment['NODE_ENV']?.trim().toLowerCase() === 'production';
  const faults = faultsOf(written, production);
  if (faults.length > 0) throw invalidOptions(faults);
  return Object.freeze({
    pools: Object.freeze(poolsOf(written).map(([name, pool]) => resolvePool(name, pool))),
    credentials: written.credentials,
    poolCredentials: new Map(
      Object.entries(written.pools ?? {}).flatMap(([name, { credentials }]) =>
        credentials === undefined ? [] : [[name, credentials]],
      ),
    ),
    client: written.client,
    attributes: new AttributeMapper(written.attributeMapping),
    calls: { requestTimeout: written.requestTimeout, refreshFlow: written.refreshFlow },
    liveSessionCacheTtl: (written.liveSessionCacheTtl ?? 5) * 1000,
    secrets: resolveSecrets(written.secrets, production),
    tokens: resolveTokensOptions(written),
    access: resolveAccessOptions(written),
    userSync: written.userSync === undefined ? undefined : resolveUserSyncOptions(written.userSync),
  });
}

/**
 * Reads options from environment variables, under every name that the older Cognito packages used. What code alone can
 * say (the entity of `userSync`) is added by spreading.
 *
 * Nothing is checked here and nothing exits: a missing key is named when the module starts.
 *
 * @param environment default `process.env`
 */
export function cognitoOptionsFromEnv(environment: Environment = process.env): CognitoOptions {
  const userSync = userSyncOptionsFromEnv(environment);
  return {
    ...poolOptionsFromEnv(environment),
    ...credentialsOptionsFromEnv(environment),
    ...secretsOptionsFromEnv(environment),
    // The entity is missing until the application adds it; validation says so if it does not.
    ...(userSync === undefined ? {} : { userSync }),
  };
}

function poolsOf(written: CognitoOptions): [name: string, pool: PoolOptions][] {
  return [[DEFAULT_POOL, written], ...Object.entries(written.pools ?? {})];
}

function faultsOf(written: unknown, production: boolean): OptionFault[] {
  // Parsing passes over this key, and reading the pools would not.
  if (hasPrototypePool(written)) return [{ key: 'pools.__proto__', mend: 'is not a name for a pool' }];
  const parsed = optionsSchema.safeParse(written);
  if (!parsed.success) return parsed.error.issues.flatMap(faultsOfIssue);
  return poolsOf(written as CognitoOptions).flatMap(([name, pool]) =>
    [...faultsOfPool(pool, { production }), ...faultsOfKeys(name, pool)].map(({ key, mend }) => ({
      key: name === DEFAULT_POOL ? key : `pools.${name}.${key}`,
      mend,
    })),
  );
}

/** Keys that are written are all there are: without one that can sign, no token would ever be good. */
function faultsOfKeys(name: string, pool: PoolOptions): OptionFault[] {
  const sets = resolvePool(name, pool).issuers.flatMap(({ keys }) => (keys.from === 'options' ? [keys.set] : []));
  if (sets.every((set) => readKeys(set).size > 0)) return [];
  const key = pool.jwks?.keys === undefined ? 'jwks.file' : 'jwks.keys';
  return [{ key, mend: 'holds no RSA key of 2048 bits or more for RS256 signatures' }];
}

function hasPrototypePool(written: unknown): boolean {
  const { pools } = (written ?? {}) as { readonly pools?: unknown };
  return typeof pools === 'object' && pools !== null && Object.hasOwn(pools, '__proto__');
}

type Issue = z.core.$ZodIssue;

function faultsOfIssue(issue: Issue): OptionFault[] {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      key: [path, key].filter(Boolean).join('.'),
      mend: 'is not an option of this package',
    }));
  }
  return [{ key: path === '' ? 'options' : path, mend: issue.message }];
}

function invalidOptions(faults: readonly OptionFault[]): CognitoError {
  // The first fault of a key is the one to mend; the others often follow from it.
  const mends = new Map(faults.toReversed().map(({ key, mend }) => [key, mend]));
  const lines = [...mends].toReversed().map(([key, mend]) => `  ${key}: ${mend}`);
  return new CognitoError('COGNITO_OPTIONS_INVALID', {
    detail: `The options of CognitoModule are not valid:\n${lines.join('\n')}`,
  });
}
