import {
  type AttributeValues,
  type CognitoUserKey,
  CognitoUserStore,
  type LocalStanding,
  type StoredUser,
  type UserFacts,
} from './cognito-user-store.js';

/** A local user who is kept nowhere: what the token tells. */
export interface ClaimsUser {
  /** The value of the match claim. */
  readonly id: string;
  /** The pool's name: `default`, or the key under `pools`. */
  readonly pool: string;
  readonly groups: readonly string[];
  /** By their Cognito name. */
  readonly attributes: AttributeValues;
}

/**
 * A store without a database: each request has the user that its token tells, made anew. Nothing is created or updated, so
 * that no hook after a write and no event ever follows.
 */
export class ClaimsUserStore extends CognitoUserStore<ClaimsUser> {
  /** Nothing that would have to be fetched. */
  readonly attributes: readonly string[] = [];

  override find(): Promise<ClaimsUser | undefined> {
    return Promise.resolve(undefined);
  }

  override create(key: CognitoUserKey, { attributes, groups = [] }: UserFacts): Promise<StoredUser<ClaimsUser>> {
    return Promise.resolve({ user: { id: key.value, pool: key.pool, groups, attributes }, written: false });
  }

  override update(user: ClaimsUser): Promise<StoredUser<ClaimsUser>> {
    return Promise.resolve({ user, written: false });
  }

  override standingOf(): LocalStanding {
    return 'active';
  }

  override syncedAt(): undefined {
    return undefined;
  }

  override together<R>(work: (store: CognitoUserStore<ClaimsUser>) => Promise<R>): Promise<R> {
    return work(this);
  }

  override hasNews(): boolean {
    return false;
  }
}
