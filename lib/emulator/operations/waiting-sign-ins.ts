import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';

/** Ends the sign-ins of a user that still wait for an answer: they rest on what the account was like before. */
export function endWaitingSignIns(pool: Pool, user: User): void {
  pool.exchanges.spendWhere((exchange) => exchange.user === user);
  pool.sessions.spendWhere((session) => session.user === user);
}
