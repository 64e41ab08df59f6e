import { CognitoError } from '../errors/cognito.error.js';
import type { Revocations } from '../tokens/revocations.js';
import { type AdminUser, adminUserOf } from './admin-user.js';
import { toCognitoAttributes } from './attributes.js';
import { everyItem } from './every-item.js';
import { type CognitoGroup, groupOf } from './group.js';
import { UserFilter } from './user-filter.js';
import type { UserPoolClient } from './user-pool-client.js';
import type {
  CreateUserInput,
  IterateUsersInput,
  LinkProviderInput,
  ListUserSessionsInput,
  ListUsersInput,
  NamedUser,
  ProviderAccount,
  RevokeUserSessionInput,
  SetUserPasswordInput,
  TriggeringUserInput,
  UpdateUserInput,
  UserPage,
  UserSessionPage,
} from './users-input.js';
import { userSessionOf } from './user-session.js';

/**
 * What an administrator does with users. Every call is signed with AWS credentials.
 *
 * Every method that names a user throws {@link CognitoError} `COGNITO_USER_NOT_FOUND` for one who does not exist; any call may
 * end with `COGNITO_CREDENTIALS_MISSING` or `COGNITO_AWS_CREDENTIALS_INVALID` (500), `COGNITO_THROTTLED` (429) or
 * `COGNITO_UNAVAILABLE` (503).
 *
 * @typeParam User what users are made into; see {@link UsersService.as}
 */
export class UsersService<User = AdminUser> {
  readonly #client: UserPoolClient;
  readonly #revocations: Revocations;
  readonly #make: (user: AdminUser) => User;

  /** @internal Built by {@link CognitoService}. */
  constructor(client: UserPoolClient, revocations: Revocations, make: (user: AdminUser) => User) {
    this.#client = client;
    this.#revocations = revocations;
    this.#make = make;
  }

