import { type ExecutionContext, Injectable } from '@nestjs/common';
import { CognitoError } from '../errors/cognito.error.js';
import { isAskedAgain } from '../request/connection-request.js';
import type { CognitoRequest } from '../request/request-of.js';
import type { CredentialSource, ExtractedToken } from '../request/token-extractor.js';
import type { TokenUse, VerifiedToken } from '../tokens/claims.js';
import { CognitoTokenVerifier, type TokenRequirement } from '../tokens/token-verifier.service.js';
import type { ResolvedAccessOptions } from './access.options.js';
import type { NowOrLater } from './after.js';
import { applicationFault } from './application-fault.js';
import { CredentialKeepers } from './credential-keepers.js';
import { type CognitoPrincipal, principalOf, principalOfBearer } from './principal.js';
import { RequestForgeryCheck } from './request-forgery-check.js';
import { notesOf } from './request-notes.js';
import { requestOf } from './supported-request.js';

/**
 * Says who a request comes from. Guard, Passport strategy and every other transport ask this one provider, so a test
 * overrides it alone:
 *
 * ```ts
 * Test.createTestingModule({ imports: [AppModule] })
 *   .overrideProvider(CognitoAuthenticator)
 *   .useValue({ authenticate: async () => principal });
 * ```
 */
@Injectable()
export class CognitoAuthenticator {
  /** @internal Built by the module. */
  constructor(
    private readonly options: ResolvedAccessOptions,
    private readonly verifier: CognitoTokenVerifier,
    private readonly defaultUse: TokenUse | 'either' = 'access',
    private readonly keepers: CredentialKeepers = new CredentialKeepers(),
    private readonly forgery: RequestForgeryCheck = new RequestForgeryCheck(),
  ) {}

  /**
   * Authenticates a request by its token, or by what is kept for its browser (a session).
   *
   * @param source the execution context, or the request itself where there is no context (in a Passport strategy)
   * @param requirement which pool and which kind of token; default: what the options `poolOf` and `tokenUse` say
   * @throws {@link CognitoError} `COGNITO_TOKEN_MISSING` without a token, any other `COGNITO_TOKEN_…` (401) for a bad one,
   * `COGNITO_CSRF_REFUSED` (403) for a request that would change something by a cookie and may come from a foreign page,
   * `COGNITO_KEYS_UNAVAILABLE` (503) when that cannot be said
   */
  async authenticate(
    source: ExecutionContext | CognitoRequest,
    requirement: TokenRequirement = {},
  ): Promise<CognitoPrincipal> {
    return this.#answer('headers' in source ? source : requestOf(source), requirement);
  }

  /**
   * What {@link authenticate} answers, without a promise where nothing has to be waited for: the token is remembered and good.
   *
   * @internal
   * @param authenticator what stands in its place, or has another method in the place of its own, is asked by `authenticate`
   */
  static ask(
    authenticator: CognitoAuthenticator,
    context: ExecutionContext,
    requirement: TokenRequirement,
  ): NowOrLater<CognitoPrincipal> {
    return authenticator.authenticate === ownAuthenticate
      ? authenticator.#answer(requestOf(context), requirement)
      : authenticator.authenticate(context, requirement);
  }

  #answer(request: CognitoRequest, requirement: TokenRequirement): NowOrLater<CognitoPrincipal> {
    if (isAskedAgain(request)) return this.#verify(request, this.#extract(request), requirement);
    const notes = notesOf(request);
    const known = notes.answerTo(this, requirement);
    if (known !== undefined) return known;
    const found = this.#extract(request);
    const answer = this.#recall(found, requirement) ?? this.#verify(request, found, requirement);
    return notes.keepAnswer(this, requirement, answer);
  }

  /** The principal of a bearer token that came alone and is remembered. */
  #recall(found: ExtractedToken | undefined, requirement: TokenRequirement): CognitoPrincipal | undefined {
    const mayBeKnown = found?.from === 'bearer' && found.idToken === undefined && this.options.poolOf === undefined;
    // What stands in the verifier's place remembers nothing.
    if (!mayBeKnown || !('recall' in this.verifier)) return undefined;
    const verified = this.verifier.recall(found.token, requirement);
    return verified && principalOfBearer(verified, found.token);
  }

  async #verify(
    request: CognitoRequest,
    extracted: ExtractedToken | undefined,
    requirement: TokenRequirement,
  ): Promise<CognitoPrincipal> {
    const found = extracted ?? (await this.keepers.credentialOf(request));
    if (found === undefined) throw new CognitoError('COGNITO_TOKEN_MISSING');
    const pool = requirement.pool ?? (this.options.poolOf && (await this.#poolOf(request)));
    const wanted = { pool, tokenUse: requirement.tokenUse };
    const principal =
      found.idToken === undefined
        ? principalOfOne(found, await this.verifier.verify(found.token, wanted))
        : await this.#principalOfPair(found, found.idToken, wanted);
    // Whether the cookies of a connection count was decided when it was opened.
    if (found.from === 'cookie' && !isAskedAgain(request)) await this.forgery.assertOwn(request);
    return principal;
  }

  /** A name that is none of ours, or no name at all, is for the verifier to refuse. */
  async #poolOf(request: CognitoRequest): Promise<string | undefined> {
    try {
      return await this.options.poolOf?.(request);
    } catch (thrown) {
      throw applicationFault(thrown, 'the option poolOf');
    }
  }

  /** Two tokens of one sign-in: the principal is made of the one that the route wants, the access token if it takes both. */
  async #principalOfPair(
    { token: accessToken, from }: ExtractedToken,
    idToken: string,
    { pool, tokenUse = this.defaultUse }: TokenRequirement,
  ): Promise<CognitoPrincipal> {
    const tokens = { accessToken, idToken };
    const { access, id } = await this.verifier.verifyPair(tokens, pool);
    return tokenUse === 'id'
      ? principalOf(id, { token: idToken, from, tokens })
      : principalOf(access, { token: accessToken, from, tokens });
  }

  #extract(request: CognitoRequest): ExtractedToken | undefined {
    for (const extractor of this.options.extractors) {
      const found = extractor.extract(request);
      // What an extractor of the application's own returns is not ours to trust: null is nothing, a promise no token.
      if (!found) continue;
      const idToken = found.idToken === undefined ? {} : { idToken: textOf(found.idToken) };
      return { token: textOf(found.token), ...idToken, from: sourceOf(found.from) };
    }
    return undefined;
  }
}

/** As it is written above: it may be replaced on the class as well as on one of its objects. */
const ownAuthenticate: unknown = Reflect.get(CognitoAuthenticator.prototype, 'authenticate');

function principalOfOne({ token, from }: ExtractedToken, verified: VerifiedToken): CognitoPrincipal {
  return from === 'bearer' ? principalOfBearer(verified, token) : principalOf(verified, { token, from });
}

/** What is no text is no token: empty, it is refused as malformed. */
function textOf(token: unknown): string {
  return typeof token === 'string' ? token : '';
}

function sourceOf(from: unknown): CredentialSource {
  return from === 'bearer' || from === 'cookie' || from === 'header' ? from : 'other';
}
