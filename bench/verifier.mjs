import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { CognitoModule, CognitoTokenVerifier } from 'nest-cognito';

/**
 * The verifier of this package, as an application gets it.
 *
 * @param {import('./pool.mjs').TokenIssuer} issuer whose tokens it takes
 * @param {object | false} [tokenCache] the option of this name
 * @returns {Promise<import('nest-cognito').CognitoTokenVerifier>}
 */
export async function verifierOf({ userPoolId, clientId, jwks }, tokenCache) {
  const module = CognitoModule.forRoot({ userPoolId, clientId, jwks: { keys: jwks }, tokenCache });
  const application = await NestFactory.createApplicationContext(module, { logger: ['error'] });
  return application.get(CognitoTokenVerifier);
}
