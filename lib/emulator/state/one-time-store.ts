import type { EmulatorClock } from './clock.js';

interface Entry<T> {
  /** Gone once it has served. */
  value: T | undefined;
  readonly expiresAt: number;
}

/** What is known of a handle: only a `live` one carries its value. */
export type Found<T> = { state: 'live'; value: T } | { state: 'used' | 'expired' | 'unknown' };

const MEMORY_OF_THE_DEAD = 60 * 60 * 1000;
const MOST_ENTRIES = 10_000;

/** Values that are handed out behind an unguessable handle, live for a while, and serve once. */
export class OneTimeStore<T extends object> {
  private readonly entries = new Map<string, Entry<T>>();

  /** @param lifetime of an entry in milliseconds */
  constructor(
    private readonly clock: EmulatorClock,
    private readonly lifetime: number,
  ) {}

  /** @param lifetime in milliseconds, where it differs from that of the store */
  put(handle: string, value: T, lifetime = this.lifetime): void {
    this.forgetTheLongDead();
    this.entries.set(handle, { value, expiresAt: this.clock.now() + lifetime });
  }

  find(handle: string): Found<T> {
    const entry = this.entries.get(handle);
    if (!entry) return { state: 'unknown' };
    if (entry.value === undefined) return { state: 'used' };
    if (entry.expiresAt <= this.clock.now()) return { state: 'expired' };
    return { state: 'live', value: entry.value };
  }

  /** Finds a value and uses it up in one step. */
  take(handle: string): Found<T> {
    const found = this.find(handle);
    if (found.state === 'live') this.spend(handle);
    return found;
  }

  /** Makes what was taken good once more, for as long as it would have been anyway. */
  giveBack(handle: string, value: T): void {
    const entry = this.entries.get(handle);
    if (entry) entry.value = value;
  }

  spend(handle: string): void {
    const entry = this.entries.get(handle);
    if (entry) entry.value = undefined;
  }

  /** Uses up every value of a kind. */
  spendWhere(matches: (value: T) => boolean): void {
    for (const entry of this.entries.values()) {
      if (entry.value !== undefined && matches(entry.value)) entry.value = undefined;
    }
  }

  // Used and expired entries are kept for a while, because a client is told which of the two it met;
  // there is a limit, because every first step of a sign-in leaves an entry, answered or not.
  private forgetTheLongDead(): void {
    const horizon = this.clock.now() - MEMORY_OF_THE_DEAD;
    for (const [handle, { expiresAt }] of this.entries) {
      if (expiresAt > horizon && this.entries.size < MOST_ENTRIES) return;
      this.entries.delete(handle);
    }
  }
}
