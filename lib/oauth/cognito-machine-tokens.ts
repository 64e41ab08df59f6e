import { Injectable } from '@nestjs/common';
import { CognitoError } from '../errors/cognito.error.js';
import type { ResolvedPool } from '../options/resolved-pool.js';
import { CognitoTokenVerifier } from '../tokens/token-verifier.service.js';
import type { ResolvedMachineTokensOptions } from './machine-tokens.options.js';
import { OAuthClient } from './oauth-client.js';
import { poolOf, resolveTokenEndpoint } from './oauth.options.js';

/** Which token a service wants. */
export interface MachineTokenRequest {
  /** The pool, and with it the app client: `default` or a key under `pools`. Default `default`. */
  readonly pool?: string | undefined;
  /** Scopes of the pool's resource servers. Default: all that the app client has. */
  readonly scopes?: readonly string[] | undefined;
}

interface Kept {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly until: number;
}

/** As many combinations of pool and scopes as are remembered. */
const MOST = 100;

/**
 * Tokens with which a service calls others (client credentials, RFC 6749 section 4.4): each is asked for once, verified, and kept
 * until shortly before it expires.
 */
@Injectable()
export class CognitoMachineTokens {
  readonly #clients = new Map<string, OAuthClient>();
  readonly #kept = new Map<string, Kept>();
  readonly #flights = new Map<string, Promise<string>>();

  /** @internal Built by {@link CognitoMachineTokensModule}. */
  constructor(
    private readonly options: ResolvedMachineTokensOptions,
    private readonly pools: readonly ResolvedPool[],
    private readonly verifier: CognitoTokenVerifier,
  ) {}

  /**
   * An access token that is good for at least the option `leeway`, or for half of its life if that is less.
   *
   * @throws {@link CognitoError} `COGNITO_CLIENT_MISCONFIGURED` for an app client without a secret, the grant or a scope,
   * `COGNITO_OPTIONS_INVALID` for a pool without a `domain`, `COGNITO_TOKEN_…` for an answer that is not good,
   * `COGNITO_THROTTLED`, `COGNITO_UNAVAILABLE`
   */
  async get({ pool = 'default', scopes = [] }: MachineTokenRequest = {}): Promise<string> {
    const wanted = [...new Set(scopes)].toSorted();
    const key = JSON.stringify([pool, ...wanted]);
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.until > Date.now()) return kept.token;
    const underWay = this.#flights.get(key);
    if (underWay !== undefined) return underWay;
    const flight = this.#fetch(key, pool, wanted).finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  /** Forgets a token that a service has refused, so that the next {@link get} asks for another. */
  forget(token: string): void {
    for (const [key, kept] of this.#kept) if (kept.token === token) this.#kept.delete(key);
  }

  async #fetch(key: string, pool: string, scopes: readonly string[]): Promise<string> {
    const client = this.#clientOf(pool);
    // AWS bills each token, and without keys none could be verified.
    await this.verifier.requireKeys(pool);
    const { accessToken } = await client.clientCredentials(scopes);
    const { kind, claims } = await this.verifier.verify(accessToken, { pool, tokenUse: 'access' });
    if (kind !== 'machine') {
      throw new CognitoError('COGNITO_TOKEN_CLAIMS_INVALID', { detail: 'The token endpoint gave a person’s token.' });
    }
    const life = claims.exp * 1000 - Date.now();
    this.#keep(key, { token: accessToken, until: claims.exp * 1000 - Math.min(this.options.leeway, life / 2) });
    return accessToken;
  }

  #keep(key: string, kept: Kept): void {
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= MOST) this.#kept.delete(oldest);
    this.#kept.set(key, kept);
  }

  #clientOf(name: string): OAuthClient {
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const pool = poolOf(name, this.pools);
    const client = new OAuthClient(pool, resolveTokenEndpoint(pool, this.options.endpoint));
    this.#clients.set(name, client);
    return client;
  }
}
