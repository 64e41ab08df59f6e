import { type AppClient, mayWrite } from '../state/app-clients.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';

/** Attributes that the pool demands of everybody, that a user still lacks, and that the client may write. */
export function missingAttributes(pool: Pool, client: AppClient, user: User): string[] {
  return requiredNames(pool).filter((name) => !user.attributes[name] && mayWrite(client, name));
}

/** The names of the attributes that the pool demands of everybody. */
export function requiredNames(pool: Pool): string[] {
  return (pool.settings.schema ?? []).filter(({ required }) => required).map(({ name }) => name);
}
