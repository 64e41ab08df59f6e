import { definedOnly, type Environment, readList, readText } from '../options/environment.js';
import type { CognitoOAuthModuleExtras, OAuthOptions } from './oauth.options.js';

/**
 * Reads options from environment variables, under the names that older Cognito packages used, the misspelt
 * `COGNIT_CALLBACK_URL_PATH` too. The domain, the app client and its secret are read by `cognitoOptionsFromEnv`.
 *
 * Nothing is checked here and nothing exits: a missing key is named when the module starts.
 *
 * @param environment default `process.env`
 */
export function cognitoOAuthOptionsFromEnv(
  environment: Environment = process.env,
): OAuthOptions & CognitoOAuthModuleExtras {
  return {
    redirectUri: readText(environment, 'COGNITO_REDIRECT_URI', 'COGNITO_REDIRECT_URL') ?? '',
    ...definedOnly({
      callbackPath: readText(environment, 'COGNITO_CALLBACK_URL_PATH', 'COGNIT_CALLBACK_URL_PATH'),
      successRedirect: readText(environment, 'COGNITO_AUTH_SUCCESS_REDIRECT_URL'),
      errorRedirect: readText(environment, 'COGNITO_AUTH_ERROR_REDIRECT_URL'),
      logoutRedirect: readText(environment, 'COGNITO_LOGOUT_REDIRECT_URL'),
      tokenUrl: readText(environment, 'COGNITO_TOKEN_URL'),
      scopes: readList(environment, 'COGNITO_OAUTH_SCOPES')?.flatMap((entry) => entry.split(/\s+/)),
    }),
  };
}
