import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { EmulatorError, type EmulatorErrorCode } from './emulator-error.js';
import type {
  EmulatorClient,
  EmulatorGroup,
  EmulatorPasswordPolicy,
  EmulatorSeed,
  EmulatorUser,
} from './emulator-seed.js';
import { type AppClient, EXPLICIT_AUTH_FLOWS, type ExplicitAuthFlow } from './state/app-clients.js';
import { isEmail, isPhoneNumber, isPoolAttribute, isWritableAttribute } from './state/attribute-names.js';
import type { AttributeDeclaration } from './state/attribute-schema.js';
import { DEFAULT_PASSWORD_POLICY, type PasswordPolicy } from './state/password-policy.js';
import { MFA_TYPES, type MfaType, type UserNaming } from './state/users.js';

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

const authFlow = z.enum(EXPLICIT_AUTH_FLOWS);
const mfaType = z.enum(MFA_TYPES);
const contact = z.enum(['email', 'phone_number']);
const clientId = z.string().regex(/^[\w+]{1,128}$/, 'must be 1 to 128 letters, digits, _ or +');
const attributes = z.record(z.string(), z.string().max(2048)).superRefine((written, context) => {
  for (const name of Object.keys(written)) {
    if (isWritableAttribute(name) || isPoolAttribute(name)) continue;
    context.addIssue({ code: 'custom', path: [name], message: 'must be a standard attribute or custom:name' });
  }
});
const groupName = z.string().min(1).max(128);

const FIRST_FACTORS = ['PASSWORD', 'EMAIL_OTP', 'SMS_OTP', 'WEB_AUTHN'] as const;
const RECOVERY_WAYS = ['verified_phone_number', 'verified_email', 'admin_only'] as const;

/** What USER_AUTH may begin with. */
export type FirstFactor = (typeof FIRST_FACTORS)[number];
/** How a code for a forgotten password may be sent. */
export type RecoveryWay = (typeof RECOVERY_WAYS)[number];

const clientSettings = {
  explicitAuthFlows: z.array(authFlow).optional(),
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
  readAttributes: z.array(z.string()).optional(),
  writeAttributes: z.array(z.string()).optional(),
};

const clientSchema = z.strictObject({
  clientId,
  clientSecret: z.string().min(1).optional(),
  ...clientSettings,
});

const userSchema = z.strictObject({
  username: z.string().min(1).max(128),
  password: z.string().min(1).max(256),
  attributes: attributes.optional(),
  groups: z.array(groupName).optional(),
  status: z
    .enum(['UNCONFIRMED', 'CONFIRMED', 'FORCE_CHANGE_PASSWORD', 'RESET_REQUIRED', 'EXTERNAL_PROVIDER'])
    .optional(),
  enabled: z.boolean().optional(),
  mfa: z
    .strictObject({
      totpSecret: z
        .string()
        .regex(/^[A-Z2-7]{16,}$/, 'must be base32, 16 characters or more')
        .optional(),
      sms: z.boolean().optional(),
      email: z.boolean().optional(),
      preferred: mfaType.optional(),
    })
    .optional(),
});

const groupSchema = z.strictObject({
  name: groupName,
  description: z.string().max(2048).optional(),
  precedence: z.int().min(0).optional(),
  roleArn: z.string().min(20).max(2048).optional(),
});

const attributeSchema = z.strictObject({
  name: z.string().refine(isWritableAttribute, 'must be a standard attribute or custom:name'),
  type: z.enum(['String', 'Number', 'DateTime', 'Boolean']).optional(),
  mutable: z.boolean().optional(),
  required: z.boolean().optional(),
});

const passwordPolicySchema = z.strictObject({
  minimumLength: z.int().min(6).max(99).optional(),
  requireLowercase: z.boolean().optional(),
  requireUppercase: z.boolean().optional(),
  requireNumbers: z.boolean().optional(),
  requireSymbols: z.boolean().optional(),
  temporaryPasswordValidityDays: z.int().min(0).max(365).optional(),
  passwordHistorySize: z.int().min(0).max(24).optional(),
});

