import type { AppClient } from '../state/app-clients.js';
import type { SignInAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { notAuthorized, passwordResetRequired } from '../wire/wire-error.js';
import { deviceOf } from './new-device.js';
import { postAuthenticate } from './sign-in-triggers.js';
import { tokenChangeOf } from './token-generation.js';

/** Who has signed in at the pages: tokens are made when the client redeems a code. */
export class SignedInAtPages {
  constructor(readonly user: User) {}
}

/** The end of a sign-in that has nothing left to ask: its tokens, or at the pages the word that it was right. */
export async function complete(pool: Pool, client: AppClient, user: User, attempt: SignInAttempt): Promise<object> {
  await postAuthenticate(pool, client, user, attempt);
  if (attempt.flow !== 'PAGES') return withTokens(pool, client, user, attempt);
  requireStillThere(pool, user);
  pool.lockout.recordSuccess(pool.users.canonical(user.username));
  return new SignedInAtPages(user);
}

async function withTokens(pool: Pool, client: AppClient, user: User, attempt: SignInAttempt): Promise<object> {
  const { clientMetadata } = attempt;
  const change = await tokenChangeOf(pool, client, user, { source: 'TokenGeneration_Authentication', clientMetadata });
  requireStillThere(pool, user);
  pool.lockout.recordSuccess(pool.users.canonical(user.username));
  const device = deviceOf(pool, user, attempt);
  const { grant, refreshToken } = pool.grants.open(user, client, { deviceKey: device?.deviceKey });
  const { accessToken, idToken, expiresIn } = await pool.mint.mint(user, grant, client, { change });
  return {
    AuthenticationResult: {
      AccessToken: accessToken,
      ExpiresIn: expiresIn,
      IdToken: idToken,
      RefreshToken: refreshToken,
      TokenType: 'Bearer',
      ...(device?.metadata && { NewDeviceMetadata: device.metadata }),
    },
    ChallengeParameters: {},
  };
}

export function requireEnabled(user: User): void {
  if (!user.enabled) throw notAuthorized('User is disabled.');
}

// Triggers take their time, in which an administrator may have removed or disabled the account, or reset its password.
function requireStillThere(pool: Pool, user: User): void {
  if (pool.users.byName(user.username) !== user) throw notAuthorized();
  requireEnabled(user);
  if (user.status === 'RESET_REQUIRED') throw passwordResetRequired();
}
