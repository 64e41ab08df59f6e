import { z } from 'zod';
import type { TokenUse } from './claims.js';
import {
  type ResolvedRevocation,
  resolveRevocation,
  type RevocationOptions,
  revocationOptionsSchema,
} from './revocation.options.js';

/** Which tokens are good. */
export interface TokensOptions {
  /**
   * The kind of token that routes accept: `access` (default), `id`, or `either`. `@TokenUse` changes it for one route.
   */
  tokenUse?: TokenUse | 'either' | undefined;
  /** Seconds by which clocks may differ when `exp` and `nbf` are judged. Default 0, at most 600. */
  clockTolerance?: number | undefined;
  /**
   * For how long a good signature is remembered, so that it is not checked with every request; `false` checks it every time.
   * Expiry, key, kind and revocation are judged with every request all the same; pool and app client are those that it was good for.
   */
  tokenCache?: false | TokenCacheOptions | undefined;
  /**
   * Where ended sign-ins are noted, so that guards refuse their tokens from the next request on. The sign-outs of this library
   * note them. Default: nowhere; tokens that are out pass a guard until they expire.
   */
  revocation?: RevocationOptions | undefined;
}

/** How good signatures are remembered, in the memory of the process. */
export interface TokenCacheOptions {
  /** Seconds. Default 300, at most 86400. */
  ttl?: number | undefined;
  /**
   * About how much memory the remembered tokens may take, in bytes; the least recently used are forgotten. Default 40 MiB,
   * enough for ten thousand of Cognito's.
   */
  maxBytes?: number | undefined;
}

const cacheTtl = 'is a number of seconds above 0, at most 86400; `tokenCache: false` remembers nothing';
const cacheBytes = 'is a whole number of bytes, 65536 or more';
const tolerance = 'is a number of seconds from 0 to 600';

/** The shape of {@link TokensOptions}. */
export const tokensOptionsShape = {
  tokenUse: z.enum(['access', 'id', 'either'], { error: "is one of 'access', 'id', 'either'" }).optional(),
  clockTolerance: z.number({ error: tolerance }).min(0, tolerance).max(600, tolerance).optional(),
  tokenCache: z
    .union(
      [
        z.literal(false),
        z.strictObject({
          ttl: z.number({ error: cacheTtl }).positive(cacheTtl).max(86_400, cacheTtl).optional(),
          maxBytes: z.int({ error: cacheBytes }).min(65_536, cacheBytes).optional(),
        }),
      ],
      { error: 'is `false` or { ttl, maxBytes }: seconds from 0 to 86400, and 65536 bytes or more' },
    )
    .optional(),
  revocation: revocationOptionsSchema.optional(),
};

/** {@link TokensOptions} as the room reads them. */
export interface ResolvedTokensOptions {
  readonly tokenUse: TokenUse | 'either';
  /** Seconds. */
  readonly clockTolerance: number;
  /** Undefined remembers nothing. */
  readonly tokenCache: ResolvedTokenCache | undefined;
  /** Undefined notes no ended sign-in. */
  readonly revocation: ResolvedRevocation | undefined;
}

/** {@link TokenCacheOptions} as the room reads them. */
export interface ResolvedTokenCache {
  /** Milliseconds. */
  readonly ttl: number;
  readonly maxBytes: number;
}

/** Fills in the defaults. */
export function resolveTokensOptions(written: TokensOptions): ResolvedTokensOptions {
  return Object.freeze({
    tokenUse: written.tokenUse ?? 'access',
    clockTolerance: written.clockTolerance ?? 0,
    tokenCache: resolveTokenCache(written.tokenCache),
    revocation: resolveRevocation(written.revocation),
  });
}

function resolveTokenCache(written: TokensOptions['tokenCache']): ResolvedTokenCache | undefined {
  if (written === false) return undefined;
  return Object.freeze({ ttl: (written?.ttl ?? 300) * 1000, maxBytes: written?.maxBytes ?? 40 * 1024 * 1024 });
}
