import { type CanActivate, type ExecutionContext, Inject, Injectable, Logger } from '@nestjs/common';
import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import { errorFormOf } from '../errors/error-forms.js';
import { toHttpException } from '../errors/http-exception.js';
import { ConnectionMessage } from '../request/connection-request.js';
import { type CognitoRequest, findRequest, setResponseHeader } from '../request/request-of.js';
import { LiveSessions } from '../tokens/live-sessions.js';
import { type AccessRules, type AuthorizationPolicy, type BadToken, refusalOf } from './access-policy.js';
import { ACCESS_OPTIONS, type ResolvedAccessOptions } from './access.options.js';
import { admissionOf, admit, dismiss } from './admission.js';
import { after, type NowOrLater, onFailure } from './after.js';
import { applicationFault } from './application-fault.js';
import { CognitoAuthenticator } from './authenticator.service.js';
import { bearerChallengeOf } from './bearer-challenge.js';
import { isEventStream, watchEventStream } from './event-stream.js';
import { LocalUsers } from './local-users.js';
import { type CognitoPrincipal, credentialOf } from './principal.js';
import { requestOf } from './supported-request.js';
import { rulesWrittenOn } from './written-rules.js';

/**
 * Lets a request pass if its token is good, its rules hold and its local user, where the application keeps users, is known
 * and active. Then `request.user` is the {@link CognitoPrincipal}.
 *
 * ```ts
 * @UseGuards(CognitoAuthGuard)
 * @Controller('notes')
 * class NotesController {}
 * ```
 *
 * Throws Nest HttpExceptions with a `code`: 401 for an absent or bad token (with `WWW-Authenticate`, RFC 6750 section 3),
 * 403 for a good one without the right, 429 and 503 (with `Retry-After`) when that cannot be said now.
 *
 * Each step is a small protected method; override one in a subclass to change it. Those that return {@link NowOrLater} may be
 * `async`, the others not.
 */
@Injectable()
export class CognitoAuthGuard implements CanActivate {
  readonly #logger = new Logger(CognitoAuthGuard.name);

  /** Nest builds it; a subclass that needs more providers passes these on, or injects them into properties. */
  constructor(
    protected readonly authenticator: CognitoAuthenticator,
    protected readonly localUsers: LocalUsers,
    protected readonly liveSessions: LiveSessions,
    @Inject(ACCESS_OPTIONS) protected readonly options: ResolvedAccessOptions,
  ) {}

  /** Nest asks this before the handler runs. Who comes with a token that is remembered passes at once, without a promise. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    return onFailure(
      () => this.#pass(context),
      async (thrown) => {
        throw this.refuse(context, thrown);
      },
    );
  }

  #pass(context: ExecutionContext): NowOrLater<true> {
    const rules = this.rulesOf(context);
    this.noteApiKey(context);
    if (rules.isPublic) return true;
    return after(this.authenticate(context, rules), (principal) =>
      principal === undefined ? true : after(this.letIn(context, principal, rules), () => true as const),
    );
  }

  /** What the decorators of the method and its class ask for. Requirements win over `@Public` and `@OptionalAuth`. */
  protected rulesOf(context: ExecutionContext): AccessRules {
    return rulesWrittenOn(context.getHandler(), context.getClass());
  }

  /** Who it is; undefined for an anonymous request that the route permits. */
  protected authenticate(context: ExecutionContext, rules: AccessRules): NowOrLater<CognitoPrincipal | undefined> {
    return onFailure<CognitoPrincipal | undefined>(
      () => CognitoAuthenticator.ask(this.authenticator, context, { pool: rules.pool, tokenUse: rules.tokenUse }),
      (thrown) => {
        if (!rules.isOptional || !isAnonymous(thrown, rules.badToken)) throw thrown;
        const request = requestOf(context);
        // Another guard may have let this message in, and an operation lives long; the token was good then.
        if (request instanceof ConnectionMessage) dismiss(request);
        return undefined;
      },
    );
  }

