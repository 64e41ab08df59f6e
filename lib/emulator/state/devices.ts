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

/** The devices of the pool. */
export class Devices {
  private readonly byKey = new Map<string, Device>();

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
    this.byKey.set(device.key, device);
    return device;
  }

  add(device: Device): void {
    this.byKey.set(device.key, device);
  }

  /** Those of every user, confirmed or not. */
  all(): Device[] {
    return [...this.byKey.values()];
  }

  /** A device of this user, confirmed or not. */
  find(username: string, key: string): Device | undefined {
    const device = this.byKey.get(key);
    return device?.username === username ? device : undefined;
  }

  /** The user's confirmed devices. */
  of(username: string): Device[] {
    return [...this.byKey.values()].filter((device) => device.username === username && device.verifier !== undefined);
  }

  remove(key: string): void {
    this.byKey.delete(key);
  }

  /** Forgets every device of a user, confirmed or not. */
  removeAllOf(username: string): void {
    for (const { key, username: owner } of this.byKey.values()) if (owner === username) this.byKey.delete(key);
  }
}
