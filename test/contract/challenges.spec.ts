import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { resolveSecrets } from '../../lib/options/secrets.options.js';
import type { ChallengeName } from '../../lib/user-pool/challenges.js';
import type { CognitoService } from '../../lib/user-pool/cognito.service.js';
import type { SignInInput } from '../../lib/user-pool/sign-in-input.js';
import { challengeOf, closeDesks, codeOf, deskOf, signedIn } from '../support/desk.js';
import { SoftwareAuthenticator } from '../support/software-authenticator.js';
import { totp } from '../support/totp.js';

const password = 'Passw0rd!';
const totpSecret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const clientSecret = 'a-client-secret-of-some-length';
const verified = { email_verified: 'true', phone_number_verified: 'true' };
const contacts = (name: string, phone: string) => ({
  email: `${name}@example.com`,
  phone_number: phone,
  preferred_username: `${name}-the-great`,
  ...verified,
});

let pool: CognitoEmulator;
let strict: CognitoEmulator;
let cognito: CognitoService;

beforeAll(async () => {
  [pool, strict] = await Promise.all([
    CognitoEmulator.start({
      clientSecret,
      aliasAttributes: ['email', 'phone_number', 'preferred_username'],
      mfaConfiguration: 'OPTIONAL',
      allowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP', 'SMS_OTP', 'WEB_AUTHN'],
      deviceConfiguration: { challengeRequiredOnNewDevice: true },
      schema: [
        { name: 'given_name', required: true },
        { name: 'custom:shoe', type: 'Number' },
      ],
      users: [
        { username: 'alice', password, attributes: { ...contacts('alice', '+15550100001'), given_name: 'Alice' } },
        { username: 'tempo', password, status: 'FORCE_CHANGE_PASSWORD', attributes: { email: 'tempo@example.com' } },
        { username: 'totp', password, mfa: { totpSecret } },
        { username: 'texts', password, attributes: contacts('texts', '+15550100002'), mfa: { sms: true } },
        { username: 'mails', password, attributes: contacts('mails', '+15550100003'), mfa: { email: true } },
        {
          username: 'both',
          password,
          attributes: contacts('both', '+15550100004'),
          mfa: { totpSecret, sms: true },
        },
        { username: 'gadget', password, mfa: { totpSecret } },
        { username: 'keys', password },
        { username: 'victor', password },
      ],
    }),
    CognitoEmulator.start({
      mfaConfiguration: 'ON',
      users: [
        { username: 'bare', password },
        { username: 'mailed', password },
      ],
    }),
  ]);
  cognito = deskOf(pool.options, { pools: { staff: strict.options } });
});

afterAll(async () => {
  await closeDesks();
  await Promise.all([pool.stop(), strict.stop()]);
});

/** What the authenticator app of a user shows; no code serves twice, so time goes on. */
function appCode(secret = totpSecret, emulator = pool): string {
  emulator.clock.advance({ seconds: 30 });
  return totp(secret, emulator.clock.now());
}

const inboxCode = (recipient: string, emulator = pool): string => emulator.inbox.last(recipient)?.code ?? 'no message';

/** A code of the same length that is not the right one. */
const wrong = (code: string): string => code.replace(/^./, (digit) => String((Number(digit) + 1) % 10));

async function nameOf(outcome: { readonly accessToken: string }): Promise<string> {
  return (await cognito.profile.get(outcome)).username;
}

describe('every flow', () => {
  const names = ['alice', 'alice@example.com', '+15550100001', 'alice-the-great'];
  const flows = [
    {},
    { flow: 'USER_PASSWORD_AUTH' },
    { flow: 'ADMIN_USER_PASSWORD_AUTH' },
    { flow: 'USER_AUTH' },
    { flow: 'USER_AUTH', preferredChallenge: 'PASSWORD' },
  ] as const;

  it.each(flows)('%o signs in by name and by each alias, for a client with a secret', async (flow) => {
    for (const username of names) {
      const { tokens } = signedIn(await cognito.signIn({ ...flow, username, password }));
      expect(await nameOf(tokens)).toBe('alice');
    }
    expect(await codeOf(cognito.signIn({ ...flow, username: 'alice', password: 'wrong' }))).toBe(
      'COGNITO_CREDENTIALS_INCORRECT',
    );
    const unknown: SignInInput = { ...flow, username: 'nobody@example.com', password };
    expect(await codeOf(cognito.signIn(unknown))).toBe('COGNITO_CREDENTIALS_INCORRECT');
    signedIn(await cognito.signIn({ ...flow, username: 'alice', password }));
  });

  it('of a named pool signs in there, and not here', async () => {
    const staff = cognito.pool('staff');
    challengeOf(await staff.signIn({ username: 'bare', password }), 'MFA_SETUP');
    expect(await codeOf(cognito.signIn({ username: 'bare', password }))).toBe('COGNITO_CREDENTIALS_INCORRECT');
    expect(await codeOf(staff.signIn({ username: 'alice', password }))).toBe('COGNITO_CREDENTIALS_INCORRECT');
  });
});

