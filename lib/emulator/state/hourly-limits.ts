import type { EmulatorClock } from './clock.js';

const HOUR = 60 * 60 * 1000;

/** How often an operation may be called for one user within an hour (Cognito's quotas per user). */
export const HOURLY_LIMITS = { ConfirmSignUp: 15, ResendConfirmationCode: 5 } as const;

/** Counts calls per operation and user over a sliding hour. */
export class HourlyLimits {
  private readonly calls = new Map<string, number[]>();

  constructor(private readonly clock: EmulatorClock) {}

  /** Counts a call in; `false` when it is one too many (and then not counted). */
  admits(operation: keyof typeof HOURLY_LIMITS, username: string): boolean {
    const key = `${operation}:${username}`;
    const recent = (this.calls.get(key) ?? []).filter((time) => time > this.clock.now() - HOUR);
    if (recent.length >= HOURLY_LIMITS[operation]) return false;
    this.calls.set(key, [...recent, this.clock.now()]);
    return true;
  }
}
