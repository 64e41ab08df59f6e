import { CognitoError } from '../errors/cognito.error.js';
import { fromCognitoAttributes } from './attributes.js';
import { createDeviceSecret, type RememberedDevice } from './device-secret.js';
import { everyItem } from './every-item.js';
import type { IterationInput, PageInput } from './groups.service.js';
import type { OperationOutput } from './operations.js';
import type { OwnCall } from './own-call.js';
import type { NewDevice } from './sign-in-result.js';
import type { UserPoolClient } from './user-pool-client.js';
import type { NamedUser } from './users-input.js';

/** A device that a user has signed in with and confirmed. */
export interface CognitoDevice {
  /** `<region>_<uuid>`. */
  readonly deviceKey: string;
  readonly name: string | undefined;
  /** Whether it may stand in for the second factor; `undefined` when Cognito does not say. */
  readonly remembered: boolean | undefined;
  /** Everything that Cognito says about it, as it says it: `device_status`, `last_ip_used`, … */
  readonly attributes: Readonly<Record<string, string>>;
  readonly createdAt: Date | undefined;
  readonly modifiedAt: Date | undefined;
  readonly lastAuthenticatedAt: Date | undefined;
}

/** A page of devices. */
export interface DevicePage {
  readonly devices: readonly CognitoDevice[];
  /** Opens the next page; `undefined` on the last. */
  readonly nextToken: string | undefined;
}

/** A device that is confirmed. */
export interface ConfirmedDevice {
  /**
   * What signs in with the device from now on. It stands in for the second factor, so keep it on the server, or give it to the
   * client only sealed and bound to the user; see {@link RememberedDevice}.
   */
  readonly device: RememberedDevice;
  /** True where users say for themselves whether a device is remembered: ask them, and call `updateStatus`. */
  readonly userConfirmationNecessary: boolean;
}

/** A device by its key. */
export interface NamedDevice {
  readonly deviceKey: string;
}

/** Whether a device may stand in for the second factor. */
export interface DeviceStatus {
  readonly remembered: boolean;
}

/**
 * The devices of a signed-in user, and with `admin…` those of any user, signed with AWS credentials.
 *
 * Every method that names a device throws {@link CognitoError} `COGNITO_DEVICE_NOT_FOUND` for one that is not the user's. Besides,
 * every call with an access token may end with `COGNITO_TOKEN_EXPIRED`, `COGNITO_TOKEN_REVOKED` or `COGNITO_SCOPE_MISSING`, and
 * every `admin…` call with `COGNITO_USER_NOT_FOUND`, `COGNITO_CREDENTIALS_MISSING` or `COGNITO_AWS_CREDENTIALS_INVALID`.
 */
export class DevicesService {
  readonly #client: UserPoolClient;

  /** @internal Built by {@link CognitoService}. */
  constructor(client: UserPoolClient) {
    this.#client = client;
  }

