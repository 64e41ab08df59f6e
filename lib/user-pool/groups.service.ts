import { type AdminUser, adminUserOf } from './admin-user.js';
import { everyItem } from './every-item.js';
import { type CognitoGroup, groupOf } from './group.js';
import type { UserPoolClient } from './user-pool-client.js';

/** A group by its name; upper and lower case differ. */
export interface NamedGroup {
  readonly groupName: string;
}

/** What a group is like. */
export interface GroupInput extends NamedGroup {
  readonly description?: string | undefined;
  /** 0 comes first; without one the group comes last. */
  readonly precedence?: number | undefined;
  /** The IAM role that identity pools give to members. */
  readonly roleArn?: string | undefined;
}

/** A user, and the group that they join or leave. */
export interface MembershipInput extends NamedGroup {
  readonly username: string;
}

/** Which page of a list is asked for. */
export interface PageInput {
  /** Items on a page: 1 to 60, which is the default. */
  readonly limit?: number | undefined;
  /** What the page before handed out. */
  readonly nextToken?: string | undefined;
}

/** How a list is gone through. */
export interface IterationInput {
  /** Items in one answer of Cognito: 1 to 60, which is the default. */
  readonly pageSize?: number | undefined;
  /** Ends the iteration: the reason of the signal is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** A page of groups. */
export interface GroupPage<Group> {
  readonly groups: readonly Group[];
  /** Opens the next page; `undefined` on the last. */
  readonly nextToken: string | undefined;
}

/** A page of the members of a group. */
export interface MemberPage {
  readonly users: readonly AdminUser[];
  /** Opens the next page; `undefined` on the last. */
  readonly nextToken: string | undefined;
}

/**
 * The groups of the pool. Every call is signed with AWS credentials.
 *
 * Every method that names a group throws {@link CognitoError} `COGNITO_GROUP_NOT_FOUND` for one that does not exist; any call
 * may end with `COGNITO_CREDENTIALS_MISSING` or `COGNITO_AWS_CREDENTIALS_INVALID` (500), `COGNITO_THROTTLED` (429) or
 * `COGNITO_UNAVAILABLE` (503). Tokens tell of a change from the next sign-in or refresh on.
 *
 * @typeParam Group what groups are made into; see {@link GroupsService.as}
 */
export class GroupsService<Group = CognitoGroup> {
  readonly #client: UserPoolClient;
  readonly #make: (group: CognitoGroup) => Group;

  /** @internal Built by {@link CognitoService}. */
  constructor(client: UserPoolClient, make: (group: CognitoGroup) => Group) {
    this.#client = client;
    this.#make = make;
  }

  /**
   * The same service with groups of the application's own kind.
   *
   * @example const teams = cognito.groups.as((group) => new Team(group));
   * @param make gets each group that is read
   */
  as<Other>(make: (group: CognitoGroup) => Other): GroupsService<Other> {
    return new GroupsService(this.#client, make);
  }

  /**
   * Makes a group (CreateGroup).
   *
   * @throws {@link CognitoError} `COGNITO_GROUP_EXISTS`, `COGNITO_PARAMETER_INVALID`, `COGNITO_QUOTA_EXCEEDED`
   */
  async create(input: GroupInput): Promise<Group> {
    const output = await this.#client.send('CreateGroup', this.#described(input));
    return this.#make(groupOf(output.Group));
  }

  /** Reads a group (GetGroup). */
  async get(input: NamedGroup): Promise<Group> {
    const output = await this.#client.send('GetGroup', this.#named(input));
    return this.#make(groupOf(output.Group));
  }

  /**
   * Changes a group (UpdateGroup). What is undefined is not sent.
   *
   * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID`
   */
  async update(input: GroupInput): Promise<Group> {
    const output = await this.#client.send('UpdateGroup', this.#described(input));
    return this.#make(groupOf(output.Group));
  }

  /** Deletes a group (DeleteGroup); its members stay users. */
  async delete(input: NamedGroup): Promise<void> {
    await this.#client.send('DeleteGroup', this.#named(input));
  }

  /**
   * Lists groups by the page (ListGroups).
   *
   * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` for a token of another list
   */
  async list({ limit, nextToken }: PageInput = {}): Promise<GroupPage<Group>> {
    const output = await this.#client.send('ListGroups', {
      UserPoolId: this.#client.pool.userPoolId,
      Limit: limit,
      NextToken: nextToken,
    });
    return { groups: (output.Groups ?? []).map((group) => this.#make(groupOf(group))), nextToken: output.NextToken };
  }

  /** Goes through all groups (ListGroups), each page asked for when the one before is used up. */
  iterate({ pageSize, signal }: IterationInput = {}): AsyncGenerator<Group, void, undefined> {
    return everyItem(async (nextToken) => {
      const page = await this.list({ limit: pageSize, nextToken });
      return { items: page.groups, next: page.nextToken };
    }, signal);
  }

  /**
   * Lists the members of a group by the page (ListUsersInGroup).
   *
   * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` for a token of another list
   */
  async members(input: NamedGroup & PageInput): Promise<MemberPage> {
    const output = await this.#client.send('ListUsersInGroup', {
      ...this.#named(input),
      Limit: input.limit,
      NextToken: input.nextToken,
    });
    return {
      users: (output.Users ?? []).map((user) => adminUserOf(this.#client, user, user.Attributes)),
      nextToken: output.NextToken,
    };
  }

  /** Goes through all members of a group (ListUsersInGroup), each page asked for when the one before is used up. */
  iterateMembers(input: NamedGroup & IterationInput): AsyncGenerator<AdminUser, void, undefined> {
    const { groupName, pageSize, signal } = input;
    return everyItem(async (nextToken) => {
      const page = await this.members({ groupName, limit: pageSize, nextToken });
      return { items: page.users, next: page.nextToken };
    }, signal);
  }

  /**
   * Puts a user into a group (AdminAddUserToGroup); one who is in it already stays.
   *
   * @throws {@link CognitoError} `COGNITO_USER_NOT_FOUND`
   */
  async addUser(input: MembershipInput): Promise<void> {
    await this.#client.send('AdminAddUserToGroup', { ...this.#named(input), Username: input.username });
  }

  /**
   * Takes a user out of a group (AdminRemoveUserFromGroup).
   *
   * @throws {@link CognitoError} `COGNITO_USER_NOT_FOUND`
   */
  async removeUser(input: MembershipInput): Promise<void> {
    await this.#client.send('AdminRemoveUserFromGroup', { ...this.#named(input), Username: input.username });
  }

  #named({ groupName }: NamedGroup): { UserPoolId: string; GroupName: string } {
    return { UserPoolId: this.#client.pool.userPoolId, GroupName: groupName };
  }

  #described(input: GroupInput): NamedGroupMembers {
    return {
      ...this.#named(input),
      Description: input.description,
      Precedence: input.precedence,
      RoleArn: input.roleArn,
    };
  }
}

interface NamedGroupMembers {
  UserPoolId: string;
  GroupName: string;
  Description: string | undefined;
  Precedence: number | undefined;
  RoleArn: string | undefined;
}
