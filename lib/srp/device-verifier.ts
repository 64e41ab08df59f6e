import crypto from 'node:crypto';
import { g } from './group.js';
import { modularPower } from './modular-power.js';
import { pad } from './pad.js';
import { privateKey, type SrpIdentity } from './srp-arithmetic.js';

/** What Cognito keeps of a device's password: salt and verifier, as they are sent. */
export interface DeviceVerifier {
  /** Base64 of PAD(salt). */
  readonly salt: string;
  /** Base64 of PAD(g^x mod N). */
  readonly verifier: string;
}

const SALT_BYTES = 16;

/**
 * Makes the verifier of a device's password: `g^x mod N` with `x = H(PAD(salt) | H(groupKey | deviceKey | ":" | password))`.
 *
 * @param identity the device's group key as `scope` and its key as `name`
 * @param password the device's, made up by the client; never sent
 * @param salt default 16 random bytes
 */
export function createDeviceVerifier(identity: SrpIdentity, password: string, salt = drawSalt()): DeviceVerifier {
  const verifier = modularPower(g, privateKey(identity, password, salt));
  return { salt: pad(salt).toString('base64'), verifier: pad(verifier).toString('base64') };
}

function drawSalt(): bigint {
  return BigInt(`0x${crypto.randomBytes(SALT_BYTES).toString('hex')}`);
}
