import type { AppClient } from '../state/app-clients.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { RULES, type Members } from '../wire/members.js';

/** Whose access token a request shows, and through which client they signed in. */
export interface SignedIn {
  readonly user: User;
  readonly client: AppClient;
}

/** The signed-in user who calls. */
export async function signedIn(pool: Pool, members: Members): Promise<SignedIn> {
  const { user, grant } = await pool.accessTokens.bearerOf(members.text('AccessToken', RULES.token));
  // Tokens of a foreign client are made for tests only; they may do what those of the main client may.
  return { user, client: pool.client(grant.clientId) ?? pool.settings.client };
}
