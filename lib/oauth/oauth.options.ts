import type { FactoryProvider, ModuleMetadata, Type } from '@nestjs/common';
import { z } from 'zod';
import { CognitoError } from '../errors/cognito.error.js';
import type { ResolvedPool } from '../options/resolved-pool.js';
import { DEFAULT_POOL } from '../options/resolved-pool.js';
import { isLoopback } from '../options/trusted-address.js';
import { endpointsOf, faultOfEndpoints, type OAuthEndpoints } from './endpoints.js';
import type { OAuthLogoutHandler, OAuthSuccessHandler } from './handlers.js';
import { returnAddress } from './return-address.js';

/** What Cognito's pages may be told about asking again (OpenID Connect Core section 3.1.2.1). */
export const OAUTH_PROMPTS = ['none', 'login', 'select_account', 'consent'] as const;

/** One of the values of `prompt`: not to ask at all, or to ask for a new sign-in, an account or consent. */
export type OAuthPrompt = (typeof OAUTH_PROMPTS)[number];

/** How the app client proves itself at the token endpoint, where it has a secret. */
export type ClientAuthentication = 'client_secret_basic' | 'client_secret_post';

/** What talks to the pool's domain needs to know, for people and for machines. */
export interface TokenEndpointOptions {
  /** Address of the token endpoint. Default: `/oauth2/token` of the pool's `domain`. Plain http on loopback only. */
  tokenUrl?: string | undefined;
  /** How a client secret is sent. Default `client_secret_basic`. */
  clientAuthentication?: ClientAuthentication | undefined;
  /** Milliseconds after which an answer of the domain is given up. Default 10000, at most 60000. */
  requestTimeout?: number | undefined;
}

/** The options of {@link CognitoOAuthModule}. Only `redirectUri` is required. */
export interface OAuthOptions extends TokenEndpointOptions {
  /**
   * The callback URL as the app client has it: absolute, with the path on which this module listens. Plain http on loopback
   * only.
   */
  redirectUri: string;
  /** The pool, and with it the app client: `default` or a key under `pools`. Default `default`. */
  pool?: string | undefined;
  /** Where a browser goes after a sign-in that asked for nothing else: a path or an absolute address. Default `/`. */
  successRedirect?: string | undefined;
  /**
   * Where a browser goes when a sign-in fails: a path or an absolute address; `?error=` with our code is added. Not the
   * sign-in route, where it would begin again for ever. Default: nowhere, the failure is answered as an exception.
   */
  errorRedirect?: string | undefined;
  /** A sign-out URL as the app client has it, absolute. Default: `/` of the origin of `redirectUri`. */
  logoutRedirect?: string | undefined;
  /** Scopes that are asked for; `openid` has to be among them. Default `['openid']`, which Cognito takes as every attribute. */
  scopes?: readonly string[] | undefined;
  /** Origins besides that of `redirectUri` to which a sign-in may return. Default none. */
  allowedReturnOrigins?: readonly string[] | undefined;
  /** Values that a link may give `identity_provider`. Default none. */
  identityProviders?: readonly string[] | undefined;
  /** Values that a link may give `lang`. Default: the languages of managed login. */
  languages?: readonly string[] | undefined;
  /** Values that a link may give `prompt`. Default: all four. */
  prompts?: readonly OAuthPrompt[] | undefined;
  /** Whether a link may give a `login_hint`. Default true. */
  loginHint?: boolean | undefined;
  /** Seconds that a person may take on Cognito's pages. Default 900, at most 3600. */
  signInLifetime?: number | undefined;
  /** Decides about whoever signed in, before a session begins; needed where the application keeps no sessions. */
  onSuccess?: OAuthSuccessHandler | undefined;
  /** Ends what the application keeps itself, and says which tokens it kept. */
  onLogout?: OAuthLogoutHandler | undefined;
}

/** What has to be known when the module is defined: where it listens. */
export interface CognitoOAuthModuleExtras {
  /** The path below which the routes are, without the global prefix. Default `oauth`. */
  path?: string | undefined;
  /** The path of the callback, without the global prefix. Default: `callback` below `path`. */
  callbackPath?: string | undefined;
  /** What a proxy takes off the front of every path: the path of `redirectUri` has it, the application's routes do not. */
  proxyPath?: string | undefined;
  /** Whether {@link CognitoOAuthService} is there in every module; `false` for all but one pool. Default true. */
  isGlobal?: boolean | undefined;
}

