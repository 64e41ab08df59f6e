import type { FactoryProvider, ModuleMetadata, Type } from '@nestjs/common';
import { z } from 'zod';
import { CognitoError } from '../errors/cognito.error.js';
import { DEFAULT_POOL } from '../options/resolved-pool.js';
import type { SignInInput } from '../user-pool/sign-in-input.js';
import type { AttemptLimiterSettings, AttemptLimits } from './attempt-limiter.js';
import {
  type AttemptStore,
  isAttemptStore,
  isRedisCounterClient,
  MemoryAttemptStore,
  RedisAttemptStore,
  type RedisCounterClient,
} from './attempt-store.js';

/** How attempts are limited. */
export interface AttemptLimiterOptions {
  /**
   * Where attempts are counted: a client of Redis (node-redis or ioredis), for all processes together; anything with `increment`
   * and `decrement`; or `memory`, which every process has to itself. Default `memory`.
   */
  store?: AttemptStore | RedisCounterClient | 'memory' | undefined;
  /** What every key in the store begins with, for applications that share a Redis. Default `nest-cognito:attempts`. */
  prefix?: string | undefined;
  /** Milliseconds after which the store counts as out of reach. Default 1000, at most 30000. */
  timeout?: number | undefined;
  /** Seconds. Default 900. */
  window?: number | undefined;
  /** Default 20. */
  perAddress?: number | undefined;
  /** Default 50. */
  perAccount?: number | undefined;
  /** Default 5. */
  perAccountAndAddress?: number | undefined;
  /** Default 5. */
  perChallenge?: number | undefined;
}

/** The options of {@link CognitoAuthApiModule}. All are optional. */
export interface CognitoAuthApiOptions {
  /**
   * What a sign-in gives the caller: a session in cookies (`cookie`, needs `CognitoSessionModule`), or tokens in the answer
   * (`body`), for apps on phones and other callers that are no browsers. Default `cookie`.
   */
  tokens?: 'cookie' | 'body' | undefined;
  /** How passwords are proved. Default `USER_SRP_AUTH`. */
  flow?: SignInInput['flow'];
  /** The pool that everybody signs in to: `default`, or a key under `pools`. Default `default`. */
  pool?: string | undefined;
  /** Attributes that may be written at sign-up, by the application's names. Default: Cognito's standard ones. */
  signUpAttributes?: readonly string[] | undefined;
  /** Whether a confirmed sign-up takes its address away from another account. Default false. */
  forceAliasCreation?: boolean | undefined;
  /** Handed to the pool's Lambda triggers with every call. */
  clientMetadata?: Readonly<Record<string, string>> | undefined;
  /**
   * The setting of the app client under this name. Under `ENABLED` Cognito says that an account is disabled or waits for a new
   * password only to who knows its password, and so does `login`; otherwise it is a wrong password like any other. Default
   * `LEGACY`.
   */
  preventUserExistenceErrors?: 'ENABLED' | 'LEGACY' | undefined;
  /** Limits attempts; false where the application has another limiter, `@nestjs/throttler` for instance. Default: on. */
  limiter?: AttemptLimiterOptions | false | undefined;
}

/** What has to be known when the module is defined. */
export interface CognitoAuthApiModuleExtras {
  /** Where the endpoints are, below the application's prefix. Default `auth`. */
  path?: string | undefined;
  /**
   * Answers under the names of older packages, too: `confirm_login`, `confirm_signup`, `forgot_password`,
   * `confirm_forgot_password` and `generate_csrf` beside `login` and `signup`. Default false.
   */
  aliases?: boolean | undefined;
}

/** A provider of options, for `useClass` and `useExisting`. */
export interface CognitoAuthApiOptionsFactory {
  /** Makes the options; called once, when the application starts. */
  createCognitoAuthApiOptions(): CognitoAuthApiOptions | Promise<CognitoAuthApiOptions>;
}

/** Options that are made by other providers. Exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface CognitoAuthApiAsyncOptions extends CognitoAuthApiModuleExtras, Pick<ModuleMetadata, 'imports'> {
  /** Makes the options from the providers that `inject` names. */
  useFactory?: ((...args: never[]) => CognitoAuthApiOptions | Promise<CognitoAuthApiOptions>) | undefined;
  /** What `useFactory` is called with, in this order. */
  inject?: FactoryProvider['inject'] | undefined;
  /** A class that is made for this and asked for the options. */
  useClass?: Type<CognitoAuthApiOptionsFactory> | undefined;
  /** A provider of `imports` that is asked for the options. */
  useExisting?: Type<CognitoAuthApiOptionsFactory> | undefined;
}

/** {@link CognitoAuthApiOptions} as the room reads them. */
export interface ResolvedAuthApiOptions {
  readonly tokens: 'cookie' | 'body';
  readonly flow: NonNullable<SignInInput['flow']>;
  readonly pool: string;
  /** By the application's names; undefined for those that everybody may say of themselves. */
  readonly signUpAttributes: readonly string[] | undefined;
  readonly forceAliasCreation: boolean;
  readonly clientMetadata: Readonly<Record<string, string>> | undefined;
  /** Whether Cognito tells the state of an account to nobody but who knows its password. */
  readonly hidesUsers: boolean;
  /** undefined for no limiter. */
  readonly limiter: AttemptLimiterSettings | undefined;
}

