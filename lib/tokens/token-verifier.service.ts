import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { CognitoError } from '../errors/cognito.error.js';
import { DEFAULT_POOL, type ResolvedPool } from '../options/resolved-pool.js';
import type { TokenUse, VerifiedAccessToken, VerifiedIdToken, VerifiedToken } from './claims.js';
import { type Expired, type IssuerKeyStatus, PoolVerifier } from './pool-verifier.js';
import { Revocations } from './revocations.js';
import type { ResolvedTokensOptions } from './tokens.options.js';
import { VerifiedTokenCache } from './verified-token-cache.js';

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

/** Says whether a token is good, and what it says. */
@Injectable()
export class CognitoTokenVerifier implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #pools: ReadonlyMap<string, PoolVerifier>;
  readonly #tokenUse: TokenUse | 'either';
  readonly #closing = new AbortController();
  /**
   * Where whoever ends a sign-in notes it.
   *
   * @internal
   */
  readonly revocations: Revocations;

  /** @internal Built by the module. */
  constructor(pools: readonly ResolvedPool[], options: ResolvedTokensOptions) {
    const { clockTolerance, tokenCache, revocation } = options;
    const cache = tokenCache === undefined ? undefined : new VerifiedTokenCache(tokenCache);
    this.#pools = new Map(pools.map((pool) => [pool.name, new PoolVerifier(pool, { clockTolerance, cache })]));
    this.#tokenUse = options.tokenUse;
    this.revocations = new Revocations(revocation, pools, clockTolerance);
  }

  /**
   * Verifies a token: shape, algorithm, issuer, key, signature, times, use, app client; and, with the option `revocation`, that
   * its sign-in has not ended.
   *
   * The signature is checked by aws-jwt-verify; what it leaves open is closed before and after it. A good signature is
   * remembered (option `tokenCache`) and with it what the claims say at all times; times, key, kind and revocation are judged with
   * every call. What is returned is frozen throughout.
   *
   * @param token the compact JWS (RFC 7515 section 3.1), at most 16 KB
   * @param requirement which pool and which kind of token
   * @throws {@link CognitoError} `COGNITO_TOKEN_…` (401) for a token that is not good, `COGNITO_KEYS_UNAVAILABLE` (503)
   * when the pool's keys cannot be had, `COGNITO_REVOCATION_UNAVAILABLE` (503) when the revocation store does not answer,
   * `COGNITO_POOL_UNKNOWN` (500) for a pool that is not configured
   */
  verify(token: string, requirement: TokenRequirement = {}): Promise<VerifiedToken> {
    const verified = this.#verify(token, requirement, 'refused');
    return this.revocations.areKept ? this.#live(verified) : verified;
  }

  /**
   * What {@link verify} would say of a token that is remembered and good.
   *
   * @internal
   * @returns undefined where somebody has to be asked, or the answer is not simply yes; also where `verify` was replaced
   */
  recall(
    token: string,
    { pool = DEFAULT_POOL, tokenUse = this.#tokenUse }: TokenRequirement,
  ): VerifiedToken | undefined {
    // Whoever puts a method of their own in the place of `verify` means this one, too.
    if (this.verify !== ownVerify || this.revocations.areKept) return undefined;
    return this.#pools.get(pool)?.recall(token, tokenUse);
  }

  async #live(verifying: Promise<VerifiedToken>): Promise<VerifiedToken> {
    const verified = await verifying;
    await this.revocations.assertLive(verified);
    return verified;
  }

  /**
   * Verifies the two tokens of one sign-in and that they belong together: same user, same app client, same sign-in.
   *
   * @throws {@link CognitoError} as {@link verify}; `COGNITO_TOKEN_CLAIMS_INVALID` for two tokens of different origin
   */
  async verifyPair(tokens: TokenPair, pool?: string): Promise<VerifiedPair> {
    const verified = await this.#verifyPair(tokens, pool, 'refused');
    await this.revocations.assertLive(verified.access);
    return verified;
  }

  /**
   * Verifies two tokens that Cognito has just given, like {@link verifyPair}. Nothing is asked about revocation: they must not
   * be lost because a store is out of reach.
   *
   * @internal
   */
  async verifyGivenPair(tokens: TokenPair, pool: string): Promise<VerifiedPair> {
    return this.#verifyPair(tokens, pool, 'refused');
  }

  /**
   * Says whose access token this is, though its sign-in may have ended: for ending it, never for letting anybody in.
   *
   * @internal
   * @param expired what is done about one that has expired
   */
  async identify(accessToken: string, pool: string, expired: Expired): Promise<VerifiedToken> {
    return this.#verify(accessToken, { pool, tokenUse: 'access' }, expired);
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
   * Fetches the keys of every pool, as its `jwks.warmUp` says; called by Nest.
   *
   * @throws {@link CognitoError} `COGNITO_KEYS_UNAVAILABLE` for a pool that is strict about it
   */
  async onApplicationBootstrap(): Promise<void> {
    const pools = [...this.#pools.values()];
    // Nobody waits for the others, and they do not fail.
    for (const pool of pools) if (!pool.isStrict) void pool.warmUp(this.#closing.signal);
    await Promise.all(pools.filter(({ isStrict }) => isStrict).map((pool) => pool.warmUp(this.#closing.signal)));
  }

  /** Ends what {@link onApplicationBootstrap} has begun; called by Nest. */
  onModuleDestroy(): void {
    this.#closing.abort();
  }

  /**
   * How the public keys of each issuer are doing; nothing is fetched to find out. A pool has two issuers unless `issuer` or
   * `endpoint` is written, and its keys at AWS are those of one of them: a pool is well when one of its issuers is `ready`.
   */
  keyStatus(): readonly IssuerKeyStatus[] {
    return [...this.#pools.values()].flatMap((pool) => pool.keyStatus());
  }

  #verify(token: string, requirement: TokenRequirement, expired: Expired): Promise<VerifiedToken> {
    const { pool: name = DEFAULT_POOL, tokenUse = this.#tokenUse } = requirement;
    const pool = this.#pools.get(name);
    return pool === undefined ? Promise.reject(unknownPool(name)) : pool.verify(token, tokenUse, expired);
  }

  #find(name: string): PoolVerifier {
    const pool = this.#pools.get(name);
    if (pool === undefined) throw unknownPool(name);
    return pool;
  }
}

/** As it is written above: it may be replaced on the class as well as on one of its objects. */
const ownVerify: unknown = Reflect.get(CognitoTokenVerifier.prototype, 'verify');

function unknownPool(name: string): CognitoError {
  return new CognitoError('COGNITO_POOL_UNKNOWN', {
    detail: `There is no pool ${JSON.stringify(name)} under \`pools\`.`,
  });
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