const startSchema: z.ZodType<EmulatorSeed> = z
  .strictObject({
    port: z.int().min(0).max(65_535).optional(),
    host: z.string().min(1).optional(),
    userPoolId: z
      .string()
      .max(55)
      .regex(/^[\w-]+_[0-9a-zA-Z]+$/, 'must look like local_AbCdEfGhI')
      .optional(),
    clientId: clientId.optional(),
    clientSecret: z.string().min(1).optional(),
    ...clientSettings,
    clients: z.array(clientSchema).optional(),
    autoVerifiedAttributes: z.array(contact).optional(),
    usernameAttributes: z.array(contact).optional(),
    aliasAttributes: z.array(z.enum(['email', 'phone_number', 'preferred_username'])).optional(),
    passwordPolicy: passwordPolicySchema.optional(),
    srpTimestampTolerance: z.int().positive().optional(),
    usernameCaseSensitive: z.boolean().optional(),
    schema: z.array(attributeSchema).optional(),
    attributesRequireVerificationBeforeUpdate: z.array(contact).optional(),
    mfaConfiguration: z.enum(['OFF', 'OPTIONAL', 'ON']).optional(),
    enabledMfas: z.array(mfaType).optional(),
    allowedFirstAuthFactors: z.array(z.enum(FIRST_FACTORS)).optional(),
    webAuthn: z
      .strictObject({
        relyingPartyId: z.string().min(1).optional(),
        userVerification: z.enum(['required', 'preferred']).optional(),
        origins: z.array(z.url()).optional(),
      })
      .optional(),
    deviceConfiguration: z
      .strictObject({
        challengeRequiredOnNewDevice: z.boolean().optional(),
        deviceOnlyRememberedOnUserPrompt: z.boolean().optional(),
      })
      .optional(),
    accountRecovery: z.array(z.enum(RECOVERY_WAYS)).optional(),
    allowAdminCreateUserOnly: z.boolean().optional(),
    identityProviders: z.array(z.string().min(1).max(32)).optional(),
    groups: z.array(z.union([groupName, groupSchema])).optional(),
    users: z.array(userSchema).optional(),
  })
  .refine(
    ({ usernameAttributes = [], aliasAttributes = [] }) => !usernameAttributes.length || !aliasAttributes.length,
    {
      message: 'usernameAttributes and aliasAttributes exclude each other: keep one of them',
    },
  )
  .refine(({ clientId: main, clients = [] }) => hasNoDuplicates([main, ...clients.map((client) => client.clientId)]), {
    message: 'two app clients have the same clientId',
    path: ['clients'],
  })
  .refine(({ usernameAttributes = [], users = [] }) => users.every(isAddressedBy(usernameAttributes)), {
    message:
      'with usernameAttributes a username is an address of that kind: an e-mail address, or a number like +4930123456',
    path: ['users'],
  })
  .refine(
    ({ usernameCaseSensitive = false, users = [] }) =>
      hasNoDuplicates(users.map(({ username }) => (usernameCaseSensitive ? username : username.toLowerCase()))),
    {
      message:
        'two users have the same username (upper and lower case count as the same, unless usernameCaseSensitive)',
      path: ['users'],
    },
  );

/** Options with nothing left open. */
export interface ResolvedEmulatorOptions extends UserNaming {
  readonly port: number;
  readonly host: string;
  readonly userPoolId: string;
  readonly client: AppClient;
  readonly clients: readonly AppClient[];
  readonly autoVerifiedAttributes: readonly ('email' | 'phone_number')[];
  readonly passwordPolicy: PasswordPolicy;
  /** Milliseconds. */
  readonly srpTimestampTolerance: number;
  /** `undefined`: any `custom:` attribute counts as declared text. */
  readonly schema: readonly AttributeDeclaration[] | undefined;
  readonly attributesRequireVerificationBeforeUpdate: readonly ('email' | 'phone_number')[];
  readonly mfaConfiguration: 'OFF' | 'OPTIONAL' | 'ON';
  readonly enabledMfas: readonly MfaType[];
  readonly allowedFirstAuthFactors: readonly FirstFactor[];
  readonly webAuthn: {
    readonly relyingPartyId: string;
    readonly userVerification: 'required' | 'preferred';
    /** `undefined`: any origin of the domain and its subdomains. */
    readonly origins: readonly string[] | undefined;
  };
  /** `undefined`: devices are not tracked. */
  readonly deviceConfiguration:
    { readonly challengeRequiredOnNewDevice: boolean; readonly deviceOnlyRememberedOnUserPrompt: boolean } | undefined;
  readonly accountRecovery: readonly RecoveryWay[];
  readonly allowAdminCreateUserOnly: boolean;
  readonly identityProviders: readonly string[];
  readonly groups: readonly EmulatorGroup[];
  readonly users: readonly EmulatorUser[];
}

/**
 * Checks options and fills in what they leave out.
 *
 * @param code of the error that names every bad or unknown key
 */
