import { type ExecutionContext, Injectable } from '@nestjs/common';
import { CognitoError } from '../errors/cognito.error.js';
import { isAskedAgain } from '../request/connection-request.js';
import type { CognitoRequest } from '../request/request-of.js';
import type { CredentialSource, ExtractedToken } from '../request/token-extractor.js';
import type { TokenUse } from '../tokens/claims.js';
import { CognitoTokenVerifier, type TokenRequirement } from '../tokens/token-verifier.service.js';
import type { ResolvedAccessOptions } from './access.options.js';
import { applicationFault } from './application-fault.js';
import { CredentialKeepers } from './credential-keepers.js';
import { type CognitoPrincipal, principalOf, principalOfBearer } from './principal.js';
import { RequestForgeryCheck } from './request-forgery-check.js';
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
  /** A request that passes several guards is authenticated once. */
  readonly #answers = new WeakMap<object, Map<string, Promise<CognitoPrincipal>>>();

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
  authenticate(
    source: ExecutionContext | CognitoRequest,
    requirement: TokenRequirement = {},
  ): Promise<CognitoPrincipal> {
    const request = 'headers' in source ? source : requestOf(source);
    if (isAskedAgain(request)) return this.#verify(request, requirement);
    const answers = this.#answers.get(request) ?? new Map<string, Promise<CognitoPrincipal>>();
    this.#answers.set(request, answers);
    const question = questionOf(requirement);
    const answer = answers.get(question) ?? this.#verify(request, requirement);
    answers.set(question, answer);
    return answer;
  }

  async #verify(request: CognitoRequest, requirement: TokenRequirement): Promise<CognitoPrincipal> {
    const found = this.#extract(request) ?? (await this.keepers.credentialOf(request));
    if (found === undefined) throw new CognitoError('COGNITO_TOKEN_MISSING');
    const pool = requirement.pool ?? (this.options.poolOf && (await this.#poolOf(request)));
    const wanted = { pool, tokenUse: requirement.tokenUse };
    const principal =
      found.idToken === undefined
        ? await this.#principalOfOne(found, wanted)
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

  async #principalOfOne({ token, from }: ExtractedToken, requirement: TokenRequirement): Promise<CognitoPrincipal> {
    const verified = await this.verifier.verify(token, requirement);
    return from === 'bearer' ? principalOfBearer(verified, token) : principalOf(verified, { token, from });
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

/** What a requirement asks, as a key. No kind of token has a space in it, so no two requirements are one. */
function questionOf({ pool, tokenUse }: TokenRequirement): string {
  const use = tokenUse ?? '';
  return pool === undefined ? use : `${use} ${pool}`;
}

/** What is no text is no token: empty, it is refused as malformed. */
function textOf(token: unknown): string {
  return typeof token === 'string' ? token : '';
}

function sourceOf(from: unknown): CredentialSource {
  return from === 'bearer' || from === 'cookie' || from === 'header' ? from : 'other';
}