  /**
   * The same service with users of the application's own kind.
   *
   * @example const staff = cognito.users.as((user) => new StaffMember(user));
   * @param make gets each user that is read
   */
  as<Other>(make: (user: AdminUser) => Other): UsersService<Other> {
    return new UsersService(this.#client, this.#revocations, make);
  }

  /**
   * Makes an account (AdminCreateUser). Cognito sends the user an invitation with the temporary password, which has to be
   * changed at the first sign-in.
   *
   * @param input a blank temporary password counts as none; see {@link CreateUserInput}
   * @throws {@link CognitoError} `COGNITO_USERNAME_EXISTS`, `COGNITO_ALIAS_EXISTS`, `COGNITO_PASSWORD_POLICY`,
   * `COGNITO_ATTRIBUTE_REFUSED`, `COGNITO_REFUSED_BY_TRIGGER`, `COGNITO_CODE_NOT_DELIVERED`, `COGNITO_USER_STATE_INVALID` for
   * `RESEND` to somebody who has signed in already
   */
  async create(input: CreateUserInput): Promise<User> {
    const { temporaryPassword } = input;
    const { User: user = {} } = await this.#client.send('AdminCreateUser', {
      ...this.#named(input),
      UserAttributes: this.#client.attributes.toCognito(input.attributes),
      ValidationData: toCognitoAttributes(input.validationData),
      TemporaryPassword: temporaryPassword === '' ? undefined : temporaryPassword,
      ForceAliasCreation: input.forceAliasCreation,
      MessageAction: input.messageAction,
      DesiredDeliveryMediums: input.desiredDeliveryMediums && [...input.desiredDeliveryMediums],
      ClientMetadata: input.clientMetadata,
    });
    return this.#make(adminUserOf(this.#client, user, user.Attributes));
  }

  /** Reads a user (AdminGetUser). */
  async get(input: NamedUser): Promise<User> {
    const output = await this.#client.send('AdminGetUser', this.#named(input));
    return this.#make(adminUserOf(this.#client, output, output.UserAttributes));
  }

  /**
   * Writes attributes (AdminUpdateUserAttributes). An address counts as unverified after it has changed, unless
   * `email_verified` or `phone_number_verified` is written with it. An empty text removes an attribute.
   *
   * @throws {@link CognitoError} `COGNITO_ATTRIBUTE_REFUSED`, `COGNITO_PARAMETER_INVALID` for one that cannot be changed,
   * `COGNITO_ALIAS_EXISTS`
   */
  async updateAttributes(input: UpdateUserInput): Promise<void> {
    await this.#client.send('AdminUpdateUserAttributes', {
      ...this.#named(input),
      UserAttributes: this.#client.attributes.toCognito(input.attributes),
      ClientMetadata: input.clientMetadata,
    });
  }

  /**
   * Removes attributes (AdminDeleteUserAttributes).
   *
   * @param input `names` as Cognito or as the option `attributeMapping` has them
   * @throws {@link CognitoError} `COGNITO_ATTRIBUTE_REFUSED` for one that the pool demands, `COGNITO_PARAMETER_INVALID`
   */
  async deleteAttributes(input: NamedUser & { readonly names: readonly string[] }): Promise<void> {
    await this.#client.send('AdminDeleteUserAttributes', {
      ...this.#named(input),
      UserAttributeNames: input.names.map((name) => this.#client.attributes.nameOf(name)),
    });
  }

  /** Lets a disabled user sign in again (AdminEnableUser). */
  async enable(input: NamedUser): Promise<void> {
    await this.#client.send('AdminEnableUser', this.#named(input));
  }

  /**
   * Keeps a user from signing in and ends every session (AdminDisableUser). Tokens that are already out pass a guard until they
   * expire, unless the option `revocation` is there (as with {@link UsersService.signOut}).
   *
   * @throws {@link CognitoError} `COGNITO_REVOCATION_UNAVAILABLE` when guards could not be told
   */
  async disable(input: NamedUser): Promise<void> {
    await this.#noteEnd(input);
    await this.#client.send('AdminDisableUser', this.#named(input));
  }

  /**
   * Deletes a user for good (AdminDeleteUser). Tokens that are already out pass a guard until they expire, unless the option
   * `revocation` is there (as with {@link UsersService.signOut}).
   *
   * @throws {@link CognitoError} `COGNITO_REVOCATION_UNAVAILABLE` when guards could not be told
   */
  async delete(input: NamedUser): Promise<void> {
    await this.#noteEnd(input);
    await this.#client.send('AdminDeleteUser', this.#named(input));
  }

  /**
   * Sets a password (AdminSetUserPassword).
   *
   * @param input `permanent`, default true, confirms the user; false asks for a new password at the next sign-in
   * @throws {@link CognitoError} `COGNITO_PASSWORD_POLICY`, `COGNITO_PASSWORD_REUSED`
   */
  async setPassword(input: SetUserPasswordInput): Promise<void> {
    const { password, permanent = true } = input;
    await this.#client.send('AdminSetUserPassword', {
      ...this.#named(input),
      Password: password,
      Permanent: permanent,
    });
  }

  /**
   * Makes the password useless and sends a code for a new one (AdminResetUserPassword); `confirmForgotPassword` takes it.
   *
   * @throws {@link CognitoError} `COGNITO_NOT_AUTHORIZED` for a user who has no verified address, or is in no state for it
   */
  async resetPassword(input: TriggeringUserInput): Promise<void> {
    await this.#client.send('AdminResetUserPassword', { ...this.#named(input), ClientMetadata: input.clientMetadata });
  }

  /**
   * Confirms a sign-up without its code (AdminConfirmSignUp).
   *
   * @throws {@link CognitoError} `COGNITO_NOT_AUTHORIZED` for a user who is confirmed already
   */
  async confirm(input: TriggeringUserInput): Promise<void> {
    await this.#client.send('AdminConfirmSignUp', { ...this.#named(input), ClientMetadata: input.clientMetadata });
  }

  /**
   * Ends every session of a user (AdminUserGlobalSignOut). Tokens that are already out pass a guard until they expire; with the
   * option `revocation` guards refuse them from now on, for which the user is read first (AdminGetUser).
   *
   * @throws {@link CognitoError} `COGNITO_REVOCATION_UNAVAILABLE` when guards could not be told
   */
  async signOut(input: NamedUser): Promise<void> {
    await this.#noteEnd(input);
    await this.#client.send('AdminUserGlobalSignOut', this.#named(input));
  }

  /**
   * Lists users by the page (ListUsers).
   *
   * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` for a token that does not belong to the rest of the input
   */
  async list(input: ListUsersInput = {}): Promise<UserPage<User>> {
    const { filter, limit, paginationToken, attributesToGet } = input;
    const names = attributesToGet?.map((name) => this.#client.attributes.nameOf(name));
    const output = await this.#client.send('ListUsers', {
      UserPoolId: this.#client.pool.userPoolId,
      Filter: filter === undefined ? undefined : UserFilter.expressionOf(filter),
      Limit: limit,
      PaginationToken: paginationToken,
      AttributesToGet: names && [...new Set(['sub', ...names])],
    });
    return {
      users: (output.Users ?? []).map((user) => this.#make(adminUserOf(this.#client, user, user.Attributes))),
      paginationToken: output.PaginationToken,
    };
  }

  /**
   * Goes through all users (ListUsers), each page asked for when the one before is used up.
   *
   * @example for await (const user of cognito.users.iterate({ filter: where('status').equals('Disabled') })) { … }
   */
  iterate({ pageSize, signal, ...selection }: IterateUsersInput = {}): AsyncGenerator<User, void, undefined> {
    return everyItem(async (paginationToken) => {
      const page = await this.list({ ...selection, limit: pageSize, paginationToken });
      return { items: page.users, next: page.paginationToken };
    }, signal);
  }

  /** The groups that a user is in, all of them (AdminListGroupsForUser). */
  async groupsOf(input: NamedUser): Promise<CognitoGroup[]> {
    const all = everyItem(async (token) => {
      const output = await this.#client.send('AdminListGroupsForUser', { ...this.#named(input), NextToken: token });
      return { items: output.Groups ?? [], next: output.NextToken };
    });
    const groups: CognitoGroup[] = [];
    for await (const group of all) groups.push(groupOf(group));
    return groups;
  }

  /**
   * Lets a user sign in through an identity provider too (AdminLinkProviderForUser). Whoever has that account at the provider
   * signs in as this user.
   *
   * @throws {@link CognitoError} `COGNITO_PROVIDER_INVALID` for a provider that the pool does not have,
   * `COGNITO_PARAMETER_INVALID` for an account that belongs to somebody, `COGNITO_QUOTA_EXCEEDED` for a sixth account
   */
  async linkProvider(input: LinkProviderInput): Promise<void> {
    await this.#client.send('AdminLinkProviderForUser', {
      UserPoolId: this.#client.pool.userPoolId,
      DestinationUser: { ProviderName: THE_POOL, ProviderAttributeValue: input.username },
      SourceUser: providerAccount(input),
    });
  }

  /**
   * Takes an account at an identity provider away from its user (AdminDisableProviderForUser).
   *
   * @throws {@link CognitoError} `COGNITO_USER_NOT_FOUND` for an account that belongs to nobody, `COGNITO_PROVIDER_INVALID`
   */
  async unlinkProvider(input: ProviderAccount): Promise<void> {
    await this.#client.send('AdminDisableProviderForUser', {
      UserPoolId: this.#client.pool.userPoolId,
      User: providerAccount(input),
    });
  }

  /** Lists the sessions of a user by the page (AdminListUserSessions). */
  async listSessions(input: ListUserSessionsInput): Promise<UserSessionPage> {
    const output = await this.#client.send('AdminListUserSessions', {
      ...this.#named(input),
      NextToken: input.nextToken,
    });
    return { sessions: (output.Sessions ?? []).map(userSessionOf), nextToken: output.NextToken };
  }

  /**
   * Ends one session of a user (AdminRevokeUserSession). Tokens that are already out pass a guard until they expire.
   *
   * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` for a session that the user does not have
   */
  async revokeSession(input: RevokeUserSessionInput): Promise<void> {
    await this.#client.send('AdminRevokeUserSession', {
      ...this.#named(input),
      SessionId: input.sessionId,
      RevokeAssociatedSessions: input.linked === true ? 'LINKED' : 'NONE',
    });
  }

  /** Notes that all sign-ins of a user end, where that is noted: before Cognito is told, so that it may be tried again whole. */
  async #noteEnd(input: NamedUser): Promise<void> {
    if (!this.#revocations.areKept) return;
    // Tokens know a user by `sub`, an administrator by name.
    const { UserAttributes } = await this.#client.send('AdminGetUser', this.#named(input));
    const sub = UserAttributes?.find(({ Name }) => Name === 'sub')?.Value;
    if (sub === undefined) {
      throw new CognitoError('COGNITO_UNEXPECTED', { detail: 'Cognito described a user without sub.' });
    }
    await this.#revocations.endUser({ pool: this.#client.pool.name, sub });
  }

  #named({ username }: NamedUser): { UserPoolId: string; Username: string } {
    return { UserPoolId: this.#client.pool.userPoolId, Username: username };
  }
}

/** What Cognito calls the users of the pool itself, where it expects a provider. */
const THE_POOL = 'Cognito';

// With the pool in place of a provider, unlinking would take the user's password away.
function providerAccount({ providerName, providerUserId, providerAttributeName = 'Cognito_Subject' }: ProviderAccount) {
  if (providerName === THE_POOL) {
    throw new CognitoError('COGNITO_PROVIDER_INVALID', { detail: 'The user pool is no identity provider of its own.' });
  }
  return {
    ProviderName: providerName,
    ProviderAttributeName: providerAttributeName,
    ProviderAttributeValue: providerUserId,
  };
}
