import type { CognitoPrincipal } from '../access/principal.js';
import type { AttributeValues, CognitoUserKey } from './cognito-user-store.js';

/** What a hook is told besides the user. */
export interface UserWrite {
  readonly key: CognitoUserKey;
  /** The attributes as Cognito names them. */
  readonly attributes: AttributeValues;
  /** Who signed in; undefined where a whole pool is brought in. */
  readonly principal: CognitoPrincipal | undefined;
  /** The request that `getOrCreate` was given. */
  readonly request: unknown;
  /** What writes along in the same transaction: the EntityManager of TypeORM; undefined where the store knows none. */
  readonly transaction: object | undefined;
}

/**
 * What the application does along with a write. Each is awaited, within the transaction of the write; what one throws takes the
 * write back and refuses the request.
 */
export interface UserSyncHooks {
  /**
   * Before a new user is made. Several first requests at once may each ask; all but one find the user made.
   *
   * @returns other attributes than those at hand, where there are to be such
   */
  beforeCreate?(write: UserWrite): AttributeValues | void | Promise<AttributeValues | void>;
  /** After a user was made: exactly once for each row that stays. */
  afterCreate?(user: object, write: UserWrite): void | Promise<void>;
  /**
   * Before a known user changes; not asked when nothing is new.
   *
   * @returns other attributes than those at hand, where there are to be such
   */
  beforeUpdate?(user: object, write: UserWrite): AttributeValues | void | Promise<AttributeValues | void>;
  /** After a known user changed. */
  afterUpdate?(user: object, write: UserWrite): void | Promise<void>;
}
