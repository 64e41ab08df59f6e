import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { type CognitoUserPrincipal, principalOf } from '../access/principal.js';
import type { RequestForgeryCheck } from '../access/request-forgery-check.js';
import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import { DEFAULT_POOL } from '../options/resolved-pool.js';
import type { CognitoRequest } from '../request/cognito-request.js';
import { ConnectionRequest, isAskedAgain } from '../request/connection-request.js';
import type { HttpRequest } from '../request/http-request.js';
import { forbidStorage } from '../request/response-of.js';
import type { ExtractedToken } from '../request/token-extractor.js';
import type { Signer } from '../sealing/signer.js';
import type { CognitoTokenVerifier, VerifiedPair } from '../tokens/token-verifier.service.js';
import type { UserTokens } from '../user-pool/live-tokens.js';
import { BrowserSession, type CognitoSession } from './browser-session.js';
import { CsrfTokens } from './csrf.js';
import type { CarriedSession, SessionCarrier } from './session-carrier.js';
import type { SessionCookies } from './session-cookies.js';
import type { SessionLedger } from './session-ledger.js';
import type { SessionRenewal } from './session-renewal.js';
import type { ResolvedSessionOptions } from './session.options.js';
import { now, remainingLife, type StoredSession } from './stored-session.js';

/** Somebody who has just signed in. */
export interface SessionStart {
  /** The tokens of `signIn`, `respondToChallenge` or the code flow. */
  readonly tokens: UserTokens;
  /** The pool's name. Default `default`. */
  readonly pool?: string | undefined;
  /** The device that signed in; Cognito wants it with each renewal where the pool tracks devices. */
  readonly deviceKey?: string | undefined;
}

/** What becomes of a sign-out at Cognito. */
export interface SessionEnd {
  /** Whether Cognito has revoked the tokens. The session is over in either case. */
  readonly revoked: boolean;
}

/** What a session works with. @internal */
export interface SessionParts {
  readonly options: ResolvedSessionOptions;
  readonly verifier: CognitoTokenVerifier;
  readonly carrier: SessionCarrier;
  readonly ledger: SessionLedger;
  readonly renewal: SessionRenewal;
  readonly cookies: SessionCookies;
  /** Signs CSRF tokens. */
  readonly signer: Signer;
  readonly forgery: RequestForgeryCheck;
}

/** Nothing is written so shortly before a renewal: an answer that comes late would put the old tokens over the new ones. */
const QUIET_BEFORE_RENEWAL = 60;

/**
 * The sessions of browsers: who signed in, with tokens that are renewed before they expire. Every method takes the request of
 * Express or Fastify and finds the answer to it by itself.
 */
@Injectable()
export class CognitoSessionService {
  /** Guards and handlers of one request are told the same. */
  readonly #found = new WeakMap<object, Promise<CognitoSession | undefined>>();
  /** Sessions as the answers to their requests carry them. */
  readonly #current = new WeakMap<object, StoredSession>();
  readonly #parts: SessionParts;
  readonly #csrf: CsrfTokens;

