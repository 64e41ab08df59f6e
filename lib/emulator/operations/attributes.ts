import { isEmail, isPhoneNumber, isPoolAttribute, isWritableAttribute } from '../state/attribute-names.js';
import type { Pool } from '../state/pool.js';
import { CONTACTS, type Alias, type User } from '../state/users.js';
import { invalidParameter, notAuthorized } from '../wire/wire-error.js';

/** Checks attributes that a client writes. */
export function checkWrittenAttributes(attributes: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(attributes)) checkWrittenAttribute(name, value);
}

/** Marks the contacts among new attributes as not yet verified. */
export function withUnverifiedContacts(attributes: Readonly<Record<string, string>>): Record<string, string> {
  const contacts = CONTACTS.filter((contact) => attributes[contact] !== undefined);
  return { ...attributes, ...Object.fromEntries(contacts.map((contact) => [`${contact}_verified`, 'false'])) };
}

/** The attribute among these that is another user's sign-in name already, in a pool that signs in by address. */
export function takenSignInName(
  pool: Pool,
  attributes: Readonly<Record<string, string>>,
  user?: User,
): Alias | undefined {
  return pool.settings.usernameAttributes.find((contact) => {
    const value = attributes[contact];
    return value !== undefined && pool.users.ownerOf(contact, value, user) !== undefined;
  });
}

function checkWrittenAttribute(name: string, value: string): void {
  if (isPoolAttribute(name)) throw notAuthorized('A client attempted to write unauthorized attribute');
  if (!isWritableAttribute(name)) {
    const problem = `Type for attribute {${name}} could not be determined`;
    throw invalidParameter(`Attributes did not conform to the schema: ${problem}`);
  }
  if (name === 'email' && !isEmail(value)) throw invalidParameter('Invalid email address format.');
  if (name === 'phone_number' && !isPhoneNumber(value)) throw invalidParameter('Invalid phone number format.');
  if (name === 'birthdate' && value.length !== 10) {
    throw invalidParameter(
      'Attributes did not conform to the schema: birthdate: Attribute value is not 10 characters\n',
    );
  }
}

/** A user's attributes as the API lists them, `sub` first. */
export function attributeList(user: User): { Name: string; Value: string }[] {
  return Object.entries({ sub: user.sub, ...user.attributes }).map(([Name, Value]) => ({ Name, Value }));
}
