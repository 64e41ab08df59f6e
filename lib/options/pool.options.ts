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
  /** Seconds for which fetched keys are used without asking again. Default 300. */
  cacheTtl?: number | undefined;
  /** `false` fetches the keys for every token. Default true; turn it off only to look at key rotation. */
  cache?: boolean | undefined;
  /** Milliseconds after which fetching is given up. Default 3000. */
  timeout?: number | undefined;
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

const jwksSchema = z.strictObject({
  uri: text(addressMend).optional(),
  keys: z
    .object({
      keys: z.array(z.looseObject({ kid: z.string(), kty: z.literal('RSA'), n: z.string(), e: z.string() })).min(1),
    })
    .optional(),
  cacheTtl: z.number().min(0, 'is a number of seconds, 0 or more').optional(),
  cache: z.boolean().optional(),
  timeout: z.number().positive('is a number of milliseconds above 0').optional(),
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
  region: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'is not an AWS region, such as eu-west-1; leave it out to take it from userPoolId')
    .optional(),
  endpoint: text(addressMend).optional(),
  issuer: z.union([text(addressMend), z.array(text(addressMend)).min(1, addressMend)]).optional(),
  domain: text('is empty; leave it out for a pool without managed login').optional(),
  jwks: jwksSchema.optional(),
  allowInsecureEndpoint: z.boolean().optional(),
  allowLocalIssuer: z.boolean().optional(),
};
