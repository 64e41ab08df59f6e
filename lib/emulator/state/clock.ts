/** How far to move a clock; what is left out counts as 0. */
export interface ClockStep {
  days?: number | undefined;
  hours?: number | undefined;
  minutes?: number | undefined;
  seconds?: number | undefined;
}

/** The time by which tokens, codes, sessions and lock-outs of the pool live. */
export interface EmulatorClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Moves the clock on (or, with negative numbers, back). */
  advance(step: ClockStep): void;
  /** Returns to real time. */
  reset(): void;
}

const SECOND = 1000;

/** Length of a step in milliseconds. */
export function durationOf({ days = 0, hours = 0, minutes = 0, seconds = 0 }: ClockStep): number {
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * SECOND;
}

/** Real time plus an offset: the pool's own clock, which leaves the process's `Date` alone. */
export class OffsetClock implements EmulatorClock {
  private offset = 0;

  now(): number {
    return Date.now() + this.offset;
  }

  advance(step: ClockStep): void {
    this.offset += durationOf(step);
  }

  reset(): void {
    this.offset = 0;
  }
}
