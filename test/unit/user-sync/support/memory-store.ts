import {
  type CognitoUserKey,
  CognitoUserStore,
  type LocalStanding,
  type StoredUser,
  type UserFacts,
} from '../../../../lib/user-sync/cognito-user-store.js';

/** A user of a store that is no database. */
export interface MemoryUser {
  key: string | undefined;
  pool: string;
  email: string | undefined;
  groups: readonly string[];
  standing: LocalStanding;
  syncedAt: number | undefined;
}

/** What an application might write for another ORM; counts what it was asked. */
export class MemoryStore extends CognitoUserStore<MemoryUser> {
  readonly attributes = ['email'];
  readonly users: MemoryUser[] = [];
  #asked: string[] = [];

  /** What was asked since it was last looked at. */
  asked(): string[] {
    return this.#asked.splice(0);
  }

  add(user: Partial<MemoryUser>): MemoryUser {
    const added: MemoryUser = {
      key: undefined,
      pool: 'default',
      email: undefined,
      groups: [],
      standing: 'active',
      syncedAt: undefined,
      ...user,
    };
    this.users.push(added);
    return added;
  }

  find({ value, pool }: CognitoUserKey): Promise<MemoryUser | undefined> {
    this.#asked.push('find');
    return Promise.resolve(this.users.find((user) => user.key === value && user.pool === pool));
  }

  create({ value, pool }: CognitoUserKey, facts: UserFacts): Promise<StoredUser<MemoryUser>> {
    this.#asked.push('create');
    const known = this.users.find((user) => user.key === value && user.pool === pool);
    if (known !== undefined) return Promise.resolve({ user: known, written: false });
    return Promise.resolve({ user: this.add({ key: value, pool, ...valuesOf(facts) }), written: true });
  }

  update(user: MemoryUser, facts: UserFacts, all = false): Promise<StoredUser<MemoryUser>> {
    this.#asked.push(all ? 'update all' : 'update');
    const written = all || this.hasNews(user, facts);
    Object.assign(user, valuesOf(facts));
    return Promise.resolve({ user, written });
  }

  override hasNews(user: MemoryUser, facts: UserFacts): boolean {
    const { email = user.email, groups = user.groups } = valuesOf(facts);
    return email !== user.email || String(groups) !== String(user.groups);
  }

  standingOf({ standing }: MemoryUser): LocalStanding {
    return standing;
  }

  syncedAt(user: MemoryUser): number | undefined {
    return user.syncedAt;
  }

  together<R>(work: (store: CognitoUserStore<MemoryUser>) => Promise<R>): Promise<R> {
    this.#asked.push('together');
    return work(this);
  }

  override link(key: CognitoUserKey, email: string): Promise<MemoryUser | undefined> {
    this.#asked.push('link');
    const user = this.users.find((one) => one.email === email && one.key === undefined);
    if (user !== undefined) user.key = key.value;
    return Promise.resolve(user);
  }

  override restore(user: MemoryUser): Promise<MemoryUser> {
    user.standing = 'active';
    return Promise.resolve(user);
  }
}

function valuesOf({ attributes, groups, syncedAt }: UserFacts): Partial<MemoryUser> {
  const { email } = attributes;
  return {
    ...(typeof email === 'string' ? { email } : {}),
    ...(groups === undefined ? {} : { groups }),
    ...(syncedAt === undefined ? {} : { syncedAt }),
  };
}
