import type { ExplicitAuthFlow, OAuthFlow } from './state/app-clients.js';
import type { EmulatorClock } from './state/clock.js';
import type { Alias, Contact, MfaType, UserStatus } from './state/users.js';
import type { EmulatorTriggers } from './triggers.js';

/** How an app client behaves. */
export interface EmulatorClientSettings {
  /** Default: every flow, and with `refreshTokenRotation` every one but refresh (a real client permits fewer). */
  explicitAuthFlows?: ExplicitAuthFlow[] | undefined;
  /** Whether answers hide that a user does not exist; default `'ENABLED'`. */
  preventUserExistenceErrors?: 'ENABLED' | 'LEGACY' | undefined;
  /** Life of access tokens in seconds, default 1 hour, at most a day. */
  accessTokenValidity?: number | undefined;
  /** Life of id tokens in seconds, default 1 hour, at most a day. */
  idTokenValidity?: number | undefined;
  /** Life of refresh tokens in seconds, default 30 days, at most 3650. */
  refreshTokenValidity?: number | undefined;
  /** Minutes for which a challenge may be answered: 3 (default) to 15. */
  authSessionValidity?: number | undefined;
  /** Whether a refresh gives a new refresh token, and for how many seconds (0 to 60) the old one still serves; default off. */
  refreshTokenRotation?: { feature: 'ENABLED' | 'DISABLED'; retryGracePeriodSeconds?: number | undefined } | undefined;
  /** Whether sign-ins can be revoked, which puts `origin_jti` and `jti` into the tokens; default true. */
  enableTokenRevocation?: boolean | undefined;
  /** Attributes that the client may read; default all. */
  readAttributes?: string[] | undefined;
  /** Attributes that the client may write; default all. */
  writeAttributes?: string[] | undefined;
  /**
   * Where the pages may send a browser after a sign-in: addresses that have to match to the letter, or `'loopback'` for
   * any `http` address of this machine, for applications whose port is not known beforehand. Default: none.
   */
  callbackUrls?: string[] | 'loopback' | undefined;
  /** Where the pages may send a browser after a sign-out; as `callbackUrls`. Default: none. */
  logoutUrls?: string[] | 'loopback' | undefined;
  /** One of `callbackUrls`, for requests without `redirect_uri`. Default: such requests are refused. */
  defaultRedirectUri?: string | undefined;
  /** Default `['code']`; `client_credentials` stands alone and needs a secret. */
  allowedOAuthFlows?: OAuthFlow[] | undefined;
  /** Scopes that the client may ask for; default every one that the pool knows (a real client permits fewer). */
  allowedOAuthScopes?: string[] | undefined;
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
  /** What the user has set up as a second factor. Default: nothing. */
  mfa?: EmulatorUserMfa | undefined;
}

/** The second factors of a user who exists from the start. */
export interface EmulatorUserMfa {
  /** The shared secret of an authenticator app, in base32. */
  totpSecret?: string | undefined;
  /** Codes by SMS to `phone_number`. */
  sms?: boolean | undefined;
  /** Codes by e-mail to `email`. */
  email?: boolean | undefined;
  /** The one that is asked for when there are several. */
  preferred?: MfaType | undefined;
}

/** A group that exists from the start. */
export interface EmulatorGroup {
  name: string;
  description?: string | undefined;
  /** 0 comes first. */
  precedence?: number | undefined;
  roleArn?: string | undefined;
}

/** An attribute that the pool declares, or a standard one that it demands. */
export interface EmulatorAttribute {
  /** A standard name, or `custom:name`. */
  name: string;
  /** Default `'String'`. */
  type?: 'String' | 'Number' | 'DateTime' | 'Boolean' | undefined;
  /** Whether it can be changed after sign-up; default true. */
  mutable?: boolean | undefined;
  /** Whether sign-up demands it; default false. */
  required?: boolean | undefined;
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
  /** How many former passwords may not come back: 0 (default) to 24. */
  passwordHistorySize?: number | undefined;
}

/** An API of yours and its scopes, which tokens name as `identifier/scope`. */
export interface EmulatorResourceServer {
  /** For example `notes` or `https://api.example.com`. */
  identifier: string;
  /** For example `read`. */
  scopes: string[];
}

