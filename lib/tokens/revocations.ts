import { Logger } from '@nestjs/common';
import { CognitoError } from '../errors/cognito.error.js';
import type { ResolvedPool } from '../options/resolved-pool.js';
import type { VerifiedToken } from './claims.js';
import { inTime } from './in-time.js';
import type { ResolvedRevocation } from './revocation.options.js';
import type { RevocationAnswer, TokenOrigin } from './revocation-store.js';

/** No access or id token lives longer (ValidityInMinutes of an app client). */
const LONGEST_LIFE = 24 * 60 * 60;

/** Which sign-ins have ended though their tokens have not: noted here by whoever ends them, asked by whoever verifies. */
export class Revocations {
  readonly #settings: ResolvedRevocation | undefined;
  readonly #userPoolIds: ReadonlyMap<string, string>;
  readonly #lifetime: number;

  /** @param clockTolerance seconds */
  constructor(settings: ResolvedRevocation | undefined, pools: readonly ResolvedPool[], clockTolerance: number) {
    this.#settings = settings;
    this.#userPoolIds = new Map(pools.map(({ name, userPoolId }) => [name, userPoolId]));
    this.#lifetime = (LONGEST_LIFE + clockTolerance) * 1000;
    if (settings?.isPerProcess === true) {
      const warning = "revocation.store is 'memory': a sign-out is known to this process alone, until it stops.";
      new Logger('CognitoModule').warn(warning);
    }
  }

  /** Whether ended sign-ins are noted at all. */
  get areKept(): boolean {
    return this.#settings !== undefined;
  }

  /** @throws {@link CognitoError} `COGNITO_TOKEN_REVOKED`, `COGNITO_REVOCATION_UNAVAILABLE` when nobody can say */
  async assertLive(token: VerifiedToken): Promise<void> {
    if (this.#settings === undefined) return;
    const answer = await this.#inTime<RevocationAnswer>(({ store }) => store.ask(this.#originOf(token)));
    if (answer === 'revoked') throw new CognitoError('COGNITO_TOKEN_REVOKED');
    if (answer !== 'live') throw unavailable('it does not know');
  }

  /** Notes that the sign-in of a token has ended. @throws {@link CognitoError} `COGNITO_REVOCATION_UNAVAILABLE` */
  async endSignIn(token: VerifiedToken): Promise<void> {
    if (this.#settings === undefined) return;
    await this.#inTime(({ store }) => store.endSignIn(this.#originOf(token), this.#lifetime));
  }

  /** Notes that every sign-in of a user has ended. @throws {@link CognitoError} `COGNITO_REVOCATION_UNAVAILABLE` */
  async endUser({ pool, sub }: { readonly pool: string; readonly sub: string }): Promise<void> {
    if (this.#settings === undefined) return;
    const user = { userPoolId: this.#userPoolIds.get(pool) ?? '', sub, until: Math.floor(Date.now() / 1000) };
    await this.#inTime(({ store }) => store.endUser(user, this.#lifetime));
  }

  #originOf({ pool, claims }: VerifiedToken): TokenOrigin {
    const { sub, origin_jti: originJti, auth_time: authTime } = claims;
    return { userPoolId: this.#userPoolIds.get(pool) ?? '', sub, originJti, authTime };
  }

  async #inTime<T>(ask: (settings: ResolvedRevocation) => Promise<T>): Promise<T | undefined> {
    const settings = this.#settings;
    if (settings === undefined) return undefined;
    try {
      return await inTime(settings.timeout, () => ask(settings));
    } catch (thrown) {
      throw unavailable(thrown instanceof Error ? thrown.name : 'no error');
    }
  }
}

function unavailable(why: string): CognitoError {
  const detail = `The revocation store could not say or note whether a sign-in has ended (${why}).`;
  return new CognitoError('COGNITO_REVOCATION_UNAVAILABLE', { detail, retryAfter: 1 });
}