  /** @internal Built by {@link CognitoSessionModule}. */
  constructor(parts: SessionParts) {
    this.#parts = parts;
    const { signer, cookies, forgery } = parts;
    this.#csrf = new CsrfTokens(signer, {
      sessionIdOf: async (request) => (await this.find(request))?.id,
      sentSessionIdOf: async (request) => {
        const sent = await parts.carrier.read(request);
        return typeof sent === 'object' ? sent.id : undefined;
      },
      isSecure: (request) => cookies.isSecure(request),
    });
    forgery.demand(this.#csrf);
  }

  /**
   * Begins a session with a new id, in the place of the one that the browser may have had.
   *
   * @param request of Express or Fastify
   * @throws {@link CognitoError} `COGNITO_TOKEN_…` (401) for tokens that are not good or not of one sign-in,
   * `COGNITO_SESSION_MISCONFIGURED`, `COGNITO_SESSION_TOO_LARGE` (500), `COGNITO_SESSION_UNAVAILABLE` (503)
   */
  async start(request: HttpRequest, signedIn: SessionStart): Promise<CognitoSession> {
    const { carrier, verifier } = this.#parts;
    const { tokens, pool = DEFAULT_POOL, deviceKey } = signedIn;
    const { accessToken, idToken, refreshToken } = tokens;
    const verified = await verifier.verifyGivenPair({ accessToken, idToken }, pool);
    // An answer that is still on its way must not bring back who was here before.
    const before = await carrier.read(request);
    if (typeof before === 'object') await this.#noteEnd(before);
    const id = randomBytes(32).toString('base64url');
    const kept = { id, pool, accessToken, idToken, refreshToken, deviceKey, startedAt: now(), seenAt: now() };
    await carrier.begin(request, kept);
    this.#beginAnew(request);
    return this.#remember(request, sessionOf(kept, verified));
  }

  /**
   * The session of a request, renewed if its tokens are about to expire.
   *
   * @returns undefined without a session, and for one that has ended, was tampered with or lies idle for too long
   * @throws {@link CognitoError} `COGNITO_SESSION_UNAVAILABLE`, `COGNITO_KEYS_UNAVAILABLE`, `COGNITO_UNAVAILABLE` (503) when that
   * cannot be said
   */
  find(request: HttpRequest): Promise<CognitoSession | undefined> {
    const known = this.#found.get(request);
    if (known !== undefined) return known;
    const found = this.#find(request, 'when due');
    if (!isAskedAgain(request)) this.#found.set(request, found);
    return found;
  }

  /**
   * Renews the tokens of a session now.
   *
   * @throws {@link CognitoError} `COGNITO_TOKEN_MISSING` (401) without a session, and as {@link find}
   */
  async refresh(request: HttpRequest): Promise<CognitoSession> {
    const session = await this.#find(request, 'now');
    if (session === undefined) throw new CognitoError('COGNITO_TOKEN_MISSING');
    return this.#remember(request, session);
  }

  /**
   * Ends a session: here, whatever Cognito says, and at Cognito (RevokeToken, or GlobalSignOut by the option `signOut`). A
   * renewal that is under way does not bring it back.
   *
   * @throws {@link CognitoError} `COGNITO_SESSION_UNAVAILABLE` (503) when its end could not be noted: the browser has lost it, and a
   * copy of its cookies would still be taken
   */
  async end(request: HttpRequest): Promise<SessionEnd> {
    const { carrier } = this.#parts;
    const carried = await carrier.read(request);
    this.#found.set(request, Promise.resolve(undefined));
    this.#beginAnew(request);
    if (typeof carried === 'string') {
      await carrier.drop(request);
      return { revoked: false };
    }
    const noted = await settled(this.#noteEnd(carried));
    const dropped = await settled(carrier.drop(request));
    const revoked = await this.#parts.renewal.end(carried);
    noted.orThrow();
    dropped.orThrow();
    return { revoked };
  }

  /**
   * The CSRF token of a browser, for its forms (field `_csrf`) and scripts (header `x-csrf-token`); before a sign-in, too. Signing in
   * and out makes it worthless.
   *
   * @throws {@link CognitoError} as {@link find}; `COGNITO_OPTIONS_INVALID` (500) in production without `secrets`
   */
  csrfToken(request: HttpRequest): Promise<string> {
    return this.#csrf.tokenFor(request);
  }

  /**
   * Refuses a request that changes something and may come from a foreign page: by `Sec-Fetch-Site` and `Origin`, and by its CSRF
   * token. Behind `CognitoAuthGuard` and `CognitoCsrfGuard` it has been asked already.
   *
   * @throws {@link CognitoError} `COGNITO_CSRF_REFUSED` (403), and as {@link find}
   */
  assertCsrf(request: HttpRequest): Promise<void> {
    return this.#parts.forgery.assertOwn(request);
  }

  /** @internal What a guard takes for the credential of a request: the service is a `CredentialKeeper`, inside the package. */
  async credentialOf(request: CognitoRequest): Promise<ExtractedToken | undefined> {
    const tokens = (await this.find(request))?.tokens;
    return tokens && { token: tokens.accessToken, idToken: tokens.idToken, from: 'cookie' };
  }

  async #find(request: HttpRequest, renew: 'when due' | 'now'): Promise<CognitoSession | undefined> {
    const { carrier } = this.#parts;
    const carried = await this.#carriedBy(request);
    if (carried === 'none') return undefined;
    const session = carried === 'broken' ? undefined : await this.#goOn(request, carried, renew);
    // Over a connection nobody learns what a session has become since: what is over there may go on elsewhere.
    if (session === undefined && carrier.canWrite(request)) await carrier.drop(request);
    return session;
  }

  /** A stream of events goes on with what its request was let in by, which the browser has with the answer. */
  async #carriedBy(request: HttpRequest): Promise<CarriedSession> {
    const answered = request instanceof ConnectionRequest ? request.request : undefined;
    return (answered && this.#current.get(answered)) ?? this.#parts.carrier.read(request);
  }

  /** @returns undefined for a session that is over */
  async #goOn(
    request: HttpRequest,
    carried: StoredSession,
    renew: 'when due' | 'now',
  ): Promise<CognitoSession | undefined> {
    const { options, ledger, carrier, verifier } = this.#parts;
    if (remainingLife(carried, options) <= 0 || (await ledger.hasEnded(carried.id))) return undefined;
    try {
      const current = await this.#asOfNow(request, carried, renew);
      if (current !== carried) {
        // Somebody may have signed out meanwhile.
        if (await ledger.hasEnded(carried.id)) return undefined;
        await carrier.write(request, current);
      }
      this.#current.set(request, current);
      return sessionOf(current, await verifier.verifyPair(current, current.pool));
    } catch (thrown) {
      if (isOver(thrown)) return undefined;
      throw thrown;
    }
  }

  /** The session as it shall be kept from now on; the very same if there is nothing to keep. */
  async #asOfNow(request: HttpRequest, carried: StoredSession, renew: 'when due' | 'now'): Promise<StoredSession> {
    const { carrier, renewal, verifier, options } = this.#parts;
    const pair = await verifier.identifyPair(carried, carried.pool);
    if (!carrier.canWrite(request)) return carried;
    if (renew === 'now' || isDue(pair, options.renewBefore)) {
      try {
        return { ...(await renewal.renew(carried, () => this.#reread(request))), seenAt: now() };
      } catch (thrown) {
        // A moment before their end tokens are still good, and Cognito may be back by then.
        if (renew === 'now' || isOver(thrown) || isDue(pair, 0)) throw thrown;
        return carried;
      }
    }
    const isSeenAnew = now() - carried.seenAt >= options.idleTimeout / 10;
    return isSeenAnew && !isDue(pair, options.renewBefore + QUIET_BEFORE_RENEWAL)
      ? { ...carried, seenAt: now() }
      : carried;
  }

  async #reread(request: HttpRequest): Promise<StoredSession | undefined> {
    const again = await this.#parts.carrier.readAgain(request);
    return typeof again === 'object' ? again : undefined;
  }

  async #noteEnd(session: StoredSession): Promise<void> {
    const { ledger, options } = this.#parts;
    await ledger.end(session.id, session.startedAt + options.lifetime - now());
  }

  /** What was given to the browser before is worth nothing now, and the answer is nobody's to keep. */
  #beginAnew(request: HttpRequest): void {
    this.#csrf.forget(request);
    forbidStorage(request);
  }

  #remember(request: HttpRequest, session: CognitoSession): CognitoSession {
    this.#found.set(request, Promise.resolve(session));
    return session;
  }
}

