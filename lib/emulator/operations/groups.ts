import type { Group } from '../state/groups.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { RULES, type Members } from '../wire/members.js';
import { groupExists, groupNotFound } from '../wire/wire-error.js';
import { administeredUser, requirePool } from './administration.js';
import type { Operations } from './operation.js';
import { pageOf, pageRequest } from './pages.js';
import { listedUser } from './user-description.js';

/** Groups and who is in them. */
export function groupOperations(pool: Pool): Operations {
  return {
    CreateGroup: (members) => createGroup(pool, members),
    GetGroup: (members) => ({ Group: describedGroup(pool, namedGroup(pool, members)) }),
    UpdateGroup: (members) => updateGroup(pool, members),
    DeleteGroup: (members) => deleteGroup(pool, members),
    ListGroups: (members) => listGroups(pool, members),
    ListUsersInGroup: (members) => listUsersInGroup(pool, members),
    AdminAddUserToGroup: (members) => addUserToGroup(pool, members),
    AdminRemoveUserFromGroup: (members) => removeUserFromGroup(pool, members),
    AdminListGroupsForUser: (members) => listGroupsForUser(pool, members),
  };
}

function createGroup(pool: Pool, members: Members): object {
  requirePool(pool, members);
  const name = members.text('GroupName', RULES.groupName);
  const settings = groupSettings(members);
  if (pool.groups.find(name)) throw groupExists();
  const now = pool.clock.now();
  const group: Group = { name, ...settings, createdAt: now, modifiedAt: now };
  pool.groups.add(group);
  return { Group: describedGroup(pool, group) };
}

// What is not given stays as it is.
function updateGroup(pool: Pool, members: Members): object {
  const group = namedGroup(pool, members);
  Object.assign(group, groupSettings(members), { modifiedAt: pool.clock.now() });
  return { Group: describedGroup(pool, group) };
}

function deleteGroup(pool: Pool, members: Members): object {
  const { name } = namedGroup(pool, members);
  for (const user of membersOf(pool, name)) leaveGroup(pool, user, name);
  pool.groups.remove(name);
  return {};
}

function listGroups(pool: Pool, members: Members): object {
  requirePool(pool, members);
  return pageOfGroups(pool, members, ['ListGroups'], pool.groups.all());
}

function listGroupsForUser(pool: Pool, members: Members): object {
  const user = administeredUser(pool, members);
  const groups = user.groups.flatMap((name) => pool.groups.find(name) ?? []);
  return pageOfGroups(pool, members, ['AdminListGroupsForUser', user.username], groups);
}

function listUsersInGroup(pool: Pool, members: Members): object {
  const { name } = namedGroup(pool, members);
  const request = pageRequest(pool, members, ['ListUsersInGroup', name]);
  const { items, next } = pageOf(pool, request, membersOf(pool, name), ({ username }) => username);
  return { Users: items.map((user) => listedUser(user)), NextToken: next };
}

function addUserToGroup(pool: Pool, members: Members): object {
  const user = administeredUser(pool, members);
  const { name } = namedGroup(pool, members);
  if (!user.groups.includes(name)) {
    user.groups = [...user.groups, name];
    user.modifiedAt = pool.clock.now();
  }
  return {};
}

function removeUserFromGroup(pool: Pool, members: Members): object {
  const user = administeredUser(pool, members);
  const { name } = namedGroup(pool, members);
  if (user.groups.includes(name)) leaveGroup(pool, user, name);
  return {};
}

function leaveGroup(pool: Pool, user: User, name: string): void {
  user.groups = user.groups.filter((group) => group !== name);
  user.modifiedAt = pool.clock.now();
}

function* membersOf(pool: Pool, name: string): Generator<User> {
  for (const user of pool.users.all()) if (user.groups.includes(name)) yield user;
}

function namedGroup(pool: Pool, members: Members): Group {
  requirePool(pool, members);
  const group = pool.groups.find(members.text('GroupName', RULES.groupName));
  if (!group) throw groupNotFound();
  return group;
}

const ROLE_ARN = /^arn:[\w+=/,.@-]+:[\w+=/,.@-]+:([\w+=/,.@-]*)?:\d+:[\w+=/,.@-]+(:[\w+=/,.@-]+)?(:[\w+=/,.@-]+)?$/;
const HIGHEST_PRECEDENCE = 2 ** 31 - 1;

/** The members of a request that say what a group is like, as far as they are there. */
function groupSettings(members: Members): Partial<Pick<Group, 'description' | 'precedence' | 'roleArn'>> {
  const description = members.optionalText('Description', { max: 2048 });
  const precedence = members.optionalNumber('Precedence', { min: 0, max: HIGHEST_PRECEDENCE });
  const roleArn = members.optionalText('RoleArn', { min: 20, max: 2048, pattern: ROLE_ARN });
  return {
    ...(description !== undefined && { description }),
    ...(precedence !== undefined && { precedence }),
    ...(roleArn !== undefined && { roleArn }),
  };
}

function pageOfGroups(pool: Pool, members: Members, query: readonly string[], groups: readonly Group[]): object {
  const { items, next } = pageOf(pool, pageRequest(pool, members, query), groups, ({ name }) => name);
  return { Groups: items.map((group) => describedGroup(pool, group)), NextToken: next };
}

function describedGroup(pool: Pool, group: Group): object {
  return {
    GroupName: group.name,
    UserPoolId: pool.settings.userPoolId,
    Description: group.description,
    RoleArn: group.roleArn,
    Precedence: group.precedence,
    CreationDate: group.createdAt / 1000,
    LastModifiedDate: group.modifiedAt / 1000,
  };
}
