import type { Pool } from '../state/pool.js';
import type { Contact, User } from '../state/users.js';
import type { Claimant } from './claimant.js';

/** What USER_AUTH may begin with, by the names of PREFERRED_CHALLENGE and AvailableChallenges. */
export const FIRST_CHALLENGES = ['PASSWORD_SRP', 'PASSWORD', 'EMAIL_OTP', 'SMS_OTP', 'WEB_AUTHN'] as const;
export type FirstChallenge = (typeof FIRST_CHALLENGES)[number];

/** The challenges whose code stands in for a password. */
export type CodeChallenge = 'EMAIL_OTP' | 'SMS_OTP';

/** Where the code of a challenge goes. */
export const CONTACT_OF = { EMAIL_OTP: 'email', SMS_OTP: 'phone_number' } as const satisfies Record<
  CodeChallenge,
  Contact
>;

/** The first factors that somebody may choose from, in the order in which they are offered. */
export function firstFactorsOf(pool: Pool, { user }: Claimant): FirstChallenge[] {
  return FIRST_CHALLENGES.filter(
    (name) => isAllowed(pool, name) && (user ? isOpenTo(pool, user, name) : isSimulated(name)),
  );
}

// Where everybody needs a second factor, only a password can be the first.
function isAllowed({ settings: { allowedFirstAuthFactors, mfaConfiguration } }: Pool, name: FirstChallenge): boolean {
  if (name === 'PASSWORD' || name === 'PASSWORD_SRP') return allowedFirstAuthFactors.includes('PASSWORD');
  return mfaConfiguration !== 'ON' && allowedFirstAuthFactors.includes(name);
}

function isOpenTo(pool: Pool, user: User, name: FirstChallenge): boolean {
  if (name === 'PASSWORD' || name === 'PASSWORD_SRP') return user.password !== undefined;
  if (user.status === 'FORCE_CHANGE_PASSWORD' || hasSecondFactor(pool, user)) return false;
  if (name === 'WEB_AUTHN') return pool.passkeys.of(user.username).length > 0;
  return user.attributes[CONTACT_OF[name]] !== undefined;
}

function hasSecondFactor({ settings: { mfaConfiguration } }: Pool, { mfa }: User): boolean {
  return mfaConfiguration !== 'OFF' && (mfa.totp || mfa.sms || mfa.email);
}

// A passkey cannot be played: its challenge names the keys that would fit.
function isSimulated(name: FirstChallenge): boolean {
  return name !== 'WEB_AUTHN';
}
