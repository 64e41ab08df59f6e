import type { EmulatorClock } from './clock.js';

interface Record {
  failures: number;
  lockedUntil: number;
  lastFailure: number;
}

const FREE_FAILURES = 5;
const SECOND = 1000;
const LONGEST_LOCK = 15 * 60 * SECOND;
const MOST_RECORDS = 10_000;

/** Cognito's lock-out: from the fifth wrong password on, 1 s, 2 s, 4 s ... up to 15 minutes. */
export class Lockout {
  private readonly records = new Map<string, Record>();

  constructor(private readonly clock: EmulatorClock) {}

  isLocked(username: string): boolean {
    return (this.live(username)?.lockedUntil ?? 0) > this.clock.now();
  }

  recordFailure(username: string): void {
    const now = this.clock.now();
    const failures = (this.live(username)?.failures ?? 0) + 1;
    const lock = failures < FREE_FAILURES ? 0 : Math.min(2 ** (failures - FREE_FAILURES) * SECOND, LONGEST_LOCK);
    this.records.delete(username);
    this.records.set(username, { failures, lockedUntil: now + lock, lastFailure: now });
    this.forgetTheOldest();
  }

  recordSuccess(username: string): void {
    this.records.delete(username);
  }

  private live(username: string): Record | undefined {
    const record = this.records.get(username);
    return record && this.clock.now() - record.lastFailure < LONGEST_LOCK ? record : undefined;
  }

  // Names that do not exist are counted like those that do, so the table needs a limit.
  private forgetTheOldest(): void {
    if (this.records.size <= MOST_RECORDS) return;
    const [oldest] = this.records.keys();
    if (oldest !== undefined) this.records.delete(oldest);
  }
}
