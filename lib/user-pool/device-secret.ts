import { randomBytes } from 'node:crypto';
import { createDeviceVerifier, type DeviceVerifier } from '../srp/device-verifier.js';
import type { NewDevice } from './sign-in-result.js';

/**
 * A device that Cognito knows again, and the secret that proves it.
 *
 * The secret stands in for the second factor: whoever has it and the user's password signs in without one. Keep it on the
 * server, or give it to the client only sealed and bound to the user (`sub`). It belongs in no body and in no log.
 */
export interface RememberedDevice {
  /** DeviceKey, `<region>_<uuid>`. */
  readonly deviceKey: string;
  /** DeviceGroupKey, such as `-FDRunwQv`. */
  readonly deviceGroupKey: string;
  /** Made up by `devices.confirm`; 40 random bytes in base64. Cognito knows its verifier only. */
  readonly devicePassword: string;
}

/** A device's new secret, and what Cognito is told of it. */
export interface DeviceSecret {
  readonly device: RememberedDevice;
  readonly verifier: DeviceVerifier;
}

const PASSWORD_BYTES = 40;

/** Makes up a password for a new device. */
export function createDeviceSecret({ deviceKey, deviceGroupKey }: NewDevice): DeviceSecret {
  const devicePassword = randomBytes(PASSWORD_BYTES).toString('base64');
  const verifier = createDeviceVerifier({ scope: deviceGroupKey, name: deviceKey }, devicePassword);
  return { device: { deviceKey, deviceGroupKey, devicePassword }, verifier };
}
