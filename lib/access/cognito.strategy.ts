import { type HttpException, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-custom';
import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import { toHttpException } from '../errors/http-exception.js';
import type { CognitoRequest } from '../request/request-of.js';
import { admit } from './admission.js';
import { CognitoAuthenticator } from './authenticator.service.js';
import { bearerChallengeOf } from './bearer-challenge.js';
import { LocalUsers } from './local-users.js';
import type { CognitoPrincipal } from './principal.js';

/** What authenticates the requests of one application. */
interface Doorkeeper {
  readonly authenticator: CognitoAuthenticator;
  readonly localUsers: LocalUsers;
}

/**
 * Passport's registry of strategies belongs to the process, not to the application: with two applications the one that
 * started last would judge the tokens of both. So the strategy asks the request which application it came to.
 */
const doorkeepers = new WeakMap<object, Doorkeeper>();

/**
 * The Passport strategy `cognito`, for applications that live on Passport: `AuthGuard('cognito')`, or
 * `AuthGuard(['cognito', 'local'])`.
 *
 * It authenticates and finds the local user; the rules of `@RequireGroups` and its sisters belong to
 * {@link CognitoAuthGuard}. A request without a good token *fails* it, so that the next strategy is tried; only 429 and 503
 * are errors.
 */
@Injectable()
export class CognitoStrategy extends PassportStrategy(Strategy, 'cognito') implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger(CognitoStrategy.name);
  #application: object | undefined;

  constructor(
    private readonly authenticator: CognitoAuthenticator,
    private readonly localUsers: LocalUsers,
    private readonly adapterHost: HttpAdapterHost,
  ) {
    super({ passOptionsToCallback: true });
  }

  /** Begins to serve the requests of its application. */
  onModuleInit(): void {
    // An application context without HTTP has no adapter, and no requests either.
    const application: unknown = this.adapterHost.httpAdapter?.getInstance();
    if (!isKey(application)) return;
    if (doorkeepers.has(application)) {
      throw new CognitoError('COGNITO_MODULE_DUPLICATE', {
        detail: 'Two Nest applications with CognitoModule share one HTTP instance; give each its own.',
      });
    }
    this.#application = application;
    doorkeepers.set(application, { authenticator: this.authenticator, localUsers: this.localUsers });
  }

  /** Serves its application no longer. */
  onModuleDestroy(): void {
    if (this.#application !== undefined) doorkeepers.delete(this.#application);
  }

  /**
   * Called by Passport, with the options of the guard. `[false, challenge]` is Passport's word for "not by me".
   *
   * @throws an HttpException of 500 for `session: true`: each request brings its own token, and a session beside it would
   * outlive the token's end and its revocation
   */
  async validate(
    request: CognitoRequest,
    options?: { readonly session?: unknown },
  ): Promise<CognitoPrincipal | [false, string]> {
    if (options?.session === true) throw this.#refuseSession();
    const doorkeeper = doorkeeperOf(request);
    if (doorkeeper === undefined) return [false, 'Bearer'];
    try {
      return await letIn(doorkeeper, request);
    } catch (thrown) {
      if (!isCognitoError(thrown)) throw thrown;
      if (thrown.status === 401) return [false, bearerChallengeOf(thrown) ?? 'Bearer'];
      throw toHttpException(thrown);
    }
  }

  #refuseSession(): HttpException {
    const error = new CognitoError('COGNITO_OPTIONS_INVALID', {
      detail:
        "The Passport strategy `cognito` keeps no session. Take `session: true` out of PassportModule and AuthGuard('cognito').",
    });
    this.#logger.error(error.message);
    return toHttpException(error);
  }
}

async function letIn({ authenticator, localUsers }: Doorkeeper, request: CognitoRequest): Promise<CognitoPrincipal> {
  const principal = await authenticator.authenticate(request);
  const localUser = principal.kind === 'machine' ? undefined : await localUsers.resolve(principal, request);
  admit(request, { principal, localUser });
  return principal;
}

/** Express names its application `app`; Fastify names its instance `server`, which may be a child of the one that Nest holds. */
function doorkeeperOf(request: object): Doorkeeper | undefined {
  const { app, server } = request as { readonly app?: unknown; readonly server?: unknown };
  for (let candidate = app ?? server; isKey(candidate); candidate = Object.getPrototypeOf(candidate) as unknown) {
    const doorkeeper = doorkeepers.get(candidate);
    if (doorkeeper !== undefined) return doorkeeper;
  }
  return undefined;
}

function isKey(value: unknown): value is object {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}
