import type { Pool } from '../state/pool.js';
import type { Identity, User } from '../state/users.js';
import type { Members } from '../wire/members.js';
import { invalidParameter, limitExceeded, providerNotFound, userNotFound } from '../wire/wire-error.js';
import { requirePool } from './administration.js';
import type { Operations } from './operation.js';
import { endWaitingSignIns } from './waiting-sign-ins.js';

/** Accounts at identity providers that belong to a user of the pool. */
export function linkedProviderOperations(pool: Pool): Operations {
  return {
    AdminLinkProviderForUser: (members) => adminLinkProviderForUser(pool, members),
    AdminDisableProviderForUser: (members) => adminDisableProviderForUser(pool, members),
  };
}

/** An account as these operations name it. */
type Account = Pick<Identity, 'providerName' | 'userId'>;

/** How the users of the pool itself are named. */
const THE_POOL = 'Cognito';
const MOST_LINKS = 5;

function adminLinkProviderForUser(pool: Pool, members: Members): object {
  requirePool(pool, members);
  const destination = accountIn(members, 'DestinationUser');
  const source = accountIn(members, 'SourceUser', 'attribute');
  if (source.providerName === THE_POOL) throw invalidParameter('SourceUser must be a user of an identity provider.');
  requireProvider(pool, source);
  const user = ownerOf(pool, destination);
  if (!user) throw userNotFound();
  const owner = ownerOf(pool, source);
  if (owner === user) throw invalidParameter('SourceUser is already linked to DestinationUser');
  if (owner) {
    throw invalidParameter('Merging is not currently supported, provide a SourceUser that has not already been linked');
  }
  if (user.identities.length >= MOST_LINKS) throw limitExceeded();
  const now = pool.clock.now();
  user.identities = [...user.identities, { ...source, linkedAt: now }];
  user.modifiedAt = now;
  return {};
}

// A user of the pool loses the password, one of a provider the link.
function adminDisableProviderForUser(pool: Pool, members: Members): object {
  requirePool(pool, members);
  const account = accountIn(members, 'User', 'attribute');
  if (account.providerName !== THE_POOL) requireProvider(pool, account);
  const user = ownerOf(pool, account);
  if (!user) throw userNotFound();
  if (account.providerName === THE_POOL) {
    delete user.password;
    endWaitingSignIns(pool, user);
  }
  user.identities = user.identities.filter((identity) => !isSame(identity, account));
  user.modifiedAt = pool.clock.now();
  return {};
}

/** @param demanded whether the name of the attribute, by which the provider knows the account, has to be there */
function accountIn(members: Members, name: string, demanded?: 'attribute'): Account {
  const account = members.structure(name);
  const providerName = account.text('ProviderName', { min: 1, max: 32 });
  const attribute = account.optionalText('ProviderAttributeName', { max: 131_072, sensitive: true });
  const userId = account.text('ProviderAttributeValue', { min: 1, max: 131_072, sensitive: true });
  if (demanded && !attribute) throw invalidParameter(`ProviderAttributeName of ${name} must not be empty.`);
  return { providerName, userId };
}

function requireProvider(pool: Pool, { providerName }: Account): void {
  if (!pool.settings.identityProviders.includes(providerName)) throw providerNotFound(providerName);
}

/** The user of the pool whom an account belongs to: by user name, or by a link. */
function ownerOf(pool: Pool, account: Account): User | undefined {
  if (account.providerName === THE_POOL) return pool.users.byName(account.userId);
  for (const user of pool.users.all()) if (user.identities.some((identity) => isSame(identity, account))) return user;
  return undefined;
}

function isSame(one: Account, other: Account): boolean {
  return one.providerName === other.providerName && one.userId === other.userId;
}
