import type { Address } from '../state/codes.js';
import type { Pool } from '../state/pool.js';
import { CONTACTS, type Contact, type User } from '../state/users.js';
import { RULES, type Members } from '../wire/members.js';
import { invalidParameter, unsupportedUserState } from '../wire/wire-error.js';
import { administeredUser, NO_CLIENT, requirePool } from './administration.js';
import { checkWrittenAttributes, type Attributes } from './attributes.js';
import { addressOf, post, type PreparedMessage, prepareMessage } from './code-delivery.js';
import { eventAttributes } from './event-attributes.js';
import { newAccount, requireStillFree, settleAliases } from './new-account.js';
import { checkNewPassword, setNewPassword } from './new-password-rules.js';
import { runTrigger } from './run-trigger.js';
import { createTemporaryPassword } from './temporary-password.js';
import { listedUser } from './user-description.js';
import { requireVerifiable, writtenByAdministrator } from './user-attributes.js';

const WORDING = 'Password did not conform with password policy';
const MEDIUMS = { EMAIL: 'email', SMS: 'phone_number' } as const;

/** AdminCreateUser: an account whose temporary password is sent to the user, or a new one for somebody who let it expire. */
export async function adminCreateUser(pool: Pool, members: Members): Promise<object> {
  const action = members.optionalText('MessageAction', { values: ['RESEND', 'SUPPRESS'] });
  return action === 'RESEND' ? resend(pool, members) : create(pool, members, action !== 'SUPPRESS');
}

async function create(pool: Pool, members: Members, tellsTheUser: boolean): Promise<object> {
  requirePool(pool, members);
  const name = members.text('Username', RULES.username);
  const attributes = initialAttributes(pool, members, name);
  const force = members.flag('ForceAliasCreation');
  const password = temporaryPassword(pool, members, { ...attributes, ...signInAddress(pool, name) });
  const status = password === undefined ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD';
  const user = newAccount(pool, { name, attributes, status, whenTaken: 'User account already exists' });
  if (password !== undefined) checkNewPassword(pool, user, password, WORDING);
  const addresses = addressesFor(user, members);
  await askPreSignUp(pool, members, user);
  const invitations = tellsTheUser && password !== undefined ? await invite(pool, members, user, addresses) : [];
  // The triggers took their time: somebody else may have come first.
  requireStillFree(pool, user);
  claimAliases(pool, user, force);
  if (password !== undefined) setNewPassword(pool, user, password, WORDING);
  pool.users.add(user);
  for (const invitation of invitations) post(pool, invitation, password ?? '');
  return { User: listedUser(user) };
}

async function resend(pool: Pool, members: Members): Promise<object> {
  const user = administeredUser(pool, members);
  requireTemporaryPassword(user);
  const password = givenPassword(members) ?? createTemporaryPassword(pool.settings.passwordPolicy);
  checkNewPassword(pool, user, password, WORDING);
  const invitations = await invite(pool, members, user, addressesFor(user, members));
  requireTemporaryPassword(user);
  setNewPassword(pool, user, password, WORDING);
  user.modifiedAt = pool.clock.now();
  for (const invitation of invitations) post(pool, invitation, password);
  return { User: listedUser(user) };
}

function requireTemporaryPassword({ username, status }: User): void {
  if (status === 'FORCE_CHANGE_PASSWORD') return;
  throw unsupportedUserState(`Resend not possible. ${username} status is not FORCE_CHANGE_PASSWORD`);
}

function initialAttributes(pool: Pool, members: Members, name: string): Attributes {
  const attributes = writtenByAdministrator(members.attributes('UserAttributes'));
  if ('sub' in attributes) throw invalidParameter('user.sub: Attribute cannot be updated.\n');
  checkWrittenAttributes(pool, attributes);
  requireVerifiable(attributes, { ...attributes, ...signInAddress(pool, name) });
  return attributes;
}

function signInAddress(pool: Pool, name: string): Attributes {
  const { usernameAttributes } = pool.settings;
  const contact = name.includes('@') ? 'email' : 'phone_number';
  return usernameAttributes.includes(contact) ? { [contact]: name } : {};
}

/** The password to begin with; `undefined` for somebody who signs in with codes alone. */
function temporaryPassword(pool: Pool, members: Members, attributes: Attributes): string | undefined {
  const given = givenPassword(members);
  if (given !== undefined) return given;
  const { allowedFirstAuthFactors: factors, passwordPolicy } = pool.settings;
  if (!factors.includes('EMAIL_OTP') && !factors.includes('SMS_OTP')) return createTemporaryPassword(passwordPolicy);
  const canReceive =
    (factors.includes('EMAIL_OTP') && attributes['email']) ||
    (factors.includes('SMS_OTP') && attributes['phone_number']);
  if (!canReceive)
    throw invalidParameter('A user without a password needs an email or a phone number to sign in with.');
  return undefined;
}

// A blank password is as good as none.
function givenPassword(members: Members): string | undefined {
  if (!members.optionalText('TemporaryPassword', { max: 256, sensitive: true })) return undefined;
  return members.text('TemporaryPassword', RULES.password);
}

// Whoever asks for a medium has to name an address for it; whoever does not is content with what there is, SMS first.
function addressesFor(user: User, members: Members): Address[] {
  const mediums = members.optionalTexts('DesiredDeliveryMediums', { values: Object.keys(MEDIUMS) }) ?? [];
  const wanted = Object.entries(MEDIUMS).flatMap(([medium, contact]) => (mediums.includes(medium) ? [contact] : []));
  const contacts: readonly Contact[] = wanted.length > 0 ? wanted : CONTACTS;
  const addresses = contacts.flatMap((contact) => addressOf(user, contact) ?? []);
  const [first] = addresses;
  if (wanted.length === 0) return first ? [first] : [];
  if (addresses.length < wanted.length) throw invalidParameter('The user has no address for the delivery medium.');
  return addresses;
}

async function askPreSignUp(pool: Pool, members: Members, user: User): Promise<void> {
  await runTrigger(pool, 'preSignUp', {
    source: 'PreSignUp_AdminCreateUser',
    clientId: NO_CLIENT,
    username: user.username,
    request: {
      userAttributes: eventAttributes(user),
      validationData: members.attributes('ValidationData'),
      clientMetadata: members.textRecord('ClientMetadata'),
    },
  });
}

function claimAliases(pool: Pool, user: User, force: boolean): void {
  settleAliases(pool, user, ['preferred_username'], false);
  const verified = CONTACTS.filter((contact) => user.attributes[`${contact}_verified`] === 'true');
  settleAliases(pool, user, verified, force);
}

async function invite(
  pool: Pool,
  members: Members,
  user: User,
  addresses: readonly Address[],
): Promise<PreparedMessage[]> {
  const clientMetadata = members.textRecord('ClientMetadata');
  const requests = addresses.map((address) => ({ user, address, purpose: 'AdminCreateUser' as const, clientMetadata }));
  return Promise.all(requests.map(async (request) => prepareMessage(pool, request)));
}
