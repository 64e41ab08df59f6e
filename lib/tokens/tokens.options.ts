import { z } from 'zod';
import type { TokenUse } from './claims.js';

/** Which tokens are good. */
export interface TokensOptions {
  /**
   * The kind of token that routes accept: `access` (default), `id`, or `either`. `@TokenUse` changes it for one route.
   */
  tokenUse?: TokenUse | 'either' | undefined;
  /** Seconds by which clocks may differ when `exp` and `nbf` are judged. Default 0, at most 600. */
  clockTolerance?: number | undefined;
}

const tolerance = 'is a number of seconds from 0 to 600';

/** The shape of {@link TokensOptions}. */
export const tokensOptionsShape = {
  tokenUse: z.enum(['access', 'id', 'either'], { error: "is one of 'access', 'id', 'either'" }).optional(),
  clockTolerance: z.number({ error: tolerance }).min(0, tolerance).max(600, tolerance).optional(),
};

/** {@link TokensOptions} as the room reads them. */
export interface ResolvedTokensOptions {
  readonly tokenUse: TokenUse | 'either';
  /** Seconds. */
  readonly clockTolerance: number;
}

/** Fills in the defaults. */
export function resolveTokensOptions(written: TokensOptions): ResolvedTokensOptions {
  return Object.freeze({ tokenUse: written.tokenUse ?? 'access', clockTolerance: written.clockTolerance ?? 0 });
}