/** A provider of options, for `useClass` and `useExisting`. */
export interface OAuthOptionsFactory {
  /** Makes the options; called once, when the application starts. */
  createOAuthOptions(): OAuthOptions | Promise<OAuthOptions>;
}

/** Options that are made by other providers. Exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface OAuthAsyncOptions extends CognitoOAuthModuleExtras, Pick<ModuleMetadata, 'imports'> {
  /** Makes the options from the providers that `inject` names. */
  useFactory?: ((...args: never[]) => OAuthOptions | Promise<OAuthOptions>) | undefined;
  /** What `useFactory` is called with, in this order. */
  inject?: FactoryProvider['inject'] | undefined;
  /** A class that is made for this and asked for the options. */
  useClass?: Type<OAuthOptionsFactory> | undefined;
  /** A provider of `imports` that is asked for the options. */
  useExisting?: Type<OAuthOptionsFactory> | undefined;
}

/** How the domain is reached, resolved. */
export interface ResolvedTokenEndpoint {
  readonly endpoints: OAuthEndpoints;
  readonly clientAuthentication: ClientAuthentication;
  /** Milliseconds. */
  readonly requestTimeout: number;
}

/** Token of {@link ResolvedOAuthOptions}. */
export const RESOLVED_OAUTH_OPTIONS = Symbol.for('nest-cognito:resolved-oauth-options');

/** {@link OAuthOptions} as the room reads them. */
export interface ResolvedOAuthOptions extends ResolvedTokenEndpoint {
  readonly pool: ResolvedPool;
  readonly redirectUri: string;
  /** The origin of `redirectUri`. */
  readonly home: string;
  readonly successRedirect: string;
  readonly errorRedirect: string | undefined;
  readonly logoutRedirect: string;
  readonly scopes: readonly string[];
  readonly allowedReturnOrigins: readonly string[];
  readonly identityProviders: readonly string[];
  readonly languages: readonly string[];
  readonly prompts: readonly string[];
  readonly loginHint: boolean;
  /** Seconds. */
  readonly signInLifetime: number;
  readonly onSuccess: OAuthSuccessHandler | undefined;
  readonly onLogout: OAuthLogoutHandler | undefined;
}

/** The languages that managed login documents for `lang`. */
const LANGUAGES = ['de', 'en', 'es', 'fr', 'id', 'it', 'ja', 'ko', 'pt-BR', 'zh-CN', 'zh-TW'] as const;

const addressMend = 'has to be an absolute https address, or http on loopback, without a fragment';
const targetMend = 'is a path such as /notes, or an absolute address';
const listMend = 'is a list of words';

const words = z.array(z.string({ error: listMend }).regex(/^[^\s\p{Cc}]+$/u, listMend), { error: listMend });
const handler = z.custom<(...given: never[]) => unknown>((value) => typeof value === 'function', 'is a function');

/** The shape of {@link TokenEndpointOptions}. */
export const tokenEndpointShape = {
  tokenUrl: z.string().min(1).optional(),
  clientAuthentication: z
    .enum(['client_secret_basic', 'client_secret_post'], { error: 'is client_secret_basic or client_secret_post' })
    .optional(),
  requestTimeout: z
    .number({ error: 'is a number of milliseconds' })
    .positive('is more than 0')
    .max(60_000, 'is 60000 at most')
    .optional(),
};

const schema = z.strictObject({
  ...tokenEndpointShape,
  redirectUri: z.string({ error: addressMend }).refine(isRegistrable, addressMend),
  pool: z.string().min(1).optional(),
  successRedirect: z.string({ error: targetMend }).min(1, targetMend).optional(),
  errorRedirect: z.string({ error: targetMend }).min(1, targetMend).optional(),
  logoutRedirect: z.string({ error: addressMend }).refine(isRegistrable, addressMend).optional(),
  scopes: words
    .refine((scopes) => scopes.includes('openid'), 'has to hold openid: no id token comes without')
    .optional(),
  allowedReturnOrigins: z
    .array(z.string().refine(isOrigin, 'holds something that is not an origin, such as https://app.example.com'))
    .optional(),
  identityProviders: words.optional(),
  languages: words.optional(),
  prompts: z.array(z.enum(OAUTH_PROMPTS)).optional(),
  loginHint: z.boolean({ error: 'is true or false' }).optional(),
  signInLifetime: z
    .number({ error: 'is a number of seconds' })
    .positive('is more than 0')
    .max(3600, 'is 3600 at most')
    .optional(),
  onSuccess: handler.optional(),
  onLogout: handler.optional(),
});

