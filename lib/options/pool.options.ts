import { z } from 'zod';

/** A JSON Web Key Set (RFC 7517 section 5). */
export interface JsonWebKeySet {
  readonly keys: readonly JsonWebKey[];
}

/** One public RSA key of a key set (RFC 7517 section 4). */
export interface JsonWebKey {
  readonly kid: string;
  readonly kty: string;
  readonly n: string;
  readonly e: string;
  readonly alg?: string | undefined;
  readonly use?: string | undefined;
}

/** Where a pool's public keys come from, and for how long they are kept. */
export interface JwksOptions {
  /** Address of the key set. Default: `{issuer}/.well-known/jwks.json`. Plain http on loopback only. */
  uri?: string | undefined;
  /** The keys themselves; nothing is fetched then. */
  keys?: JsonWebKeySet | undefined;
  /** Path of a file with the keys (JSON), read when the application starts; nothing is fetched then. */
  file?: string | undefined;
  /** Seconds for which fetched keys are used without asking again. Default 300. */
  cacheTtl?: number | undefined;
  /** `false` fetches the keys for every token. Default true; turn it off only to look at key rotation. */
  cache?: boolean | undefined;
  /** Seconds for which keys serve on when they cannot be renewed. Default 86400. */
  staleTtl?: number | undefined;
  /** Milliseconds after which one try to fetch is given up. Default 3000. */
  timeout?: number | undefined;
  /** How often a fetch that failed is tried again at once. Default 1, at most 5. */
  retries?: number | undefined;
  /**
   * Whether the keys are fetched when the application starts, so that no request waits for them: `true` (default) does not hold
   * the start up and logs what came of it, `'strict'` waits and does not start without keys, `false` leaves it to the first token.
   */
  warmUp?: boolean | 'strict' | undefined;
  /**
   * Shares fetched keys between processes: a Keyv, or any object with `get` and `set`. Whoever can write there decides whose tokens
   * are good. Default: each process fetches for itself.
   */
  store?: KeyStore | undefined;
}

/** Where processes share fetched keys, as text; a Keyv fits. */
export interface KeyStore {
  get(key: string): Promise<unknown>;
  /** @param ttl milliseconds */
  set(key: string, value: string, ttl: number): Promise<unknown>;
}

/** Which user pool it is, where it is reached, and whose tokens are trusted. */
export interface PoolOptions {
  /** The id of the user pool, such as `eu-west-1_AbCdEfGhI`. */
  userPoolId: string;
  /** The app client's id. With several, the first makes the API calls and tokens of all are accepted. */
  clientId: string | readonly string[];
  /** The secret of the first app client, if it has one. */
  clientSecret?: string | undefined;
  /** The AWS region. Default: the part of `userPoolId` before its underscore. */
  region?: string | undefined;
  /**
   * Address that API calls go to. Default: AWS's own, or what `AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER` says.
   *
   * On loopback (the emulator) issuer and keys follow it; anywhere else they have to be written beside it.
   */
  endpoint?: string | undefined;
  /** The `iss` of the pool's tokens, if it is not one of the two that AWS derives from `userPoolId`. */
  issuer?: string | readonly string[] | undefined;
  /**
   * Further AWS regions whose issuers sign for this pool, for a pool that is replicated: each adds the two issuers of its region,
   * with keys of their own. Not beside `issuer` or `endpoint`.
   */
  issuerRegions?: readonly string[] | undefined;
  /** The domain of managed login (hosted UI), such as `auth.example.com`. */
  domain?: string | undefined;
  /** The pool's public keys. Default: fetched from the issuer. */
  jwks?: JwksOptions | undefined;
  /** Permits a plain http `endpoint`, `issuer` or `jwks.uri` off loopback. Default false. */
  allowInsecureEndpoint?: boolean | undefined;
  /** Permits an issuer or a key set on this machine while `NODE_ENV` is `production`. Default false. */
  allowLocalIssuer?: boolean | undefined;
}

const text = (mend: string) => z.string({ error: mend }).min(1, mend);
const clientIdMend = 'set the id of the app client (or a list of ids); the AWS console shows it under "App clients"';
const addressMend = 'has to be an absolute http(s) address';

const region = (mend: string) => z.string({ error: mend }).regex(/^[a-z0-9-]+$/, mend);
const retriesMend = 'is a whole number from 0 to 5';
const secondsMend = 'is a number of seconds, 0 or more';
const timeoutMend = 'is a number of milliseconds above 0';
const switchMend = 'is true or false';

/** The shape of a key set that is written in the options or in a file. */
export const keySetSchema = z.object({
  keys: z.array(z.looseObject({ kid: z.string(), kty: z.literal('RSA'), n: z.string(), e: z.string() })).min(1),
});

const jwksSchema = z.strictObject({
  uri: text(addressMend).optional(),
  keys: keySetSchema.optional(),
  file: text('is the path of a file with a JSON Web Key Set').optional(),
  cacheTtl: z.number({ error: secondsMend }).min(0, secondsMend).optional(),
  cache: z.boolean({ error: switchMend }).optional(),
  staleTtl: z.number({ error: secondsMend }).min(0, secondsMend).optional(),
  timeout: z.number({ error: timeoutMend }).positive(timeoutMend).optional(),
  retries: z.int({ error: retriesMend }).min(0, retriesMend).max(5, retriesMend).optional(),
  warmUp: z.union([z.boolean(), z.literal('strict')], { error: "is `true`, `false` or 'strict'" }).optional(),
  store: z
    .custom<KeyStore>(isKeyStore, 'has to be an object with the methods `get` and `set`, a Keyv for instance')
    .optional(),
});

/** The shape of {@link PoolOptions}: what can be checked key by key. */
export const poolOptionsShape = {
  userPoolId: text('set the id of the user pool, such as eu-west-1_AbCdEfGhI').regex(
    /^[\w-]+_[0-9a-zA-Z]+$/,
    'is not the id of a user pool; it looks like eu-west-1_AbCdEfGhI',
  ),
  clientId: z.union([text(clientIdMend), z.array(text(clientIdMend)).min(1, clientIdMend)], { error: clientIdMend }),
  clientSecret: text('is empty; leave it out for an app client without a secret').optional(),
  // It becomes part of a host name: nothing that could end the host name may be in it.
  region: region('is not an AWS region, such as eu-west-1; leave it out to take it from userPoolId').optional(),
  endpoint: text(addressMend).optional(),
  issuer: z.union([text(addressMend), z.array(text(addressMend)).min(1, addressMend)]).optional(),
  issuerRegions: z.array(region('is not an AWS region, such as eu-west-1')).optional(),
  domain: text('is empty; leave it out for a pool without managed login').optional(),
  jwks: jwksSchema.optional(),
  allowInsecureEndpoint: z.boolean({ error: switchMend }).optional(),
  allowLocalIssuer: z.boolean({ error: switchMend }).optional(),
};

function isKeyStore(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return 'get' in value && typeof value.get === 'function' && 'set' in value && typeof value.set === 'function';
}
