import type { ChallengeNameType } from '@aws-sdk/client-cognito-identity-provider';
import { z } from 'zod';
import { CognitoError } from '../errors/cognito.error.js';
import type { AttributeMapper } from './attribute-mapping.js';
import type { AttributeValue } from './attributes.js';
import type { CodeDelivery } from './code-delivery.js';

/** A second factor, by the name of its challenge. */
export type MfaMethod = 'SMS_MFA' | 'SOFTWARE_TOKEN_MFA' | 'EMAIL_OTP';

/** A first factor that a user may choose (USER_AUTH), by the name of its challenge. */
export type FirstFactorChoice = 'PASSWORD' | 'PASSWORD_SRP' | 'EMAIL_OTP' | 'SMS_OTP' | 'WEB_AUTHN';

/** What a browser needs to ask for a passkey: `PublicKeyCredentialRequestOptionsJSON` of WebAuthn Level 3. */
export interface PasskeyRequestOptions {
  /** Base64url. */
  readonly challenge: string;
  /** The domain that the passkey belongs to. */
  readonly rpId?: string | undefined;
  /** Milliseconds. */
  readonly timeout?: number | undefined;
  readonly userVerification?: 'required' | 'preferred' | 'discouraged' | undefined;
  readonly allowCredentials?:
    | readonly {
        readonly id: string;
        readonly type: 'public-key';
        readonly transports?: readonly string[] | undefined;
      }[]
    | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** A challenge for a code that was sent. */
export interface CodeChallenge {
  /** Where the code went, masked; absent when Cognito does not say. */
  readonly delivery: CodeDelivery | undefined;
}

/** The server's half of a proof by SRP; texts as Cognito sends them. */
export interface ProofChallenge {
  /** Hexadecimal. */
  readonly srpB: string;
  /** Hexadecimal. */
  readonly salt: string;
  /** Base64, opaque. */
  readonly secretBlock: string;
}

/** What each challenge brings besides its name, user and session. */
export interface ChallengeMembers {
  /** Asks for the password, in the clear (admin sign-in). */
  ADMIN_NO_SRP_AUTH: object;
  /** Asks what the pool's triggers make up: `parameters` are the public parameters of the CreateAuthChallenge trigger. */
  CUSTOM_CHALLENGE: object;
  /** Asks for the proof of the device's secret, begun with DEVICE_SRP_AUTH. */
  DEVICE_PASSWORD_VERIFIER: ProofChallenge;
  /** Asks a remembered device to prove its secret. */
  DEVICE_SRP_AUTH: object;
  /** Asks for the code that was sent by e-mail: as the second factor, or as the first (USER_AUTH). */
  EMAIL_OTP: CodeChallenge;
  /** Asks for a second factor to be set up; `choices` are those that the pool permits. */
  MFA_SETUP: {
    readonly choices: readonly MfaMethod[];
    /** For `mfa.associateSoftwareToken`; a secret. */
    readonly session: string;
  };
  /** Asks for a password in place of a temporary one. Attributes have the application's names (`attributeMapping`). */
  NEW_PASSWORD_REQUIRED: {
    /** Attributes that the pool demands and the user does not have yet. */
    readonly requiredAttributes: readonly string[];
    /** Attributes that the user has. */
    readonly userAttributes: Readonly<Record<string, AttributeValue>>;
  };
  /** Asks for the password, in the clear. */
  PASSWORD: object;
  /** Asks for the beginning of a password proof. */
  PASSWORD_SRP: object;
  /** Asks for the proof of the password; the library answers it where it has the password. */
  PASSWORD_VERIFIER: ProofChallenge;
  /** Asks which first factor it shall be. */
  SELECT_CHALLENGE: { readonly choices: readonly FirstFactorChoice[] };
  /** Asks which second factor it shall be. */
  SELECT_MFA_TYPE: { readonly choices: readonly MfaMethod[] };
  /** Asks for the code that was sent by SMS as the second factor. */
  SMS_MFA: CodeChallenge;
  /** Asks for the code that was sent by SMS as the first factor (USER_AUTH). */
  SMS_OTP: CodeChallenge;
  /** Asks for the code that an authenticator app shows. */
  SOFTWARE_TOKEN_MFA: { readonly friendlyDeviceName: string | undefined };
  /** Asks for a passkey. */
  WEB_AUTHN: { readonly requestOptions: PasskeyRequestOptions };
}

/** The name of a challenge. */
export type ChallengeName = keyof ChallengeMembers;

/** What every challenge has. */
export interface ChallengeBase {
  /** The user that the answer has to be given for: Cognito's own user name as soon as Cognito has told it, whatever was typed. */
  readonly username: string;
  /** Ties the answer to this sign-in; a secret, good once, for three minutes by default. */
  readonly session: string | undefined;
  /** What Cognito says about the challenge, as it says it. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Whether the sign-in is signed with AWS credentials (ADMIN_USER_PASSWORD_AUTH); its answers are signed then, too. */
  readonly admin: boolean;
  /** The device that signs in, where one was named; not its secret. */
  readonly deviceKey: string | undefined;
}

/** A question that has to be answered before there are tokens. A challenge is never a login. */
export type CognitoChallenge<Name extends ChallengeName = ChallengeName> = ChallengeBase & {
  readonly name: Name;
} & ChallengeMembers[Name];

/** One of the challenges, told apart by its name. */
export type AnyChallenge = { [Name in ChallengeName]: CognitoChallenge<Name> }[ChallengeName];

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
