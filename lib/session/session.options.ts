import type { FactoryProvider, ModuleMetadata, Type } from '@nestjs/common';
import { z } from 'zod';
import { CognitoError } from '../errors/cognito.error.js';
import { isToken } from '../request/token-characters.js';
import type { KeyValueStore } from '../tokens/key-value-store.js';
import { faultOfSessionStore, type SessionStore, sessionStoreOf } from './session-store.js';
import type { RedisClient } from './redis-session-store.js';

/** How the cookies of a session are written. */
export interface SessionCookieOptions {
  /** Their name; over https `__Host-` comes before it. Default `session`. */
  name?: string | undefined;
  /**
   * Whether they travel over https alone. Default true, but for requests that come to this machine itself (localhost) over http
   * while `NODE_ENV` is not `production`. With `production` false is refused.
   */
  secure?: boolean | undefined;
  /** Cookies that hold tokens are out of reach for scripts; nothing but true is accepted. */
  httpOnly?: true | undefined;
  /** `Lax` comes along when somebody follows a link to the application, `Strict` does not. Default `Lax`. */
  sameSite?: 'Lax' | 'Strict' | undefined;
  /** Whether a session outlives the browser's window, up to its `lifetime`. Default false. */
  persistent?: boolean | undefined;
}

/** The options of {@link CognitoSessionModule}. All are optional. */
export interface CognitoSessionOptions {
  /**
   * Where the tokens are: in sealed cookies (`cookies`), or in the session of express-session or @fastify/session (`server`), which
   * the application sets up. Default `cookies`.
   */
  carrier?: 'cookies' | 'server' | undefined;
  cookies?: SessionCookieOptions | undefined;
  /** A session without protection against forged requests is not to be had; nothing but true is accepted. */
  csrf?: true | undefined;
  /** Seconds after its sign-in at which a session ends. Default 43200 (12 hours). */
  lifetime?: number | undefined;
  /** Seconds without a request after which a session ends. Default 3600 (an hour). */
  idleTimeout?: number | undefined;
  /** Seconds before its end at which the access token is renewed; at most half of its life. Default 60. */
  renewBefore?: number | undefined;
  /**
   * What the processes of the application share: which sessions have ended, and renewed tokens for a moment. A client of Redis
   * (node-redis or ioredis) also keeps two processes from renewing at once; a Keyv (with `throwOnErrors: true`) does not.
   * Default `memory`, which every process has to itself.
   */
  store?: KeyValueStore | RedisClient | 'memory' | undefined;
  /** Milliseconds after which the store counts as out of reach. Default 1000, at most 30000. */
  storeTimeout?: number | undefined;
  /** Which sign-ins a sign-out ends at Cognito: this one (`local`) or all of the user (`global`). Default `local`. */
  signOut?: 'local' | 'global' | undefined;
}

/** What has to be known when the module is defined. */
export interface CognitoSessionModuleExtras {
  /** Whether {@link CognitoSessionService} is there in every module of the application. Default true. */
  isGlobal?: boolean | undefined;
}

/** A provider of options, for `useClass` and `useExisting`. */
export interface CognitoSessionOptionsFactory {
  /** Makes the options; called once, when the application starts. */
  createCognitoSessionOptions(): CognitoSessionOptions | Promise<CognitoSessionOptions>;
}

/** Options that are made by other providers. Exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface CognitoSessionAsyncOptions extends CognitoSessionModuleExtras, Pick<ModuleMetadata, 'imports'> {
  /** Makes the options from the providers that `inject` names. */
  useFactory?: ((...args: never[]) => CognitoSessionOptions | Promise<CognitoSessionOptions>) | undefined;
  /** What `useFactory` is called with, in this order. */
  inject?: FactoryProvider['inject'] | undefined;
  /** A class that is made for this and asked for the options. */
  useClass?: Type<CognitoSessionOptionsFactory> | undefined;
  /** A provider of `imports` that is asked for the options. */
  useExisting?: Type<CognitoSessionOptionsFactory> | undefined;
}

