import type { User } from '../state/users.js';

/** The attributes of a user as triggers are told them. */
export function eventAttributes(user: User): Readonly<Record<string, string>> {
  return { sub: user.sub, 'cognito:user_status': user.status, ...user.attributes };
}
