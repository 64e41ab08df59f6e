import type { EmulatorClock } from './state/clock.js';
import type { Alias, Contact, UserStatus } from './state/users.js';

/** How an app client behaves. */
export interface EmulatorClientSettings {
  /** Default: SRP, password and refresh token (a real client has no password flow unless it is asked for). */
  explicitAuthFlows?: ('ALLOW_USER_SRP_AUTH' | 'ALLOW_USER_PASSWORD_AUTH' | 'ALLOW_REFRESH_TOKEN_AUTH')[] | undefined;
  /** Whether answers hide that a user does not exist; default `'ENABLED'`. */
  preventUserExistenceErrors?: 'ENABLED' | 'LEGACY' | undefined;
  /** Life of access tokens in seconds, default 1 hour, at most a day. */
  accessTokenValidity?: number | undefined;
  /** Life of id tokens in seconds, default 1 hour, at most a day. */
  idTokenValidity?: number | undefined;
  /** Life of refresh tokens in seconds, default 30 days, at most 3650. */
  refreshTokenValidity?: number | undefined;
}

/** A further app client; what it leaves out it takes from the main client. */
export interface EmulatorClient extends EmulatorClientSettings {
  /** 1 to 128 letters, digits, `_` or `+`. */
  clientId: string;
  /** Default: none, a public client. */
  clientSecret?: string | undefined;
}

/** A user that exists from the start. */
export interface EmulatorUser {
  /** The name to sign in with; in a pool with `usernameAttributes` the address. */
  username: string;
  /** Only its SRP verifier is kept; the password policy does not apply to it. */
  password: string;
  /** Standard and `custom:` attributes; `sub` may be given, else it is drawn. */
  attributes?: Record<string, string> | undefined;
  /** Names of groups, `cognito:groups` of the tokens. Default: none. */
  groups?: string[] | undefined;
  /** Default `'CONFIRMED'`. */
  status?: UserStatus | undefined;
  /** Default `true`. */
  enabled?: boolean | undefined;
}

/** What passwords have to be like at sign-up; what is left out has the default of a new pool. */
export interface EmulatorPasswordPolicy {
  /** 6 to 99, default 8. */
  minimumLength?: number | undefined;
  /** Default true; so are the next three. */
  requireLowercase?: boolean | undefined;
  requireUppercase?: boolean | undefined;
  requireNumbers?: boolean | undefined;
  requireSymbols?: boolean | undefined;
  /** Days for which a password that has to be changed is good; default 7. */
  temporaryPasswordValidityDays?: number | undefined;
}

/** The options of a start that fit into a JSON file. */
export interface EmulatorSeed extends EmulatorClientSettings {
  /** Default 0: any free port. */
  port?: number | undefined;
  /** Default `127.0.0.1`; anything but loopback lets the network in. */
  host?: string | undefined;
  /** Default `local_` and nine random letters or digits. */
  userPoolId?: string | undefined;
  /** The main app client. Default: 26 random letters or digits. */
  clientId?: string | undefined;
  /** Default: none, a public client. */
  clientSecret?: string | undefined;
  /** Further app clients of the pool. */
  clients?: EmulatorClient[] | undefined;
  /** Contacts that are verified by a code at sign-up; default `['email']`. */
  autoVerifiedAttributes?: Contact[] | undefined;
  /** Sign-in by address instead of a user name; excludes `aliasAttributes`. Default: none. */
  usernameAttributes?: Contact[] | undefined;
  /** Sign-in by a verified attribute beside the user name. Default: none. */
  aliasAttributes?: Alias[] | undefined;
  /** Default: 8 characters of all four kinds. */
  passwordPolicy?: EmulatorPasswordPolicy | undefined;
  /** How far a client's clock may be off (seconds) when it signs a password proof; default 300. */
  srpTimestampTolerance?: number | undefined;
  /** Groups that exist from the start; those of the users need no mention. */
  groups?: string[] | undefined;
  /** Default: none. */
  users?: EmulatorUser[] | undefined;
}

/** How to start a local user pool; every option has a default. */
export interface EmulatorOptions extends EmulatorSeed {
  /** The time of tokens, codes and sessions; default: real time with an offset of its own. */
  clock?: EmulatorClock | undefined;
}
