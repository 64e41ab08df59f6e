import {
  definedOnly,
  type Environment,
  readBoolean,
  readList,
  readNumber,
  readObject,
  readText,
} from './environment.js';
import type { JsonWebKeySet, PoolOptions } from './pool.options.js';

/**
 * Reads the pool's settings under every name that the older Cognito packages used for them.
 *
 * `AWS_REGION` counts only where the pool's id names no region: a function running in another region than its pool would
 * otherwise trust the wrong issuer. Endpoint addresses are not read at all; see {@link PoolOptions.endpoint}.
 */
export function poolOptionsFromEnv(environment: Environment): PoolOptions {
  const userPoolId = readText(environment, 'COGNITO_USER_POOL_ID', 'COGNITO_POOL_ID', 'COGNITO_USER_POOL') ?? '';
  const clientIds =
    readList(environment, 'COGNITO_CLIENT_ID', 'COGNITO_APP_ID', 'APP_CLIENT_ID', 'COGNITO_AUDIENCE') ?? [];
  return {
    userPoolId,
    clientId: clientIds.length > 1 ? clientIds : (clientIds[0] ?? ''),
    ...definedOnly({
      clientSecret: readText(environment, 'COGNITO_CLIENT_SECRET', 'COGNITO_APP_CLIENT_SECRET', 'APP_SECRET_KEY'),
      region: regionFromEnv(environment, userPoolId),
      domain: readText(environment, 'COGNITO_DOMAIN', 'COGNITO_HOST'),
      jwks: jwksFromEnv(environment),
    }),
  };
}

function regionFromEnv(environment: Environment, userPoolId: string): string | undefined {
  const chosen = readText(environment, 'COGNITO_AWS_REGION', 'COGNITO_USERPOOL_REGION', 'COGNITO_REGION');
  if (chosen !== undefined) return chosen;
  return /^[a-z]{2}(-[a-z]+)+-\d+_/.test(userPoolId) ? undefined : readText(environment, 'AWS_REGION');
}

function jwksFromEnv(environment: Environment): PoolOptions['jwks'] {
  const keys = readObject<JsonWebKeySet>(environment, 'COGNITO_JWKS');
  const isEmpty = typeof keys === 'object' && Object.keys(keys).length === 0;
  const settings = definedOnly({
    keys: isEmpty ? undefined : keys,
    file: readText(environment, 'COGNITO_JWKS_FILE'),
    cacheTtl: readNumber(environment, 'COGNITO_PUBLIC_KEYS_CACHE_TIMEOUT', 'COGNITO_PUBLIC_KEYS_CACHING_TIMEOUT'),
    cache: readBoolean(environment, 'COGNITO_PUBLIC_KEYS_CACHING_ENABLED'),
  });
  return Object.keys(settings).length === 0 ? undefined : settings;
}
