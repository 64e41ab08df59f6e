const STANDARD = new Set([
  'address',
  'birthdate',
  'email',
  'family_name',
  'gender',
  'given_name',
  'locale',
  'middle_name',
  'name',
  'nickname',
  'phone_number',
  'picture',
  'preferred_username',
  'profile',
  'updated_at',
  'website',
  'zoneinfo',
]);
const WRITTEN_BY_THE_POOL = new Set(['sub', 'email_verified', 'phone_number_verified']);
const CUSTOM = /^custom:[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,20}$/u;

/** Whether clients may write an attribute of this name; any `custom:` attribute counts as declared. */
export function isWritableAttribute(name: string): boolean {
  return STANDARD.has(name) || CUSTOM.test(name);
}

/** Whether only the pool itself writes this attribute. */
export function isPoolAttribute(name: string): boolean {
  return WRITTEN_BY_THE_POOL.has(name);
}

export function isEmail(value: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value);
}

export function isPhoneNumber(value: string): boolean {
  return /^\+\d{1,15}$/.test(value);
}
