import { z } from 'zod';
import { BearerExtractor } from '../request/bearer.extractor.js';
import type { TokenExtractor } from '../request/token-extractor.js';

/** How requests are let in. */
export interface AccessOptions {
  /** Where tokens are looked for, first match wins. Default: the `Authorization: Bearer` header. */
  extractors?: readonly TokenExtractor[] | undefined;
  /** Guards every route of the application that is not `@Public`. Default false. */
  globalGuard?: boolean | undefined;
}

/** The shape of {@link AccessOptions}. */
export const accessOptionsShape = {
  extractors: z
    .array(z.custom<TokenExtractor>(isExtractor, 'needs objects with a method `extract`'))
    .min(1, 'needs at least one extractor')
    .optional(),
  globalGuard: z.boolean({ error: 'is true or false' }).optional(),
};

/** {@link AccessOptions} as the room reads them. */
export interface ResolvedAccessOptions {
  readonly extractors: readonly TokenExtractor[];
  readonly globalGuard: boolean;
}

/** Fills in the defaults. */
export function resolveAccessOptions(written: AccessOptions): ResolvedAccessOptions {
  return Object.freeze({
    extractors: Object.freeze([...(written.extractors ?? [new BearerExtractor()])]),
    globalGuard: written.globalGuard ?? false,
  });
}

function isExtractor(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'extract' in value && typeof value.extract === 'function';
}
