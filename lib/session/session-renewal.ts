import { Logger } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import type { CognitoTokenVerifier, VerifiedPair } from '../tokens/token-verifier.service.js';
import type { CognitoService } from '../user-pool/cognito.service.js';
import type { SessionLedger } from './session-ledger.js';
import type { RenewedTokens, StoredSession } from './stored-session.js';
import { UntoldTokens } from './untold-tokens.js';

/** Milliseconds between two looks at what another process does. */
const LOOK_AGAIN = 50;
/** Milliseconds until another process is given up. */
const PATIENCE = 20_000;

/** Renews the tokens of sessions: once, however many requests and processes want it at the same time. */
export class SessionRenewal {
  readonly #logger = new Logger('CognitoSessionModule');
  readonly #flights = new Map<string, Promise<RenewedTokens>>();
  readonly #untold = new UntoldTokens();

  constructor(
    private readonly cognito: CognitoService,
    private readonly verifier: CognitoTokenVerifier,
    private readonly ledger: SessionLedger,
    private readonly signOut: 'local' | 'global',
  ) {}

  /**
   * New tokens for those of a session; what somebody else has renewed a moment ago counts.
   *
   * @param reread what the session is now where it is kept, for when somebody else was faster and left no word of it
   */
  async renew(session: StoredSession, reread: () => Promise<StoredSession | undefined>): Promise<StoredSession> {
    const flight = flightOf(session, await this.verifier.identifyPair(session, session.pool));
    const underWay = this.#flights.get(flight) ?? this.#take(flight, session);
    try {
      return { ...session, ...(await underWay) };
    } catch (thrown) {
      if (!isCognitoError(thrown, 'COGNITO_REFRESH_TOKEN_REUSED', 'COGNITO_REFRESH_TOKEN_INVALID')) throw thrown;
      const now = await reread();
      if (now === undefined || now.id !== session.id || now.refreshToken === session.refreshToken) throw thrown;
      return now;
    }
  }

  /** Ends at Cognito what a session has become since; says whether that was done. Its end has been noted before. */
  async end(session: StoredSession): Promise<boolean> {
    try {
      const latest = await this.#latest(session);
      await (this.signOut === 'global' ? this.#endAll(latest) : this.#endOne(latest));
      return true;
    } catch (thrown) {
      const why = isCognitoError(thrown) ? thrown.code : 'no error of this package';
      this.#logger.warn(`A session has ended here, and Cognito was not told: ${why}.`);
      return false;
    }
  }

  async #endOne({ pool, refreshToken, accessToken }: StoredSession): Promise<void> {
    await this.cognito.pool(pool).signOut({ scope: 'local', refreshToken, accessToken });
  }

  /** Cognito ends all sign-ins of a user for an access token that is still good. */
  async #endAll(session: StoredSession): Promise<void> {
    const { access } = await this.verifier.identifyPair(session, session.pool);
    const isGood = access.claims.exp > Date.now() / 1000;
    const { accessToken } = isGood ? session : await this.#refresh(session);
    await this.cognito.pool(session.pool).signOut({ scope: 'global', accessToken });
  }

  /** What has become of a session's tokens, as far as anybody can say without asking Cognito. */
  async #latest(session: StoredSession): Promise<StoredSession> {
    const flight = flightOf(session, await this.verifier.identifyPair(session, session.pool));
    const successor = await this.ledger.successorOf(flight).catch(() => undefined);
    return successor === undefined ? session : this.#latest({ ...session, ...successor });
  }

  #take(flight: string, session: StoredSession): Promise<RenewedTokens> {
    const taken = this.#renewOnce(flight, session).finally(() => this.#flights.delete(flight));
    this.#flights.set(flight, taken);
    return taken;
  }

  async #renewOnce(flight: string, session: StoredSession): Promise<RenewedTokens> {
    const giveUpAt = Date.now() + PATIENCE;
    while (Date.now() < giveUpAt) {
      const successor = await this.ledger.successorOf(flight);
      if (successor !== undefined) return successor;
      const release = await this.ledger.claim(flight);
      if (release !== undefined) return this.#renewClaimed(flight, session, release);
      await wait(LOOK_AGAIN);
    }
    const detail = 'Another process has been renewing the tokens of this session for too long.';
    throw new CognitoError('COGNITO_SESSION_UNAVAILABLE', { detail, retryAfter: 1 });
  }

  async #renewClaimed(flight: string, session: StoredSession, release: () => Promise<void>): Promise<RenewedTokens> {
    try {
      // Whoever had the claim before may have been done between the two questions.
      const successor = await this.ledger.successorOf(flight);
      if (successor !== undefined) return successor;
      const tokens = this.#untold.get(flight) ?? (await this.#refresh(session));
      await this.#tell(flight, tokens);
      // A sign-out notes itself first and then looks for a successor: one of both sees the other.
      if (await this.ledger.hasEnded(session.id)) {
        await this.end({ ...session, ...tokens });
        throw new CognitoError('COGNITO_SIGNED_OUT');
      }
      return tokens;
    } finally {
      await release().catch(() => undefined);
    }
  }

  async #tell(flight: string, tokens: RenewedTokens): Promise<void> {
    try {
      await this.ledger.noteSuccessor(flight, tokens);
      this.#untold.forget(flight);
    } catch (thrown) {
      this.#untold.keep(flight, tokens);
      throw thrown;
    }
  }

  async #refresh({ pool, refreshToken, deviceKey, ...session }: StoredSession): Promise<RenewedTokens> {
    const { access } = await this.verifier.identifyPair(session, pool);
    const { sub, username } = access.claims;
    const renewed = await this.cognito.pool(pool).refresh({ refreshToken, deviceKey, expectedSub: sub, username });
    return { accessToken: renewed.accessToken, idToken: renewed.idToken, refreshToken: renewed.refreshToken };
  }
}

/**
 * The name of a renewal: whoever comes with the same tokens, for the same app client, wants the same one. Without rotation the
 * refresh token alone would name the renewals after it, too.
 */
function flightOf(
  { pool, refreshToken, accessToken, deviceKey = '' }: StoredSession,
  { access }: VerifiedPair,
): string {
  const parts = [access.claims.iss, access.clientId, pool, deviceKey, refreshToken, accessToken];
  return createHash('sha256').update(parts.join('\n')).digest('base64url');
}
