import type { ChallengeNameType } from '@aws-sdk/client-cognito-identity-provider';
import { z } from 'zod';
import { CognitoError } from '../errors/cognito.error.js';
import type { AttributeMapper } from './attribute-mapping.js';
import type {
  AnyChallenge,
  ChallengeBase,
  ChallengeName,
  CodeChallenge,
  CognitoChallenge,
  FirstFactorChoice,
  MfaMethod,
  PasskeyRequestOptions,
  ProofChallenge,
} from './challenges.js';

/** The part of an answer of Cognito that holds a challenge. */
export interface ChallengeOutput {
  readonly ChallengeName?: string | undefined;
  readonly ChallengeParameters?: Readonly<Record<string, string>> | undefined;
  readonly AvailableChallenges?: readonly string[] | undefined;
  readonly Session?: string | undefined;
}

/** What a challenge has from the sign-in it belongs to. */
export interface ChallengeOrigin {
  /** The name that the sign-in goes by so far. */
  readonly username: string;
  readonly admin: boolean;
  readonly deviceKey: string | undefined;
}

/**
 * Reads a challenge.
 *
 * @throws {@link CognitoError} `COGNITO_CHALLENGE_UNSUPPORTED` for one that nobody knows, and for one that cannot be read
 */
export function readChallenge(
  output: ChallengeOutput,
  origin: ChallengeOrigin,
  attributes: AttributeMapper,
): AnyChallenge {
  const name = output.ChallengeName;
  if (!isChallengeName(name)) throw new CognitoError('COGNITO_CHALLENGE_UNSUPPORTED');
  const parameters = output.ChallengeParameters ?? {};
  const internalName = parameters['USER_ID_FOR_SRP'] ?? parameters['USERNAME'] ?? origin.username;
  const base: ChallengeBase = { ...origin, username: internalName, session: output.Session, parameters };
  return readers[name](base, { parameters, available: output.AvailableChallenges, attributes });
}

/** Whether a text is the name of a challenge. */
export function isChallengeName(name: unknown): name is ChallengeName {
  return typeof name === 'string' && Object.hasOwn(readers, name);
}

interface Source {
  readonly parameters: Readonly<Record<string, string>>;
  /** AvailableChallenges, which stand beside the parameters. */
  readonly available: readonly string[] | undefined;
  readonly attributes: AttributeMapper;
}

type Readers<Names extends ChallengeName> = {
  readonly [Name in Names]: (base: ChallengeBase, source: Source) => CognitoChallenge<Name>;
};

// Written over the SDK's names: an SDK that knows one more challenge, or one fewer, does not compile with this table.
const readers: Readers<ChallengeNameType> = {
  ADMIN_NO_SRP_AUTH: (base) => ({ ...base, name: 'ADMIN_NO_SRP_AUTH' }),
  CUSTOM_CHALLENGE: (base) => ({ ...base, name: 'CUSTOM_CHALLENGE' }),
  DEVICE_PASSWORD_VERIFIER: (base) => ({ ...base, name: 'DEVICE_PASSWORD_VERIFIER', ...proofIn(base) }),
  DEVICE_SRP_AUTH: (base) => ({ ...base, name: 'DEVICE_SRP_AUTH' }),
  EMAIL_OTP: (base) => ({ ...base, name: 'EMAIL_OTP', ...deliveryIn(base) }),
  MFA_SETUP: (base) => ({
    ...base,
    name: 'MFA_SETUP',
    session: sessionIn(base),
    choices: mfaChoicesIn(base, 'MFAS_CAN_SETUP'),
  }),
  NEW_PASSWORD_REQUIRED: (base, { attributes }) => ({
    ...base,
    name: 'NEW_PASSWORD_REQUIRED',
    requiredAttributes: requiredAttributesIn(base).map((attribute) => attributes.propertyOf(attribute)),
    userAttributes: attributes.fromCognito(userAttributesIn(base)),
  }),
  PASSWORD: (base) => ({ ...base, name: 'PASSWORD' }),
  PASSWORD_SRP: (base) => ({ ...base, name: 'PASSWORD_SRP' }),
  PASSWORD_VERIFIER: (base) => ({ ...base, name: 'PASSWORD_VERIFIER', ...proofIn(base) }),
  SELECT_CHALLENGE: (base, { available }) => ({
    ...base,
    name: 'SELECT_CHALLENGE',
    choices: knownOf(FIRST_FACTORS, available ?? [], 'AvailableChallenges'),
  }),
  SELECT_MFA_TYPE: (base) => ({ ...base, name: 'SELECT_MFA_TYPE', choices: mfaChoicesIn(base, 'MFAS_CAN_CHOOSE') }),
  SMS_MFA: (base) => ({ ...base, name: 'SMS_MFA', ...deliveryIn(base) }),
  SMS_OTP: (base) => ({ ...base, name: 'SMS_OTP', ...deliveryIn(base) }),
  SOFTWARE_TOKEN_MFA: (base) => ({
    ...base,
    name: 'SOFTWARE_TOKEN_MFA',
    friendlyDeviceName: base.parameters['FRIENDLY_DEVICE_NAME'],
  }),
  WEB_AUTHN: (base) => ({
    ...base,
    name: 'WEB_AUTHN',
    requestOptions: jsonIn(base, 'CREDENTIAL_REQUEST_OPTIONS', requestOptionsSchema),
  }),
};

