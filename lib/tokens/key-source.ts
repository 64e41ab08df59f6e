import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { ResolvedJwks } from '../options/resolved-pool.js';

const MAX_BODY = 512 * 1024;
/** Between one try and the next. */
const PAUSE = 100;

const keySetSchema = z.object({ keys: z.array(z.unknown()) });

/** A key set as it was served. */
export type ServedKeySet = z.infer<typeof keySetSchema>;

/** A key set and when it was fetched, epoch milliseconds. */
export interface FetchedSet {
  readonly set: ServedKeySet;
  readonly fetchedAt: number;
}

/** Where the keys of an issuer are fetched: from its server, or from what another process has fetched. */
export class KeySource {
  constructor(
    private readonly uri: string,
    private readonly options: ResolvedJwks,
  ) {}

  /** What is shared by other processes, if it is not too old. */
  async shared(): Promise<FetchedSet | undefined> {
    const { store, ttl } = this.options;
    if (store === undefined) return undefined;
    try {
      const kept = sharedSchema.parse(JSON.parse(String(await Promise.race([store.get(this.#key), this.#late()]))));
      const age = Date.now() - kept.fetchedAt;
      return age >= 0 && age < ttl ? kept : undefined;
    } catch {
      // A shared memory that fails is a detour; the server is asked.
      return undefined;
    }
  }

  /** What the server says now; tells it to the other processes. */
  async fetch(): Promise<FetchedSet> {
    const set = await this.#download(this.options.retries);
    const fetched = { set, fetchedAt: Date.now() };
    const { store, ttl } = this.options;
    // Nobody waits for it, and without it each process fetches for itself.
    void store?.set(this.#key, JSON.stringify(fetched), Math.max(ttl, 1)).catch(() => undefined);
    return fetched;
  }

  get #key(): string {
    return `nest-cognito:jwks:${this.uri}`;
  }

  async #late(): Promise<never> {
    await wait(this.options.timeout, undefined, { ref: false });
    throw new Error('no answer in time');
  }

  async #download(retries: number): Promise<ServedKeySet> {
    try {
      return await download(this.uri, this.options.timeout);
    } catch (thrown) {
      if (retries === 0) throw thrown;
      await wait(PAUSE);
      return this.#download(retries - 1);
    }
  }
}

const sharedSchema = z.object({ set: keySetSchema, fetchedAt: z.number() });

/** Why a fetch failed, in a word: the status, the network's code, or what was wrong with the answer. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown';
  if (thrown instanceof z.ZodError || thrown instanceof SyntaxError) return 'not a key set';
  const { cause } = thrown;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : thrown.message;
}

async function download(uri: string, timeout: number): Promise<ServedKeySet> {
  // A redirect would let whoever controls it choose the keys.
  const response = await fetch(uri, { redirect: 'error', signal: AbortSignal.timeout(timeout) });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`status ${response.status}`);
  }
  return keySetSchema.parse(JSON.parse(await readBounded(response)));
}

/** Stops reading at the limit instead of measuring what is already in memory. */
async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > MAX_BODY) throw new Error('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
