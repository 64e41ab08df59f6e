import { definedOnly, type Environment, readBoolean, readNumber, readText } from '../options/environment.js';
import type { CognitoSessionOptions } from './session.options.js';

/**
 * Reads the options of sessions from environment variables, under the names that the older Cognito packages used
 * (`USE_CSRF`, `HTTP_ONLY_COOKIE`, `SECURE_COOKIE`) and under `COGNITO_SESSION_COOKIE_NAME`, `COGNITO_SESSION_LIFETIME` and
 * `COGNITO_SESSION_IDLE_TIMEOUT` (seconds). Nothing is checked here: what is not safe is refused when the module starts.
 *
 * @param environment default `process.env`
 */
export function cognitoSessionOptionsFromEnv(environment: Environment = process.env): CognitoSessionOptions {
  const cookies = definedOnly({
    name: readText(environment, 'COGNITO_SESSION_COOKIE_NAME'),
    // Validation refuses false, and says why.
    httpOnly: readBoolean(environment, 'HTTP_ONLY_COOKIE') as true | undefined,
    secure: readBoolean(environment, 'SECURE_COOKIE'),
  });
  return definedOnly({
    csrf: readBoolean(environment, 'USE_CSRF') as true | undefined,
    cookies: Object.keys(cookies).length === 0 ? undefined : cookies,
    lifetime: readNumber(environment, 'COGNITO_SESSION_LIFETIME'),
    idleTimeout: readNumber(environment, 'COGNITO_SESSION_IDLE_TIMEOUT'),
  });
}
