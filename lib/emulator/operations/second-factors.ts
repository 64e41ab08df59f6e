import type { AppClient } from '../state/app-clients.js';
import type { ChallengeMemory, PendingChallenge, SignInAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import { type Contact, MFA_TYPES, type MfaType, type User } from '../state/users.js';
import { type SignInCode, sendSignInCode } from './sign-in-code.js';
import { putChallenge } from './sign-in-step.js';

/** A sign-in whose first factor was right. */
export interface HalfSignIn {
  readonly client: AppClient;
  readonly user: User;
  readonly attempt: SignInAttempt;
}

/** The contact that the code of a second factor goes to. */
export const CONTACT_OF = { SMS_MFA: 'phone_number', EMAIL_OTP: 'email' } as const satisfies Partial<
  Record<MfaType, Contact>
>;

/** What the user has set up and switched on, whatever the pool makes of it. */
export function activeFactors({ mfa, attributes }: User): MfaType[] {
  const active: Record<MfaType, boolean> = {
    SMS_MFA: mfa.sms && attributes['phone_number'] !== undefined,
    SOFTWARE_TOKEN_MFA: mfa.totp && mfa.softwareToken !== undefined,
    EMAIL_OTP: mfa.email && attributes['email'] !== undefined,
  };
  return MFA_TYPES.filter((type) => active[type]);
}

/** The second factors that a sign-in of the user may ask for. */
export function secondFactorsOf(pool: Pool, user: User): MfaType[] {
  const { mfaConfiguration, enabledMfas } = pool.settings;
  if (mfaConfiguration === 'OFF') return [];
  const active = activeFactors(user).filter((type) => enabledMfas.includes(type));
  return active.length === 0 && mfaConfiguration === 'ON' ? factorsOfContacts(pool, user) : active;
}

// Without authenticator apps in the pool there is nothing to set up first: an address is all that a code needs.
function factorsOfContacts(pool: Pool, { attributes }: User): MfaType[] {
  const { enabledMfas } = pool.settings;
  if (enabledMfas.includes('SOFTWARE_TOKEN_MFA')) return [];
  return (['SMS_MFA', 'EMAIL_OTP'] as const).filter(
    (type) => enabledMfas.includes(type) && attributes[CONTACT_OF[type]] !== undefined,
  );
}

/** Asks for a second factor, or for one to be set up; `undefined` when nothing of the kind is due. */
export async function demandSecondFactor(pool: Pool, half: HalfSignIn): Promise<object | undefined> {
  const factors = secondFactorsOf(pool, half.user);
  const preferred = factors.find((type) => type === half.user.mfa.preferred);
  const [first, ...others] = factors;
  if (preferred) return demandFactor(pool, half, preferred);
  if (first === undefined) return pool.settings.mfaConfiguration === 'ON' ? demandSetUp(pool, half) : undefined;
  return others.length === 0 ? demandFactor(pool, half, first) : demandChoice(pool, half, factors);
}

/** Asks for one second factor; a code goes out where it needs one. */
export async function demandFactor(pool: Pool, half: HalfSignIn, type: MfaType): Promise<object> {
  if (type === 'SOFTWARE_TOKEN_MFA') {
    const friendlyName = half.user.mfa.softwareToken?.friendlyName ?? '';
    return demand(pool, half, type, {}, { FRIENDLY_DEVICE_NAME: friendlyName });
  }
  const code = await sendSignInCode(pool, { ...half, contact: CONTACT_OF[type], as: 'second-factor' });
  if (!code) throw new TypeError('A second factor by message needs an address.');
  return demandCode(pool, half, type, code);
}

/** Asks for a code that is on its way. */
export function demandCode(pool: Pool, half: HalfSignIn, type: keyof typeof CONTACT_OF, code: SignInCode): object {
  return demand(pool, half, type, code.memory, code.parameters);
}

/** Asks anything of a half sign-in: the challenge, and a session that waits for its answer. */
export function demand<Name extends PendingChallenge>(
  pool: Pool,
  { client, user, attempt }: HalfSignIn,
  name: Name,
  memory: ChallengeMemory[Name],
  parameters: Readonly<Record<string, string>>,
): object {
  const claimant = { userId: user.username, user };
  return putChallenge({ pool, client, claimant, attempt }, name, memory, {
    USER_ID_FOR_SRP: user.username,
    ...parameters,
  });
}

function demandChoice(pool: Pool, half: HalfSignIn, choices: readonly MfaType[]): object {
  return demand(pool, half, 'SELECT_MFA_TYPE', { choices }, { MFAS_CAN_CHOOSE: JSON.stringify(choices) });
}

function demandSetUp(pool: Pool, half: HalfSignIn): object {
  return demand(pool, half, 'MFA_SETUP', {}, { MFAS_CAN_SETUP: JSON.stringify(pool.settings.enabledMfas) });
}