/**
 * Checks the options against the pools of the application and fills in their defaults.
 *
 * @throws {@link CognitoError} `COGNITO_OPTIONS_INVALID`: one error that names every bad key, and repeats no value
 */
export function resolveOAuthOptions(written: OAuthOptions, pools: readonly ResolvedPool[]): ResolvedOAuthOptions {
  const parsed = schema.safeParse(written);
  if (!parsed.success) {
    throw invalidOAuthOptions(
      parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'options'}: ${message}`),
    );
  }
  const pool = poolOf(written.pool, pools);
  const home = new URL(written.redirectUri).origin;
  return Object.freeze({
    ...resolveTokenEndpoint(pool, written),
    pool,
    redirectUri: written.redirectUri,
    home,
    successRedirect: targetOf('successRedirect', written.successRedirect ?? '/', home),
    errorRedirect:
      written.errorRedirect === undefined ? undefined : targetOf('errorRedirect', written.errorRedirect, home),
    logoutRedirect: written.logoutRedirect ?? `${home}/`,
    scopes: written.scopes ?? ['openid'],
    allowedReturnOrigins: (written.allowedReturnOrigins ?? []).map((origin) => new URL(origin).origin),
    identityProviders: written.identityProviders ?? [],
    languages: written.languages ?? LANGUAGES,
    prompts: written.prompts ?? OAUTH_PROMPTS,
    loginHint: written.loginHint ?? true,
    signInLifetime: written.signInLifetime ?? 900,
    onSuccess: written.onSuccess,
    onLogout: written.onLogout,
  });
}

/** Finds out where the pool's domain is. @throws {@link CognitoError} `COGNITO_OPTIONS_INVALID` */
export function resolveTokenEndpoint(pool: ResolvedPool, written: TokenEndpointOptions): ResolvedTokenEndpoint {
  const fault = faultOfEndpoints(pool.domain, written.tokenUrl);
  if (fault !== undefined) throw invalidOAuthOptions([fault]);
  return {
    endpoints: endpointsOf(pool.domain ?? '', written.tokenUrl),
    clientAuthentication: written.clientAuthentication ?? 'client_secret_basic',
    requestTimeout: written.requestTimeout ?? 10_000,
  };
}

/** The pool of this name. @throws {@link CognitoError} `COGNITO_OPTIONS_INVALID` */
export function poolOf(name: string | undefined, pools: readonly ResolvedPool[]): ResolvedPool {
  const wanted = name ?? DEFAULT_POOL;
  const pool = pools.find((one) => one.name === wanted);
  if (pool === undefined) throw invalidOAuthOptions(['pool: is no key under `pools` of CognitoModule']);
  return pool;
}

/** One error for all that is wrong. */
export function invalidOAuthOptions(faults: readonly string[]): CognitoError {
  const lines = faults.map((fault) => `  ${fault}`).join('\n');
  return new CognitoError('COGNITO_OPTIONS_INVALID', {
    detail: `The options of CognitoOAuthModule are not valid:\n${lines}`,
  });
}

/** The application wrote it, so it may lead anywhere; but it has to be what it looks like. */
function targetOf(key: string, written: string, home: string): string {
  const own = returnAddress(written, home, URL.canParse(written) ? [new URL(written).origin] : []);
  if (own === undefined) throw invalidOAuthOptions([`${key}: ${targetMend}`]);
  return own;
}

/** What Cognito takes as a callback or sign-out URL, custom schemes apart. */
function isRegistrable(written: string): boolean {
  if (!URL.canParse(written)) return false;
  const { protocol, hash, username, password } = new URL(written);
  const isSafe = protocol === 'https:' || (protocol === 'http:' && isLoopback(new URL(written)));
  return isSafe && hash === '' && username === '' && password === '';
}

function isOrigin(written: string): boolean {
  return isRegistrable(written) && new URL(written).href === `${new URL(written).origin}/`;
}
