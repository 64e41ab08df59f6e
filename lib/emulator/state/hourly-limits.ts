import type { EmulatorClock } from './clock.js';
import { ExpiringMap } from './expiring-map.js';

const HOUR = 60 * 60 * 1000;

/** How often an operation may be called for one user within an hour (Cognito's quotas per user). */
export const HOURLY_LIMITS = {
  ConfirmSignUp: 15,
  ResendConfirmationCode: 5,
  // Together 5 to 20, depending on the risk that the service sees.
  ForgotPassword: 5,
  ConfirmForgotPassword: 15,
  ChangePassword: 5,
  GetUserAttributeVerificationCode: 5,
  VerifyUserAttribute: 15,
} as const;
export type LimitedOperation = keyof typeof HOURLY_LIMITS;

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
  admits(operation: LimitedOperation, username: string): boolean {
    const recent = this.recent(operation, username);
    if (recent.length >= HOURLY_LIMITS[operation]) return false;
    const now = this.clock.now();
    this.calls.set(keyOf(operation, username), [...recent, now], now + HOUR);
    return true;
  }

  /** Whether an operation was called for this user within the last hour. */
  wasCalled(operation: LimitedOperation, username: string): boolean {
    return this.recent(operation, username).length > 0;
  }

  private recent(operation: LimitedOperation, username: string): readonly number[] {
    const horizon = this.clock.now() - HOUR;
    return (this.calls.get(keyOf(operation, username)) ?? []).filter((time) => time > horizon);
  }
}

function keyOf(operation: LimitedOperation, username: string): string {
  return `${operation}:${username}`;
}
