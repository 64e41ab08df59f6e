import type { AppClient } from '../state/app-clients.js';
import type { SignInAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { eventAttributes } from './event-attributes.js';
import { runTrigger } from './run-trigger.js';

/** PreAuthentication: may this user sign in now? It says no by throwing. */
export async function preAuthenticate(
  pool: Pool,
  { clientId }: AppClient,
  user: User,
  { validationData }: SignInAttempt,
): Promise<void> {
  await runTrigger(pool, 'preAuthentication', {
    source: 'PreAuthentication_Authentication',
    clientId,
    username: user.username,
    request: { userAttributes: eventAttributes(user), validationData },
  });
}

/** PostAuthentication: a sign-in is about to get its tokens. */
export async function postAuthenticate(
  pool: Pool,
  { clientId }: AppClient,
  user: User,
  { clientMetadata, deviceKey }: SignInAttempt,
): Promise<void> {
  const isKnownDevice = deviceKey !== undefined && pool.devices.find(user.username, deviceKey) !== undefined;
  const newDeviceUsed = pool.settings.deviceConfiguration !== undefined && !isKnownDevice;
  await runTrigger(pool, 'postAuthentication', {
    source: 'PostAuthentication_Authentication',
    clientId,
    username: user.username,
    request: { userAttributes: eventAttributes(user), clientMetadata, newDeviceUsed },
  });
}
