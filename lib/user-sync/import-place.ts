import { CognitoError } from '../errors/cognito.error.js';

/** Where an import stands in the list of a pool's users. */
export interface ImportPlace {
  /** The pool's name: places in another list mean nothing. */
  readonly pool: string;
  /** Users on a page: Cognito wants it unchanged. */
  readonly limit: number;
  /** Cognito's own token for the next page. */
  readonly page: string;
}

/** Writes a place down as the token that `startAt` takes. It tells no user and lets nobody in. */
export function tokenOfPlace({ pool, limit, page }: ImportPlace): string {
  return Buffer.from(JSON.stringify([1, pool, limit, page]), 'utf8').toString('base64url');
}

/**
 * Reads such a token.
 *
 * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` for a token that is none, or one of another pool
 */
export function placeOfToken(token: string, pool: string): ImportPlace {
  const [version, ofPool, limit, page] = partsOf(token);
  if (version !== 1 || typeof page !== 'string' || typeof limit !== 'number')
    throw unusable('is no token of an import');
  if (ofPool !== pool) throw unusable('belongs to the import of another pool');
  return { pool, limit, page };
}

function partsOf(token: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

function unusable(fault: string): CognitoError {
  return new CognitoError('COGNITO_PARAMETER_INVALID', { detail: `startAt ${fault}; leave it out to begin anew.` });
}
