import type { FirstFactorChoice } from './challenges.js';
import type { RememberedDevice } from './device-secret.js';
import type { AdminUserContext, UserContext } from './user-context.js';

/** Who signs in, and how: the flow decides what else is needed. Without a flow it is `USER_SRP_AUTH`. */
export type SignInInput =
  PasswordSignInInput | AdminSignInInput | CustomSignInInput | ChoiceByPasswordInput | ChoiceSignInInput;

/**
 * The device that signs in: with its secret the library proves it, and the second factor is not asked for; its key alone lets
 * Cognito recognise it, and DEVICE_SRP_AUTH is given out like any challenge.
 */
export type SignInDevice =
  | RememberedDevice
  | {
      readonly deviceKey: string;
      readonly deviceGroupKey?: undefined;
      readonly devicePassword?: undefined;
    };

/** What goes along with every call of a sign-in. */
export interface SignInDetails {
  /** Handed to the pool's Lambda triggers. Not for secrets, and not for what a visitor may write. */
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
  /** Where the user comes from, for threat protection; default nothing. */
  readonly userContext?: UserContext | undefined;
  /** A device that was remembered. */
  readonly device?: SignInDevice | undefined;
}

interface SignInAccount extends SignInDetails {
  /** The user name, or an alias (e-mail, phone number, preferred user name) where the pool permits it. */
  readonly username: string;
}

/** Sign-in with a password. */
export interface PasswordSignInInput extends SignInAccount {
  /**
   * `USER_SRP_AUTH` (default) proves the password without sending it; `USER_PASSWORD_AUTH` sends it, for pools that move
   * users in from another store.
   */
  readonly flow?: 'USER_SRP_AUTH' | 'USER_PASSWORD_AUTH' | undefined;
  readonly password: string;
}

/**
 * Sign-in by a server with AWS credentials (AdminInitiateAuth). The password is sent to Cognito; every further answer of this
 * sign-in is signed, too.
 */
export interface AdminSignInInput extends SignInAccount {
  readonly flow: 'ADMIN_USER_PASSWORD_AUTH';
  readonly password: string;
  readonly userContext?: AdminUserContext | undefined;
}

/** Sign-in by the pool's own triggers. */
export interface CustomSignInInput extends SignInAccount {
  readonly flow: 'CUSTOM_AUTH';
  /** Proved by SRP before the triggers ask anything; without it they ask at once. */
  readonly password?: string | undefined;
}

/** Choice-based sign-in, with a password at hand. */
export interface ChoiceByPasswordInput extends SignInAccount {
  readonly flow: 'USER_AUTH';
  readonly password: string;
  /** `PASSWORD_SRP` (default) proves the password, `PASSWORD` sends it. */
  readonly preferredChallenge?: Extract<FirstFactorChoice, 'PASSWORD' | 'PASSWORD_SRP'> | undefined;
}

/** Choice-based sign-in without a password. */
export interface ChoiceSignInInput extends SignInAccount {
  readonly flow: 'USER_AUTH';
  readonly password?: undefined;
  /** What the user would like to be asked for; without it, or when it cannot be, Cognito asks SELECT_CHALLENGE. */
  readonly preferredChallenge?: Exclude<FirstFactorChoice, 'PASSWORD' | 'PASSWORD_SRP'> | undefined;
  /** The session that `confirmSignUp` gave: signs the confirmed user in without a further question. */
  readonly session?: string | undefined;
}
