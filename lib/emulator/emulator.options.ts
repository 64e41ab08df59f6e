import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { clientId, clientSchema, clientSettingsShape, resolveClient } from './app-client.options.js';
import { contradictionsOf } from './contradictions.js';
import { EmulatorError, type EmulatorErrorCode } from './emulator-error.js';
import type {
  EmulatorGroup,
  EmulatorPasswordPolicy,
  EmulatorResourceServer,
  EmulatorSeed,
  EmulatorUser,
} from './emulator-seed.js';
import { corsOrigin, resourceServerSchema } from './oauth-client.options.js';
import { groupSchema, userSchema } from './seed-user.options.js';
import type { AppClient } from './state/app-clients.js';
import { isWritableAttribute } from './state/attribute-names.js';
import type { AttributeDeclaration } from './state/attribute-schema.js';
import { DEFAULT_PASSWORD_POLICY, type PasswordPolicy } from './state/password-policy.js';
import { MFA_TYPES, type MfaType, type UserNaming } from './state/users.js';

const contact = z.enum(['email', 'phone_number']);

const FIRST_FACTORS = ['PASSWORD', 'EMAIL_OTP', 'SMS_OTP', 'WEB_AUTHN'] as const;
const RECOVERY_WAYS = ['verified_phone_number', 'verified_email', 'admin_only'] as const;

/** What USER_AUTH may begin with. */
export type FirstFactor = (typeof FIRST_FACTORS)[number];
/** How a code for a forgotten password may be sent. */
export type RecoveryWay = (typeof RECOVERY_WAYS)[number];

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
    ...clientSettingsShape,
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
    enabledMfas: z.array(z.enum(MFA_TYPES)).optional(),
    allowedFirstAuthFactors: z.array(z.enum(FIRST_FACTORS)).optional(),
    webAuthn: z
      .strictObject({
        relyingPartyId: z
          .string()
          .regex(/^[a-z0-9.-]+$/, 'must be a domain, such as example.com, without scheme and port')
          .optional(),
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
    resourceServers: z.array(resourceServerSchema).optional(),
    pages: z.boolean().optional(),
    corsOrigins: z.array(corsOrigin).optional(),
    groups: z.array(groupSchema).optional(),
    users: z.array(userSchema).optional(),
  })
  .superRefine((seed, context) => {
    for (const { path, message } of contradictionsOf(seed)) context.addIssue({ code: 'custom', path, message });
  });

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
  readonly resourceServers: readonly EmulatorResourceServer[];
  readonly pages: boolean;
  readonly corsOrigins: readonly string[];
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
    srpTimestampTolerance: (seed.srpTimestampTolerance ?? FIVE_MINUTES) * 1000,
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
    resourceServers: seed.resourceServers ?? [],
    pages: seed.pages ?? true,
    corsOrigins: seed.corsOrigins ?? [],
    groups: (seed.groups ?? []).map((group) => (typeof group === 'string' ? { name: group } : group)),
    users: seed.users ?? [],
  };
}

const FIVE_MINUTES = 5 * 60;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

function validated(options: unknown, code: EmulatorErrorCode): EmulatorSeed {
  const result = startSchema.safeParse(options);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw new EmulatorError(code, `The emulator cannot start with these options: ${problems.join('; ')}`);
}

function withoutGaps(policy: EmulatorPasswordPolicy): Partial<PasswordPolicy> {
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined));
}

function randomText(length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}
