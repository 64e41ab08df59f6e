import { Logger } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import {
  JwtBaseError,
  JwtExpiredError,
  JwtInvalidIssuerError,
  JwtInvalidSignatureAlgorithmError,
  JwtInvalidSignatureError,
  JwtNotBeforeError,
  JwtParseError,
} from 'aws-jwt-verify/error';
import type { JwtPayload } from 'aws-jwt-verify/jwt-model';
import { verifyJwtSync } from 'aws-jwt-verify/jwt-verifier';
import type { CognitoErrorCode } from '../errors/catalogue.js';
import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import type { ResolvedPool, TrustedIssuer } from '../options/resolved-pool.js';
import { assertNow, assertWanted, isNow, isWanted, judgeClaims } from './claim-checks.js';
import type { TokenUse, VerifiedToken } from './claims.js';
import { deepFreeze } from './deep-freeze.js';
import { FetchedKeySet, type KeySet, type KeySetStatus, StaticKeySet } from './key-set.js';
import type { PublicKey } from './public-keys.js';
import { TokenHeaders } from './token-header.js';
import { assertTokenShape, assertTokenSize, assertTokenTimes } from './token-shape.js';
import type { SignedClaims, VerifiedTokenCache } from './verified-token-cache.js';

/** How the public keys of one issuer of a pool are doing. */
export interface IssuerKeyStatus extends KeySetStatus {
  /** The pool's name: `default`, or the key under `pools`. */
  readonly pool: string;
  readonly issuer: string;
}

/** What is done about a token that has expired and is good in all else. */
export type Expired = 'refused' | 'accepted';

/** What verifying depends on besides the pool. */
export interface PoolVerifierSettings {
  /** Seconds. */
  readonly clockTolerance: number;
  /** Shared by all pools; undefined remembers nothing. */
  readonly cache: VerifiedTokenCache | undefined;
}

const logger = new Logger('CognitoModule');

/** What every key says of itself; its numbers are in the key object, which is found when the issuer is known. */
const ANY_KEY = { kty: 'RSA', alg: 'RS256', use: 'sig', n: 'unused', e: 'unused' } as const;

/** Verifies the tokens of one pool. */
export class PoolVerifier {
  readonly #headers = new TokenHeaders();
  readonly #issuers: ReadonlyMap<string, KeySet>;
  readonly #issuerNames: string[];

  constructor(
    private readonly pool: ResolvedPool,
    private readonly settings: PoolVerifierSettings,
  ) {
    this.#issuers = new Map(pool.issuers.map((trusted) => [trusted.issuer, keySetOf(trusted, pool)]));
    this.#issuerNames = [...this.#issuers.keys()];
  }

