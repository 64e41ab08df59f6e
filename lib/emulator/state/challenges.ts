import { randomBytes } from 'node:crypto';
import type { ServerEphemeral } from '../srp-verifier.js';
import type { CustomAuthRound } from '../triggers.js';
import type { Contact, MfaType, SoftwareToken, User } from './users.js';

/** A key agreement that waits for the client's proof; it is found by its SECRET_BLOCK. */
export interface SrpExchange {
  readonly clientId: string;
  /** USER_ID_FOR_SRP as it was told to the client. */
  readonly userId: string;
  /** Absent when the name is unknown and the pool does not say so. */
  readonly user: User | undefined;
  readonly verifier: bigint;
  readonly clientPublicValue: bigint;
  readonly ephemeral: ServerEphemeral;
  readonly session: string;
  readonly attempt: SignInAttempt;
}

/** The flows that begin a sign-in. */
export type SignInFlow =
  'USER_SRP_AUTH' | 'USER_PASSWORD_AUTH' | 'ADMIN_USER_PASSWORD_AUTH' | 'CUSTOM_AUTH' | 'USER_AUTH';

/** What one sign-in carries from its first call to its tokens. */
export interface SignInAttempt {
  /** `PAGES` stands for Cognito's own pages, whose sign-ins end in a code instead of tokens. */
  readonly flow: SignInFlow | 'PAGES';
  /** ClientMetadata of the first call: what PreAuthentication and UserMigration are told as `validationData`. */
  readonly validationData: Readonly<Record<string, string>>;
  /** ClientMetadata of the last answer: what the other triggers are told. */
  readonly clientMetadata: Readonly<Record<string, string>>;
  /** The name that the client began with; in USER_AUTH it may go on with it, since few of its challenges tell another. */
  readonly typedName: string | undefined;
  /** The device that the client says it is. */
  readonly deviceKey: string | undefined;
  /** Rounds of CUSTOM_AUTH so far, the password proof included. */
  readonly rounds: readonly CustomAuthRound[];
}

/** A sign-in that has just begun. */
export function newAttempt(
  flow: SignInAttempt['flow'],
  begun: Partial<Pick<SignInAttempt, 'validationData' | 'typedName' | 'deviceKey'>> = {},
): SignInAttempt {
  const nothing = { typedName: undefined, deviceKey: undefined };
  return { flow, validationData: {}, clientMetadata: {}, rounds: [], ...nothing, ...begun };
}

/** What the pool remembers of a challenge until it is answered, by the challenge's name. */
export interface ChallengeMemory {
  NEW_PASSWORD_REQUIRED: object;
  /** No challenge: the session that SignUp gives goes into ConfirmSignUp. */
  CONFIRM_SIGN_UP: object;
  /** No challenge: the session that ConfirmSignUp gives goes back into InitiateAuth. */
  AUTO_SIGN_IN: object;
  SMS_MFA: SentCode;
  EMAIL_OTP: SentCode;
  SMS_OTP: SentCode;
  SOFTWARE_TOKEN_MFA: object;
  SELECT_MFA_TYPE: { readonly choices: readonly MfaType[] };
  /** The secret given out, and whether a code has proved that the app has it. */
  MFA_SETUP: { readonly pendingSecret?: string | undefined; readonly verified?: SoftwareToken | undefined };
  SELECT_CHALLENGE: { readonly choices: readonly string[] };
  PASSWORD: object;
  PASSWORD_SRP: object;
  CUSTOM_CHALLENGE: {
    readonly privateParameters: Readonly<Record<string, string>>;
    readonly metadata: string | undefined;
  };
  WEB_AUTHN: { readonly challenge: string };
  DEVICE_SRP_AUTH: object;
  /** The key agreement is an {@link DeviceExchange}. */
  DEVICE_PASSWORD_VERIFIER: { readonly exchange: DeviceExchange };
}

/** A code that was sent as part of a sign-in; only its digest is kept. */
export interface SentCode {
  readonly digest: Buffer;
  readonly contact: Contact;
  /** Where it went; `undefined` for a code that nobody was sent. */
  readonly destination: string | undefined;
  /** Whether the code stands in for the password, comes on top of it, or shows that a new contact is the user's. */
  readonly as: 'first-factor' | 'second-factor' | 'set-up';
}

/** The server's half of a device's key agreement. */
export interface DeviceExchange {
  readonly deviceKey: string;
  readonly clientPublicValue: bigint;
  readonly ephemeral: ServerEphemeral;
  readonly secretBlock: string;
}

/** The challenges that a session waits for. */
export type PendingChallenge = keyof ChallengeMemory;

/** A sign-in that waits for the answer to one challenge; it is found by its Session. */
export interface ChallengeSession<Name extends PendingChallenge = PendingChallenge> {
  readonly challengeName: Name;
  readonly clientId: string;
  /** The internal user name as the client was told it; made up when `user` is absent. */
  readonly username: string;
  /** Absent when the name is unknown and the pool does not say so. */
  readonly user: User | undefined;
  readonly attempt: SignInAttempt;
  readonly memory: ChallengeMemory[Name];
}

const SECRET_BLOCK_BYTES = 1270;
const SESSION_BYTES = 1155;

/** Opaque bytes of the length that the service sends. */
export function createSecretBlock(): string {
  return randomBytes(SECRET_BLOCK_BYTES).toString('base64');
}

export function createSession(): string {
  return randomBytes(SESSION_BYTES).toString('base64url');
}
