import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { activeFactors } from './second-factors.js';

/** A factor of a user, by the names of AuthFactorType. */
type AuthFactor = 'PASSWORD' | 'EMAIL_OTP' | 'SMS_OTP' | 'WEB_AUTHN' | 'SOFTWARE_TOKEN';

/** What GetUser, AdminGetUser and the lists of factors say about a user's second factors; nothing when there are none. */
export function mfaMembers(user: User): { UserMFASettingList?: string[]; PreferredMfaSetting?: string } {
  const active = activeFactors(user);
  const preferred = active.find((type) => type === user.mfa.preferred);
  return {
    ...(active.length > 0 && { UserMFASettingList: active }),
    ...(preferred && { PreferredMfaSetting: preferred }),
  };
}

/** The answer of GetUserAuthFactors. */
export function authFactors(pool: Pool, user: User): object {
  return { Username: user.username, ...mfaMembers(user), ConfiguredUserAuthFactors: configuredFactors(pool, user) };
}

function configuredFactors(pool: Pool, user: User): AuthFactor[] {
  const { allowedFirstAuthFactors: allowed } = pool.settings;
  const { attributes, mfa } = user;
  const configured: Record<AuthFactor, boolean> = {
    PASSWORD: user.password !== undefined,
    EMAIL_OTP: attributes['email'] !== undefined && (allowed.includes('EMAIL_OTP') || mfa.email),
    SMS_OTP: attributes['phone_number'] !== undefined && (allowed.includes('SMS_OTP') || mfa.sms),
    WEB_AUTHN: pool.passkeys.of(user.username).length > 0,
    SOFTWARE_TOKEN: mfa.totp && mfa.softwareToken !== undefined,
  };
  return (['PASSWORD', 'EMAIL_OTP', 'SMS_OTP', 'WEB_AUTHN', 'SOFTWARE_TOKEN'] as const).filter(
    (factor) => configured[factor],
  );
}
