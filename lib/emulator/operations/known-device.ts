import type { SignInAttempt } from '../state/challenges.js';
import type { ConfirmedDevice } from '../state/devices.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { deviceNotFound } from '../wire/wire-error.js';

/**
 * The device that a sign-in says it comes from; `undefined` when it names none.
 *
 * @throws WireError `ResourceNotFoundException` for a device that is not the user's, or was never confirmed
 */
export function knownDevice(
  pool: Pool,
  user: User,
  { deviceKey }: Pick<SignInAttempt, 'deviceKey'>,
): ConfirmedDevice | undefined {
  if (deviceKey === undefined) return undefined;
  const device = pool.devices.findConfirmed(user.username, deviceKey);
  if (!device) throw deviceNotFound();
  return device;
}
