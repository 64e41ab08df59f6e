import type { SignInAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';

/** What a client is told about a device that signs in for the first time, in a pool that tracks devices. */
export interface NewDeviceMetadata {
  readonly DeviceKey: string;
  readonly DeviceGroupKey: string;
}

/** Announces the device that a sign-in comes from; `undefined` when there is nothing to announce. */
export function newDeviceOf(_pool: Pool, _user: User, _attempt: SignInAttempt): NewDeviceMetadata | undefined {
  return undefined;
}
