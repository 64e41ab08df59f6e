import type { Pool } from '../state/pool.js';
import { invalidParameter, notAuthorized } from '../wire/wire-error.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

const FORMAT =
  /^(?<weekday>[A-Z][a-z]{2}) (?<month>[A-Z][a-z]{2}) (?<day>[1-9]|[12]\d|3[01]) (?<hour>[01]\d|2[0-3]):(?<minute>[0-5]\d):(?<second>[0-5]\d) UTC (?<year>\d{4})$/;

/**
 * Reads the TIMESTAMP of a password claim, `Tue Feb 1 03:04:05 UTC 2000`: English, UTC, the day without a zero.
 *
 * @returns milliseconds since the epoch, or `undefined` for any other format and for a day that does not exist
 */
export function parseSrpTimestamp(timestamp: string): number | undefined {
  const { weekday = '', month = '', day, hour, minute, second, year } = FORMAT.exec(timestamp)?.groups ?? {};
  const monthIndex = MONTHS.indexOf(month);
  if (monthIndex < 0) return undefined;
  const time = Date.UTC(Number(year), monthIndex, Number(day), Number(hour), Number(minute), Number(second));
  const date = new Date(time);
  const isReal = date.getUTCDate() === Number(day) && date.getUTCFullYear() === Number(year);
  return isReal && WEEKDAYS[date.getUTCDay()] === weekday ? time : undefined;
}

/**
 * Refuses a claim whose timestamp is off.
 *
 * It is judged by unshifted time: the clock of a client does not move with the pool's.
 */
export function requireFreshTimestamp(pool: Pool, timestamp: string): void {
  const time = parseSrpTimestamp(timestamp);
  if (time === undefined) throw invalidParameter('TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english');
  if (Math.abs(Date.now() - time) > pool.settings.srpTimestampTolerance) throw notAuthorized();
}