  /**
   * Confirms the device that a sign-in came from (ConfirmDevice): makes a secret for it up and tells Cognito its verifier.
   *
   * @param input the access token of that sign-in, its `newDevice`, and a name that the user will recognise
   * @throws {@link CognitoError} `COGNITO_DEVICE_EXISTS` for one that is confirmed already, `COGNITO_PARAMETER_INVALID` for one
   * that belongs to another sign-in
   */
  async confirm(
    input: OwnCall & { readonly newDevice: NewDevice; readonly name?: string | undefined },
  ): Promise<ConfirmedDevice> {
    const { device, verifier } = createDeviceSecret(input.newDevice);
    const output = await this.#client.send('ConfirmDevice', {
      AccessToken: input.accessToken,
      DeviceKey: device.deviceKey,
      DeviceName: input.name,
      DeviceSecretVerifierConfig: { Salt: verifier.salt, PasswordVerifier: verifier.verifier },
    });
    return { device, userConfirmationNecessary: output.UserConfirmationNecessary ?? false };
  }

  /** Reads one device (GetDevice). */
  async get({ accessToken, deviceKey }: OwnCall & NamedDevice): Promise<CognitoDevice> {
    const output = await this.#client.send('GetDevice', { AccessToken: accessToken, DeviceKey: deviceKey });
    return deviceOf(output.Device);
  }

  /** Lists devices by the page (ListDevices). */
  async list({ accessToken, limit, nextToken }: OwnCall & PageInput): Promise<DevicePage> {
    const output = await this.#client.send('ListDevices', {
      AccessToken: accessToken,
      Limit: limit,
      PaginationToken: nextToken,
    });
    return pageOf(output);
  }

  /** Goes through all devices (ListDevices), each page asked for when the one before is used up. */
  iterate({ accessToken, pageSize, signal }: OwnCall & IterationInput): AsyncGenerator<CognitoDevice, void, undefined> {
    return everyDevice((nextToken) => this.list({ accessToken, limit: pageSize, nextToken }), signal);
  }

  /** Says whether a device may stand in for the second factor (UpdateDeviceStatus). */
  async updateStatus({ accessToken, deviceKey, remembered }: OwnCall & NamedDevice & DeviceStatus): Promise<void> {
    await this.#client.send('UpdateDeviceStatus', {
      AccessToken: accessToken,
      DeviceKey: deviceKey,
      DeviceRememberedStatus: statusOf(remembered),
    });
  }

  /** Forgets a device (ForgetDevice): its secret is good for nothing any more. */
  async forget({ accessToken, deviceKey }: OwnCall & NamedDevice): Promise<void> {
    await this.#client.send('ForgetDevice', { AccessToken: accessToken, DeviceKey: deviceKey });
  }

  /** Reads one device of any user (AdminGetDevice). */
  async adminGet({ username, deviceKey }: NamedUser & NamedDevice): Promise<CognitoDevice> {
    const output = await this.#client.send('AdminGetDevice', { ...this.#userOf(username), DeviceKey: deviceKey });
    return deviceOf(output.Device);
  }

  /** Lists the devices of any user by the page (AdminListDevices). */
  async adminList({ username, limit, nextToken }: NamedUser & PageInput): Promise<DevicePage> {
    const output = await this.#client.send('AdminListDevices', {
      ...this.#userOf(username),
      Limit: limit,
      PaginationToken: nextToken,
    });
    return pageOf(output);
  }

  /** Goes through all devices of any user (AdminListDevices), each page asked for when the one before is used up. */
  adminIterate({
    username,
    pageSize,
    signal,
  }: NamedUser & IterationInput): AsyncGenerator<CognitoDevice, void, undefined> {
    return everyDevice((nextToken) => this.adminList({ username, limit: pageSize, nextToken }), signal);
  }

  /** Says whether a device of any user may stand in for the second factor (AdminUpdateDeviceStatus). */
  async adminUpdateStatus(input: NamedUser & NamedDevice & DeviceStatus): Promise<void> {
    await this.#client.send('AdminUpdateDeviceStatus', {
      ...this.#userOf(input.username),
      DeviceKey: input.deviceKey,
      DeviceRememberedStatus: statusOf(input.remembered),
    });
  }

  /** Forgets a device of any user (AdminForgetDevice). */
  async adminForget({ username, deviceKey }: NamedUser & NamedDevice): Promise<void> {
    await this.#client.send('AdminForgetDevice', { ...this.#userOf(username), DeviceKey: deviceKey });
  }

  #userOf(username: string): { UserPoolId: string; Username: string } {
    return { UserPoolId: this.#client.pool.userPoolId, Username: username };
  }
}

type DeviceList = OperationOutput<'ListDevices'> | OperationOutput<'AdminListDevices'>;
type DeviceDescription = OperationOutput<'GetDevice'>['Device'];

function pageOf({ Devices, PaginationToken: nextToken }: DeviceList): DevicePage {
  return { devices: (Devices ?? []).map(deviceOf), nextToken };
}

function everyDevice(
  list: (nextToken: string | undefined) => Promise<DevicePage>,
  signal: AbortSignal | undefined,
): AsyncGenerator<CognitoDevice, void, undefined> {
  return everyItem(async (token) => {
    const { devices, nextToken } = await list(token);
    return { items: devices, next: nextToken };
  }, signal);
}

function deviceOf(description: DeviceDescription): CognitoDevice {
  const { DeviceKey: deviceKey, DeviceAttributes } = description ?? {};
  if (deviceKey === undefined) {
    throw new CognitoError('COGNITO_UNEXPECTED', { detail: 'Cognito described a device without its key.' });
  }
  const attributes = fromCognitoAttributes(DeviceAttributes);
  const status = attributes['dev:device_remembered_status'];
  return {
    deviceKey,
    name: attributes['device_name'],
    remembered: status === undefined ? undefined : status === 'remembered',
    attributes,
    createdAt: description?.DeviceCreateDate,
    modifiedAt: description?.DeviceLastModifiedDate,
    lastAuthenticatedAt: description?.DeviceLastAuthenticatedDate,
  };
}

function statusOf(remembered: boolean): 'remembered' | 'not_remembered' {
  return remembered ? 'remembered' : 'not_remembered';
}
