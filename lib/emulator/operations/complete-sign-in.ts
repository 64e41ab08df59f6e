import type { AppClient } from '../state/app-clients.js';
import type { SignInAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { notAuthorized } from '../wire/wire-error.js';
import { newDeviceOf } from './new-device.js';

/** The tokens of a sign-in that has nothing left to ask. */
export async function complete(pool: Pool, client: AppClient, user: User, attempt: SignInAttempt): Promise<object> {
  requireEnabled(user);
  pool.lockout.recordSuccess(pool.users.canonical(user.username));
  const newDevice = newDeviceOf(pool, user, attempt);
  const { grant, refreshToken } = pool.grants.open(user, client);
  const { accessToken, idToken, expiresIn } = await pool.mint.mint(user, grant, client);
  return {
    AuthenticationResult: {
      AccessToken: accessToken,
      ExpiresIn: expiresIn,
      IdToken: idToken,
      RefreshToken: refreshToken,
      TokenType: 'Bearer',
      ...(newDevice && { NewDeviceMetadata: newDevice }),
    },
    ChallengeParameters: {},
  };
}

export function requireEnabled(user: User): void {
  if (!user.enabled) throw notAuthorized('User is disabled.');
}
