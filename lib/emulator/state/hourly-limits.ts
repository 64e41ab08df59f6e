import type { EmulatorClock } from './clock.js';
import { ExpiringMap } from './expiring-map.js';

const HOUR = 60 * 60 * 1000;

/** How often an operation may be called for one user within an hour (Cognito's quotas per user). */
export const HOURLY_LIMITS = { ConfirmSignUp: 15, ResendConfirmationCode: 5 } as const;

/** Counts calls per operation and user over a sliding hour. */
export class HourlyLimits {
  private readonly calls: ExpiringMap<number[]>;

  constructor(private readonly clock: EmulatorClock) {
    this.calls = new ExpiringMap(clock);
  }

  /** How many users are counted, by operation, within the hour or before. */
  get size(): number {
    return this.calls.size;
  }

  /** Counts a call in; `false` when it is one too many (and then not counted). */
  admits(operation: keyof typeof HOURLY_LIMITS, username: string): boolean {
    const key = `${operation}:${username}`;
    const now = this.clock.now();
    const recent = (this.calls.get(key) ?? []).filter((time) => time > now - HOUR);
    if (recent.length >= HOURLY_LIMITS[operation]) return false;
    this.calls.set(key, [...recent, now], now + HOUR);
    return true;
  }
}