  /** Checks the rules, finds the local user, and notes both on the request. */
  protected letIn(context: ExecutionContext, principal: CognitoPrincipal, rules: AccessRules): NowOrLater<void> {
    const refusal = refusalOf(principal, rules);
    if (refusal !== undefined) throw refusal;
    const request = requestOf(context);
    return after(this.#askOthers(principal, request, rules), () =>
      after(this.#admit(principal, request), () => {
        request.user = principal;
        if (!isEventStream(context)) return undefined;
        return watchEventStream(context, this.authenticator, { pool: principal.pool, tokenUse: rules.tokenUse });
      }),
    );
  }

  #askOthers(principal: CognitoPrincipal, request: CognitoRequest, rules: AccessRules): NowOrLater<void> {
    const isLive = rules.isLive ? this.assertLive(principal) : undefined;
    return after(isLive, () => this.askPolicies(principal, request, rules.policies));
  }

  #admit(principal: CognitoPrincipal, request: CognitoRequest): NowOrLater<void> {
    if (admissionOf(request)?.principal === principal) return undefined;
    return after(this.localUserOf(principal, request), (localUser) => {
      admit(request, { principal, localUser });
    });
  }

  /**
   * Asks the application's own rules in turn, those of the method first; the first that does not agree ends it. Called on every
   * route that is not public, also where no rule is written.
   */
  protected askPolicies(
    principal: CognitoPrincipal,
    request: CognitoRequest,
    policies: readonly AuthorizationPolicy[],
  ): NowOrLater<void> {
    return policies.length === 0 ? undefined : this.#askEach(principal, request, policies);
  }

  async #askEach(
    principal: CognitoPrincipal,
    request: CognitoRequest,
    policies: readonly AuthorizationPolicy[],
  ): Promise<void> {
    for (const policy of policies) {
      if ((await this.askPolicy(policy, principal, request)) !== true) throw new CognitoError('COGNITO_POLICY_REFUSED');
    }
  }

  /** Asks one rule; what goes wrong in it becomes 500. */
  protected async askPolicy(
    policy: AuthorizationPolicy,
    principal: CognitoPrincipal,
    request: CognitoRequest,
  ): Promise<unknown> {
    try {
      return await policy(principal, request);
    } catch (thrown) {
      throw applicationFault(thrown, '@Authorize');
    }
  }

  /** Asks Cognito whether the session goes on, by the access token: an id token alone cannot ask. */
  protected async assertLive(principal: CognitoPrincipal): Promise<void> {
    const accessToken = credentialOf(principal)?.tokens.accessToken;
    if (accessToken === undefined) {
      const detail = '@RequireLiveSession needs an access token on the request.';
      throw new CognitoError('COGNITO_TOKEN_WRONG_USE', { detail });
    }
    // Behind a machine's token there is no sign-in that could go on.
    if (principal.kind === 'machine') throw new CognitoError('COGNITO_SCOPE_MISSING');
    await this.liveSessions.assertLive(accessToken, principal.pool);
  }

  /** Puts the API key on the request, if the application wants one and the caller sent one; also where nobody has to sign in. */
  protected noteApiKey(context: ExecutionContext): void {
    const { apiKeyHeader } = this.options;
    const request = apiKeyHeader === undefined ? undefined : findRequest(context);
    const value = apiKeyHeader === undefined ? undefined : request?.headers[apiKeyHeader];
    if (request !== undefined && typeof value === 'string') request.unverifiedApiKey = value;
  }

  /** The application's own user; machines have none. */
  protected localUserOf(principal: CognitoPrincipal, request: unknown): NowOrLater<object | undefined> {
    return principal.kind === 'machine' ? undefined : this.localUsers.resolve(principal, request);
  }

  /**
   * Turns a refusal into the exception that answers it on this transport. Headers are set first: a catch-all filter cannot lose
   * them.
   */
  protected refuse(context: ExecutionContext, thrown: unknown): unknown {
    if (!isCognitoError(thrown)) return thrown;
    this.log(thrown);
    const challenge = bearerChallengeOf(thrown);
    if (challenge !== undefined) setResponseHeader(context, 'WWW-Authenticate', challenge);
    if (thrown.retryAfter !== undefined) setResponseHeader(context, 'Retry-After', String(thrown.retryAfter));
    const inTheFormOf = errorFormOf(context.getType<string>()) ?? toHttpException;
    return inTheFormOf(thrown);
  }

  /** Says why a request was refused: the reason, never the credential. */
  protected log(error: CognitoError): void {
    const line = `${error.code}: ${error.message}`;
    if (error.status >= 500) this.#logger.error(line);
    else this.#logger.debug(line);
  }
}

/** Without a token nobody is meant; with a bad one only where the route says so, and only if it is known to be bad. */
function isAnonymous(thrown: unknown, badToken: BadToken): boolean {
  if (isCognitoError(thrown, 'COGNITO_TOKEN_MISSING')) return true;
  return badToken === 'anonymous' && isCognitoError(thrown) && thrown.status === 401;
}