/** Whether tokens expire within some seconds; what lives shorter than twice that is renewed at half of its life. */
function isDue({ access, id }: VerifiedPair, before: number): boolean {
  return [access.claims, id.claims].some(
    ({ iat, exp }) => exp - Math.min(before, (exp - iat) / 2) <= Date.now() / 1000,
  );
}

/** Whether an error says that a session is over, rather than that nobody can say so now. */
function isOver(thrown: unknown): boolean {
  return isCognitoError(thrown) && (thrown.status === 401 || thrown.code === 'COGNITO_POOL_UNKNOWN');
}

function sessionOf(kept: StoredSession, { access, id }: VerifiedPair): CognitoSession {
  const { accessToken, idToken, refreshToken } = kept;
  const credential = { token: accessToken, from: 'cookie', tokens: { accessToken, idToken } } as const;
  // The access token of a pair is a user's.
  const principal = principalOf(access, credential) as CognitoUserPrincipal;
  const expiresAt = Math.min(access.claims.exp, id.claims.exp);
  return new BrowserSession({ ...kept, principal, tokens: { accessToken, idToken, refreshToken, expiresAt } });
}

/** Waits for something that may fail, without stopping what has to be done as well. */
async function settled(done: Promise<void>): Promise<{ orThrow(): void }> {
  try {
    await done;
    return { orThrow: () => undefined };
  } catch (thrown) {
    return {
      orThrow: () => {
        throw thrown;
      },
    };
  }
}
