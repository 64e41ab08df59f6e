import type { EmulatorGroup, EmulatorUser } from './emulator-seed.js';
import { withUnverifiedContacts } from './operations/attributes.js';
import { deferPasswordVerifier } from './srp-verifier.js';
import { isEmail } from './state/attribute-names.js';
import type { Pool } from './state/pool.js';
import { CONTACTS, createSub, createUser, type User, type UserMfa } from './state/users.js';

/** Adds the groups that exist from the start: those that are named, and those of the users. */
export function seedGroups(pool: Pool): void {
  const { groups, users } = pool.settings;
  const now = pool.clock.now();
  const mentioned = users.flatMap((user) => user.groups ?? []).map((name): EmulatorGroup => ({ name }));
  for (const group of [...groups, ...mentioned]) {
    if (!pool.groups.find(group.name)) pool.groups.add({ ...group, createdAt: now, modifiedAt: now });
  }
}

/** Adds the users that exist from the start. */
export function seedUsers(pool: Pool): void {
  for (const seed of pool.settings.users) {
    const user = userOf(pool, seed);
    // The settings have the password in the clear, and most of many users never sign in.
    user.password = deferPasswordVerifier(pool.identityOf(user.username), seed.password);
    pool.users.add(user);
  }
}

function userOf(pool: Pool, seed: EmulatorUser): User {
  const { sub = createSub(), ...given } = seed.attributes ?? {};
  const { usernameAttributes } = pool.settings;
  const contact = usernameAttributes.length === 0 ? undefined : isEmail(seed.username) ? 'email' : 'phone_number';
  const attributes = contact ? { ...given, [contact]: seed.username } : given;
  const status = seed.status ?? 'CONFIRMED';
  const account = {
    username: contact ? sub : seed.username,
    sub,
    attributes: { ...withUnverifiedContacts(attributes), ...verifiedContacts(pool, attributes, status), ...attributes },
    groups: [...(seed.groups ?? [])],
    status,
    enabled: seed.enabled ?? true,
    mfa: mfaOf(seed),
  };
  return createUser(account, pool.clock.now());
}

function mfaOf({ mfa: { totpSecret, sms = false, email = false, preferred } = {} }: EmulatorUser): UserMfa {
  const softwareToken = totpSecret === undefined ? undefined : { secret: totpSecret, friendlyName: '' };
  return { softwareToken, totp: softwareToken !== undefined, sms, email, preferred };
}

// Whoever is confirmed has been through the verification that the pool makes at sign-up.
function verifiedContacts(
  pool: Pool,
  attributes: Readonly<Record<string, string>>,
  status: User['status'],
): Record<string, string> {
  if (status !== 'CONFIRMED') return {};
  const verified = CONTACTS.filter(
    (contact) => attributes[contact] !== undefined && pool.settings.autoVerifiedAttributes.includes(contact),
  );
  return Object.fromEntries(verified.map((contact) => [`${contact}_verified`, 'true']));
}
