import { Inject, Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { type IssuerKeyStatus } from '../tokens/pool-verifier.js';
import { CognitoTokenVerifier } from '../tokens/token-verifier.service.js';

/** How one pool is doing. */
export interface PoolHealth {
  /** `up` when tokens of the pool can be verified. */
  readonly status: 'up' | 'down';
  /** Seconds since the public keys were fetched; absent for none, and for keys that are written in the options. */
  readonly keyAgeSeconds?: number;
  /** Why the keys could not be fetched last time, in a word; absent when they could. */
  readonly lastError?: string;
}

/**
 * Tells Terminus whether tokens can be verified: for each pool, whether its public keys are there, and how old they are. Keys
 * that are old and still good for a while are `up`; none are `down`.
 *
 * Provide it beside `TerminusModule`:
 *
 * ```ts
 * @Module({ imports: [TerminusModule], providers: [CognitoHealthIndicator], controllers: [HealthController] })
 * ```
 */
@Injectable()
export class CognitoHealthIndicator {
  /** Nest builds it. */
  constructor(
    @Inject(CognitoTokenVerifier) private readonly verifier: CognitoTokenVerifier,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
  ) {}

  /**
   * Asks for the keys of every pool; a fetch is made only where none are there, at most as often as requests would make it.
   *
   * @param key the name of the entry in Terminus's report; default `cognito`
   * @returns `down` when one of the pools is
   */
  async check<const Key extends string = 'cognito'>(key: Key = 'cognito' as Key): Promise<HealthIndicatorResult<Key>> {
    const names = [...new Set(this.verifier.keyStatus().map(({ pool }) => pool))];
    await Promise.allSettled(names.map((name) => this.verifier.requireKeys(name)));
    const all = this.verifier.keyStatus();
    const pools = Object.fromEntries(names.map((name) => [name, healthOf(all.filter(({ pool }) => pool === name))]));
    const isUp = Object.values(pools).every(({ status }) => status === 'up');
    const session = this.indicators.check(key);
    return isUp ? session.up({ pools }) : session.down({ pools });
  }
}

/** A pool is well when one of its issuers is: its tokens name one of them, always the same. */
function healthOf(issuers: readonly IssuerKeyStatus[]): PoolHealth {
  const told = issuers.find(({ ready }) => ready) ?? issuers.find(({ lastError }) => lastError !== undefined);
  return {
    status: told?.ready === true ? 'up' : 'down',
    ...(told?.ageSeconds !== undefined && { keyAgeSeconds: Math.floor(told.ageSeconds) }),
    ...(told?.lastError !== undefined && { lastError: told.lastError }),
  };
}
