import { z } from 'zod';
import { BearerExtractor } from '../request/bearer.extractor.js';
import type { CognitoRequest } from '../request/cognito-request.js';
import { isToken } from '../request/token-characters.js';
import type { TokenExtractor } from '../request/token-extractor.js';

/**
 * Says which pool a request belongs to, for routes without `@UserPool`: by what the caller cannot choose, the path of the route
 * or a host name that the proxy has checked for instance; never by a header that anybody may write, and never by the token.
 *
 * An HttpException that it throws answers the request; any other error is 500.
 */
export type PoolResolver = {
  /** @returns `default`, a key under `pools`, or undefined for the default pool; any other name is 500 */
  resolve(request: CognitoRequest): string | undefined | Promise<string | undefined>;
}['resolve'];

/** How requests are let in. */
export interface AccessOptions {
  /** Where tokens are looked for, first match wins. Default: the `Authorization: Bearer` header. */
  extractors?: readonly TokenExtractor[] | undefined;
  /** Guards every route of the application that is not `@Public`. Default false. */
  globalGuard?: boolean | undefined;
  /** The pool of a request to a route without `@UserPool`. Default: the default pool. */
  poolOf?: PoolResolver | undefined;
  /**
   * Puts the value of a header on requests that pass the guard as `unverifiedApiKey`: `true` for `Authorization-Id`, or the
   * header's name. It is as the caller wrote it, and never decides anything here. Default false.
   */
  apiKeyHeader?: boolean | string | undefined;
  /**
   * Origins, besides the application's own, whose pages may change something by their users' cookies, such as
   * `https://app.example.com`. Default none.
   */
  allowedOrigins?: readonly string[] | undefined;
}

/** Token of {@link ResolvedAccessOptions}. */
export const ACCESS_OPTIONS = Symbol.for('nest-cognito:access-options');

/** The shape of {@link AccessOptions}. */
export const accessOptionsShape = {
  extractors: z
    .array(z.custom<TokenExtractor>(isExtractor, 'needs objects with a method `extract`'))
    .min(1, 'needs at least one extractor')
    .optional(),
  globalGuard: z.boolean({ error: 'is true or false' }).optional(),
  poolOf: z.custom<PoolResolver>((value) => typeof value === 'function', 'is a function').optional(),
  apiKeyHeader: z
    .custom<boolean | string>(isApiKeyHeader, 'is true, false or the name of a header that carries no token')
    .optional(),
  allowedOrigins: z.array(z.string().refine(isOrigin, 'is one origin, such as https://app.example.com')).optional(),
};

/** {@link AccessOptions} as the room reads them. */
export interface ResolvedAccessOptions {
  readonly extractors: readonly TokenExtractor[];
  readonly globalGuard: boolean;
  readonly poolOf: PoolResolver | undefined;
  /** In lower case. */
  readonly apiKeyHeader: string | undefined;
  readonly allowedOrigins: readonly string[];
}

/** Fills in the defaults. */
export function resolveAccessOptions(written: AccessOptions): ResolvedAccessOptions {
  return Object.freeze({
    extractors: Object.freeze([...(written.extractors ?? [new BearerExtractor()])]),
    globalGuard: written.globalGuard ?? false,
    poolOf: written.poolOf,
    apiKeyHeader: apiKeyHeaderOf(written.apiKeyHeader),
    allowedOrigins: Object.freeze([...(written.allowedOrigins ?? [])]),
  });
}

function isExtractor(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'extract' in value && typeof value.extract === 'function';
}

function isApiKeyHeader(value: unknown): boolean {
  if (typeof value === 'boolean') return true;
  return isToken(value) && !['authorization', 'cookie'].includes(value.toLowerCase());
}

/** As a browser writes it: scheme, host, and the port unless it goes without saying. */
function isOrigin(written: string): boolean {
  return /^https?:/.test(written) && URL.canParse(written) && new URL(written).origin === written;
}

function apiKeyHeaderOf(written: AccessOptions['apiKeyHeader']): string | undefined {
  if (written === true) return 'authorization-id';
  return written === false ? undefined : written?.toLowerCase();
}
