import { z } from 'zod';
import type { EmulatorClient } from './emulator-seed.js';
import { oauthSettingsShape, resolveOAuth, OAUTH_DEFAULTS } from './oauth-client.options.js';
import { type AppClient, EXPLICIT_AUTH_FLOWS, type ExplicitAuthFlow } from './state/app-clients.js';
import { isPoolAttribute, isWritableAttribute } from './state/attribute-names.js';

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

const attributeName = z
  .string()
  .refine((name) => isWritableAttribute(name) || isPoolAttribute(name), 'must be a standard attribute or custom:name');

/** The shape of an app client's id. */
export const clientId = z.string().regex(/^[\w+]{1,128}$/, 'must be 1 to 128 letters, digits, _ or +');

/** The shape of what every app client may set. */
export const clientSettingsShape = {
  explicitAuthFlows: z.array(z.enum(EXPLICIT_AUTH_FLOWS)).optional(),
  preventUserExistenceErrors: z.enum(['ENABLED', 'LEGACY']).optional(),
  accessTokenValidity: z.int().positive().max(DAY).optional(),
  idTokenValidity: z.int().positive().max(DAY).optional(),
  refreshTokenValidity: z
    .int()
    .positive()
    .max(3650 * DAY)
    .optional(),
  authSessionValidity: z.int().min(3).max(15).optional(),
  refreshTokenRotation: z
    .strictObject({
      feature: z.enum(['ENABLED', 'DISABLED']),
      retryGracePeriodSeconds: z.int().min(0).max(60).optional(),
    })
    .optional(),
  enableTokenRevocation: z.boolean().optional(),
  readAttributes: z.array(attributeName).optional(),
  writeAttributes: z.array(attributeName).optional(),
  ...oauthSettingsShape,
};

/** The shape of a further app client. */
export const clientSchema = z.strictObject({
  clientId,
  clientSecret: z.string().min(1).optional(),
  ...clientSettingsShape,
});

const DEFAULTS = {
  explicitAuthFlows: EXPLICIT_AUTH_FLOWS,
  preventUserExistenceErrors: 'ENABLED',
  accessTokenValidity: 60 * MINUTE,
  idTokenValidity: 60 * MINUTE,
  refreshTokenValidity: 30 * DAY,
  authSessionValidity: 3,
  rotationGrace: undefined,
  enableTokenRevocation: true,
  readAttributes: undefined,
  writeAttributes: undefined,
  oauth: OAUTH_DEFAULTS,
} as const satisfies Omit<AppClient, 'clientId' | 'clientSecret'>;

/**
 * An app client with nothing left open.
 *
 * @param fallback where it takes what it leaves out; default the settings of a new client that permits every flow
 */
export function resolveClient(
  client: EmulatorClient,
  fallback: Omit<AppClient, 'clientId' | 'clientSecret'> = DEFAULTS,
): AppClient {
  const rotationGrace = rotationGraceOf(client, fallback.rotationGrace);
  return {
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    explicitAuthFlows: flowsOf(client.explicitAuthFlows ?? fallback.explicitAuthFlows, rotationGrace),
    authSessionValidity: client.authSessionValidity ?? fallback.authSessionValidity,
    rotationGrace,
    enableTokenRevocation: client.enableTokenRevocation ?? fallback.enableTokenRevocation,
    readAttributes: client.readAttributes ?? fallback.readAttributes,
    writeAttributes: client.writeAttributes ?? fallback.writeAttributes,
    preventUserExistenceErrors: client.preventUserExistenceErrors ?? fallback.preventUserExistenceErrors,
    accessTokenValidity: client.accessTokenValidity ?? fallback.accessTokenValidity,
    idTokenValidity: client.idTokenValidity ?? fallback.idTokenValidity,
    refreshTokenValidity: client.refreshTokenValidity ?? fallback.refreshTokenValidity,
    oauth: resolveOAuth(client, fallback.oauth),
  };
}

function rotationGraceOf({ refreshTokenRotation: rotation }: Partial<EmulatorClient>, fallback: number | undefined) {
  if (!rotation) return fallback;
  return rotation.feature === 'ENABLED' ? (rotation.retryGracePeriodSeconds ?? 0) : undefined;
}

// A client whose refresh tokens rotate cannot use REFRESH_TOKEN_AUTH, which gives no new one.
function flowsOf(flows: readonly ExplicitAuthFlow[], rotationGrace: number | undefined): readonly ExplicitAuthFlow[] {
  return rotationGrace === undefined ? flows : flows.filter((flow) => flow !== 'ALLOW_REFRESH_TOKEN_AUTH');
}