describe('a new password', () => {
  it('is asked for with what is missing, and is good from then on', async () => {
    const result = await cognito.signIn({ username: 'tempo', password, flow: 'ADMIN_USER_PASSWORD_AUTH' });
    const challenge = challengeOf(result, 'NEW_PASSWORD_REQUIRED');
    expect(challenge).toMatchObject({
      requiredAttributes: ['given_name'],
      userAttributes: { email: 'tempo@example.com' },
      admin: true,
    });
    const attributes = { given_name: 'Tempo' };
    expect(await codeOf(cognito.respondToChallenge(challenge, { newPassword: 'short', attributes }))).toBe(
      'COGNITO_PASSWORD_POLICY',
    );
    const newPassword = 'An0ther-password!';
    const { tokens } = signedIn(await cognito.respondToChallenge(challenge, { newPassword, attributes }));
    expect((await cognito.profile.get(tokens)).attributes).toMatchObject({ given_name: 'Tempo' });
    signedIn(await cognito.signIn({ username: 'tempo', password: newPassword }));
    expect(await codeOf(cognito.signIn({ username: 'tempo', password }))).toBe('COGNITO_CREDENTIALS_INCORRECT');
    expect(await codeOf(cognito.respondToChallenge(challenge, { newPassword, attributes }))).toBe(
      'COGNITO_SESSION_INVALID',
    );
  });
});

describe('a second factor', () => {
  it('of an authenticator app takes the right code once, and a wrong one never', async () => {
    const challenge = challengeOf(await cognito.signIn({ username: 'totp', password }), 'SOFTWARE_TOKEN_MFA');
    const code = appCode();
    expect(await codeOf(cognito.respondToChallenge(challenge, { code: wrong(code) }))).toBe('COGNITO_CODE_MISMATCH');
    expect(await nameOf(signedIn(await cognito.respondToChallenge(challenge, { code })).tokens)).toBe('totp');
    expect(await codeOf(cognito.respondToChallenge(challenge, { code: appCode() }))).toBe('COGNITO_SESSION_INVALID');
    const again = challengeOf(await cognito.signIn({ username: 'totp', password }), 'SOFTWARE_TOKEN_MFA');
    expect(await codeOf(cognito.respondToChallenge(again, { code }))).toBe('COGNITO_CODE_EXPIRED');
  });

  it.each<['SMS_MFA' | 'EMAIL_OTP', string, string, object]>([
    ['SMS_MFA', 'texts', '+15550100002', { medium: 'SMS' }],
    ['EMAIL_OTP', 'mails', 'mails@example.com', { medium: 'EMAIL' }],
  ])('%s sends a code and says where', async (name, username, address, delivery) => {
    const challenge = challengeOf(await cognito.signIn({ username: address, password }), name);
    expect(challenge).toMatchObject({ username, delivery });
    expect(challenge.delivery?.destination).toMatch(/\*/);
    const code = inboxCode(username);
    expect(await codeOf(cognito.respondToChallenge(challenge, { code: wrong(code) }))).toBe('COGNITO_CODE_MISMATCH');
    expect(await nameOf(signedIn(await cognito.respondToChallenge(challenge, { code })).tokens)).toBe(username);
  });

  it('is chosen where there are several', async () => {
    const challenge = challengeOf(await cognito.signIn({ username: 'both@example.com', password }), 'SELECT_MFA_TYPE');
    expect([...challenge.choices].toSorted()).toEqual(['SMS_MFA', 'SOFTWARE_TOKEN_MFA']);
    const result = await cognito.respondToChallenge(challenge, { choice: 'SMS_MFA' });
    const asked = challengeOf(result, 'SMS_MFA');
    signedIn(await cognito.respondToChallenge(asked, { code: inboxCode('both') }));
    const other = challengeOf(await cognito.signIn({ username: 'both', password }), 'SELECT_MFA_TYPE');
    const app = challengeOf(
      await cognito.respondToChallenge(other, { choice: 'SOFTWARE_TOKEN_MFA' }),
      'SOFTWARE_TOKEN_MFA',
    );
    signedIn(await cognito.respondToChallenge(app, { code: appCode() }));
  });

  it('that is missing is set up on the way: an authenticator app', async () => {
    const staff = cognito.pool('staff');
    const challenge = challengeOf(await staff.signIn({ username: 'bare', password }), 'MFA_SETUP');
    expect(challenge.choices).toContain('SOFTWARE_TOKEN_MFA');
    const { secretCode, session } = await staff.mfa.associateSoftwareToken({ session: challenge.session });
    expect(await codeOf(staff.respondToChallenge(challenge, { session }))).toBe('COGNITO_SOFTWARE_TOKEN_MISSING');
    const code = appCode(secretCode, strict);
    const proven = await staff.mfa.verifySoftwareToken({ session, code });
    const { tokens } = signedIn(await staff.respondToChallenge(challenge, { session: proven.session }));
    expect((await staff.profile.get(tokens)).username).toBe('bare');
    challengeOf(await staff.signIn({ username: 'bare', password }), 'SOFTWARE_TOKEN_MFA');
  });

  it('that is missing is set up on the way: an address for codes', async () => {
    const staff = cognito.pool('staff');
    const challenge = challengeOf(await staff.signIn({ username: 'mailed', password }), 'MFA_SETUP');
    const email = 'mailed@example.com';
    const asked = challengeOf(await staff.respondToChallenge(challenge, { email }), 'EMAIL_OTP');
    const code = inboxCode(email, strict);
    expect(await codeOf(staff.respondToChallenge(asked, { code: wrong(code) }))).toBe('COGNITO_CODE_MISMATCH');
    signedIn(await staff.respondToChallenge(asked, { code }));
  });
});