const count = z.number({ error: 'is a number above 0' }).int('is a whole number').positive('is a number above 0');
const timeout = 'is a number of milliseconds above 0, at most 30000';

const limiterSchema = z.strictObject(
  {
    store: z
      .custom<AttemptStore | RedisCounterClient | 'memory'>(
        (store) => store === 'memory' || isAttemptStore(store) || isRedisCounterClient(store),
        "is a client of Redis, an object with `increment` and `decrement`, or 'memory'",
      )
      .optional(),
    prefix: z.string({ error: 'is a text' }).min(1, 'is a text').optional(),
    timeout: z.number({ error: timeout }).positive(timeout).max(30_000, timeout).optional(),
    window: count.optional(),
    perAddress: count.optional(),
    perAccount: count.optional(),
    perAccountAndAddress: count.optional(),
    perChallenge: count.optional(),
  },
  { error: 'is { store, window, perAddress, … }, or false' },
);

const optionsSchema = z.strictObject({
  tokens: z.enum(['cookie', 'body'], { error: "is 'cookie' or 'body'" }).optional(),
  flow: z
    .enum(['USER_SRP_AUTH', 'USER_PASSWORD_AUTH', 'ADMIN_USER_PASSWORD_AUTH', 'CUSTOM_AUTH', 'USER_AUTH'], {
      error: 'is a flow, USER_SRP_AUTH for instance',
    })
    .optional(),
  pool: z.string({ error: 'is the name of a pool' }).min(1, 'is the name of a pool').optional(),
  signUpAttributes: z.array(z.string(), { error: 'is a list of names' }).optional(),
  forceAliasCreation: z.boolean({ error: 'is true or false' }).optional(),
  clientMetadata: z.record(z.string(), z.string(), { error: 'is an object of texts' }).optional(),
  preventUserExistenceErrors: z.enum(['ENABLED', 'LEGACY'], { error: "is 'ENABLED' or 'LEGACY'" }).optional(),
  limiter: z.union([z.literal(false), limiterSchema]).optional(),
});

/**
 * Checks the options and fills in their defaults.
 *
 * @throws {@link CognitoError} `COGNITO_OPTIONS_INVALID`: one error that names every bad key and its mend, and repeats no value
 */
export function resolveAuthApiOptions(written: CognitoAuthApiOptions): ResolvedAuthApiOptions {
  const parsed = optionsSchema.safeParse(written);
  if (!parsed.success) throw invalidOptions(parsed.error.issues);
  return Object.freeze({
    tokens: written.tokens ?? 'cookie',
    flow: written.flow ?? 'USER_SRP_AUTH',
    pool: written.pool ?? DEFAULT_POOL,
    signUpAttributes: written.signUpAttributes,
    forceAliasCreation: written.forceAliasCreation ?? false,
    clientMetadata: written.clientMetadata,
    hidesUsers: written.preventUserExistenceErrors === 'ENABLED',
    limiter: written.limiter === false ? undefined : resolveLimiter(written.limiter ?? {}),
  });
}

function resolveLimiter(written: AttemptLimiterOptions): AttemptLimiterSettings {
  const { store = 'memory', prefix = 'nest-cognito:attempts', timeout: longest = 1000 } = written;
  return { store: storeOf(store), prefix, limits: limitsOf(written), timeout: longest };
}

function limitsOf(written: AttemptLimiterOptions): AttemptLimits {
  return {
    window: written.window ?? 900,
    perAddress: written.perAddress ?? 20,
    perAccount: written.perAccount ?? 50,
    perAccountAndAddress: written.perAccountAndAddress ?? 5,
    perChallenge: written.perChallenge ?? 5,
  };
}

function storeOf(store: AttemptStore | RedisCounterClient | 'memory'): AttemptStore {
  if (store === 'memory') return new MemoryAttemptStore();
  return isAttemptStore(store) ? store : new RedisAttemptStore(store);
}

function invalidOptions(issues: readonly z.core.$ZodIssue[]): CognitoError {
  const lines = issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `  ${[...issue.path, issue.keys.join(', ')].join('.')}: is not an option of this package`
      : `  ${issue.path.join('.') || 'options'}: ${mendOf(issue)}`,
  );
  return new CognitoError('COGNITO_OPTIONS_INVALID', {
    detail: `The options of CognitoAuthApiModule are not valid:\n${lines.join('\n')}`,
  });
}

/** Of a union only the branch that was meant says what is wrong. */
function mendOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union') return issue.message;
  const [first] = issue.errors.at(-1) ?? [];
  if (first === undefined) return issue.message;
  const keys = first.code === 'unrecognized_keys' ? `${first.keys.join(', ')}: is not an option of this package` : '';
  return [...first.path.map(String), keys || first.message].join(': ');
}
