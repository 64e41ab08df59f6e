import { CognitoError } from '../errors/cognito.error.js';
import type { CognitoTokenVerifier } from '../tokens/token-verifier.service.js';

/** Without it Cognito refuses every call of a user for themselves. */
const OWN_ACCOUNT = 'aws.cognito.signin.user.admin';

/*
 * An end is noted for the guards before Cognito is told. What could not be noted has not begun and may be tried again whole; what
 * was noted and not told keeps everybody out until it is tried again.
 */

/**
 * Notes that all sign-ins of a user end, where that is noted.
 *
 * @param accessToken one that Cognito would take: who could not end anything there does not do so here
 */
export async function noteEndOfUser(verifier: CognitoTokenVerifier, pool: string, accessToken: string): Promise<void> {
  if (!verifier.revocations.areKept) return;
  const { claims } = await verifier.identify(accessToken, pool, 'refused');
  const scopes = typeof claims['scope'] === 'string' ? claims['scope'].split(' ') : [];
  if (!scopes.includes(OWN_ACCOUNT)) throw new CognitoError('COGNITO_SCOPE_MISSING');
  await verifier.revocations.endUser({ pool, sub: claims.sub });
}

/**
 * Notes that one sign-in ends, where that is noted.
 *
 * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` without an access token: a refresh token is opaque
 */
export async function noteEndOfSignIn(
  verifier: CognitoTokenVerifier,
  pool: string,
  accessToken: string | undefined,
): Promise<void> {
  if (!verifier.revocations.areKept) return;
  if (accessToken === undefined) {
    const detail = 'With the option `revocation` a sign-in is ended by `refreshToken` and `accessToken`.';
    throw new CognitoError('COGNITO_PARAMETER_INVALID', { detail });
  }
  // It may have expired: the refresh token lives longer.
  await verifier.revocations.endSignIn(await verifier.identify(accessToken, pool, 'accepted'));
}