export function resolveOptions(
  options: unknown,
  code: EmulatorErrorCode = 'EMULATOR_OPTIONS_INVALID',
): ResolvedEmulatorOptions {
  const seed = validated(options, code);
  const client = resolveClient({
    ...seed,
    clientId: seed.clientId ?? randomText(26, '0123456789abcdefghijklmnopqrstuvwxyz'),
  });
  return {
    port: seed.port ?? 0,
    host: seed.host ?? '127.0.0.1',
    userPoolId: seed.userPoolId ?? `local_${randomText(9, `0123456789${LETTERS}${LETTERS.toLowerCase()}`)}`,
    client,
    clients: [client, ...(seed.clients ?? []).map((further) => resolveClient(further, client))],
    autoVerifiedAttributes: seed.autoVerifiedAttributes ?? ['email'],
    usernameAttributes: seed.usernameAttributes ?? [],
    aliasAttributes: seed.aliasAttributes ?? [],
    passwordPolicy: { ...DEFAULT_PASSWORD_POLICY, ...withoutGaps(seed.passwordPolicy ?? {}) },
    srpTimestampTolerance: (seed.srpTimestampTolerance ?? 5 * MINUTE) * 1000,
    usernameCaseSensitive: seed.usernameCaseSensitive ?? false,
    schema: seed.schema?.map(({ name, type = 'String', mutable = true, required = false }) => ({
      name,
      type,
      mutable,
      required,
    })),
    attributesRequireVerificationBeforeUpdate: seed.attributesRequireVerificationBeforeUpdate ?? [],
    mfaConfiguration: seed.mfaConfiguration ?? 'OFF',
    enabledMfas: seed.enabledMfas ?? MFA_TYPES,
    allowedFirstAuthFactors: seed.allowedFirstAuthFactors ?? ['PASSWORD'],
    webAuthn: {
      relyingPartyId: seed.webAuthn?.relyingPartyId ?? 'localhost',
      userVerification: seed.webAuthn?.userVerification ?? 'preferred',
      origins: seed.webAuthn?.origins,
    },
    deviceConfiguration: seed.deviceConfiguration && {
      challengeRequiredOnNewDevice: seed.deviceConfiguration.challengeRequiredOnNewDevice ?? false,
      deviceOnlyRememberedOnUserPrompt: seed.deviceConfiguration.deviceOnlyRememberedOnUserPrompt ?? false,
    },
    accountRecovery: seed.accountRecovery ?? ['verified_phone_number', 'verified_email'],
    allowAdminCreateUserOnly: seed.allowAdminCreateUserOnly ?? false,
    identityProviders: seed.identityProviders ?? [],
    groups: (seed.groups ?? []).map((group) => (typeof group === 'string' ? { name: group } : group)),
    users: seed.users ?? [],
  };
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

const CLIENT_DEFAULTS = {
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
} as const satisfies Omit<AppClient, 'clientId' | 'clientSecret'>;

function validated(options: unknown, code: EmulatorErrorCode): EmulatorSeed {
  const result = startSchema.safeParse(options);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw new EmulatorError(code, `The emulator cannot start with these options: ${problems.join('; ')}`);
}

function resolveClient(
  client: EmulatorClient,
  fallback: Omit<AppClient, 'clientId' | 'clientSecret'> = CLIENT_DEFAULTS,
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
  };
}

function rotationGraceOf({ refreshTokenRotation: rotation }: EmulatorClient, fallback: number | undefined) {
  if (!rotation) return fallback;
  return rotation.feature === 'ENABLED' ? (rotation.retryGracePeriodSeconds ?? 0) : undefined;
}

// A client whose refresh tokens rotate cannot use REFRESH_TOKEN_AUTH, which gives no new one.
function flowsOf(flows: readonly ExplicitAuthFlow[], rotationGrace: number | undefined): readonly ExplicitAuthFlow[] {
  return rotationGrace === undefined ? flows : flows.filter((flow) => flow !== 'ALLOW_REFRESH_TOKEN_AUTH');
}

function withoutGaps(policy: EmulatorPasswordPolicy): Partial<PasswordPolicy> {
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined));
}

function isAddressedBy(kinds: readonly ('email' | 'phone_number')[]): (user: { username: string }) => boolean {
  const checks = { email: isEmail, phone_number: isPhoneNumber };
  return ({ username }) => kinds.length === 0 || kinds.some((kind) => checks[kind](username));
}

function hasNoDuplicates(values: readonly (string | undefined)[]): boolean {
  const given = values.filter((value) => value !== undefined);
  return new Set(given).size === given.length;
}

function randomText(length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}
