import type { EmulatorClock } from './clock.js';

interface Entry<T> {
  readonly value: T;
  readonly endsAt: number;
}

// Fewer are not worth the trouble, and a test that sets the clock back again finds them all.
const FEW = 1000;
const LOOKED_AT_IN_ONE_GO = 4;

/** A map that forgets what has ended, a little with each entry that comes in, so that no request pays for all. */
export class ExpiringMap<T> {
  /** Whose turn it was longest ago comes first. */
  private readonly entries = new Map<string, Entry<T>>();

  constructor(private readonly clock: EmulatorClock) {}

  /** How many are kept, ended or not. */
  get size(): number {
    return this.entries.size;
  }

  /** What is kept under a key; it may have ended. */
  get(key: string): T | undefined {
    return this.entries.get(key)?.value;
  }

  /** @param endsAt milliseconds since the epoch, by the clock of the map */
  set(key: string, value: T, endsAt: number): void {
    this.forgetSomeOfTheEnded();
    this.entries.delete(key);
    this.entries.set(key, { value, endsAt });
  }

  /** Keys, values and ends (milliseconds since the epoch), as they came. */
  *all(): Generator<{ readonly key: string; readonly value: T; readonly endsAt: number }> {
    for (const [key, entry] of this.entries) yield { key, ...entry };
  }

  endOf(key: string): number | undefined {
    return this.entries.get(key)?.endsAt;
  }

  *values(): Generator<T> {
    for (const { value } of this.entries.values()) yield value;
  }

  // Entries differ in how long they live, so the oldest need not be the first to end: those that live on wait for
  // their next turn. More are looked at than come in, which keeps the number of the dead below that of the living.
  private forgetSomeOfTheEnded(): void {
    if (this.entries.size < FEW) return;
    const now = this.clock.now();
    let left = LOOKED_AT_IN_ONE_GO;
    for (const [key, entry] of this.entries) {
      if (left === 0) return;
      left -= 1;
      this.entries.delete(key);
      if (entry.endsAt > now) this.entries.set(key, entry);
    }
  }
}
