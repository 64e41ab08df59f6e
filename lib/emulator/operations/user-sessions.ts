import { createHash } from 'node:crypto';
import type { Grant } from '../state/grants.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { RULES, type Members } from '../wire/members.js';
import { invalidParameter, sessionNotFound } from '../wire/wire-error.js';
import { administeredUser } from './administration.js';
import type { Operations } from './operation.js';
import { pageOf, pageRequest } from './pages.js';

/** The sign-ins of a user as sessions: listed and ended one by one, by the user or by an administrator. */
export function userSessionOperations(pool: Pool): Operations {
  return {
    ListUserSessions: async (members) => listUserSessions(pool, members),
    RevokeUserSession: async (members) => revokeUserSession(pool, members),
    AdminListUserSessions: (members) => pageOfSessions(pool, members, administeredUser(pool, members)),
    AdminRevokeUserSession: (members) => adminRevokeUserSession(pool, members),
  };
}

async function listUserSessions(pool: Pool, members: Members): Promise<object> {
  const { user, grant } = await pool.accessTokens.bearerOf(members.text('AccessToken', RULES.token));
  return pageOfSessions(pool, members, user, grant);
}

async function revokeUserSession(pool: Pool, members: Members): Promise<object> {
  const { user, grant } = await pool.accessTokens.bearerOf(members.text('AccessToken', RULES.token));
  const named = namedSession(pool, members, user);
  if (named === grant) throw invalidParameter('The current session cannot be revoked.');
  named.revoked = true;
  return {};
}

function adminRevokeUserSession(pool: Pool, members: Members): object {
  const user = administeredUser(pool, members);
  namedSession(pool, members, user).revoked = true;
  return {};
}

const SESSION_ID = { min: 28, max: 28, pattern: /^(tkn|sso)[a-z0-9]{25}$/ };
const LINKED = { values: ['NONE', 'LINKED'] };

// A session of somebody else is as unknown as one that never was, and one that has ended may end again. No session is linked
// to another here: all come through the API.
function namedSession(pool: Pool, members: Members, user: User): Grant {
  const id = members.text('SessionId', SESSION_ID);
  members.optionalText('RevokeAssociatedSessions', LINKED);
  const session = pool.grants.of(user).find((grant) => sessionIdOf(grant) === id);
  if (!session) throw sessionNotFound();
  return session;
}

function pageOfSessions(pool: Pool, members: Members, user: User, current?: Grant): object {
  const request = pageRequest(pool, members, ['ListUserSessions', user.username]);
  const live = pool.grants.of(user).filter(({ revoked }) => !revoked);
  const { items, next } = pageOf(pool, request, live, sessionIdOf);
  return { Sessions: items.map((grant) => describedSession(grant, grant === current)), NextToken: next };
}

function describedSession(grant: Grant, isCurrent: boolean): object {
  return {
    SessionId: sessionIdOf(grant),
    SessionType: 'TOKEN',
    ClientId: grant.clientId,
    CreateDate: grant.authTime,
    LastActiveDate: grant.lastActiveAt / 1000,
    DeviceType: 'unknown',
    IsCurrentSession: isCurrent,
  };
}

/** 28 lower-case letters and digits, always the same for the same sign-in. */
function sessionIdOf({ originJti }: Grant): string {
  const digest = createHash('sha256').update(originJti).digest('hex');
  return `tkn${BigInt(`0x${digest}`).toString(36).padStart(25, '0').slice(-25)}`;
}
