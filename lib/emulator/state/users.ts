import { randomBytes } from 'node:crypto';
import type { PasswordVerifier } from '../srp-verifier.js';

/** The states of an account that a pool still assigns (UserStatus). */
export const USER_STATUSES = [
  'UNCONFIRMED',
  'CONFIRMED',
  'FORCE_CHANGE_PASSWORD',
  'RESET_REQUIRED',
  'EXTERNAL_PROVIDER',
] as const;

/** A state of an account. */
export type UserStatus = (typeof USER_STATUSES)[number];

/** Attributes that identify a person, in the order in which codes prefer them. */
export const CONTACTS = ['phone_number', 'email'] as const;

/** An attribute that codes go to. */
export type Contact = (typeof CONTACTS)[number];

/** An attribute that may stand for the user name. */
export type Alias = Contact | 'preferred_username';

/** Second factors, by their names as challenges. */
export const MFA_TYPES = ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'] as const;

/** A second factor. */
export type MfaType = (typeof MFA_TYPES)[number];

/** An authenticator app and what it shares with the pool. */
export interface SoftwareToken {
  /** Base32. */
  readonly secret: string;
  readonly friendlyName: string;
  /** The time step of the last code that was taken: no code serves twice. */
  lastStep?: number | undefined;
}

/** What a user has set up as a second factor. */
export interface UserMfa {
  /** Verified; whether sign-in asks for it tells `totp`. */
  softwareToken?: SoftwareToken | undefined;
  /** Given out by AssociateSoftwareToken and not verified yet. */
  pendingSecret?: string | undefined;
  totp: boolean;
  sms: boolean;
  email: boolean;
  preferred?: MfaType | undefined;
}

/** An account at an identity provider that belongs to a user, as the claim `identities` has it. */
export interface Identity {
  readonly providerName: string;
  readonly userId: string;
  /** Milliseconds since the epoch. */
  readonly linkedAt: number;
}

/** One account; of the password only the verifier is kept, or what it is made of until it is needed. */
export interface User {
  /** The internal user name: USER_ID_FOR_SRP, the claims `username` and `cognito:username`. */
  readonly username: string;
  readonly sub: string;
  attributes: Record<string, string>;
  groups: string[];
  status: UserStatus;
  enabled: boolean;
  password?: PasswordVerifier | undefined;
  /** Former passwords, the newest first. */
  passwordHistory: PasswordVerifier[];
  mfa: UserMfa;
  identities: Identity[];
  /** New values of contacts that keep the old one until the new one is verified. */
  pendingContacts: Partial<Record<Contact, string>>;
  /** Milliseconds since the epoch, by the pool's clock; so are the other times. */
  passwordSetAt: number;
  readonly createdAt: number;
  modifiedAt: number;
}

/** What an account is made from; the rest is as in a new one. */
export type NewUser = Pick<User, 'username' | 'sub' | 'attributes' | 'status'> &
  Partial<Pick<User, 'groups' | 'enabled' | 'mfa'>>;

/** A new account without a password. @param now milliseconds since the epoch */
export function createUser(user: NewUser, now: number): User {
  return {
    groups: [],
    enabled: true,
    passwordHistory: [],
    mfa: { totp: false, sms: false, email: false },
    identities: [],
    pendingContacts: {},
    passwordSetAt: now,
    createdAt: now,
    modifiedAt: now,
    ...user,
  };
}

/** Which attributes a user may be addressed by, and how names are compared. */
export interface UserNaming {
  readonly usernameCaseSensitive: boolean;
  readonly usernameAttributes: readonly Contact[];
  readonly aliasAttributes: readonly Alias[];
}

/** A subject: shaped like a UUID, but without the version bits of RFC 4122, as the service makes them. */
export function createSub(): string {
  const hex = randomBytes(16).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The accounts of the pool. */
export class Users {
  private readonly byUsername = new Map<string, User>();

  constructor(private readonly naming: UserNaming) {}

  /** The form under which user names and aliases are compared; upper and lower case count as the same in a new pool. */
  canonical(name: string): string {
    return this.naming.usernameCaseSensitive ? name : name.toLowerCase();
  }

  add(user: User): void {
    this.byUsername.set(this.canonical(user.username), user);
  }

  remove(user: User): void {
    this.byUsername.delete(this.canonical(user.username));
  }

  /** All accounts, in the order in which they came. */
  *all(): Generator<User> {
    yield* this.byUsername.values();
  }

  /** The account with exactly this internal user name. */
  byName(username: string): User | undefined {
    return this.byUsername.get(this.canonical(username));
  }

  /** The account that may sign in under this name: its user name, or an attribute that stands for it. */
  bySignInName(name: string): User | undefined {
    return this.byName(name) ?? this.find((user) => this.answersTo(user, this.canonical(name)));
  }

  /** The account that owns an address as its sign-in name, other than `except`. */
  ownerOf(attribute: Alias, value: string, except?: User): User | undefined {
    return this.find((user) => user !== except && this.standsFor(user, attribute, this.canonical(value)));
  }

  private answersTo(user: User, name: string): boolean {
    const attributes = [...this.naming.usernameAttributes, ...this.naming.aliasAttributes];
    return attributes.some((attribute) => this.standsFor(user, attribute, name));
  }

  // In a pool with UsernameAttributes the address is the user name itself; as an alias it counts once it is verified.
  private standsFor(user: User, attribute: Alias, name: string): boolean {
    const value = user.attributes[attribute];
    if (value === undefined || this.canonical(value) !== name) return false;
    if (attribute === 'preferred_username') return user.status !== 'UNCONFIRMED';
    return this.naming.usernameAttributes.includes(attribute) || user.attributes[`${attribute}_verified`] === 'true';
  }

  private find(matches: (user: User) => boolean): User | undefined {
    for (const user of this.byUsername.values()) if (matches(user)) return user;
    return undefined;
  }
}
