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
