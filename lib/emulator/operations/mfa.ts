import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { RULES, type Members } from '../wire/members.js';
import { administeredUser } from './administration.js';
import { authFactors } from './auth-factors.js';
import { setPreference } from './mfa-preference.js';
import type { Operations } from './operation.js';
import { associateSoftwareToken, deleteSoftwareToken, verifySoftwareToken } from './software-token-set-up.js';

/** Second factors: authenticator apps, what is asked for at sign-in, and what a user has. */
export function mfaOperations(pool: Pool): Operations {
  return {
    AssociateSoftwareToken: async (members) => associateSoftwareToken(pool, members),
    VerifySoftwareToken: async (members) => verifySoftwareToken(pool, members),
    SetUserMFAPreference: async (members) => setUserMfaPreference(pool, members),
    AdminSetUserMFAPreference: (members) => adminSetUserMfaPreference(pool, members),
    AdminDeleteSoftwareToken: (members) => adminDeleteSoftwareToken(pool, members),
    GetUserAuthFactors: async (members) => authFactors(pool, await bearer(pool, members)),
    AdminGetUserAuthFactors: (members) => authFactors(pool, administeredUser(pool, members)),
  };
}

async function setUserMfaPreference(pool: Pool, members: Members): Promise<object> {
  setPreference(pool, await bearer(pool, members), members);
  return {};
}

function adminSetUserMfaPreference(pool: Pool, members: Members): object {
  setPreference(pool, administeredUser(pool, members), members);
  return {};
}

function adminDeleteSoftwareToken(pool: Pool, members: Members): object {
  deleteSoftwareToken(administeredUser(pool, members));
  return {};
}

async function bearer(pool: Pool, members: Members): Promise<User> {
  return (await pool.accessTokens.bearerOf(members.text('AccessToken', RULES.token))).user;
}