  async verify(token: string, use: TokenUse | 'either', expired: Expired): Promise<VerifiedToken> {
    assertTokenSize(token);
    const known = expired === 'refused' ? this.settings.cache?.get(this.pool.name, token) : undefined;
    const isGood = known !== undefined && (this.#isGoodNow(known) || (await this.#isStillGood(token, known)));
    const signed = isGood ? known : await this.#verifySignature(token, expired);
    const verified = (signed.verified ??= judged(signed, this.pool, use));
    assertWanted(verified, use, this.settings.clockTolerance);
    return verified;
  }

  /** What {@link verify} would say at once of a token that is remembered; undefined for all but a plain yes. */
  recall(token: string, use: TokenUse | 'either'): VerifiedToken | undefined {
    const known = this.settings.cache?.get(this.pool.name, token);
    if (known?.verified === undefined || !this.#isGoodNow(known)) return undefined;
    return isWanted(known.verified, use, this.settings.clockTolerance) ? known.verified : undefined;
  }

  async requireKeys(): Promise<void> {
    for (const keySet of this.#issuers.values()) if (await keySet.isReady()) return;
    throw new CognitoError('COGNITO_KEYS_UNAVAILABLE', {
      detail: `No key set of ${this.#issuerNames.join(' or ')} could be fetched.`,
    });
  }

  /** Whether an application must not start without this pool's keys. */
  get isStrict(): boolean {
    return this.pool.jwks.warmUp === 'strict';
  }

  /**
   * Fetches the keys before the first token needs them, and logs what came of it.
   *
   * @param closing aborted when the application closes: what comes of it is of no interest then
   * @throws {@link CognitoError} `COGNITO_KEYS_UNAVAILABLE` under `jwks.warmUp: 'strict'`
   */
  async warmUp(closing: AbortSignal): Promise<void> {
    const { name, jwks, issuers } = this.pool;
    if (jwks.warmUp === false || issuers.every(({ keys }) => keys.from === 'options')) return;
    await Promise.all([...this.#issuers.values()].map((keySet) => keySet.isReady()));
    if (closing.aborted) return;
    const status = this.keyStatus();
    if (status.some(({ ready }) => ready)) {
      const ready = status.flatMap((entry) => (entry.ready ? [entry.issuer] : []));
      logger.log(`Pool ${JSON.stringify(name)}: the keys of ${ready.join(' and ')} are there.`);
      return;
    }
    const why = status.map(({ issuer, lastError }) => `${issuer}: ${lastError ?? 'not fetched'}`).join(', ');
    const detail = `Pool ${JSON.stringify(name)}: no keys could be fetched (${why}).`;
    if (jwks.warmUp === 'strict') throw new CognitoError('COGNITO_KEYS_UNAVAILABLE', { detail });
    logger.warn(`${detail} Its tokens are answered 503 until they can.`);
  }

  keyStatus(): IssuerKeyStatus[] {
    return [...this.#issuers].map(([issuer, keySet]) => {
      const { ready, ageSeconds, lastError } = keySet.status();
      return { pool: this.pool.name, issuer, ready, ageSeconds, lastError };
    });
  }

  /** Whether nobody has to be asked to know that a token is as good as it was. */
  #isGoodNow({ issuer, key, payload }: SignedClaims): boolean {
    return this.#issuers.get(issuer)?.peek(key.kid) === key && isNow(payload, this.settings.clockTolerance);
  }

  /** Whether the key is still the one of that name; throws what is said of a token whose time is over. */
  async #isStillGood(token: string, known: SignedClaims): Promise<boolean> {
    try {
      const keySet = this.#keySetFor(known.issuer);
      const key = keySet.peek(known.key.kid) ?? (await keySet.find(known.key.kid));
      if (!isSameKey(key, known.key)) return false;
      assertNow(known.payload, this.settings.clockTolerance);
      // The same key, fetched anew: from now on it is known at once again.
      known.key = key;
      return true;
    } catch (thrown) {
      // What cannot be said now may be true again: only a refusal is final.
      if (!isCognitoError(thrown, 'COGNITO_KEYS_UNAVAILABLE')) this.settings.cache?.delete(this.pool.name, token);
      throw thrown;
    }
  }

  /** Checks the signature, at once if the key is at hand. */
  #verifySignature(token: string, expired: Expired): SignedClaims | Promise<SignedClaims> {
    assertTokenShape(token);
    const kid = this.#headers.kidOf(token);
    try {
      return this.#checkSignature(token, expired, (keySet) => keySet.peek(kid));
    } catch (thrown) {
      if (!(thrown instanceof KeyNotAtHandError)) throw thrown;
      return thrown.keySet.find(kid).then((key) => this.#checkSignature(token, expired, () => key));
    }
  }

  /** What is good is remembered, unless it may have expired. */
  #checkSignature(token: string, expired: Expired, keyOf: (keySet: KeySet) => PublicKey | undefined): SignedClaims {
    const graceSeconds = expired === 'refused' ? this.settings.clockTolerance : Infinity;
    let key: PublicKey | undefined;
    // The library's own cache of key objects is keyed by the unverified issuer and grows without bound.
    const objectOf = (_jwk: unknown, _alg: unknown, issuer: unknown): KeyObject => {
      const keySet = this.#keySetFor(issuer);
      key = keyOf(keySet);
      if (key === undefined) throw new KeyNotAtHandError(keySet);
      return key.object;
    };
    const payload = signedPayload(token, { issuer: this.#issuerNames, audience: null, graceSeconds }, objectOf);
    // No signature is checked without a key, and no key is found without an issuer.
    if (key === undefined || payload.iss === undefined) throw new CognitoError('COGNITO_TOKEN_KEY_UNKNOWN');
    const signed = { payload: deepFreeze(payload), issuer: payload.iss, key };
    if (expired === 'refused') this.settings.cache?.set(this.pool.name, token, signed);
    return signed;
  }

  #keySetFor(issuer: unknown): KeySet {
    const keySet = typeof issuer === 'string' ? this.#issuers.get(issuer) : undefined;
    if (keySet === undefined) throw this.#wrongIssuer();
    return keySet;
  }

  #wrongIssuer(): CognitoError {
    const expected = this.#issuerNames.join(' or ');
    return new CognitoError('COGNITO_TOKEN_WRONG_ISSUER', { detail: `The token was not issued by ${expected}.` });
  }
}

function keySetOf({ keys }: TrustedIssuer, pool: ResolvedPool): KeySet {
  return keys.from === 'uri' ? new FetchedKeySet(keys.uri, pool.jwks) : new StaticKeySet(keys.set);
}

type VerifyOptions = Parameters<typeof verifyJwtSync>[2];
type KeyObjectFinder = NonNullable<Parameters<typeof verifyJwtSync>[3]>;

function signedPayload(token: string, options: VerifyOptions, objectOf: KeyObjectFinder): JwtPayload {
  try {
    const payload = verifyJwtSync(token, ANY_KEY, options, objectOf);
    assertTokenTimes(payload);
    return payload;
  } catch (thrown) {
    throw asCognitoError(thrown);
  }
}

/** The key that a token names has to be asked for. */
class KeyNotAtHandError extends Error {
  constructor(readonly keySet: KeySet) {
    super('The key is not at hand.');
  }
}

function judged({ payload, key }: SignedClaims, pool: ResolvedPool, use: TokenUse | 'either'): VerifiedToken {
  const { kind, clientId, claims } = judgeClaims(payload, pool, use);
  return Object.freeze({ kind, pool: pool.name, clientId, claims, kid: key.kid }) as VerifiedToken;
}

/** A key that took over the name of another is another. */
function isSameKey(a: PublicKey, b: PublicKey): boolean {
  return a === b || (a.jwk['n'] === b.jwk['n'] && a.jwk['e'] === b.jwk['e']);
}

const codes: ReadonlyArray<readonly [kind: new (...args: never[]) => Error, code: CognitoErrorCode]> = [
  [JwtExpiredError, 'COGNITO_TOKEN_EXPIRED'],
  [JwtNotBeforeError, 'COGNITO_TOKEN_NOT_YET_VALID'],
  [JwtInvalidSignatureError, 'COGNITO_TOKEN_SIGNATURE_INVALID'],
  [JwtInvalidSignatureAlgorithmError, 'COGNITO_TOKEN_ALGORITHM_REFUSED'],
  [JwtInvalidIssuerError, 'COGNITO_TOKEN_WRONG_ISSUER'],
  [JwtParseError, 'COGNITO_TOKEN_MALFORMED'],
  // The library prints the time that a token was good until, and some numbers are no times.
  [RangeError, 'COGNITO_TOKEN_CLAIMS_INVALID'],
  [JwtBaseError as unknown as new () => Error, 'COGNITO_TOKEN_CLAIMS_INVALID'],
];

/** The library's messages repeat claims; only the kind of its error is kept. */
function asCognitoError(thrown: unknown): unknown {
  const code = codes.find(([kind]) => thrown instanceof kind)?.[1];
  return code === undefined ? thrown : new CognitoError(code);
}
