import { CognitoError } from '../errors/cognito.error.js';
import type { MfaMethod } from './challenges.js';
import type { OperationInput, OperationOutput } from './operations.js';
import { type OtpauthLabel, otpauthUri } from './otpauth-uri.js';
import type { UserPoolClient } from './user-pool-client.js';

/** Who sets an authenticator app up: a signed-in user, or a sign-in that stands at the challenge MFA_SETUP. */
export type SoftwareTokenAuthority =
  | {
      /** With the scope `aws.cognito.signin.user.admin`. */
      readonly accessToken: string;
      readonly session?: undefined;
    }
  | {
      /** Of the challenge MFA_SETUP, or the one that the step before gave; used up. */
      readonly session: string;
      readonly accessToken?: undefined;
    };

/** Whose authenticator app it is, and how it shall show the account. */
export type AssociateSoftwareTokenInput = SoftwareTokenAuthority & {
  /** Default: `Cognito` and the id of the user pool, which say little to users. */
  readonly label?: OtpauthLabel | undefined;
};

/** Within a sign-in every step has a session, and gives one for the next. */
export type WithinSignIn<Step> = Step & { readonly session: string };

/** What an authenticator app needs. It is a secret until it has been handed to the user, and afterwards theirs. */
export interface SoftwareTokenAssociation {
  /** Base32, to be typed in. */
  readonly secretCode: string;
  /** The same as the text of a QR code. */
  readonly otpauthUri: string;
  /** For the next step of a sign-in; absent for a signed-in user. */
  readonly session: string | undefined;
}

/** The code that shows that the app has the secret. */
export type VerifySoftwareTokenInput = SoftwareTokenAuthority & {
  /** Six digits. */
  readonly code: string;
  /** What the user calls the phone, for example `My phone`. */
  readonly friendlyDeviceName?: string | undefined;
};

/** What became of one second factor. */
export interface MfaSetting {
  readonly enabled: boolean;
  /** Asked for when there are several; at most one is. Default false. */
  readonly preferred?: boolean | undefined;
}

/** Which second factors a user has switched on; what is left out stays as it is. */
export interface MfaSettings {
  readonly sms?: MfaSetting | undefined;
  readonly softwareToken?: MfaSetting | undefined;
  readonly email?: MfaSetting | undefined;
}

/** A way to sign in, by the names of AWS; `SOFTWARE_TOKEN` is a second factor only. */
export type AuthFactor = 'PASSWORD' | 'EMAIL_OTP' | 'SMS_OTP' | 'WEB_AUTHN' | 'SOFTWARE_TOKEN';

/** What a user can sign in with. */
export interface AuthFactors {
  /** Cognito's own user name. */
  readonly username: string;
  /** Second factors that are switched on. */
  readonly enabled: readonly MfaMethod[];
  /** The one that is asked for when there are several. */
  readonly preferred: MfaMethod | undefined;
  /** First and second factors that the user has. */
  readonly configured: readonly AuthFactor[];
}

/**
 * The second factors of a signed-in user, and with `admin…` those of any user, signed with AWS credentials.
 *
 * Besides the codes that are named with each, every call with an access token may end with `COGNITO_TOKEN_EXPIRED`,
 * `COGNITO_TOKEN_REVOKED` or `COGNITO_SCOPE_MISSING`, and every `admin…` call with `COGNITO_USER_NOT_FOUND`,
 * `COGNITO_CREDENTIALS_MISSING` or `COGNITO_AWS_CREDENTIALS_INVALID`.
 */
export class MfaService {
  readonly #client: UserPoolClient;

  /** @internal Built by {@link CognitoService}. */
  constructor(client: UserPoolClient) {
    this.#client = client;
  }

