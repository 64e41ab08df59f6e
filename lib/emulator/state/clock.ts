import { EmulatorError } from '../emulator-error.js';

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
  /**
   * Moves the clock on (or, with negative numbers, back).
   *
   * @throws EmulatorError `EMULATOR_CLOCK_OUT_OF_RANGE` for a step that is not finite or leads more than 250,000 years
   *   away from real time; the clock stays where it is
   */
  advance(step: ClockStep): void;
  /** Returns to real time. */
  reset(): void;
}

const SECOND = 1000;
// A Date ends some 271,800 years before and 273,700 years after our days: what expires later than now must fit in too.
const FURTHEST_YEARS = 250_000;
/** How far a clock can be from real time, in milliseconds. */
export const FURTHEST = durationOf({ days: FURTHEST_YEARS * 365 });

/** Length of a step in milliseconds. */
export function durationOf({ days = 0, hours = 0, minutes = 0, seconds = 0 }: ClockStep): number {
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * SECOND;
}

/**
 * Where a step leads from an offset (milliseconds), in whole milliseconds.
 *
 * @param others how far other clocks may move the same time beside this one, in milliseconds
 * @throws EmulatorError `EMULATOR_CLOCK_OUT_OF_RANGE`
 */
export function movedOffset(offset: number, step: ClockStep, others = 0): number {
  const moved = Math.round(offset + durationOf(step));
  if (Math.abs(moved) + others <= FURTHEST) return moved;
  const message = `The clock cannot be moved there: a step is made of finite numbers and leads no more than ${FURTHEST_YEARS} years away from real time.`;
  throw new EmulatorError('EMULATOR_CLOCK_OUT_OF_RANGE', message);
}

/** Real time plus an offset: the pool's own clock, which leaves the process's `Date` alone. */
export class OffsetClock implements EmulatorClock {
  private offset = 0;

  now(): number {
    return Date.now() + this.offset;
  }

  advance(step: ClockStep): void {
    this.offset = movedOffset(this.offset, step);
  }

  reset(): void {
    this.offset = 0;
  }
}
