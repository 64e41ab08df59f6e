import { z } from 'zod';
import type { EmulatorUser, EmulatorUserMfa } from './emulator-seed.js';
import { isEmail, isPhoneNumber, isPoolAttribute, isWritableAttribute } from './state/attribute-names.js';
import { MFA_TYPES, type MfaType, USER_STATUSES } from './state/users.js';

const attributes = z.record(z.string(), z.string().max(2048)).superRefine((written, context) => {
  const report = (name: string, message: string) => context.addIssue({ code: 'custom', path: [name], message });
  for (const name of Object.keys(written)) {
    if (isWritableAttribute(name) || isPoolAttribute(name)) continue;
    report(name, 'must be a standard attribute or custom:name');
  }
  const { email = '', phone_number: phoneNumber = '' } = written;
  if (email !== '' && !isEmail(email)) report('email', 'must be an e-mail address');
  if (phoneNumber !== '' && !isPhoneNumber(phoneNumber)) report('phone_number', 'must look like +4930123456');
});

const groupName = z.string().min(1).max(128);

const mfa = z.strictObject({
  totpSecret: z
    .string()
    .regex(/^[A-Z2-7]{16,}$/, 'must be base32, 16 characters or more')
    .optional(),
  sms: z.boolean().optional(),
  email: z.boolean().optional(),
  preferred: z.enum(MFA_TYPES).optional(),
});

/** The shape of a user that exists from the start. */
export const userSchema = z
  .strictObject({
    username: z.string().min(1).max(128),
    password: z.string().min(1).max(256),
    attributes: attributes.optional(),
    groups: z.array(groupName).optional(),
    status: z.enum(USER_STATUSES).optional(),
    enabled: z.boolean().optional(),
    mfa: mfa.optional(),
  })
  .superRefine((user, context) => {
    for (const { path, message } of mfaProblems(user)) context.addIssue({ code: 'custom', path, message });
  });

/** The shape of a group that exists from the start. */
export const groupSchema = z.union([
  groupName,
  z.strictObject({
    name: groupName,
    description: z.string().max(2048).optional(),
    precedence: z.int().min(0).optional(),
    roleArn: z.string().min(20).max(2048).optional(),
  }),
]);

/** The second factors that a user has set up, and what each of them takes. */
const SET_UP: Record<MfaType, { readonly isOn: (mfa: EmulatorUserMfa) => boolean; readonly mend: string }> = {
  SOFTWARE_TOKEN_MFA: { isOn: ({ totpSecret }) => totpSecret !== undefined, mend: 'totpSecret' },
  SMS_MFA: { isOn: ({ sms }) => sms === true, mend: 'sms: true' },
  EMAIL_OTP: { isOn: ({ email }) => email === true, mend: 'email: true' },
};

function mfaProblems({ username, attributes: given = {}, mfa: written }: EmulatorUser) {
  if (!written) return [];
  const problems: { path: string[]; message: string }[] = [];
  const { preferred } = written;
  if (preferred && !SET_UP[preferred].isOn(written)) {
    const message = `${preferred} is not set up: write ${SET_UP[preferred].mend} beside it, or leave it out`;
    problems.push({ path: ['mfa', 'preferred'], message });
  }
  if (written.sms === true && given['phone_number'] === undefined && !isPhoneNumber(username)) {
    problems.push({ path: ['mfa', 'sms'], message: 'needs the attribute phone_number' });
  }
  if (written.email === true && given['email'] === undefined && !isEmail(username)) {
    problems.push({ path: ['mfa', 'email'], message: 'needs the attribute email' });
  }
  return problems;
}
