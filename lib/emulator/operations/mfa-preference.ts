import type { Pool } from '../state/pool.js';
import type { MfaType, User, UserMfa } from '../state/users.js';
import type { Members } from '../wire/members.js';
import { invalidParameter } from '../wire/wire-error.js';
import { CONTACT_OF } from './second-factors.js';

/** What a request says about one second factor. */
interface Wish {
  readonly type: MfaType;
  readonly enabled: boolean;
  readonly preferred: boolean;
}

const MEMBER_OF: Readonly<Record<MfaType, string>> = {
  SMS_MFA: 'SMSMfaSettings',
  SOFTWARE_TOKEN_MFA: 'SoftwareTokenMfaSettings',
  EMAIL_OTP: 'EmailMfaSettings',
};
const SWITCH_OF = { SMS_MFA: 'sms', SOFTWARE_TOKEN_MFA: 'totp', EMAIL_OTP: 'email' } as const satisfies Record<
  MfaType,
  keyof UserMfa
>;

/** Switches second factors on and off; what a request does not mention stays as it is. */
export function setPreference(pool: Pool, user: User, members: Members): void {
  const wishes = readWishes(members);
  for (const wish of wishes) if (wish.enabled) requireAvailable(pool, user, wish.type);
  const switches = Object.fromEntries(wishes.map(({ type, enabled }) => [SWITCH_OF[type], enabled]));
  user.mfa = { ...user.mfa, ...switches, preferred: preferredAfter(user.mfa.preferred, wishes) };
}

function readWishes(members: Members): Wish[] {
  const types = (['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'] as const).filter((type) =>
    members.has(MEMBER_OF[type]),
  );
  const wishes = types.map((type) => {
    const settings = members.structure(MEMBER_OF[type]);
    return { type, enabled: settings.flag('Enabled'), preferred: settings.flag('PreferredMfa') };
  });
  refusePasskeys(members);
  for (const { type, enabled, preferred } of wishes) {
    if (preferred && !enabled) throw invalidParameter(`${type} cannot be preferred without being enabled.`);
  }
  if (wishes.filter(({ preferred }) => preferred).length > 1) {
    throw invalidParameter('Only one MFA method can be preferred.');
  }
  return wishes;
}

// The pool plays FactorConfiguration SINGLE_FACTOR: a passkey is a first factor and never a second one.
function refusePasskeys(members: Members): void {
  if (!members.has('WebAuthnMfaSettings')) return;
  if (members.structure('WebAuthnMfaSettings').flag('Enabled')) {
    throw invalidParameter('Passkeys are not enabled as a second factor for the user pool.');
  }
}

function requireAvailable({ settings }: Pool, { mfa, attributes }: User, type: MfaType): void {
  const isOffered = settings.mfaConfiguration !== 'OFF' && settings.enabledMfas.includes(type);
  const isSetUp =
    type === 'SOFTWARE_TOKEN_MFA' ? mfa.softwareToken !== undefined : attributes[CONTACT_OF[type]] !== undefined;
  if (!isOffered || !isSetUp) throw invalidParameter(`User does not have delivery config set to turn on ${type}`);
}

function preferredAfter(before: MfaType | undefined, wishes: readonly Wish[]): MfaType | undefined {
  const wished = wishes.find(({ preferred }) => preferred);
  if (wished) return wished.type;
  return wishes.some(({ type }) => type === before) ? undefined : before;
}