  /**
   * Begins to set an authenticator app up (AssociateSoftwareToken). Nothing changes until {@link verifySoftwareToken}.
   *
   * @throws {@link CognitoError} `COGNITO_SOFTWARE_TOKEN_MISSING` for a pool without authenticator apps,
   * `COGNITO_SESSION_INVALID` for a session that is used up, too old or of another challenge
   */
  associateSoftwareToken(
    input: WithinSignIn<AssociateSoftwareTokenInput>,
  ): Promise<WithinSignIn<SoftwareTokenAssociation>>;
  associateSoftwareToken(input: AssociateSoftwareTokenInput): Promise<SoftwareTokenAssociation>;
  async associateSoftwareToken(input: AssociateSoftwareTokenInput): Promise<SoftwareTokenAssociation> {
    const { accessToken, session, label = this.#defaultLabel() } = input;
    const output = await this.#client.send('AssociateSoftwareToken', { AccessToken: accessToken, Session: session });
    const { SecretCode: secretCode } = output;
    if (secretCode === undefined) {
      throw new CognitoError('COGNITO_UNEXPECTED', { detail: 'Cognito gave no secret for an authenticator app.' });
    }
    return { secretCode, otpauthUri: otpauthUri(secretCode, label), session: sessionAfter(input, output.Session) };
  }

  /**
   * Shows that the authenticator app has the secret (VerifySoftwareToken). A signed-in user switches it on with
   * {@link setPreference}; a sign-in answers its challenge MFA_SETUP with the session that comes back.
   *
   * @returns the session of the next step; `undefined` inside for a signed-in user
   * @throws {@link CognitoError} `COGNITO_SOFTWARE_TOKEN_REFUSED` or `COGNITO_CODE_MISMATCH` for a wrong code,
   * `COGNITO_SOFTWARE_TOKEN_MISSING` when none was associated, `COGNITO_SESSION_INVALID`
   */
  verifySoftwareToken(input: WithinSignIn<VerifySoftwareTokenInput>): Promise<{ readonly session: string }>;
  verifySoftwareToken(input: VerifySoftwareTokenInput): Promise<{ readonly session: string | undefined }>;
  async verifySoftwareToken(input: VerifySoftwareTokenInput): Promise<{ readonly session: string | undefined }> {
    const output = await this.#client.send('VerifySoftwareToken', {
      AccessToken: input.accessToken,
      Session: input.session,
      UserCode: input.code,
      FriendlyDeviceName: input.friendlyDeviceName,
    });
    // A call that succeeds may still say that the code was wrong.
    if (output.Status !== 'SUCCESS') throw new CognitoError('COGNITO_SOFTWARE_TOKEN_REFUSED');
    return { session: sessionAfter(input, output.Session) };
  }

  /**
   * Switches second factors on and off (SetUserMFAPreference).
   *
   * @param input the access token, and at least one of `sms`, `softwareToken` and `email`
   * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` for two that are preferred, for one that is preferred and not
   * enabled, for none at all (all three before anything is sent), and for one that is not set up or that the pool lacks
   */
  async setPreference({ accessToken, ...settings }: MfaSettings & { readonly accessToken: string }): Promise<void> {
    await this.#client.send('SetUserMFAPreference', { AccessToken: accessToken, ...preferenceOf(settings) });
  }

  /** Lists what a user can sign in with (GetUserAuthFactors). */
  async getAuthFactors(input: { readonly accessToken: string }): Promise<AuthFactors> {
    return authFactorsOf(await this.#client.send('GetUserAuthFactors', { AccessToken: input.accessToken }));
  }

  /**
   * Switches second factors of any user on and off (AdminSetUserMFAPreference).
   *
   * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` as {@link setPreference}
   */
  async adminSetPreference({ username, ...settings }: MfaSettings & { readonly username: string }): Promise<void> {
    await this.#client.send('AdminSetUserMFAPreference', { ...this.#userOf(username), ...preferenceOf(settings) });
  }

  /** Lists what any user can sign in with (AdminGetUserAuthFactors). */
  async adminGetAuthFactors(input: { readonly username: string }): Promise<AuthFactors> {
    return authFactorsOf(await this.#client.send('AdminGetUserAuthFactors', this.#userOf(input.username)));
  }

  /** Takes a user's authenticator app away (AdminDeleteSoftwareToken), for somebody who has lost their phone. */
  async adminDeleteSoftwareToken(input: { readonly username: string }): Promise<void> {
    await this.#client.send('AdminDeleteSoftwareToken', this.#userOf(input.username));
  }

  #userOf(username: string): { UserPoolId: string; Username: string } {
    return { UserPoolId: this.#client.pool.userPoolId, Username: username };
  }

  #defaultLabel(): OtpauthLabel {
    return { issuer: 'Cognito', accountName: this.#client.pool.userPoolId };
  }
}

type Preference = Omit<OperationInput<'SetUserMFAPreference'>, 'AccessToken'>;

function preferenceOf({ sms, softwareToken, email }: MfaSettings): Preference {
  const given = [sms, softwareToken, email].filter((setting) => setting !== undefined);
  if (given.length === 0) throw refused('No second factor is named: give sms, softwareToken or email.');
  if (given.some(({ enabled, preferred }) => preferred && !enabled)) {
    throw refused('A second factor cannot be preferred without being enabled.');
  }
  if (given.filter(({ preferred }) => preferred).length > 1) throw refused('Two second factors are preferred.');
  return {
    SMSMfaSettings: settingOf(sms),
    SoftwareTokenMfaSettings: settingOf(softwareToken),
    EmailMfaSettings: settingOf(email),
  };
}

function settingOf(setting: MfaSetting | undefined): { Enabled: boolean; PreferredMfa: boolean } | undefined {
  return setting && { Enabled: setting.enabled, PreferredMfa: setting.preferred ?? false };
}

function refused(detail: string): CognitoError {
  return new CognitoError('COGNITO_PARAMETER_INVALID', { detail });
}

function authFactorsOf(
  output: OperationOutput<'GetUserAuthFactors'> | OperationOutput<'AdminGetUserAuthFactors'>,
): AuthFactors {
  return {
    username: output.Username ?? '',
    enabled: MFA_METHODS.filter((method) => output.UserMFASettingList?.includes(method)),
    preferred: MFA_METHODS.find((method) => method === output.PreferredMfaSetting),
    configured: AUTH_FACTORS.filter((factor) => output.ConfiguredUserAuthFactors?.includes(factor)),
  };
}

const MFA_METHODS = ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'] as const satisfies readonly MfaMethod[];
const AUTH_FACTORS = [
  'PASSWORD',
  'EMAIL_OTP',
  'SMS_OTP',
  'WEB_AUTHN',
  'SOFTWARE_TOKEN',
] as const satisfies readonly AuthFactor[];

/** The session of the next step; a sign-in cannot go on without one. */
function sessionAfter(before: SoftwareTokenAuthority, given: string | undefined): string | undefined {
  if (before.session === undefined || given !== undefined) return given;
  throw new CognitoError('COGNITO_UNEXPECTED', { detail: 'Cognito gave no session for the next step.' });
}
