import { Logger } from '@nestjs/common';
import { CognitoError } from '../errors/cognito.error.js';
import type { ResolvedPool } from '../options/resolved-pool.js';
import type { ResolvedSecrets } from '../options/secrets.options.js';
import { SealBrokenError, Sealer } from '../sealing/sealer.js';
import { type AnyChallenge, isChallengeName } from './challenges.js';

/** Cognito's sessions live from 3 to 15 minutes; a seal that lives longer opens nothing that still helps. */
const LONGEST_LIFETIME = 15 * 60;

/** What is inside: the challenge, and whose it is. */
interface SealedChallenge {
  readonly pool: string;
  readonly client: string;
  readonly challenge: AnyChallenge;
}

/** Carries a challenge through hands that must not read or change it. */
export class ChallengeSeal {
  readonly #logger = new Logger(ChallengeSeal.name);
  readonly #sealer: Sealer;
  readonly #pool: ResolvedPool;
  readonly #secrets: ResolvedSecrets;
  #warned = false;

  constructor(pool: ResolvedPool, secrets: ResolvedSecrets) {
    this.#pool = pool;
    this.#secrets = secrets;
    this.#sealer = new Sealer(secrets.read);
  }

  /** Seals a challenge of this pool and client. */
  async seal(challenge: AnyChallenge): Promise<string> {
    if (this.#secrets.madeUp) this.#warn();
    const sealed: SealedChallenge = { pool: this.#pool.userPoolId, client: this.#pool.clientId, challenge };
    return this.#sealer.seal('challenge', sealed, LONGEST_LIFETIME);
  }

  /** Opens a challenge of this pool and client. */
  async open(sealed: string): Promise<AnyChallenge> {
    const opened = await this.#sealer.open('challenge', sealed).catch(broken);
    if (isOurs(opened, this.#pool)) return opened.challenge;
    throw new CognitoError('COGNITO_SESSION_INVALID');
  }

  #warn(): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#logger.warn('No `secrets` are configured: what is sealed now opens in this process only.');
  }
}

function broken(thrown: unknown): undefined {
  if (!(thrown instanceof SealBrokenError)) throw thrown;
}

function isOurs(opened: unknown, pool: ResolvedPool): opened is SealedChallenge {
  const { pool: poolId, client, challenge } = (opened ?? {}) as Partial<SealedChallenge>;
  const isKnown = isChallengeName(challenge?.name);
  return poolId === pool.userPoolId && client === pool.clientId && isKnown;
}
