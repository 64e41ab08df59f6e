import { Injectable } from '@nestjs/common';
import {
  JwtBaseError,
  JwtExpiredError,
  JwtInvalidIssuerError,
  JwtInvalidSignatureAlgorithmError,
  JwtInvalidSignatureError,
  JwtNotBeforeError,
  JwtParseError,
} from 'aws-jwt-verify/error';
import { verifyJwt } from 'aws-jwt-verify/jwt-verifier';
import { createHash } from 'node:crypto';
import type { CognitoErrorCode } from '../errors/catalogue.js';
import { CognitoError } from '../errors/cognito.error.js';
import { DEFAULT_POOL, type ResolvedPool, type TrustedIssuer } from '../options/resolved-pool.js';
import { judgeClaims } from './claim-checks.js';
import type { TokenUse, VerifiedAccessToken, VerifiedIdToken, VerifiedToken } from './claims.js';
import { FetchedKeySet, type KeySet, type KeySetStatus, type PublicKey, StaticKeySet } from './key-set.js';
import { assertTokenHeader, assertTokenShape, assertTokenTimes } from './token-shape.js';
import type { ResolvedTokensOptions } from './tokens.options.js';

/** What a token has to be good for. */
export interface TokenRequirement {
  /** The pool's name; default `default`. */
  readonly pool?: string | undefined;
  /** The kind of token; default the option `tokenUse`. */
  readonly tokenUse?: TokenUse | 'either' | undefined;
}

/** The two tokens of a sign-in that say something. */
export interface TokenPair {
  readonly accessToken: string;
  readonly idToken: string;
}

/** Two tokens that are good and belong together. */
export interface VerifiedPair {
  readonly access: VerifiedAccessToken;
  readonly id: VerifiedIdToken;
}

/** How the public keys of one issuer of a pool are doing. */
export interface IssuerKeyStatus extends KeySetStatus {
  /** The pool's name: `default`, or the key under `pools`. */
  readonly pool: string;
  readonly issuer: string;
}

/** What is done about a token that has expired and is good in all else. */
type Expired = 'refused' | 'accepted';

/** Says whether a token is good, and what it says. */
@Injectable()
export class CognitoTokenVerifier {
  readonly #pools: ReadonlyMap<string, PoolVerifier>;
  readonly #tokenUse: TokenUse | 'either';

  /** @internal Built by the module. */
  constructor(pools: readonly ResolvedPool[], options: ResolvedTokensOptions) {
    this.#pools = new Map(pools.map((pool) => [pool.name, new PoolVerifier(pool, options.clockTolerance)]));
    this.#tokenUse = options.tokenUse;
  }

  /**
   * Verifies a token: shape, algorithm, issuer, key, signature, times, use, app client.
   *
   * The signature is checked by aws-jwt-verify; what it leaves open is closed before and after it.
   *
   * @param token the compact JWS (RFC 7515 section 3.1), at most 16 KB
   * @param requirement which pool and which kind of token
   * @throws {@link CognitoError} `COGNITO_TOKEN_…` (401) for a token that is not good, `COGNITO_KEYS_UNAVAILABLE` (503)
   * when the pool's keys cannot be had, `COGNITO_POOL_UNKNOWN` (500) for a pool that is not configured
   */
  async verify(token: string, requirement: TokenRequirement = {}): Promise<VerifiedToken> {
    return this.#verify(token, requirement, 'refused');
  }

  /**
   * Verifies the two tokens of one sign-in and that they belong together: same user, same app client, same sign-in.
   *
   * @throws {@link CognitoError} as {@link verify}; `COGNITO_TOKEN_CLAIMS_INVALID` for two tokens of different origin
   */
  async verifyPair(tokens: TokenPair, pool?: string): Promise<VerifiedPair> {
    return this.#verifyPair(tokens, pool, 'refused');
  }

  /**
   * Says whose two tokens are, like {@link verifyPair}, though they may have expired: for renewing what is verified in all
   * else, never for letting anybody in.
   *
   * @internal
   */
  async identifyPair(tokens: TokenPair, pool?: string): Promise<VerifiedPair> {
    return this.#verifyPair(tokens, pool, 'accepted');
  }

  async #verifyPair(tokens: TokenPair, pool: string | undefined, expired: Expired): Promise<VerifiedPair> {
    const [access, id] = await Promise.all([
      this.#verify(tokens.accessToken, { pool, tokenUse: 'access' }, expired),
      this.#verify(tokens.idToken, { pool, tokenUse: 'id' }, expired),
    ]);
    if (access.kind !== 'access' || id.kind !== 'id' || !belongTogether(access, id, tokens)) {
      throw new CognitoError('COGNITO_TOKEN_CLAIMS_INVALID', { detail: 'The two tokens are not of one sign-in.' });
    }
    return { access, id };
  }

  /**
   * Makes sure that tokens of a pool can be verified, before something is spent to get some.
   *
   * @internal
   * @throws {@link CognitoError} `COGNITO_KEYS_UNAVAILABLE`, `COGNITO_POOL_UNKNOWN`
   */
  async requireKeys(pool: string): Promise<void> {
    await this.#find(pool).requireKeys();
  }

  /**
   * How the public keys of each issuer are doing; nothing is fetched to find out. A pool has two issuers unless `issuer` or
   * `endpoint` is written, and its keys at AWS are those of one of them: a pool is well when one of its issuers is `ready`.
   */
  keyStatus(): readonly IssuerKeyStatus[] {
    return [...this.#pools.values()].flatMap((pool) => pool.keyStatus());
  }

  async #verify(token: string, requirement: TokenRequirement, expired: Expired): Promise<VerifiedToken> {
    const { pool = DEFAULT_POOL, tokenUse = this.#tokenUse } = requirement;
    return this.#find(pool).verify(token, tokenUse, expired);
  }

  #find(name: string): PoolVerifier {
    const pool = this.#pools.get(name);
    if (pool !== undefined) return pool;
    throw new CognitoError('COGNITO_POOL_UNKNOWN', {
      detail: `There is no pool ${JSON.stringify(name)} under \`pools\`.`,
    });
  }
}

