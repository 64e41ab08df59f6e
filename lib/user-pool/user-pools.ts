import type { CredentialsOptions } from '../options/credentials.options.js';
import { DEFAULT_POOL, type ResolvedPool } from '../options/resolved-pool.js';
import type { ResolvedSecrets } from '../options/secrets.options.js';
import type { CognitoTokenVerifier } from '../tokens/token-verifier.service.js';
import { AttributeMapper } from './attribute-mapping.js';
import { ChallengeSeal } from './challenge-seal.js';
import { CognitoService } from './cognito.service.js';
import { UserPoolClient } from './user-pool-client.js';
import type { CognitoSdkClient, RefreshFlow } from './user-pool.options.js';

interface Belongings {
  readonly credentials: CredentialsOptions['credentials'];
  /** The credentials of the named pools that have their own. */
  readonly poolCredentials?: ReadonlyMap<string, CredentialsOptions['credentials']>;
  /** The application's own SDK client; it belongs to one region, so it serves the default pool alone. */
  readonly client: CognitoSdkClient | undefined;
  readonly secrets: ResolvedSecrets;
  /** Milliseconds. Default 15000. */
  readonly requestTimeout?: number | undefined;
  /** Default `GetTokensFromRefreshToken`. */
  readonly refreshFlow?: RefreshFlow | undefined;
  /** Default: attributes keep Cognito's names. */
  readonly attributes?: AttributeMapper | undefined;
}

/** One desk for each configured pool. */
export class UserPools {
  readonly #clients: readonly UserPoolClient[];
  readonly #desks: ReadonlyMap<string, CognitoService>;

  constructor(pools: readonly ResolvedPool[], belongings: Belongings, verifier: CognitoTokenVerifier) {
    const {
      attributes = new AttributeMapper(),
      requestTimeout = 15_000,
      refreshFlow = 'GetTokensFromRefreshToken',
    } = belongings;
    this.#clients = pools.map((pool) => {
      const credentials = belongings.poolCredentials?.get(pool.name) ?? belongings.credentials;
      const ownClient = pool.name === DEFAULT_POOL ? belongings.client : undefined;
      return new UserPoolClient(pool, { credentials, ownClient, attributes, requestTimeout, refreshFlow });
    });
    const find = (name: string): CognitoService | undefined => this.#desks.get(name);
    this.#desks = new Map(
      this.#clients.map((client) => [
        client.pool.name,
        new CognitoService(client, verifier, new ChallengeSeal(client, belongings.secrets), find),
      ]),
    );
  }

  /** The desk of the pool at the top of the options. */
  get main(): CognitoService {
    const [first] = this.#desks.values();
    if (first === undefined) throw new TypeError('There is always a default pool.');
    return first;
  }

  /** Closes every connection. */
  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}