/** How passkeys are made and checked, which takes the package `@simplewebauthn/server`, an optional peer. */
export interface EmulatorWebAuthn {
  /** The domain that passkeys belong to. */
  relyingPartyId?: string | undefined;
  /** Default `'preferred'`. */
  userVerification?: 'required' | 'preferred' | undefined;
  /** Origins of pages that may use passkeys; default any `http` or `https` origin of the domain and its subdomains. */
  origins?: string[] | undefined;
}

/** How devices are tracked. */
export interface EmulatorDeviceConfiguration {
  /** A remembered device replaces the second factor. */
  challengeRequiredOnNewDevice?: boolean | undefined;
  /** A confirmed device is remembered only when the user says so. */
  deviceOnlyRememberedOnUserPrompt?: boolean | undefined;
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
  /** Whether user names distinguish upper and lower case; default false. */
  usernameCaseSensitive?: boolean | undefined;
  /** Attributes beyond the standard ones, and demands on those. Without it any `custom:` attribute counts as declared text. */
  schema?: EmulatorAttribute[] | undefined;
  /** Contacts that keep their old value until the new one is verified. Default: none. */
  attributesRequireVerificationBeforeUpdate?: Contact[] | undefined;
  /** Whether a second factor is never (`'OFF'`, default), optionally or always asked for. */
  mfaConfiguration?: 'OFF' | 'OPTIONAL' | 'ON' | undefined;
  /** The second factors that users may set up; default all. */
  enabledMfas?: MfaType[] | undefined;
  /** What USER_AUTH offers as a first factor; default `['PASSWORD']`. */
  allowedFirstAuthFactors?: ('PASSWORD' | 'EMAIL_OTP' | 'SMS_OTP' | 'WEB_AUTHN')[] | undefined;
  /** Passkeys: the domain they belong to (default `localhost`), and whether the authenticator has to check the person. */
  webAuthn?: EmulatorWebAuthn | undefined;
  /** Whether devices are tracked (default not), and whether only on demand of the user. */
  deviceConfiguration?: EmulatorDeviceConfiguration | undefined;
  /** Where a code for a forgotten password goes, in this order; default verified phone number, then verified e-mail. */
  accountRecovery?: ('verified_phone_number' | 'verified_email' | 'admin_only')[] | undefined;
  /** Whether only administrators make users; default false. */
  allowAdminCreateUserOnly?: boolean | undefined;
  /** Names of identity providers that users may be linked to. Default: none. */
  identityProviders?: string[] | undefined;
  /** Custom scopes, for `allowedOAuthScopes`. Default: none. */
  resourceServers?: EmulatorResourceServer[] | undefined;
  /** Whether the pool has a domain: pages to sign in at, and OAuth endpoints. Default true. */
  pages?: boolean | undefined;
  /** Origins beside those of this machine whose pages may read answers, never those of administration. Default: none. */
  corsOrigins?: string[] | undefined;
  /** Groups that exist from the start; those of the users need no mention. */
  groups?: (string | EmulatorGroup)[] | undefined;
  /** Default: none. */
  users?: EmulatorUser[] | undefined;
}

/** How to start a local user pool; every option has a default. */
export interface EmulatorOptions extends EmulatorSeed {
  /**
   * A file that the pool's state outlives the process in: ids, users, groups, devices, passkeys, refresh tokens, codes and
   * the clock. It is made with the first start, mode 0600, and written again after each change; `users` and `groups` count
   * only as long as it is not there. Every other setting is read from the options at each start. Default: none.
   *
   * It holds verifiers and hashes in place of passwords and refresh tokens, but the shared secrets of authenticator apps as
   * they are. Signing keys are never kept: access tokens of an earlier start are refused, refresh tokens go on. It belongs to
   * one pool at a time.
   */
  dataFile?: string | undefined;
  /** The time of tokens, codes and sessions; default: real time with an offset of its own. */
  clock?: EmulatorClock | undefined;
  /** Lambda triggers as plain functions; see {@link EmulatorTriggers}. Default: none. */
  triggers?: EmulatorTriggers | undefined;
}
