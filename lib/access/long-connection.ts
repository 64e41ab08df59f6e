import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import type { ConnectionRequest } from '../request/connection-request.js';
import type { CognitoRequest } from '../request/request-of.js';
import type { TokenRequirement } from '../tokens/token-verifier.service.js';
import type { CognitoAuthenticator } from './authenticator.service.js';
import type { CognitoPrincipal } from './principal.js';

/** How the connections of one transport are let in. */
export interface ConnectionOptions extends TokenRequirement {
  /**
   * Lets connections without a token be opened, so that handlers behind `@Public()` or `@OptionalAuth()` can be reached; a bad
   * token is still refused. Default false.
   */
  readonly isOptional?: boolean | undefined;
  /**
   * Origins whose pages may open a connection by their cookies, such as `https://app.example.com`. A browser sends cookies with
   * a handshake whichever page asks for it, so without this list they do not count. Default none.
   */
  readonly allowedOrigins?: readonly string[] | undefined;
}

/** Whether cookies of a handshake count: only from the pages named, and only where the browser says which page it is. */
export function cookiesCount({ headers }: CognitoRequest, { allowedOrigins = [] }: ConnectionOptions): boolean {
  const origin = headers['origin'];
  return typeof origin === 'string' && origin !== 'null' && allowedOrigins.includes(origin);
}

/** A token may be revoked meanwhile; a connection over which nothing comes or goes is asked about it this often. */
const LONGEST_SILENCE = 30_000;
/** After `exp` a token may be good for as long as clocks may differ. */
const AFTER_EXPIRY = 1_000;

/**
 * A connection that lives longer than a request. The token that opened it is asked again for every message that comes and every
 * event that goes, when it expires, and at least every half minute; the first refusal ends the connection. Not for fault of its own: also when nobody can say.
 */
export class LongConnection {
  #principal: CognitoPrincipal | undefined;
  #timer: NodeJS.Timeout | undefined;
  #end: ((reason: CognitoError) => void) | undefined;
  #over: CognitoError | undefined;

  private constructor(
    private readonly authenticator: CognitoAuthenticator,
    private readonly request: ConnectionRequest,
    private readonly options: ConnectionOptions,
  ) {}

  /**
   * Authenticates a handshake.
   *
   * @throws {@link CognitoError} as {@link CognitoAuthenticator.authenticate}
   */
  static async open(
    authenticator: CognitoAuthenticator,
    request: ConnectionRequest,
    options: ConnectionOptions,
  ): Promise<LongConnection> {
    const connection = new LongConnection(authenticator, request, options);
    try {
      connection.#principal = await connection.#authenticate(request);
    } catch (thrown) {
      if (options.isOptional !== true || !isCognitoError(thrown, 'COGNITO_TOKEN_MISSING')) throw thrown;
    }
    return connection;
  }

  /** Watches from now on. `end` closes the connection; it is called once at most, and not by {@link stop}. */
  watch(end: (reason: CognitoError) => void): void {
    this.#end = end;
    this.#waitForNextLook();
  }

  /**
   * Asks once more whether the token is good; ends the connection if it is not.
   *
   * @returns the refusal, or undefined
   */
  async refusal(): Promise<CognitoError | undefined> {
    if (this.#over !== undefined || this.#principal === undefined) return this.#over;
    try {
      await this.#authenticate(this.request);
      return undefined;
    } catch (thrown) {
      const reason = isCognitoError(thrown) ? thrown : new CognitoError('COGNITO_UNEXPECTED', { cause: thrown });
      this.#endFor(reason);
      return reason;
    }
  }

  /**
   * Goes on with a newer token of the same user.
   *
   * @throws {@link CognitoError} `COGNITO_TOKEN_WRONG_USER` for a token of somebody else; otherwise as
   * {@link CognitoAuthenticator.authenticate}. The connection stays as it was.
   */
  async renew(token: string): Promise<void> {
    const renewed = this.request.with(token);
    const principal = await this.#authenticate(renewed);
    const { sub, kind, pool } = this.#principal ?? principal;
    if (principal.sub !== sub || principal.kind !== kind || principal.pool !== pool) {
      throw new CognitoError('COGNITO_TOKEN_WRONG_USER');
    }
    this.request.renew(renewed);
    this.#principal = principal;
    this.#waitForNextLook();
  }

  /** Watches no longer; for a connection that was closed. */
  stop(): void {
    this.#end = undefined;
    clearTimeout(this.#timer);
  }

  #authenticate(request: ConnectionRequest): Promise<CognitoPrincipal> {
    const { pool, tokenUse } = this.options;
    return this.authenticator.authenticate(request, { pool, tokenUse });
  }

  #waitForNextLook(): void {
    clearTimeout(this.#timer);
    if (this.#principal === undefined || this.#end === undefined) return;
    this.#timer = setTimeout(() => void this.#lookAgain(), untilNextLook(this.#principal));
    this.#timer.unref();
  }

  async #lookAgain(): Promise<void> {
    if ((await this.refusal()) === undefined) this.#waitForNextLook();
  }

  #endFor(reason: CognitoError): void {
    const end = this.#end;
    this.#over = reason;
    this.stop();
    end?.(reason);
  }
}

/** Milliseconds; never so many that a timer of Node's would overflow and fire at once. */
function untilNextLook({ claims }: CognitoPrincipal): number {
  const left = claims.exp * 1000 - Date.now();
  return left > 0 ? Math.min(left, LONGEST_SILENCE) : AFTER_EXPIRY;
}
