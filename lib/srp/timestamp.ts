const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/**
 * Writes a moment as Cognito's TIMESTAMP, `Tue Feb 1 03:04:05 UTC 2000`: English, UTC, the day without a leading zero.
 *
 * @param moment usually now; Cognito refuses a claim whose timestamp is off
 */
export function srpTimestamp(moment: Date): string {
  const time = [moment.getUTCHours(), moment.getUTCMinutes(), moment.getUTCSeconds()].map(twoDigits).join(':');
  const weekday = WEEKDAYS[moment.getUTCDay()];
  const month = MONTHS[moment.getUTCMonth()];
  return `${weekday} ${month} ${moment.getUTCDate()} ${time} UTC ${moment.getUTCFullYear()}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
