import { CognitoError } from '../errors/cognito.error.js';
import type { OAuthPrompt, ResolvedOAuthOptions } from './oauth.options.js';

/** What may be asked of Cognito's pages for one sign-in. */
export interface OAuthSignInRequest {
  /** Where the browser goes afterwards: a path, or an address of an allowed origin. Default: the option `successRedirect`. */
  readonly returnTo?: string | undefined;
  /** Goes straight to this provider of the pool, `Google` for instance (authorize endpoint, `identity_provider`). */
  readonly identityProvider?: string | undefined;
  /** What the pages fill in as the user name (`login_hint`); at most 256 characters. */
  readonly loginHint?: string | undefined;
  /** The language of the pages (`lang`). */
  readonly lang?: string | undefined;
  /** Whether the pages ask again or not at all (`prompt`). */
  readonly prompt?: OAuthPrompt | undefined;
}

/** The query of the sign-in route: all else in it is ignored. */
const parameters = {
  returnTo: 'returnTo',
  identity_provider: 'identityProvider',
  login_hint: 'loginHint',
  lang: 'lang',
  prompt: 'prompt',
} as const satisfies Record<string, keyof OAuthSignInRequest>;

/**
 * Reads the query of the sign-in route. What a link may ask for is what the options list.
 *
 * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` for a value that is not listed, and for one that stands there twice
 */
export function readSignInRequest(
  query: URLSearchParams,
  options: Pick<ResolvedOAuthOptions, 'identityProviders' | 'languages' | 'prompts' | 'loginHint'>,
): OAuthSignInRequest {
  const found = Object.entries(parameters).flatMap(([name, member]) => {
    const values = query.getAll(name);
    if (values.length > 1) throw refused(name);
    return values.map((value) => [member, value] as const);
  });
  const asked: Partial<Record<keyof OAuthSignInRequest, string>> = Object.fromEntries(found);
  assertListed('identity_provider', asked.identityProvider, options.identityProviders);
  assertListed('lang', asked.lang, options.languages);
  assertListed('prompt', asked.prompt, options.prompts);
  if (asked.loginHint !== undefined && !(options.loginHint && isHint(asked.loginHint))) throw refused('login_hint');
  return asked as OAuthSignInRequest;
}

/** The parameters of the authorize endpoint that a request comes to. */
export function pageParameters(request: OAuthSignInRequest): Record<string, string> {
  const { identityProvider, loginHint, lang, prompt } = request;
  const given = Object.entries({ identity_provider: identityProvider, login_hint: loginHint, lang, prompt });
  return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function assertListed(name: string, value: string | undefined, list: readonly string[]): void {
  if (value !== undefined && !list.includes(value)) throw refused(name);
}

function isHint(value: string): boolean {
  return /^[^\p{Cc}]{1,256}$/u.test(value);
}

/** The name is ours; the value is somebody's, and is not repeated. */
function refused(name: string): CognitoError {
  return new CognitoError('COGNITO_PARAMETER_INVALID', {
    detail: `The query of the sign-in route: ${name} is refused.`,
  });
}
