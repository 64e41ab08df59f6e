/** The tokens of a sign-in. */
export interface CognitoTokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
  readonly tokenType: 'Bearer';
  /** Seconds for which access and id token are good, counted from now. */
  readonly expiresIn: number;
}

/** Tokens of a refreshed session. */
export interface RefreshedTokens extends CognitoTokens {
  /** True when Cognito gave a new refresh token; the old one must not be used again. */
  readonly rotated: boolean;
}

/** A device that Cognito has seen for the first time; confirm it to remember it. */
export interface NewDevice {
  readonly deviceKey: string;
  readonly deviceGroupKey: string;
}

/** Every challenge that Cognito can ask. */
export const challengeNames = [
  'ADMIN_NO_SRP_AUTH',
  'CUSTOM_CHALLENGE',
  'DEVICE_PASSWORD_VERIFIER',
  'DEVICE_SRP_AUTH',
  'EMAIL_OTP',
  'MFA_SETUP',
  'NEW_PASSWORD_REQUIRED',
  'PASSWORD',
  'PASSWORD_SRP',
  'PASSWORD_VERIFIER',
  'SELECT_CHALLENGE',
  'SELECT_MFA_TYPE',
  'SMS_MFA',
  'SMS_OTP',
  'SOFTWARE_TOKEN_MFA',
  'WEB_AUTHN',
] as const;

/** The name of a challenge. */
export type ChallengeName = (typeof challengeNames)[number];

/** A question that has to be answered before there are tokens. A challenge is never a login. */
export interface CognitoChallenge<Name extends ChallengeName = ChallengeName> {
  readonly name: Name;
  /** The user that the answer has to be given for: Cognito's own user name, whatever was typed. */
  readonly username: string;
  /** Ties the answer to this sign-in; a secret, good once, for three minutes by default. */
  readonly session: string | undefined;
  /** What Cognito says about the challenge, as it says it. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** One of the challenges, told apart by its name. */
export type AnyChallenge = { [Name in ChallengeName]: CognitoChallenge<Name> }[ChallengeName];

/** What a sign-in comes to: tokens, or a question. */
export type SignInResult =
  | { readonly status: 'authenticated'; readonly tokens: CognitoTokens; readonly newDevice?: NewDevice | undefined }
  | { readonly status: 'challenge'; readonly challenge: AnyChallenge };
