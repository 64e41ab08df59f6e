import { type ClockStep, type EmulatorClock, movedOffset } from '../emulator/index.js';

const RealDate = globalThis.Date;

/** Sum of the offsets of every clock that was moved, in milliseconds. */
let shift = 0;

/** Sum of how far each of them was moved, in either direction: no reset of some of them leads further away. */
let reach = 0;

/** A `Date` that is ahead of the real one: what reads the time without being given one sees the moved time too. */
const ShiftedDate = new Proxy(RealDate, {
  construct: (target, given: unknown[], newTarget) =>
    Reflect.construct(target, given.length === 0 ? [target.now() + shift] : given, newTarget) as Date,
  apply: (target) => new target(target.now() + shift).toString(),
  get: (target, property) => (property === 'now' ? shiftedNow : (Reflect.get(target, property) as unknown)),
});

function shiftedNow(): number {
  return RealDate.now() + shift;
}

/**
 * Moves the time of the whole process: pool, application and test alike. Timers run on as they were.
 *
 * A verifier judges expiry by `Date`, so moving the pool alone would show nothing.
 */
export class ProcessClock implements EmulatorClock {
  #offset = 0;

  now(): number {
    return Date.now();
  }

  /** @throws EmulatorError `EMULATOR_CLOCK_OUT_OF_RANGE`, see {@link EmulatorClock.advance} */
  advance(step: ClockStep): void {
    this.#moveTo(movedOffset(this.#offset, step, reach - Math.abs(this.#offset)));
  }

  reset(): void {
    this.#moveTo(0);
  }

  #moveTo(offset: number): void {
    shift += offset - this.#offset;
    reach += Math.abs(offset) - Math.abs(this.#offset);
    this.#offset = offset;
    if (shift !== 0) globalThis.Date = ShiftedDate;
    // Somebody else's replacement, a fake timer's for instance, is left in place.
    else if (globalThis.Date === ShiftedDate) globalThis.Date = RealDate;
  }
}