/** {@link CognitoSessionOptions} as the room reads them. */
export interface ResolvedSessionOptions {
  readonly carrier: 'cookies' | 'server';
  readonly cookies: {
    readonly name: string;
    /** undefined: by the request. */
    readonly secure: boolean | undefined;
    readonly sameSite: 'Lax' | 'Strict';
    readonly persistent: boolean;
  };
  /** Seconds. */
  readonly lifetime: number;
  /** Seconds. */
  readonly idleTimeout: number;
  /** Seconds. */
  readonly renewBefore: number;
  readonly store: SessionStore;
  /** Whether other processes do not see what is kept there. */
  readonly isStorePerProcess: boolean;
  /** Milliseconds. */
  readonly storeTimeout: number;
  readonly signOut: 'local' | 'global';
}

const seconds = 'is a number of seconds above 0';
const timeout = 'is a number of milliseconds above 0, at most 30000';
const longest = 'is at most 400 days: no browser keeps a cookie longer';

/** The shape of {@link CognitoSessionOptions}. */
export const sessionOptionsShape = {
  carrier: z.enum(['cookies', 'server'], { error: "is 'cookies' or 'server'" }).optional(),
  cookies: z
    .strictObject({
      name: z
        .custom<string>(
          (name) => isToken(name) && !/^__(?:Host|Secure)-/i.test(name) && name.length <= 64,
          'is a word of at most 64 characters; `__Host-` is put before it over https',
        )
        .optional(),
      secure: z.boolean({ error: 'is true or false' }).optional(),
      httpOnly: z.literal(true, { error: 'is true: a cookie that holds tokens is no script’s' }).optional(),
      sameSite: z.enum(['Lax', 'Strict'], { error: "is 'Lax' or 'Strict'" }).optional(),
      persistent: z.boolean({ error: 'is true or false' }).optional(),
    })
    .optional(),
  csrf: z.literal(true, { error: 'is true: whoever signs in by a cookie needs the proof' }).optional(),
  lifetime: z
    .number({ error: seconds })
    .positive(seconds)
    .max(400 * 86_400, longest)
    .optional(),
  idleTimeout: z.number({ error: seconds }).positive(seconds).optional(),
  renewBefore: z.number({ error: 'is a number of seconds, 0 or more' }).min(0, 'is 0 or more').optional(),
  store: z
    .unknown()
    .superRefine((store, context) => {
      const message = store === undefined ? undefined : faultOfSessionStore(store);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .optional(),
  storeTimeout: z.number({ error: timeout }).positive(timeout).max(30_000, timeout).optional(),
  signOut: z.enum(['local', 'global'], { error: "is 'local' or 'global'" }).optional(),
};

const sessionOptionsSchema = z.strictObject(sessionOptionsShape);

/**
 * Checks the options and fills in their defaults.
 *
 * @throws {@link CognitoError} `COGNITO_OPTIONS_INVALID`: one error that names every bad key and its mend, and repeats no value
 */
export function resolveSessionOptions(
  written: CognitoSessionOptions,
  production = process.env['NODE_ENV']?.trim().toLowerCase() === 'production',
): ResolvedSessionOptions {
  const parsed = sessionOptionsSchema.safeParse(written);
  if (!parsed.success) throw invalidOptions(parsed.error.issues.flatMap(linesOf));
  if (production && written.cookies?.secure === false) {
    throw invalidOptions([
      '  cookies.secure: is true while NODE_ENV is production, also behind a proxy that speaks http',
    ]);
  }
  const { carrier, cookies, lifetime = 43_200, store = 'memory' } = written;
  return Object.freeze({
    carrier: carrier ?? 'cookies',
    cookies: Object.freeze({
      name: cookies?.name ?? 'session',
      secure: cookies?.secure ?? (production ? true : undefined),
      sameSite: cookies?.sameSite ?? 'Lax',
      persistent: cookies?.persistent ?? false,
    }),
    lifetime,
    idleTimeout: Math.min(written.idleTimeout ?? 3600, lifetime),
    renewBefore: written.renewBefore ?? 60,
    store: sessionStoreOf(store),
    isStorePerProcess: store === 'memory',
    storeTimeout: written.storeTimeout ?? 1000,
    signOut: written.signOut ?? 'local',
  });
}

function linesOf(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String);
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => `  ${[...path, key].join('.')}: is not an option of this package`)
    : [`  ${path.join('.') || 'options'}: ${issue.message}`];
}

function invalidOptions(lines: readonly string[]): CognitoError {
  return new CognitoError('COGNITO_OPTIONS_INVALID', {
    detail: `The options of CognitoSessionModule are not valid:\n${lines.join('\n')}`,
  });
}
