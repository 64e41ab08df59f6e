import type { AttributeValues } from './attributes.js';
import type { UserFilter } from './user-filter.js';
import type { UserSession } from './user-session.js';

/** The user that an administrator means: the user name, or an alias where the pool has them. */
export interface NamedUser {
  readonly username: string;
}

/** Handed to the pool's Lambda triggers. */
interface ForTriggers {
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
}

/** Whom an account is made for. */
export interface CreateUserInput extends NamedUser, ForTriggers {
  /** Standard and `custom:` attributes, or their names of the option `attributeMapping`; `email_verified` may be set. */
  readonly attributes?: AttributeValues | undefined;
  /** Has to be changed at the first sign-in. Default: Cognito makes one up, or none in a pool that signs in with codes. */
  readonly temporaryPassword?: string | undefined;
  /** `RESEND` sends a new invitation to a user who exists, `SUPPRESS` sends none. Default: an invitation is sent. */
  readonly messageAction?: 'RESEND' | 'SUPPRESS' | undefined;
  /** How the invitation travels; Cognito's default is `['SMS']`. */
  readonly desiredDeliveryMediums?: readonly ('EMAIL' | 'SMS')[] | undefined;
  /** Takes a verified address away from the user who signs in with it so far; default false. */
  readonly forceAliasCreation?: boolean | undefined;
  /** Handed to the pre-sign-up trigger only, and not kept. */
  readonly validationData?: AttributeValues | undefined;
}

/** What is written about a user. */
export interface UpdateUserInput extends NamedUser, ForTriggers {
  /** As in {@link CreateUserInput}; what is undefined stays as it is. */
  readonly attributes: AttributeValues;
}

/** A password that an administrator sets. */
export interface SetUserPasswordInput extends NamedUser {
  readonly password: string;
  /** False makes it a temporary one, to be changed at the next sign-in; default true. */
  readonly permanent?: boolean | undefined;
}

/** A user, and what triggers are told. */
export interface TriggeringUserInput extends NamedUser, ForTriggers {}

/** Which users are listed. */
export interface ListUsersInput {
  /** Made by {@link where}; default everybody. */
  readonly filter?: UserFilter | undefined;
  /** Users on a page: 1 to 60, which is the default. */
  readonly limit?: number | undefined;
  /** What the page before handed out; all else has to be as it was there. */
  readonly paginationToken?: string | undefined;
  /** Default all. `sub` comes in any case. Cognito refuses an attribute that some user of the result does not have. */
  readonly attributesToGet?: readonly string[] | undefined;
}

/** A page of users. */
export interface UserPage<User> {
  readonly users: readonly User[];
  /** Opens the next page; `undefined` on the last. */
  readonly paginationToken: string | undefined;
}

/** Which users are gone through. */
export interface IterateUsersInput extends Pick<ListUsersInput, 'filter' | 'attributesToGet'> {
  /** Users in one answer of Cognito: 1 to 60, which is the default. */
  readonly pageSize?: number | undefined;
  /** Ends the iteration: the reason of the signal is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** An account at an identity provider of the pool. */
export interface ProviderAccount {
  /** The provider's name in the pool, such as `Google`. */
  readonly providerName: string;
  /** The user's id at the provider. */
  readonly providerUserId: string;
  /** The attribute by which the provider knows the account; default `Cognito_Subject`, which is the id. */
  readonly providerAttributeName?: string | undefined;
}

/** A user, and the account that shall belong to them. */
export interface LinkProviderInput extends NamedUser, ProviderAccount {}

/** Whose sessions are listed. */
export interface ListUserSessionsInput extends NamedUser {
  /** What the page before handed out. */
  readonly nextToken?: string | undefined;
}

/** A page of sessions. */
export interface UserSessionPage {
  readonly sessions: readonly UserSession[];
  /** Opens the next page; `undefined` on the last. */
  readonly nextToken: string | undefined;
}

/** The session to end. */
export interface RevokeUserSessionInput extends NamedUser {
  readonly sessionId: string;
  /** Whether the sessions go too that belong to it (of an SSO session its tokens, and the other way round); default false. */
  readonly linked?: boolean | undefined;
}