describe('the choice of the first factor', () => {
  const choose = async (username = 'alice@example.com') =>
    challengeOf(await cognito.signIn({ username, flow: 'USER_AUTH' }), 'SELECT_CHALLENGE');

  it('is offered, and each of them signs in', async () => {
    const challenge = await choose();
    expect([...challenge.choices].toSorted()).toEqual(['EMAIL_OTP', 'PASSWORD', 'PASSWORD_SRP', 'SMS_OTP']);
    signedIn(await cognito.respondToChallenge(challenge, { choice: 'PASSWORD', password }));
    signedIn(await cognito.respondToChallenge(await choose(), { choice: 'PASSWORD_SRP', password }));
    for (const choice of ['EMAIL_OTP', 'SMS_OTP'] as const) {
      const asked = challengeOf(await cognito.respondToChallenge(await choose(), { choice }), choice);
      const code = inboxCode('alice');
      expect(await codeOf(cognito.respondToChallenge(asked, { code: wrong(code) }))).toBe('COGNITO_CODE_MISMATCH');
      expect(await nameOf(signedIn(await cognito.respondToChallenge(asked, { code })).tokens)).toBe('alice');
    }
  });

  it.each(['PASSWORD', 'PASSWORD_SRP'] as const)('%s with a wrong password is refused', async (choice) => {
    const answer = { choice, password: 'wrong' };
    expect(await codeOf(cognito.respondToChallenge(await choose(), answer))).toBe('COGNITO_CREDENTIALS_INCORRECT');
  });

  it('may be a passkey, asked for by one process and checked by another', async () => {
    const authenticator = new SoftwareAuthenticator('http://localhost:3000');
    const { tokens } = signedIn(await cognito.signIn({ username: 'keys', password }));
    const { accessToken } = tokens;
    const options = await cognito.passkeys.startRegistration({ accessToken });
    await cognito.passkeys.completeRegistration({ accessToken, credential: authenticator.create(options) });

    const secrets = resolveSecrets(['a-secret-that-every-process-knows-of'], true);
    const [here, there] = [deskOf(pool.options, { secrets }), deskOf(pool.options, { secrets })];
    const asked = async () => {
      const result = await here.respondToChallenge(await choose('keys'), { choice: 'WEB_AUTHN' });
      return there.openChallenge(await here.sealChallenge(challengeOf(result, 'WEB_AUTHN')));
    };
    const [first, second] = [await asked(), await asked()];
    if (first.name !== 'WEB_AUTHN' || second.name !== 'WEB_AUTHN') throw new Error('no passkey was asked for');
    const credential = authenticator.get(first.requestOptions);
    // One challenge's proof is none for another.
    expect(await codeOf(there.respondToChallenge(second, { credential }))).toBe('COGNITO_CREDENTIALS_INCORRECT');
    expect(await nameOf(signedIn(await there.respondToChallenge(first, { credential })).tokens)).toBe('keys');
  });

  it('may be preferred from the start', async () => {
    const input = { username: 'alice', flow: 'USER_AUTH', preferredChallenge: 'EMAIL_OTP' } as const;
    const asked = challengeOf(await cognito.signIn(input), 'EMAIL_OTP');
    expect(asked.delivery?.medium).toBe('EMAIL');
    signedIn(await cognito.respondToChallenge(asked, { code: inboxCode('alice') }));
  });

  it('is not needed after a confirmed sign-up, once', async () => {
    const username = 'newcomer';
    const attributes = { email: 'newcomer@example.com', given_name: 'New' };
    const { session } = await cognito.signUp({ username, password, attributes });
    const confirmed = await cognito.confirmSignUp({ username, code: inboxCode(username), session });
    const input = { username, flow: 'USER_AUTH', session: confirmed.session } as const;
    const stolen = { ...input, username: 'alice' };
    expect(await codeOf(cognito.signIn(stolen))).toBe('COGNITO_SESSION_INVALID');
    expect(await nameOf(signedIn(await cognito.signIn(input)).tokens)).toBe(username);
    expect(await codeOf(cognito.signIn(input))).toBe('COGNITO_SESSION_INVALID');
  });
});

