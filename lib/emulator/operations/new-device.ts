import type { SignInAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { knownDevice } from './known-device.js';

/** What a client is told about a device that signs in for the first time, in a pool that tracks devices. */
export interface NewDeviceMetadata {
  readonly DeviceKey: string;
  readonly DeviceGroupKey: string;
}

/** The device that a sign-in belongs to from now on: its refresh token is good together with this key only. */
export interface SignInDevice {
  readonly deviceKey: string;
  /** Present for a device that the client has to be told of. */
  readonly metadata?: NewDeviceMetadata;
}

/** The device of a sign-in that is about to end in tokens; `undefined` in a pool that tracks none. */
export function deviceOf(pool: Pool, user: User, attempt: SignInAttempt): SignInDevice | undefined {
  const known = knownDevice(pool, user, attempt);
  if (known) {
    known.lastAuthenticatedAt = pool.clock.now();
    return { deviceKey: known.key };
  }
  if (!pool.settings.deviceConfiguration) return undefined;
  const { key, groupKey } = pool.devices.announce(regionOf(pool), user.username, pool.clock.now());
  // A server that signs its users in is no device: it is told of none, and cannot refresh either.
  if (attempt.flow === 'ADMIN_USER_PASSWORD_AUTH') return { deviceKey: key };
  return { deviceKey: key, metadata: { DeviceKey: key, DeviceGroupKey: groupKey } };
}

function regionOf({ settings: { userPoolId } }: Pool): string {
  return userPoolId.slice(0, userPoolId.indexOf('_'));
}
