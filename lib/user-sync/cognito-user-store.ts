import { CognitoError } from '../errors/cognito.error.js';

/** What a local user is found by: the verified match claim, and the pool that it is of. Never empty. */
export interface CognitoUserKey {
  /** The value of the match claim, exactly as the token has it. */
  readonly value: string;
  /** The pool's name: `default`, or the key under `pools`. */
  readonly pool: string;
}

/** Attributes by their Cognito name, as claims, GetUser or AdminGetUser tell them. */
export type AttributeValues = Readonly<Record<string, unknown>>;

/** What is known of a user; what is absent is left alone. */
export interface UserFacts {
  /** By their Cognito name; a store keeps what its mapping names. */
  readonly attributes: AttributeValues;
  /** The groups as the verified token names them; undefined where there was no token. */
  readonly groups?: readonly string[] | undefined;
  /** When Cognito was asked (milliseconds since 1970); undefined where it was not. */
  readonly syncedAt?: number | undefined;
}

/** A user whom the store does not have yet. */
export interface NewUser extends UserFacts {
  readonly key: CognitoUserKey;
}

/** How users are shut out: the flag of `activeProperty` becomes false, or the row is soft-deleted. */
export type ShutOutBy = 'flag' | 'soft-delete';

/** Whether a local user may come in, as their own row says. */
export type LocalStanding = 'active' | 'inactive' | 'deleted';

/** A local user and what became of them. */
export interface StoredUser<T extends object> {
  readonly user: T;
  /** True for exactly one of all who asked for a new user at the same moment; and for an update that wrote something. */
  readonly written: boolean;
}

/**
 * Where local users are kept. TypeORM fills this port; fill it yourself for another ORM, or keep no rows at all.
 *
 * A store decides races by itself, in one atomic statement, and never hands out a user of another key. It throws
 * `COGNITO_USER_CONFLICT` when a unique value of the user belongs to somebody else and `COGNITO_USER_STORE_UNAVAILABLE` when
 * it cannot answer now.
 */
export abstract class CognitoUserStore<T extends object = object> {
  /** The Cognito attributes that the store keeps; others are not fetched. */
  abstract readonly attributes: readonly string[];

  /** Finds the user of a key, whatever their standing. */
  abstract find(key: CognitoUserKey): Promise<T | undefined>;

  /** Makes the user of a key, unless somebody else does so at the same moment; what is absent is left to defaults. */
  abstract create(key: CognitoUserKey, facts: UserFacts): Promise<StoredUser<T>>;

  /**
   * Writes what is new, and nothing when nothing is.
   *
   * @param all writes what is not new too (`updateExisting: 'always'`); default false
   */
  abstract update(user: T, facts: UserFacts, all?: boolean): Promise<StoredUser<T>>;

  /** Whether the user may come in, as the row says. */
  abstract standingOf(user: T): LocalStanding;

  /** When the attributes were last asked for (milliseconds since 1970); undefined where the store does not keep it. */
  abstract syncedAt(user: T): number | undefined;

  /** Does several things in one transaction, where the store has such; `work` uses the store that it is given. */
  abstract together<R>(work: (store: CognitoUserStore<T>) => Promise<R>): Promise<R>;

  /** The transaction that this store works in, for those who write along; undefined outside of one. */
  get transaction(): object | undefined {
    return undefined;
  }

  /**
   * Gives a key to the one user who has this e-mail address, letter for letter, and no key yet; one of all who ask at the same
   * moment gets them. Default: nobody is linked.
   *
   * @param email an address that the pool has verified
   * @returns undefined where there is no such user, or several
   */
  async link(_key: CognitoUserKey, _email: string): Promise<T | undefined> {
    return Promise.resolve(undefined);
  }

  /**
   * Takes the mark of deletion off a user.
   *
   * @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID` where the store cannot do so, as by default
   */
  async restore(_user: T): Promise<T> {
    return Promise.reject(cannot('does not bring deleted users back: give it `restore`'));
  }

  /**
   * The same store within a transaction of the caller, by what their ORM calls it (TypeORM's EntityManager).
   *
   * @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID` where the store knows no such, as by default
   */
  within(_transaction: object): CognitoUserStore<T> {
    throw cannot("does not work in its caller's transactions: give it `within`");
  }

  /** Finds the users of many keys, at the places of their keys. Default: one after the other. */
  async findMany(keys: readonly CognitoUserKey[]): Promise<readonly (T | undefined)[]> {
    const found: (T | undefined)[] = [];
    for (const key of keys) found.push(await this.find(key));
    return found;
  }

  /**
   * Makes many users, none of whom was found; what became of each is at their place, and one who cannot be made does not keep
   * the others from it. Default: one after the other.
   */
  async createMany(users: readonly NewUser[]): Promise<readonly PromiseSettledResult<StoredUser<T>>[]> {
    const outcomes: PromiseSettledResult<StoredUser<T>>[] = [];
    for (const { key, ...facts } of users) outcomes.push(...(await Promise.allSettled([this.create(key, facts)])));
    return outcomes;
  }

  /** Whether {@link update} would write something, as far as that can be told without asking. Default: perhaps. */
  hasNews(_user: T, _facts: UserFacts): boolean {
    return true;
  }

  /**
   * The keys of all users of a pool whom their rows let in; users without a key are not among them.
   *
   * @param by how they are to be shut out: where the store cannot do that, it refuses here
   * @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID` where the store cannot list users, or not shut them out
   */
  async activeKeys(_pool: string, _by?: ShutOutBy): Promise<readonly CognitoUserKey[]> {
    return Promise.reject(cannot('does not shut users out: give it `activeKeys` and `deactivate`'));
  }

  /**
   * Shuts users out who are not yet; their rows stay.
   *
   * @param by default the flag, where there is one
   * @returns how many rows were written
   * @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID` where the store cannot do so
   */
  async deactivate(_keys: readonly CognitoUserKey[], _by?: ShutOutBy): Promise<number> {
    return Promise.reject(cannot('does not shut users out: give it `activeKeys` and `deactivate`'));
  }
}

function cannot(fault: string): CognitoError {
  return new CognitoError('COGNITO_USER_SYNC_INVALID', { detail: `The store of user sync ${fault}.` });
}