function belongTogether(access: VerifiedAccessToken, id: VerifiedIdToken, { accessToken }: TokenPair): boolean {
  const [ofAccess, ofId] = [access.claims.origin_jti, id.claims.origin_jti];
  const sameOrigin = ofAccess === undefined || ofId === undefined || ofAccess === ofId;
  const sameUser = access.claims.sub === id.claims.sub && access.clientId === id.clientId;
  return sameUser && sameOrigin && isHashOf(id.claims['at_hash'], accessToken);
}

/** `at_hash` (OpenID Connect Core section 3.1.3.6), which the token endpoint writes and the API does not. */
function isHashOf(hash: unknown, accessToken: string): boolean {
  if (hash === undefined) return true;
  return hash === createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url');
}

type Unverified = Readonly<Record<string, unknown>>;

/** The tokens of one pool. */
class PoolVerifier {
  readonly #issuers: ReadonlyMap<string, KeySet>;
  readonly #issuerNames: string[];

  constructor(
    private readonly pool: ResolvedPool,
    private readonly clockTolerance: number,
  ) {
    this.#issuers = new Map(pool.issuers.map((trusted) => [trusted.issuer, keySetOf(trusted, pool)]));
    this.#issuerNames = [...this.#issuers.keys()];
  }

  async verify(token: string, use: TokenUse | 'either', expired: Expired): Promise<VerifiedToken> {
    assertTokenShape(token);
    const { payload, kid } = await this.#verifySignature(token, expired);
    return { ...judgeClaims(payload, this.pool, use, this.clockTolerance), kid } as VerifiedToken;
  }

  async requireKeys(): Promise<void> {
    for (const keySet of this.#issuers.values()) if (await keySet.isReady()) return;
    throw new CognitoError('COGNITO_KEYS_UNAVAILABLE', {
      detail: `No key set of ${this.#issuerNames.join(' or ')} could be fetched.`,
    });
  }

  keyStatus(): IssuerKeyStatus[] {
    return [...this.#issuers].map(([issuer, keySet]) => ({ pool: this.pool.name, issuer, ...keySet.status() }));
  }

  async #verifySignature(
    token: string,
    expired: Expired,
  ): Promise<{ payload: Readonly<Record<string, unknown>>; kid: string }> {
    const graceSeconds = expired === 'accepted' ? Infinity : this.clockTolerance;
    const found: { key?: PublicKey } = {};
    try {
      const payload = await verifyJwt(
        token,
        this.pool.name,
        { issuer: this.#issuerNames, audience: null, graceSeconds },
        async (_, unverified) => (found.key = await this.#keyFor(unverified)).jwk,
        // The library's own cache of key objects is keyed by the unverified issuer and grows without bound.
        async () => found.key?.object ?? Promise.reject(new CognitoError('COGNITO_TOKEN_KEY_UNKNOWN')),
      );
      // No signature is checked without a key, so there is one.
      return { payload, kid: found.key?.kid ?? '' };
    } catch (thrown) {
      throw asCognitoError(thrown);
    }
  }

  /** The key that the token names, if all that can be judged without its signature is in order. */
  #keyFor({ header, payload }: { readonly header: Unverified; readonly payload: Unverified }): Promise<PublicKey> {
    const { kid } = assertTokenHeader(header);
    assertTokenTimes(payload);
    return this.#keySetFor(payload['iss']).find(kid);
  }

  #wrongIssuer(): CognitoError {
    const expected = this.#issuerNames.join(' or ');
    return new CognitoError('COGNITO_TOKEN_WRONG_ISSUER', { detail: `The token was not issued by ${expected}.` });
  }

  #keySetFor(issuer: unknown): KeySet {
    const keySet = typeof issuer === 'string' ? this.#issuers.get(issuer) : undefined;
    if (keySet === undefined) throw this.#wrongIssuer();
    return keySet;
  }
}

function keySetOf({ keys }: TrustedIssuer, pool: ResolvedPool): KeySet {
  return keys.from === 'uri' ? new FetchedKeySet(keys.uri, pool.jwks) : new StaticKeySet(keys.set);
}

const codes: ReadonlyArray<readonly [kind: new (...args: never[]) => Error, code: CognitoErrorCode]> = [
  [JwtExpiredError, 'COGNITO_TOKEN_EXPIRED'],
  [JwtNotBeforeError, 'COGNITO_TOKEN_NOT_YET_VALID'],
  [JwtInvalidSignatureError, 'COGNITO_TOKEN_SIGNATURE_INVALID'],
  [JwtInvalidSignatureAlgorithmError, 'COGNITO_TOKEN_ALGORITHM_REFUSED'],
  [JwtInvalidIssuerError, 'COGNITO_TOKEN_WRONG_ISSUER'],
  [JwtParseError, 'COGNITO_TOKEN_MALFORMED'],
  [JwtBaseError as unknown as new () => Error, 'COGNITO_TOKEN_CLAIMS_INVALID'],
];

/** The library's messages repeat claims; only the kind of its error is kept. */
function asCognitoError(thrown: unknown): unknown {
  const code = codes.find(([kind]) => thrown instanceof kind)?.[1];
  return code === undefined ? thrown : new CognitoError(code);
}