describe('a sign-in by triggers', () => {
  beforeAll(() => {
    Object.assign(pool.triggers, {
      defineAuthChallenge: ({ request: { session = [] } }) => {
        const last = session.at(-1);
        if (last === undefined) return { challengeName: 'CUSTOM_CHALLENGE' };
        if (last.challengeName === 'SRP_A') return { challengeName: 'PASSWORD_VERIFIER' };
        if (last.challengeName === 'PASSWORD_VERIFIER') return { challengeName: 'CUSTOM_CHALLENGE' };
        return last.challengeResult ? { issueTokens: true } : { failAuthentication: true };
      },
      createAuthChallenge: () => ({
        publicChallengeParameters: { question: 'tea?' },
        privateChallengeParameters: { answer: 'yes' },
      }),
      verifyAuthChallengeResponse: ({ request: { challengeAnswer, privateChallengeParameters } }) => ({
        answerCorrect: challengeAnswer === privateChallengeParameters?.['answer'],
      }),
    } satisfies CognitoEmulator['triggers']);
  });

  it.each([undefined, password])('asks what they ask; password %s', async (given) => {
    const input = { username: 'alice@example.com', flow: 'CUSTOM_AUTH', password: given } as const;
    const challenge = challengeOf(await cognito.signIn(input), 'CUSTOM_CHALLENGE');
    expect(challenge).toMatchObject({ username: 'alice', parameters: { question: 'tea?' } });
    expect(await nameOf(signedIn(await cognito.respondToChallenge(challenge, { answer: 'yes' })).tokens)).toBe('alice');
    const again = challengeOf(await cognito.signIn(input), 'CUSTOM_CHALLENGE');
    expect(await codeOf(cognito.respondToChallenge(again, { answer: 'no' }))).toBe('COGNITO_CREDENTIALS_INCORRECT');
  });

  it('does not come to the triggers with a wrong password', async () => {
    const input = { username: 'victor', flow: 'CUSTOM_AUTH', password: 'wrong' } as const;
    expect(await codeOf(cognito.signIn(input))).toBe('COGNITO_CREDENTIALS_INCORRECT');
  });
});

