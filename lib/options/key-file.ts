import { readFileSync } from 'node:fs';
import { type JsonWebKeySet, keySetSchema } from './pool.options.js';

/** Reads a key set from a file; undefined for one that cannot be read or holds something else. */
export function readKeyFile(path: string): JsonWebKeySet | undefined {
  try {
    return keySetSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
