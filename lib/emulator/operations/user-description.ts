import type { User } from '../state/users.js';
import { attributeList } from './attributes.js';

/**
 * A user as lists show it.
 *
 * @param names of the attributes that are asked for; default all
 */
export function listedUser(user: User, names?: readonly string[]): object {
  const attributes = attributeList(user);
  return {
    Username: user.username,
    Attributes: names ? attributes.filter(({ Name }) => names.includes(Name)) : attributes,
    ...accountState(user),
  };
}

/** What lists and AdminGetUser say alike about an account; times in seconds. */
export function accountState(user: User): object {
  return {
    UserCreateDate: user.createdAt / 1000,
    UserLastModifiedDate: user.modifiedAt / 1000,
    Enabled: user.enabled,
    UserStatus: user.status,
  };
}
