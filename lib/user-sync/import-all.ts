import { z } from 'zod';
import { CognitoError } from '../errors/cognito.error.js';
import type { AdminUser } from '../user-pool/admin-user.js';
import type { CognitoUserKey, CognitoUserStore, NewUser, StoredUser } from './cognito-user-store.js';
import { placeOfToken, tokenOfPlace } from './import-place.js';
import { type ImportOutcome, type ImportProgress, ImportTally } from './import-tally.js';
import { inLanes } from './in-lanes.js';
import { keyValueOf, type Pace, PacedCalls, pagesOf, type UserLister } from './paced-listing.js';

/** How the users of a pool are brought in. */
export interface ImportOptions {
  /** The pool's name: `default` (which is the default), or a key under `pools`. */
  readonly pool?: string | undefined;
  /** Users that are written together: 1 to 500, default 300. */
  readonly batch?: number | undefined;
  /** Rows that are changed at the same time, and made at the same time where hooks ask for one by one. Default 4. */
  readonly concurrency?: number | undefined;
  /** Requests to Cognito per second at most. Default 15: half of the quota that Cognito gives an account for lists of users. */
  readonly requestsPerSecond?: number | undefined;
  /** `nextToken` of an earlier run: goes on from there. Default: the beginning. */
  readonly startAt?: string | undefined;
  /** Stops after the batch at hand: the reason of the signal is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Is told after each batch, and waited for: what it keeps of `nextToken` is never ahead of the rows. */
  readonly onProgress?: ((progress: ImportProgress) => void | Promise<void>) | undefined;
  /** Counts what would be done, and writes nothing. Default false. */
  readonly dryRun?: boolean | undefined;
}

/** What an import works with. */
export interface ImportParts<T extends object> {
  readonly users: UserLister;
  /** The pool's name in this application. */
  readonly pool: string;
  readonly store: CognitoUserStore<T>;
  readonly policy: ImportPolicy;
  /** Makes one user with everything that belongs to it (hooks, events, links). Default: the store makes them in bulk. */
  readonly createOne?: ((user: NewUser, account: AdminUser) => Promise<ImportOutcome>) | undefined;
  /** Changes one user with everything that belongs to it. Default: the store does. */
  readonly updateOne?: ((user: T, news: NewUser) => Promise<StoredUser<T>>) | undefined;
  readonly wait?: Pace['wait'];
}

/** What the options of user sync say that an import follows. */
export interface ImportPolicy {
  readonly match: { readonly claim: string };
  readonly updateExisting: 'changed' | 'never' | 'always';
  readonly allowInactiveUsers: boolean;
  readonly inactiveStatuses: readonly string[];
}

/** A user as the list has them, and as the store wants them. */
interface WantedUser {
  readonly account: AdminUser;
  readonly wanted: NewUser;
}

const LARGEST_PAGE = 60;
const count = z.int().min(1);
const sizes = z.object({
  batch: count.max(500).default(300),
  concurrency: count.max(64).default(4),
  requestsPerSecond: z.number().positive().default(15),
});

/**
 * Brings every user of a pool in (ListUsers): see {@link UserSyncService.importAll}.
 *
 * @throws {@link CognitoError} as that method does
 */
export async function importAll<T extends object>(
  parts: ImportParts<T>,
  options: ImportOptions,
): Promise<ImportProgress> {
  return new Import(parts, options).run();
}

/** One run. */
class Import<T extends object> {
  readonly #parts: ImportParts<T>;
  readonly #options: ImportOptions;
  readonly #sizes: z.infer<typeof sizes>;
  readonly #tally = new ImportTally();
  readonly #place: { readonly limit: number; readonly page: string | undefined };