const MFA_METHODS: readonly MfaMethod[] = ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'];
const FIRST_FACTORS: readonly FirstFactorChoice[] = ['PASSWORD', 'PASSWORD_SRP', 'EMAIL_OTP', 'SMS_OTP', 'WEB_AUTHN'];

/** Required attributes have a prefix that the user's own do not have. */
const ATTRIBUTE_PREFIX = 'userAttributes.';

const listSchema = z.array(z.string());
const attributesSchema = z.record(z.string(), z.string());
const requestOptionsSchema: z.ZodType<PasskeyRequestOptions> = z.looseObject({
  challenge: z.string().min(1),
  rpId: z.string().optional(),
  timeout: z.number().optional(),
  userVerification: z.enum(['required', 'preferred', 'discouraged']).optional(),
  allowCredentials: z
    .array(z.looseObject({ id: z.string(), type: z.literal('public-key'), transports: z.array(z.string()).optional() }))
    .optional(),
  extensions: z.record(z.string(), z.unknown()).optional(),
});

// Left as they came, be they absent: whoever makes the proof judges them.
function proofIn({ parameters }: ChallengeBase): ProofChallenge {
  const { SRP_B: srpB = '', SALT: salt = '', SECRET_BLOCK: secretBlock = '' } = parameters;
  return { srpB, salt, secretBlock };
}

function deliveryIn({ parameters }: ChallengeBase): CodeChallenge {
  const { CODE_DELIVERY_DESTINATION: destination, CODE_DELIVERY_DELIVERY_MEDIUM: medium } = parameters;
  if (destination === undefined) return { delivery: undefined };
  return { delivery: { destination, medium: medium === 'SMS' ? 'SMS' : 'EMAIL', attribute: undefined } };
}

function requiredAttributesIn(base: ChallengeBase): string[] {
  return jsonIn(base, 'requiredAttributes', listSchema, '[]').map((name) =>
    name.startsWith(ATTRIBUTE_PREFIX) ? name.slice(ATTRIBUTE_PREFIX.length) : name,
  );
}

function userAttributesIn(base: ChallengeBase): { Name: string; Value: string }[] {
  const attributes = jsonIn(base, 'userAttributes', attributesSchema, '{}');
  return Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
}

function sessionIn({ session }: ChallengeBase): string {
  if (session === undefined) throw unreadable('Session');
  return session;
}

function mfaChoicesIn(base: ChallengeBase, parameter: string): MfaMethod[] {
  return knownOf(MFA_METHODS, jsonIn(base, parameter, listSchema), parameter);
}

/** The choices that are understood; what Cognito may offer some day cannot be chosen, but does not end the sign-in. */
function knownOf<Choice extends string>(
  known: readonly Choice[],
  offered: readonly string[],
  source: string,
): Choice[] {
  const understood = offered.flatMap((offer) => known.filter((choice) => choice === offer));
  if (understood.length === 0) throw unreadable(source);
  return understood;
}

function jsonIn<T>({ parameters }: ChallengeBase, name: string, schema: z.ZodType<T>, absent?: string): T {
  const read = schema.safeParse(parsed(parameters[name] ?? absent));
  if (!read.success) throw unreadable(name);
  return read.data;
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function unreadable(parameter: string): CognitoError {
  return new CognitoError('COGNITO_CHALLENGE_UNSUPPORTED', {
    detail: `Cognito sent a challenge whose ${parameter} cannot be read.`,
  });
}
