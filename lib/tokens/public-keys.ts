import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** A public key in the two forms that verification needs. */
export interface PublicKey {
  readonly kid: string;
  readonly jwk: Readonly<Record<string, string>> & { readonly kid: string; readonly kty: string };
  readonly object: KeyObject;
}

const signatureKeySchema = z.object({
  kid: z.string().min(1),
  kty: z.literal('RSA'),
  n: z.string().min(1),
  e: z.string().min(1),
  alg: z.literal('RS256').nullish(),
  use: z.literal('sig').nullish(),
});

const LEAST_MODULUS_BITS = 2048;

/** Keeps the keys that may sign a token, RSA of 2048 bits or more for RS256, and passes over the others one by one. */
export function readKeys(set: { readonly keys: readonly unknown[] }): ReadonlyMap<string, PublicKey> {
  const keys = set.keys.flatMap((entry) => readKey(entry) ?? []);
  return new Map(keys.map((key) => [key.kid, key]));
}

function readKey(entry: unknown): PublicKey | undefined {
  const parsed = signatureKeySchema.safeParse(entry);
  if (!parsed.success) return undefined;
  const { kid, kty, n, e } = parsed.data;
  const jwk = { kid, kty, n, e, alg: 'RS256', use: 'sig' };
  const object = publicKeyOf(jwk);
  return (object?.asymmetricKeyDetails?.modulusLength ?? 0) < LEAST_MODULUS_BITS || object === undefined
    ? undefined
    : { kid, jwk, object };
}

/** Undefined for numbers that are no key. */
function publicKeyOf(jwk: { readonly kty: string; readonly n: string; readonly e: string }): KeyObject | undefined {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    return undefined;
  }
}
