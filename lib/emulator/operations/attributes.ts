import { type AppClient, mayRead, mayWrite } from '../state/app-clients.js';
import { isEmail, isPhoneNumber, isPoolAttribute } from '../state/attribute-names.js';
import { declarationOf, valueProblem } from '../state/attribute-schema.js';
import type { Pool } from '../state/pool.js';
import { CONTACTS, type Alias, type User } from '../state/users.js';
import { identitiesAttribute } from '../tokens/identities.js';
import { invalidParameter, notAuthorized } from '../wire/wire-error.js';

/** Attributes by name. */
export type Attributes = Readonly<Record<string, string>>;

/** What shall become of a user's attributes; it has been checked. */
export interface AttributeChange {
  readonly written: Attributes;
  readonly removed: readonly string[];
}

/**
 * Checks attributes that are about to be written: declared, permitted, and with values of the right kind.
 *
 * @param client whose permission counts; without one an administrator writes, who may set the `_verified` flags too
 */
export function checkWrittenAttributes(pool: Pool, attributes: Attributes, client?: AppClient): void {
  for (const name of Object.keys(attributes)) requirePermission(pool, name, client);
  const problems = Object.entries(attributes).flatMap(([name, value]) => {
    if (name === 'email' && !isEmail(value)) throw invalidParameter('Invalid email address format.');
    if (name === 'phone_number' && !isPhoneNumber(value)) throw invalidParameter('Invalid phone number format.');
    const declaration = declarationOf(pool.settings.schema, name);
    const problem = declaration && valueProblem(declaration, value);
    return problem === undefined ? [] : [`${name}: ${problem}`];
  });
  if (problems.length > 0) throw unlikeSchema(problems);
}

/** Refuses an account without an attribute that the pool demands. */
export function requireAttributes(pool: Pool, attributes: Attributes): void {
  const missing = (pool.settings.schema ?? []).filter(({ name, required }) => required && !attributes[name]);
  if (missing.length > 0) throw unlikeSchema(missing.map(({ name }) => `${name}: The attribute is required`));
}

/**
 * Checks what shall become of the attributes of an account that is there already. A blank value removes an attribute.
 *
 * @param client as in {@link checkWrittenAttributes}
 */
export function attributeChange(pool: Pool, user: User, attributes: Attributes, client?: AppClient): AttributeChange {
  const entries = Object.entries(attributes);
  const written = Object.fromEntries(entries.filter(([, value]) => value !== ''));
  const removed = entries.filter(([, value]) => value === '').map(([name]) => name);
  for (const name of Object.keys(attributes)) {
    requirePermission(pool, name, client);
    if (!declarationOf(pool.settings.schema, name)?.mutable || name === 'sub') throw unchangeable(name);
  }
  const indispensable = removed.filter((name) => isIndispensable(pool, { ...user.attributes, ...attributes }, name));
  if (indispensable.length > 0) throw unlikeSchema(indispensable.map((name) => `${name}: The attribute is required`));
  checkWrittenAttributes(pool, written, client);
  return { written, removed };
}

/** Makes a change; a contact with another value than before counts as unverified, unless the change says otherwise. */
export function applyChange(pool: Pool, user: User, { written, removed }: AttributeChange): void {
  const gone = new Set(removed.flatMap((name) => [name, `${name}_verified`]));
  const kept = Object.entries(user.attributes).filter(([name]) => !gone.has(name));
  const changed = Object.entries(written).filter(([name, value]) => user.attributes[name] !== value);
  user.attributes = {
    ...Object.fromEntries(kept),
    ...withUnverifiedContacts(Object.fromEntries(changed)),
    ...written,
  };
  for (const contact of CONTACTS) if (gone.has(contact)) delete user.pendingContacts[contact];
  user.modifiedAt = pool.clock.now();
}

/** Marks the contacts among new attributes as not yet verified. */
export function withUnverifiedContacts(attributes: Attributes): Record<string, string> {
  const contacts = CONTACTS.filter((contact) => attributes[contact] !== undefined);
  return { ...attributes, ...Object.fromEntries(contacts.map((contact) => [`${contact}_verified`, 'false'])) };
}

/** The attribute among these that is another user's sign-in name already, in a pool that signs in by address. */
export function takenSignInName(pool: Pool, attributes: Attributes, user?: User): Alias | undefined {
  return pool.settings.usernameAttributes.find((contact) => {
    const value = attributes[contact];
    return value !== undefined && pool.users.ownerOf(contact, value, user) !== undefined;
  });
}

/**
 * A user's attributes as the API lists them, `sub` first.
 *
 * @param client lists what it may read; without one an administrator reads everything
 */
export function attributeList(user: User, client?: AppClient): { Name: string; Value: string }[] {
  return Object.entries({ sub: user.sub, ...user.attributes, ...identitiesAttribute(user) })
    .filter(([name]) => !client || mayRead(client, name))
    .map(([Name, Value]) => ({ Name, Value }));
}

function requirePermission(pool: Pool, name: string, client: AppClient | undefined): void {
  if (client && isPoolAttribute(name)) throw unauthorizedWrite();
  if (!declarationOf(pool.settings.schema, name)) {
    const problem = `Type for attribute {${name}} could not be determined`;
    throw invalidParameter(`Attributes did not conform to the schema: ${problem}`);
  }
  if (client && !mayWrite(client, name)) throw unauthorizedWrite();
}

// Where people sign in by address, an account without any could not be reached any more.
function isIndispensable(pool: Pool, remaining: Attributes, name: string): boolean {
  if (declarationOf(pool.settings.schema, name)?.required) return true;
  const { usernameAttributes } = pool.settings;
  return (
    usernameAttributes.some((contact) => contact === name) && !usernameAttributes.some((contact) => remaining[contact])
  );
}

function unauthorizedWrite(): Error {
  return notAuthorized('A client attempted to write unauthorized attribute');
}

function unchangeable(name: string): Error {
  return invalidParameter(`user.${name}: Attribute cannot be updated.\n`);
}

function unlikeSchema(problems: readonly string[]): Error {
  const lines = problems.map((problem) => `${problem}\n`).join('');
  return invalidParameter(`Attributes did not conform to the schema: ${lines}`);
}
