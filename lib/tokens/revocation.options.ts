import { z } from 'zod';
import { faultOfStore, type KeyValueStore, MemoryStore } from './key-value-store.js';
import { KeyValueRevocationStore, RevocationStore } from './revocation-store.js';

/** Where it is kept which sign-ins have ended before their tokens expire. */
export interface RevocationOptions {
  /**
   * A store of keys and values, a Keyv made with `throwOnErrors: true` for instance; a {@link RevocationStore}; or `'memory'`,
   * which every process has to itself.
   */
  store: KeyValueStore | RevocationStore | 'memory';
  /** Milliseconds after which the store counts as out of reach. Default 1000, at most 30000. */
  timeout?: number | undefined;
}

const shapeMend = "is { store, timeout }: a store, or 'memory', and milliseconds";
const timeoutMend = 'is a number of milliseconds above 0, at most 30000';

/** The shape of {@link RevocationOptions}. */
export const revocationOptionsSchema = z.strictObject(
  {
    store: z.unknown().superRefine((store, context) => {
      if (store === 'memory' || store instanceof RevocationStore) return;
      const message = faultOfStore(store);
      if (message !== undefined) context.addIssue({ code: 'custom', message: `${message}; or 'memory'` });
    }),
    timeout: z.number({ error: timeoutMend }).positive(timeoutMend).max(30_000, timeoutMend).optional(),
  },
  { error: shapeMend },
);

/** {@link RevocationOptions} as the room reads them. */
export interface ResolvedRevocation {
  readonly store: RevocationStore;
  /** Whether other processes do not see what is noted here. */
  readonly isPerProcess: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Fills in the defaults. */
export function resolveRevocation(written: RevocationOptions | undefined): ResolvedRevocation | undefined {
  if (written === undefined) return undefined;
  const { store, timeout = 1000 } = written;
  const isPerProcess = store === 'memory';
  return Object.freeze({ store: storeOf(store), isPerProcess, timeout });
}

function storeOf(store: RevocationOptions['store']): RevocationStore {
  if (store instanceof RevocationStore) return store;
  return new KeyValueRevocationStore(store === 'memory' ? new MemoryStore() : store);
}