describe('a remembered device', () => {
  async function remembered() {
    const challenge = challengeOf(await cognito.signIn({ username: 'gadget', password }), 'SOFTWARE_TOKEN_MFA');
    const { tokens, newDevice } = signedIn(await cognito.respondToChallenge(challenge, { code: appCode() }));
    if (newDevice === undefined) throw new Error('no new device');
    const { device } = await cognito.devices.confirm({ accessToken: tokens.accessToken, newDevice });
    return { device, tokens };
  }

  it('stands in for the second factor, in every flow with a password', async () => {
    const { device } = await remembered();
    for (const flow of ['USER_SRP_AUTH', 'USER_PASSWORD_AUTH'] as const) {
      const result = signedIn(await cognito.signIn({ username: 'gadget', password, flow, device }));
      expect(result).toMatchObject({ newDevice: undefined });
      expect(await nameOf(result.tokens)).toBe('gadget');
    }
    expect(await codeOf(cognito.signIn({ username: 'gadget', password: 'wrong', device }))).toBe(
      'COGNITO_CREDENTIALS_INCORRECT',
    );
  });

  it('proves nothing with another secret, and without one is asked', async () => {
    const { device } = await remembered();
    const forged = { ...device, devicePassword: Buffer.alloc(40, 1).toString('base64') };
    expect(await codeOf(cognito.signIn({ username: 'gadget', password, device: forged }))).toBe(
      'COGNITO_CREDENTIALS_INCORRECT',
    );
    const { deviceKey } = device;
    const asked = challengeOf(
      await cognito.signIn({ username: 'gadget', password, device: { deviceKey } }),
      'DEVICE_SRP_AUTH',
    );
    signedIn(await cognito.respondToChallenge(asked, { device }));
  });

  it('of one user is unknown for another, and unknown once it was forgotten', async () => {
    const { device, tokens } = await remembered();
    const others = await cognito.signIn({ username: 'both', password, device });
    expect(others.deviceUnknown).toBe(true);
    challengeOf(others, 'SELECT_MFA_TYPE');
    await cognito.devices.forget({ accessToken: tokens.accessToken, deviceKey: device.deviceKey });
    const result = await cognito.signIn({ username: 'gadget', password, device });
    expect(result.deviceUnknown).toBe(true);
    const challenge = challengeOf(result, 'SOFTWARE_TOKEN_MFA');
    const over = signedIn(await cognito.respondToChallenge(challenge, { code: appCode() }, { device }));
    expect(over.newDevice?.deviceKey).not.toBe(device.deviceKey);
  });
});

describe('a challenge that waits sealed', () => {
  const secrets = resolveSecrets(['a-secret-that-every-process-knows-of'], true);

  it.each<[ChallengeName, SignInInput]>([
    ['SOFTWARE_TOKEN_MFA', { username: 'totp', password }],
    ['SOFTWARE_TOKEN_MFA', { username: 'totp', password, flow: 'ADMIN_USER_PASSWORD_AUTH' }],
  ])('%s of %o goes on in another process', async (name, input) => {
    const [here, there] = [deskOf(pool.options, { secrets }), deskOf(pool.options, { secrets })];
    const result = await here.signIn(input);
    const sealed = await here.sealChallenge(challengeOf(result, name));
    const opened = await there.openChallenge(sealed);
    const { tokens } = signedIn(await there.respondToChallenge(opened, { code: appCode() }));
    expect(await nameOf(tokens)).toBe(input.username);
  });

  it('SELECT_CHALLENGE begins the proof where it is answered', async () => {
    const [here, there] = [deskOf(pool.options, { secrets }), deskOf(pool.options, { secrets })];
    const result = await here.signIn({ username: 'alice@example.com', flow: 'USER_AUTH' });
    const sealed = await here.sealChallenge(challengeOf(result, 'SELECT_CHALLENGE'));
    const opened = await there.openChallenge(sealed);
    const { tokens } = signedIn(await there.respondToChallenge(opened, { choice: 'PASSWORD_SRP', password }));
    expect(await nameOf(tokens)).toBe('alice');
  });

  it('cannot be answered for another user, and not for ever', async () => {
    const challenge = challengeOf(await cognito.signIn({ username: 'totp', password }), 'SOFTWARE_TOKEN_MFA');
    const stolen = { ...challenge, username: 'victor' };
    expect(await codeOf(cognito.respondToChallenge(stolen, { code: appCode() }))).toBe('COGNITO_SESSION_INVALID');
    pool.clock.advance({ minutes: 4 });
    expect(await codeOf(cognito.respondToChallenge(challenge, { code: appCode() }))).toBe('COGNITO_SESSION_INVALID');
  });
});
