import { randomBytes, randomUUID } from 'node:crypto';
import type { PasswordVerifier } from '../srp-verifier.js';

/** A device that a user has signed in with. */
export interface Device {
  /** `<region>_<uuid>`. */
  readonly key: string;
  readonly groupKey: string;
  /** The internal user name of its owner. */
  readonly username: string;
  name: string;
  /** Set by ConfirmDevice: what the device's secret is checked against. */
  verifier?: PasswordVerifier | undefined;
  remembered: boolean;
  /** Milliseconds since the epoch; so are the other times. */
  readonly createdAt: number;
  modifiedAt: number;
  lastAuthenticatedAt: number;
}

/** A device that was confirmed: its secret can be checked. */
export type ConfirmedDevice = Device & { verifier: PasswordVerifier };

/** Each sign-in without a device announces one, and most are never confirmed. */
const MOST_UNCONFIRMED = 20;

/** The devices of the pool. */
export class Devices {
  private readonly byUser = new Map<string, Map<string, Device>>();

  /** A device that has just been seen for the first time; it counts once it is confirmed. */
  announce(region: string, username: string, now: number): Device {
    const device: Device = {
      key: `${region}_${randomUUID()}`,
      groupKey: `-${randomBytes(6).toString('base64url')}`,
      username,
      name: '',
      remembered: false,
      createdAt: now,
      modifiedAt: now,
      lastAuthenticatedAt: now,
    };
    this.forgetTheOldestUnconfirmed(username);
    this.add(device);
    return device;
  }

  add(device: Device): void {
    const devices = this.byUser.get(device.username) ?? new Map<string, Device>();
    this.byUser.set(device.username, devices.set(device.key, device));
  }

  /** Those of every user, confirmed or not. */
  all(): Device[] {
    return [...this.byUser.values()].flatMap((devices) => Array.from(devices.values()));
  }

  /** A device of this user, confirmed or not. */
  find(username: string, key: string): Device | undefined {
    return this.byUser.get(username)?.get(key);
  }

  /** A device of this user that was confirmed. */
  findConfirmed(username: string, key: string): ConfirmedDevice | undefined {
    const device = this.find(username, key);
    return device && isConfirmed(device) ? device : undefined;
  }

  /** The user's confirmed devices. */
  of(username: string): ConfirmedDevice[] {
    return [...(this.byUser.get(username)?.values() ?? [])].filter(isConfirmed);
  }

  remove({ username, key }: Device): void {
    this.byUser.get(username)?.delete(key);
  }

  /** Forgets every device of a user, confirmed or not. */
  removeAllOf(username: string): void {
    this.byUser.delete(username);
  }

  private forgetTheOldestUnconfirmed(username: string): void {
    const devices = [...(this.byUser.get(username)?.values() ?? [])];
    const unconfirmed = devices.filter((device) => !isConfirmed(device));
    const [oldest] = unconfirmed;
    if (oldest && unconfirmed.length >= MOST_UNCONFIRMED) this.remove(oldest);
  }
}

function isConfirmed(device: Device): device is ConfirmedDevice {
  return device.verifier !== undefined;
}