  constructor(parts: ImportParts<T>, options: ImportOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#sizes = sizesOf(options);
    const { startAt } = options;
    const limit = Math.min(LARGEST_PAGE, this.#sizes.batch);
    this.#place = startAt === undefined ? { limit, page: undefined } : placeOfToken(startAt, parts.pool);
  }

  async run(): Promise<ImportProgress> {
    let batch: AdminUser[] = [];
    let next: string | undefined;
    for await (const page of this.#pages()) {
      if (page.startedOver) this.#tally.startOver();
      batch.push(...page.users);
      next = page.paginationToken;
      const isFull = batch.length + this.#place.limit > this.#sizes.batch;
      if (!isFull && next !== undefined) continue;
      await this.#take(batch);
      await this.#options.onProgress?.(this.#tally.progress(this.#tokenFor(next)));
      batch = [];
    }
    return this.#tally.progress(undefined);
  }

  #pages(): ReturnType<typeof pagesOf> {
    const { users, wait } = this.#parts;
    const calls = new PacedCalls({ ...this.#sizes, signal: this.#options.signal, wait });
    return pagesOf(users, calls, this.#place.limit, this.#place.page);
  }

  #tokenFor(page: string | undefined): string | undefined {
    if (page === undefined) return undefined;
    return tokenOfPlace({ pool: this.#parts.pool, limit: this.#place.limit, page });
  }

  async #take(accounts: readonly AdminUser[]): Promise<void> {
    this.#tally.see(accounts.length);
    const users = accounts.flatMap((account) => this.#wantedOf(account));
    const known = await this.#parts.store.findMany(users.map(({ wanted }) => wanted.key));
    await this.#create(users.filter((_, index) => known[index] === undefined));
    await inLanes([...users.entries()], this.#sizes.concurrency, async ([index, { wanted }]) => {
      const user = known[index];
      if (user !== undefined) await this.#update(user, wanted);
    });
  }

  /** None for whom the pool or a missing key keeps out. */
  #wantedOf(account: AdminUser): WantedUser[] {
    const { pool, policy } = this.#parts;
    const { username, attributes, enabled, status } = account;
    const key: CognitoUserKey = { value: keyValueOf(account, policy.match.claim), pool };
    const isActive = enabled && !policy.inactiveStatuses.includes(status);
    if (key.value === '') this.#tally.fail(new CognitoError('COGNITO_USER_UNKNOWN'));
    else if (!isActive && !policy.allowInactiveUsers) this.#tally.add('inactive');
    else {
      const named = { ...attributes, username, 'cognito:username': username };
      return [{ account, wanted: { key, attributes: named, syncedAt: Date.now() } }];
    }
    return [];
  }

  async #create(users: readonly WantedUser[]): Promise<void> {
    const { store, createOne } = this.#parts;
    if (this.#options.dryRun === true) return users.forEach(() => this.#tally.add('created'));
    if (createOne !== undefined) {
      const { concurrency } = this.#sizes;
      await inLanes(users, concurrency, ({ wanted, account }) => this.#count(() => createOne(wanted, account)));
      return;
    }
    for (const outcome of await store.createMany(users.map(({ wanted }) => wanted))) {
      if (outcome.status === 'rejected') this.#tally.fail(outcome.reason);
      else this.#tally.add(outcome.value.written ? 'created' : 'unchanged');
    }
  }

  async #update(user: T, wanted: NewUser): Promise<void> {
    const { store, policy, updateOne = (known, news) => store.update(known, news) } = this.#parts;
    if (store.standingOf(user) !== 'active') return this.#tally.add('inactive');
    if (policy.updateExisting === 'never') return this.#tally.add('unchanged');
    await this.#count(async () => {
      // That Cognito was asked is no news by itself: a second run over the same users writes nothing.
      if (!store.hasNews(user, { attributes: wanted.attributes })) return 'unchanged';
      if (this.#options.dryRun === true) return 'updated';
      return (await updateOne(user, wanted)).written ? 'updated' : 'unchanged';
    });
  }

  async #count(work: () => Promise<ImportOutcome>): Promise<void> {
    try {
      this.#tally.add(await work());
    } catch (thrown) {
      this.#tally.fail(thrown);
    }
  }
}

function sizesOf(options: ImportOptions): z.infer<typeof sizes> {
  const { success, data, error } = sizes.safeParse(options);
  if (success) return data;
  const faults = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new CognitoError('COGNITO_PARAMETER_INVALID', { detail: `importAll: ${faults.join('; ')}` });
}
