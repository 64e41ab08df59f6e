import { N } from '../../srp/group.js';
import type { PasswordVerifier } from '../srp-verifier.js';
import type { ConfirmedDevice, Device } from '../state/devices.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { RULES, type Members, type TextRule } from '../wire/members.js';
import { deviceExists, deviceNotFound, invalidParameter } from '../wire/wire-error.js';
import { administeredUser } from './administration.js';
import type { Operations } from './operation.js';
import { pageOf, pageRequest } from './pages.js';

const NAME: TextRule = { min: 1, max: 1024, sensitive: true };
const BASE64: TextRule = { min: 1, max: 1024, pattern: /^[A-Za-z0-9+/]+=*$/, sensitive: true };
const STATUS: TextRule = { values: ['remembered', 'not_remembered'] };

/** The devices that users have signed in with. */
export function deviceOperations(pool: Pool): Operations {
  return {
    ConfirmDevice: async (members) => confirmDevice(pool, members),
    GetDevice: async (members) => getDevice(pool, members, await bearer(pool, members)),
    ListDevices: async (members) => listDevices(pool, members, await bearer(pool, members)),
    UpdateDeviceStatus: async (members) => updateDeviceStatus(pool, members, await bearer(pool, members)),
    ForgetDevice: async (members) => forgetDevice(pool, members, await bearer(pool, members)),
    AdminGetDevice: (members) => getDevice(pool, members, administeredUser(pool, members)),
    AdminListDevices: (members) => listDevices(pool, members, administeredUser(pool, members)),
    AdminUpdateDeviceStatus: (members) => updateDeviceStatus(pool, members, administeredUser(pool, members)),
    AdminForgetDevice: (members) => forgetDevice(pool, members, administeredUser(pool, members)),
  };
}

async function confirmDevice(pool: Pool, members: Members): Promise<object> {
  const key = members.text('DeviceKey', RULES.deviceKey);
  const name = members.optionalText('DeviceName', NAME);
  const verifier = readVerifier(members.structure('DeviceSecretVerifierConfig'));
  const user = await bearer(pool, members);
  const device = pool.devices.find(user.username, key);
  if (!device) throw invalidParameter('Invalid device key given.');
  if (device.verifier) throw deviceExists();
  const onPrompt = pool.settings.deviceConfiguration?.deviceOnlyRememberedOnUserPrompt ?? false;
  Object.assign(device, {
    name: name ?? device.name,
    verifier,
    remembered: !onPrompt,
    modifiedAt: pool.clock.now(),
  } satisfies Partial<Device>);
  return { UserConfirmationNecessary: onPrompt };
}

function getDevice(pool: Pool, members: Members, user: User): object {
  return { Device: described(deviceOf(pool, members, user)) };
}

function listDevices(pool: Pool, members: Members, user: User): object {
  const request = pageRequest(pool, members, ['devices', user.username], { token: 'PaginationToken' });
  const { items, next } = pageOf(pool, request, pool.devices.of(user.username), ({ key }) => key);
  return { Devices: items.map(described), PaginationToken: next };
}

function updateDeviceStatus(pool: Pool, members: Members, user: User): object {
  const status = members.optionalText('DeviceRememberedStatus', STATUS);
  const device = deviceOf(pool, members, user);
  if (status === undefined) return {};
  device.remembered = status === 'remembered';
  device.modifiedAt = pool.clock.now();
  return {};
}

function forgetDevice(pool: Pool, members: Members, user: User): object {
  pool.devices.remove(deviceOf(pool, members, user));
  return {};
}

function deviceOf(pool: Pool, members: Members, user: User): ConfirmedDevice {
  const device = pool.devices.findConfirmed(user.username, members.text('DeviceKey', RULES.deviceKey));
  if (!device) throw deviceNotFound();
  return device;
}

/** A device as the API shows it; times in seconds. */
function described({ key, name, remembered, createdAt, modifiedAt, lastAuthenticatedAt }: Device): object {
  return {
    DeviceKey: key,
    DeviceAttributes: [
      { Name: 'device_status', Value: 'valid' },
      { Name: 'device_name', Value: name },
      { Name: 'dev:device_remembered_status', Value: remembered ? 'remembered' : 'not_remembered' },
    ],
    DeviceCreateDate: createdAt / 1000,
    DeviceLastModifiedDate: modifiedAt / 1000,
    DeviceLastAuthenticatedDate: lastAuthenticatedAt / 1000,
  };
}

// Salt and verifier are numbers: clients differ in the zero bytes that they put in front.
function readVerifier(config: Members): PasswordVerifier {
  const salt = integerOf(config.text('Salt', BASE64));
  const verifier = integerOf(config.text('PasswordVerifier', BASE64));
  if (verifier < 2n || verifier >= N) throw invalidParameter('Invalid device secret verifier given.');
  return { salt, verifier };
}

function integerOf(base64: string): bigint {
  return BigInt(`0x0${Buffer.from(base64, 'base64').toString('hex')}`);
}

async function bearer(pool: Pool, members: Members): Promise<User> {
  return (await pool.accessTokens.bearerOf(members.text('AccessToken', RULES.token))).user;
}
