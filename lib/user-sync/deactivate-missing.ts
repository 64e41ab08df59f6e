import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import type { AdminUser } from '../user-pool/admin-user.js';
import type { CognitoUserKey, CognitoUserStore, ShutOutBy } from './cognito-user-store.js';
import { keyValueOf, type Pace, PacedCalls, pagesOf, type UserLister } from './paced-listing.js';

/** How users are shut out who are gone from the pool. */
export interface DeactivateMissingOptions {
  /** The pool's name: `default` (which is the default), or a key under `pools`. */
  readonly pool?: string | undefined;
  /** `flag` writes false to `activeProperty`, `soft-delete` marks the row as deleted. Default: the flag, where there is one. */
  readonly by?: ShutOutBy | undefined;
  /** Goes on where more than a tenth of the active users would be shut out. Default false. */
  readonly force?: boolean | undefined;
  /** Requests to Cognito per second at most. Default 15. */
  readonly requestsPerSecond?: number | undefined;
  /** Stops before anybody is shut out: the reason of the signal is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Counts who would be shut out, and writes nothing. Default false. */
  readonly dryRun?: boolean | undefined;
}

/** Who was looked at, and what became of them. */
export interface DeactivatedUsers {
  /** Users of the pool. */
  readonly listed: number;
  /** Rows that let their users in before. */
  readonly active: number;
  /** Active rows whose users are gone from the pool. */
  readonly missing: number;
  /** Rows that were written: as many as are missing, unless `dryRun`, or unless another process was first. */
  readonly deactivated: number;
}

/** What the work is done with. */
export interface DeactivationParts {
  readonly users: UserLister & { get(input: { readonly username: string }): Promise<AdminUser> };
  /** The pool's name in this application. */
  readonly pool: string;
  readonly store: CognitoUserStore;
  readonly match: { readonly claim: string };
  readonly wait?: Pace['wait'];
}

/** The part of the active users who may be shut out without `force`. */
const LARGEST_SHARE = 0.1;
const PAGE = 60;
/** Rows in one statement. */
const BATCH = 500;

/**
 * Shuts out whose users are gone from the pool: see {@link UserSyncService.deactivateMissing}.
 *
 * @throws {@link CognitoError} as that method does
 */
export async function deactivateMissing(
  parts: DeactivationParts,
  options: DeactivateMissingOptions,
): Promise<DeactivatedUsers> {
  const { signal, by, requestsPerSecond = 15 } = options;
  const calls = new PacedCalls({ requestsPerSecond, signal, wait: parts.wait });
  // The rows first: whoever signs up while the list is read has no row among these.
  const active = await parts.store.activeKeys(parts.pool, by);
  const listed = await listedKeys(parts, calls);
  const unlisted = active.filter(({ value }) => !listed.has(value));
  refuseLargeShare(unlisted.length, active.length, options);
  const missing = await goneForGood(parts, calls, unlisted);
  const deactivated = options.dryRun === true ? 0 : await deactivate(parts.store, missing, by);
  return { listed: listed.size, active: active.length, missing: missing.length, deactivated };
}

/** Every user of the pool; a list that breaks off throws, and so nobody is missing from half a list. */
async function listedKeys({ users, match }: DeactivationParts, calls: PacedCalls): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for await (const page of pagesOf(users, calls, PAGE, undefined)) {
    for (const user of page.users) keys.add(keyValueOf(user, match.claim));
  }
  return keys;
}

function refuseLargeShare(missing: number, active: number, { force = false }: DeactivateMissingOptions): void {
  if (force || missing <= active * LARGEST_SHARE) return;
  const detail = `${missing} of ${active} active users are not in the pool, more than a tenth. Is it the right pool? With \`force\` they are shut out all the same; nobody was.`;
  throw new CognitoError('COGNITO_TOO_MANY_USERS_MISSING', { detail });
}

/** A list of Cognito's may lag behind: who is not on it is asked for by name before anything is done to them. */
async function goneForGood(
  { users }: DeactivationParts,
  calls: PacedCalls,
  unlisted: readonly CognitoUserKey[],
): Promise<CognitoUserKey[]> {
  const gone: CognitoUserKey[] = [];
  for (const key of unlisted) {
    const isThere = await calls
      .call(() => users.get({ username: key.value }))
      .then(() => true)
      .catch((thrown: unknown) => {
        // What cannot be a user name is nobody's.
        if (isCognitoError(thrown, 'COGNITO_USER_NOT_FOUND', 'COGNITO_PARAMETER_INVALID')) return false;
        throw thrown;
      });
    if (!isThere) gone.push(key);
  }
  return gone;
}

async function deactivate(store: CognitoUserStore, keys: readonly CognitoUserKey[], by?: ShutOutBy): Promise<number> {
  let written = 0;
  for (let start = 0; start < keys.length; start += BATCH) {
    written += await store.deactivate(keys.slice(start, start + BATCH), by);
  }
  return written;
}
