import {
  AdminDeleteSoftwareTokenCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserAuthFactorsCommand,
  AdminGetUserCommand,
  AdminSetUserMFAPreferenceCommand,
  AssociateSoftwareTokenCommand,
  type AuthenticationResultType,
  type ChallengeNameType,
  type CognitoIdentityProviderClient,
  GetUserAuthFactorsCommand,
  GetUserCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  SetUserMFAPreferenceCommand,
  VerifySoftwareTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator, type EmulatorUser } from '../../lib/emulator/index.js';
import type { CognitoService } from '../../lib/user-pool/cognito.service.js';
import { challengeOf, closeDesks, codeOf, deskOf, signedIn } from '../support/desk.js';
import { totp } from '../support/totp.js';
import { refusalOf, sdkFor } from './sdk.js';

const PASSWORD = 'Passw0rd!';
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const WRONG = 'CodeMismatchException: Invalid verification code provided, please try again.';
const USED_SESSION = 'NotAuthorizedException: Invalid session for the user, session can only be used once.';
const NO_SESSION = 'NotAuthorizedException: Invalid session for the user.';
const LOCKED = 'NotAuthorizedException: Password attempts exceeded';
const TOTP_USED = 'ExpiredCodeException: Your software token has already been used once.';

const person = (username: string, mfa?: EmulatorUser['mfa'], attributes?: Record<string, string>): EmulatorUser => ({
  username,
  password: PASSWORD,
  mfa,
  attributes: { email: `${username}@example.com`, ...attributes },
});
const phone = { phone_number: '+4930123456' };

// Wrong codes lock an account: everybody who is asked wrongly is asked in one test only.
const people = [
  person('tom'),
  person('tina', { totpSecret: SECRET }),
  person('theo', { totpSecret: SECRET }),
  person('sam', { sms: true }, phone),
  person('sue', { sms: true }, phone),
  person('emma', { email: true }),
  person('dora', { email: true }),
  person('otto', { sms: true, email: true, totpSecret: SECRET }, phone),
  person('olga', { sms: true, email: true, totpSecret: SECRET, preferred: 'EMAIL_OTP' }, phone),
  person('lars', { totpSecret: SECRET }),
  person('lena', { totpSecret: SECRET }),
  person('paul', undefined, phone),
  person('pia', { totpSecret: SECRET }),
  person('nora'),
  person('libby'),
];

let optional: CognitoEmulator;
let always: CognitoEmulator;
let sdk: CognitoIdentityProviderClient;
let strict: CognitoIdentityProviderClient;
let cognito: CognitoService;

beforeAll(async () => {
  [optional, always] = await Promise.all([
    CognitoEmulator.start({ mfaConfiguration: 'OPTIONAL', users: people, clients: [{ clientId: 'other' }] }),
    CognitoEmulator.start({
      mfaConfiguration: 'ON',
      usernameAttributes: [],
      aliasAttributes: ['email'],
      users: [
        { username: 'new', password: PASSWORD },
        { username: 'newer', password: PASSWORD },
        { username: 'mailed', password: PASSWORD },
        { username: 'twice', password: PASSWORD },
        { username: 'raced', password: PASSWORD },
        { username: 'desk', password: PASSWORD },
        person('known'),
      ],
    }),
  ]);
  sdk = sdkFor(optional);
  strict = sdkFor(always);
  cognito = deskOf(optional.options);
});

afterEach(() => {
  optional.clock.reset();
  always.clock.reset();
});

afterAll(async () => {
  sdk.destroy();
  strict.destroy();
  await closeDesks();
  await Promise.all([optional.stop(), always.stop()]);
});

interface Answer {
  ChallengeName?: ChallengeNameType | undefined;
  ChallengeParameters?: Record<string, string> | undefined;
  Session?: string | undefined;
  AuthenticationResult?: AuthenticationResultType | undefined;
}

const clientIdOf = (client: CognitoIdentityProviderClient) => (client === sdk ? optional : always).options.clientId;

async function begin(USERNAME: string, client = sdk): Promise<Answer> {
  return client.send(
    new InitiateAuthCommand({
      ClientId: clientIdOf(client),
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD },
    }),
  );
}

async function answer(
  { ChallengeName, Session, ChallengeParameters }: Answer,
  responses: Record<string, string>,
  { client = sdk, ClientId = clientIdOf(client) } = {},
): Promise<Answer> {
  const USERNAME = ChallengeParameters?.['USER_ID_FOR_SRP'] ?? '';
  const ChallengeResponses = { USERNAME, ...responses };
  return client.send(new RespondToAuthChallengeCommand({ ClientId, ChallengeName, Session, ChallengeResponses }));
}

const tokenOf = ({ AuthenticationResult: tokens, ChallengeName }: Answer): string => {
  if (!tokens?.AccessToken) throw new Error(`no tokens but ${ChallengeName}`);
  return tokens.AccessToken;
};
const associate = async (input: { AccessToken?: string; Session?: string | undefined }, client = sdk) =>
  client.send(new AssociateSoftwareTokenCommand(input));
const verify = async (
  input: { AccessToken?: string; Session?: string | undefined; FriendlyDeviceName?: string },
  UserCode: string,
  client = sdk,
) => client.send(new VerifySoftwareTokenCommand({ ...input, UserCode }));
const prefer = async (AccessToken: string, settings: object) =>
  sdk.send(new SetUserMFAPreferenceCommand({ AccessToken, ...settings }));
const userOf = async (AccessToken: string, client = sdk) => client.send(new GetUserCommand({ AccessToken }));
const attributesOf = async (AccessToken: string, client = sdk) =>
  Object.fromEntries(
    ((await userOf(AccessToken, client)).UserAttributes ?? []).map(({ Name = '', Value }) => [Name, Value]),
  );
const on = { Enabled: true };
const preferred = { Enabled: true, PreferredMfa: true };
const off = { Enabled: false };
const otherThan = (code = '') => (code === '000000' ? '000001' : '000000');
const appOf = (secret: string, seconds = 0, pool = optional) => totp(secret, pool.clock.now() + seconds * 1000);
const slowly = async () =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, 50);
  });
const minutesLater = (minutes: number, pool = optional) => pool.clock.advance({ minutes });

describe('an authenticator app', () => {
  it('is set up by a signed-in user, proved, switched on, and then asked for', async () => {
    const AccessToken = tokenOf(await begin('tom'));
    const { SecretCode = '', Session } = await associate({ AccessToken });
    expect(SecretCode).toMatch(/^[A-Z2-7]{52}$/);
    expect(Session).toBeUndefined();
    const tooEarly = prefer(AccessToken, { SoftwareTokenMfaSettings: on });
    expect(await refusalOf(tooEarly)).toBe(
      'InvalidParameterException: User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA',
    );

    expect(await refusalOf(verify({ AccessToken }, otherThan(appOf(SecretCode))))).toBe(
      'EnableSoftwareTokenMFAException: Code mismatch and fail enable Software Token MFA',
    );
    expect(await refusalOf(verify({ AccessToken }, '1234567'))).toMatch(/^InvalidParameterException: 1 validation/);
    const right = appOf(SecretCode);
    expect(await verify({ AccessToken, FriendlyDeviceName: 'My phone' }, right)).toMatchObject({ Status: 'SUCCESS' });
    tokenOf(await begin('tom'));
    expect((await userOf(AccessToken)).UserMFASettingList).toBeUndefined();

    await prefer(AccessToken, { SoftwareTokenMfaSettings: preferred });
    expect(await userOf(AccessToken)).toMatchObject({
      UserMFASettingList: ['SOFTWARE_TOKEN_MFA'],
      PreferredMfaSetting: 'SOFTWARE_TOKEN_MFA',
    });
    const asked = await begin('tom');
    expect(asked.ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
    expect(asked.ChallengeParameters).toEqual({ FRIENDLY_DEVICE_NAME: 'My phone', USER_ID_FOR_SRP: 'tom' });
    expect(await refusalOf(answer(asked, { SOFTWARE_TOKEN_MFA_CODE: right }))).toBe(TOTP_USED);
    expect(await refusalOf(answer(asked, {}))).toBe(
      'InvalidParameterException: Missing required parameter SOFTWARE_TOKEN_MFA_CODE',
    );
    minutesLater(1);
    const next = { SOFTWARE_TOKEN_MFA_CODE: appOf(SecretCode) };
    tokenOf(await answer(asked, next));
    expect(await refusalOf(answer(asked, next))).toBe(USED_SESSION);
    expect(await refusalOf(answer(await begin('tom'), next))).toBe(TOTP_USED);
  });

  it('may be one step of 30 seconds off, each way and not more, and never goes back', async () => {
    const asked = await begin('tina');
    const offered = (seconds: number) => answer(asked, { SOFTWARE_TOKEN_MFA_CODE: appOf(SECRET, seconds) });
    expect(await refusalOf(offered(-60))).toBe(WRONG);
    expect(await refusalOf(offered(60))).toBe(WRONG);
    expect(await refusalOf(answer(asked, { SOFTWARE_TOKEN_MFA_CODE: 'ünfugx' }))).toBe(WRONG);
    tokenOf(await offered(-30));
    const ahead = { SOFTWARE_TOKEN_MFA_CODE: appOf(SECRET, 30) };
    tokenOf(await answer(await begin('tina'), ahead));
    const again = await begin('tina');
    expect(await refusalOf(answer(again, { SOFTWARE_TOKEN_MFA_CODE: appOf(SECRET) }))).toBe(TOTP_USED);
    minutesLater(1);
    tokenOf(await answer(again, { SOFTWARE_TOKEN_MFA_CODE: appOf(SECRET) }));
  });

  it('is replaced by another one when that is proved, and not before', async () => {
    const signIn = async (secret: string) => {
      minutesLater(1);
      return answer(await begin('theo'), { SOFTWARE_TOKEN_MFA_CODE: appOf(secret) });
    };
    const AccessToken = tokenOf(await signIn(SECRET));
    const { SecretCode: first = '' } = await associate({ AccessToken });
    const { SecretCode: second = '' } = await associate({ AccessToken });
    tokenOf(await signIn(SECRET));
    expect(await refusalOf(verify({ AccessToken }, appOf(first)))).toMatch(/^EnableSoftwareTokenMFAException/);
    await verify({ AccessToken }, appOf(second));
    expect(await refusalOf(signIn(SECRET))).toBe(WRONG);
    tokenOf(await signIn(second));
    expect(await refusalOf(verify({ AccessToken }, appOf(second)))).toMatch(/^SoftwareTokenMFANotFoundException/);
  });

  it('is set up with an access token or with a session, and in a pool that has it', async () => {
    const AccessToken = tokenOf(await begin('nora'));
    expect(await refusalOf(associate({}))).toMatch(/^InvalidParameterException/);
    expect(await refusalOf(associate({ AccessToken, Session: 'a'.repeat(20) }))).toMatch(/^InvalidParameterException/);
    expect(await refusalOf(associate({ AccessToken: 'garbage' }))).toBe('NotAuthorizedException: Invalid Access Token');
    expect(await refusalOf(associate({ Session: 'a'.repeat(20) }))).toBe(NO_SESSION);
    // A session that waits for something else is not one for setting up.
    const { Session } = await begin('sue');
    expect(await refusalOf(associate({ Session }))).toBe(NO_SESSION);
    await associate({ AccessToken });

    const without = await CognitoEmulator.start({ users: [person('nora')] });
    const { accessToken } = await without.tokensFor('nora');
    const client = sdkFor(without);
    expect(await refusalOf(associate({ AccessToken: accessToken }, client))).toBe(
      'SoftwareTokenMFANotFoundException: Software Token MFA has not been enabled by the userPool.',
    );
    client.destroy();
    await without.stop();
  });

  it('is taken away by an administrator', async () => {
    expect((await begin('pia')).ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
    const input = { UserPoolId: optional.options.userPoolId, Username: 'pia' };
    await sdk.send(new AdminDeleteSoftwareTokenCommand(input));
    tokenOf(await begin('pia'));
    const nobody = sdk.send(new AdminDeleteSoftwareTokenCommand({ ...input, Username: 'nobody' }));
    expect(await refusalOf(nobody)).toMatch(/^UserNotFoundException/);
  });
});

describe('a code by message', () => {
  it.each([
    ['sam', 'SMS_MFA', 'SMS', '+******3456', 'phone_number'],
    ['emma', 'EMAIL_OTP', 'EMAIL', 'e***@e***', 'email'],
  ] as const)(
    'signs %s in by %s, and shows that the address is theirs',
    async (name, factor, medium, shown, contact) => {
      const asked = await begin(name);
      expect(asked.ChallengeName).toBe(factor);
      expect(asked.ChallengeParameters).toEqual({
        CODE_DELIVERY_DELIVERY_MEDIUM: medium,
        CODE_DELIVERY_DESTINATION: shown,
        USER_ID_FOR_SRP: name,
      });
      const message = optional.inbox.last(name);
      expect(message).toMatchObject({
        medium,
        purpose: 'Authentication',
        code: expect.stringMatching(/^\d{6}$/) as string,
      });
      const code = (given = '') => ({ [`${factor}_CODE`]: given });
      expect(await refusalOf(answer(asked, code(otherThan(message?.code))))).toBe(WRONG);
      expect(await refusalOf(answer(asked, code()))).toMatch(/^InvalidParameterException: Missing required parameter/);
      expect(await refusalOf(answer(asked, code(message?.code), { ClientId: 'other' }))).toBe(NO_SESSION);
      expect(await refusalOf(answer(asked, { ...code(message?.code), USERNAME: 'tom' }))).toBe(NO_SESSION);

      // The code of one sign-in is good for that one alone.
      const second = await begin(name);
      expect(await refusalOf(answer(second, code(message?.code)))).toBe(WRONG);
      const AccessToken = tokenOf(await answer(asked, code(message?.code)));
      expect((await attributesOf(AccessToken))[`${contact}_verified`]).toBe('true');
      expect(await refusalOf(answer(asked, code(message?.code)))).toBe(USED_SESSION);
    },
  );

  it('signs nobody in who was disabled since, and does once they are enabled again', async () => {
    const asked = await begin('dora');
    const code = { EMAIL_OTP_CODE: optional.inbox.last('dora')?.code ?? '' };
    const byName = { UserPoolId: optional.options.userPoolId, Username: 'dora' };
    await sdk.send(new AdminDisableUserCommand(byName));
    expect(await refusalOf(answer(asked, code))).toBe('NotAuthorizedException: User is disabled.');
    await sdk.send(new AdminEnableUserCommand(byName));
    tokenOf(await answer(asked, code));
  });

  it('is too late after three minutes', async () => {
    const asked = await begin('sue');
    const code = { SMS_MFA_CODE: optional.inbox.last('sue')?.code ?? '' };
    minutesLater(3);
    expect(await refusalOf(answer(asked, code))).toBe(
      'NotAuthorizedException: Invalid session for the user, session is expired.',
    );
    tokenOf(await answer(await begin('sue'), { SMS_MFA_CODE: optional.inbox.last('sue')?.code ?? '' }));
  });
});

describe('several second factors', () => {
  it('are chosen from, where none is preferred', async () => {
    const asked = await begin('otto');
    expect(asked.ChallengeName).toBe('SELECT_MFA_TYPE');
    expect(JSON.parse(asked.ChallengeParameters?.['MFAS_CAN_CHOOSE'] ?? '')).toEqual([
      'SMS_MFA',
      'SOFTWARE_TOKEN_MFA',
      'EMAIL_OTP',
    ]);
    expect(await refusalOf(answer(asked, { ANSWER: 'WEB_AUTHN' }))).toMatch(/^InvalidParameterException/);
    expect(optional.inbox.last('otto')).toBeUndefined();
    const chosen = await answer(asked, { ANSWER: 'EMAIL_OTP' });
    expect(chosen.ChallengeName).toBe('EMAIL_OTP');
    expect(await refusalOf(answer(asked, { ANSWER: 'SMS_MFA' }))).toBe(USED_SESSION);
    tokenOf(await answer(chosen, { EMAIL_OTP_CODE: optional.inbox.last('otto')?.code ?? '' }));
  });

  it('are chosen from once, however slow the message is', async () => {
    const asked = await begin('otto');
    optional.triggers.customMessage = slowly;
    const both = await Promise.allSettled([1, 2].map(async () => answer(asked, { ANSWER: 'EMAIL_OTP' })));
    optional.triggers.customMessage = undefined;
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('are not chosen from, where one is preferred', async () => {
    const asked = await begin('olga');
    expect(asked.ChallengeName).toBe('EMAIL_OTP');
    const AccessToken = tokenOf(await answer(asked, { EMAIL_OTP_CODE: optional.inbox.last('olga')?.code ?? '' }));
    expect(await userOf(AccessToken)).toMatchObject({
      UserMFASettingList: ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'],
      PreferredMfaSetting: 'EMAIL_OTP',
    });
    await prefer(AccessToken, { EmailMfaSettings: off, SMSMfaSettings: off });
    expect(await userOf(AccessToken)).toMatchObject({ UserMFASettingList: ['SOFTWARE_TOKEN_MFA'] });
    expect((await userOf(AccessToken)).PreferredMfaSetting).toBeUndefined();
    expect((await begin('olga')).ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
  });
});

describe('wrong codes', () => {
  it('lock the account as wrong passwords do', async () => {
    const asked = await begin('lars');
    const wrong = () => answer(asked, { SOFTWARE_TOKEN_MFA_CODE: otherThan(appOf(SECRET)) });
    for (let attempt = 1; attempt <= 5; attempt += 1) expect(await refusalOf(wrong())).toBe(WRONG);
    expect(await refusalOf(answer(asked, { SOFTWARE_TOKEN_MFA_CODE: appOf(SECRET) }))).toBe(LOCKED);
    expect(await refusalOf(begin('lars'))).toBe(LOCKED);
    optional.clock.advance({ seconds: 1 });
    tokenOf(await answer(asked, { SOFTWARE_TOKEN_MFA_CODE: appOf(SECRET) }));
  });

  it('are not forgotten for a right password', async () => {
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const asked = await begin('lena');
      expect(await refusalOf(answer(asked, { SOFTWARE_TOKEN_MFA_CODE: otherThan(appOf(SECRET)) }))).toBe(WRONG);
    }
    expect(await refusalOf(begin('lena'))).toBe(LOCKED);
  });
});

describe('what a user prefers', () => {
  const input = { UserPoolId: '', Username: 'paul' };
  const byAdmin = async (settings: object) =>
    sdk.send(new AdminSetUserMFAPreferenceCommand({ ...input, UserPoolId: optional.options.userPoolId, ...settings }));
  const settingsOf = async () => {
    const user = await sdk.send(new AdminGetUserCommand({ ...input, UserPoolId: optional.options.userPoolId }));
    return { list: user.UserMFASettingList, preferred: user.PreferredMfaSetting };
  };

  it.each([
    ['two preferred ones', { SMSMfaSettings: preferred, EmailMfaSettings: preferred }],
    ['a preferred one that is off', { SMSMfaSettings: { Enabled: false, PreferredMfa: true } }],
    ['an app that was never set up', { SMSMfaSettings: on, SoftwareTokenMfaSettings: on }],
    ['a passkey', { SMSMfaSettings: on, WebAuthnMfaSettings: on }],
  ])('is refused with %s, and nothing changes', async (_what, settings) => {
    const { accessToken } = await optional.tokensFor('paul');
    const before = await settingsOf();
    expect(await refusalOf(prefer(accessToken, settings))).toMatch(/^InvalidParameterException/);
    expect(await refusalOf(byAdmin(settings))).toMatch(/^InvalidParameterException/);
    expect(await settingsOf()).toEqual(before);
  });

  it('is refused without the address that codes would go to', async () => {
    const { accessToken } = await optional.tokensFor('nora');
    expect(await refusalOf(prefer(accessToken, { SMSMfaSettings: on }))).toBe(
      'InvalidParameterException: User does not have delivery config set to turn on SMS_MFA',
    );
    await prefer(accessToken, { EmailMfaSettings: on });
    await prefer(accessToken, { EmailMfaSettings: off });
  });

  it('is set by users and administrators, one factor without touching the others', async () => {
    await byAdmin({ SMSMfaSettings: preferred });
    expect(await settingsOf()).toEqual({ list: ['SMS_MFA'], preferred: 'SMS_MFA' });
    const { accessToken } = await optional.tokensFor('paul');
    await prefer(accessToken, { EmailMfaSettings: on });
    expect(await settingsOf()).toEqual({ list: ['SMS_MFA', 'EMAIL_OTP'], preferred: 'SMS_MFA' });
    await prefer(accessToken, { EmailMfaSettings: preferred });
    expect(await settingsOf()).toEqual({ list: ['SMS_MFA', 'EMAIL_OTP'], preferred: 'EMAIL_OTP' });
    await byAdmin({ SMSMfaSettings: off, EmailMfaSettings: off });
    expect(await settingsOf()).toEqual({ list: undefined, preferred: undefined });
    tokenOf(await begin('paul'));
  });

  it('shows in the list of factors', async () => {
    const { accessToken: AccessToken } = await optional.tokensFor('otto');
    const own = await sdk.send(new GetUserAuthFactorsCommand({ AccessToken }));
    const { $metadata: _own, ...factors } = own;
    expect(factors).toEqual({
      Username: 'otto',
      UserMFASettingList: ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'],
      ConfiguredUserAuthFactors: ['PASSWORD', 'EMAIL_OTP', 'SMS_OTP', 'SOFTWARE_TOKEN'],
    });
    const byName = { UserPoolId: optional.options.userPoolId, Username: 'otto' };
    const { $metadata: _admin, ...seen } = await sdk.send(new AdminGetUserAuthFactorsCommand(byName));
    expect(seen).toEqual(factors);
    expect(await refusalOf(sdk.send(new GetUserAuthFactorsCommand({ AccessToken: 'garbage' })))).toMatch(
      /Invalid Access/,
    );
  });
});

describe('a pool that demands a second factor', () => {
  it('lets nobody in who has none, until they have set an app up', async () => {
    const asked = await begin('new', strict);
    expect(asked).toMatchObject({ ChallengeName: 'MFA_SETUP', ChallengeParameters: { USER_ID_FOR_SRP: 'new' } });
    expect(asked.AuthenticationResult).toBeUndefined();
    expect(JSON.parse(asked.ChallengeParameters?.['MFAS_CAN_SETUP'] ?? '')).toContain('SOFTWARE_TOKEN_MFA');
    expect(await refusalOf(answer(asked, {}, { client: strict }))).toMatch(/^SoftwareTokenMFANotFoundException/);

    const { SecretCode = '', Session } = await associate({ Session: asked.Session }, strict);
    expect(await refusalOf(associate({ Session: asked.Session }, strict))).toBe(USED_SESSION);
    expect(await refusalOf(answer({ ...asked, Session }, {}, { client: strict }))).toMatch(
      /^SoftwareTokenMFANotFoundException/,
    );
    const right = totp(SecretCode, always.clock.now());
    expect(await refusalOf(verify({ Session }, otherThan(right), strict))).toMatch(/^EnableSoftwareTokenMFAException/);
    const verified = await verify({ Session }, right, strict);
    expect(await refusalOf(verify({ Session }, right, strict))).toBe(USED_SESSION);

    const proved = { ...asked, Session: verified.Session };
    const AccessToken = tokenOf(await answer(proved, {}, { client: strict }));
    expect(await userOf(AccessToken, strict)).toMatchObject({ UserMFASettingList: ['SOFTWARE_TOKEN_MFA'] });
    const next = await begin('new', strict);
    expect(next.ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
    expect(await refusalOf(answer(next, { SOFTWARE_TOKEN_MFA_CODE: right }, { client: strict }))).toBe(TOTP_USED);
    minutesLater(1, always);
    const code = { SOFTWARE_TOKEN_MFA_CODE: totp(SecretCode, always.clock.now()) };
    tokenOf(await answer(next, code, { client: strict }));
  });

  it('lets a set-up that was begun earlier set nothing up beside a factor that is there', async () => {
    const stolen = await begin('newer', strict);
    const idle = await begin('newer', strict);
    const own = await begin('newer', strict);
    const setUp = async ({ Session }: Answer) => {
      const secret = await associate({ Session }, strict);
      const code = totp(secret.SecretCode ?? '', always.clock.now());
      return verify({ Session: secret.Session }, code, strict);
    };
    const verified = await setUp(stolen);
    tokenOf(await answer({ ...own, Session: (await setUp(own)).Session }, {}, { client: strict }));
    const late = answer({ ...stolen, Session: verified.Session }, {}, { client: strict });
    expect(await refusalOf(late)).toBe(USED_SESSION);
    expect(await refusalOf(associate({ Session: idle.Session }, strict))).toBe(USED_SESSION);
    expect((await begin('newer', strict)).ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
  });

  it('lets no address be set up either that was given earlier', async () => {
    const stolen = await begin('raced', strict);
    const own = await begin('raced', strict);
    const sent = await answer(stolen, { EMAIL: 'thief@example.org' }, { client: strict });
    const code = { EMAIL_OTP_CODE: always.inbox.last('thief@example.org')?.code ?? '' };
    const { SecretCode = '', Session } = await associate({ Session: own.Session }, strict);
    const verified = await verify({ Session }, appOf(SecretCode, 0, always), strict);
    const AccessToken = tokenOf(await answer({ ...own, Session: verified.Session }, {}, { client: strict }));
    expect(await refusalOf(answer(sent, code, { client: strict }))).toBe(USED_SESSION);
    expect(await attributesOf(AccessToken, strict)).not.toHaveProperty('email');
    expect((await begin('raced', strict)).ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
  });

  it('takes an address in place of an app, once a code has reached it', async () => {
    const asked = await begin('mailed', strict);
    const give = (EMAIL: string) => answer(asked, { EMAIL }, { client: strict });
    expect(await refusalOf(give('nonsense'))).toMatch(/^InvalidParameterException: Invalid email/);
    const sent = await give('mailed@example.com');
    expect(sent).toMatchObject({
      ChallengeName: 'EMAIL_OTP',
      ChallengeParameters: { CODE_DELIVERY_DESTINATION: 'm***@e***' },
    });
    const code = always.inbox.last('mailed@example.com')?.code ?? '';
    const offered = (EMAIL_OTP_CODE: string) => answer(sent, { EMAIL_OTP_CODE }, { client: strict });
    expect(await refusalOf(offered(otherThan(code)))).toBe(WRONG);
    expect((await begin('mailed', strict)).ChallengeName).toBe('MFA_SETUP');
    const AccessToken = tokenOf(await offered(code));
    expect(await attributesOf(AccessToken, strict)).toMatchObject({
      email: 'mailed@example.com',
      email_verified: 'true',
    });
    expect((await begin('mailed', strict)).ChallengeName).toBe('EMAIL_OTP');
  });

  it('takes an address once, however slow the message is', async () => {
    const asked = await begin('twice', strict);
    always.triggers.customMessage = slowly;
    const give = async () => answer(asked, { EMAIL: 'twice@example.com' }, { client: strict });
    const both = await Promise.allSettled([give(), give()]);
    always.triggers.customMessage = undefined;
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it("takes no address that is another user's, and moves nobody to another one", async () => {
    const other = await begin('twice', strict);
    expect(await refusalOf(answer(other, { EMAIL: 'known@example.com' }, { client: strict }))).toMatch(
      /^AliasExistsException/,
    );
    const known = await begin('known', strict);
    expect(await refusalOf(answer(known, { EMAIL: 'thief@example.com' }, { client: strict }))).toMatch(
      /^InvalidParameterException/,
    );
    expect(always.inbox.last('thief@example.com')).toBeUndefined();
    const sent = await answer(known, { EMAIL: 'known@example.com' }, { client: strict });
    const code = { EMAIL_OTP_CODE: always.inbox.last('known@example.com')?.code ?? '' };
    tokenOf(await answer(sent, code, { client: strict }));
  });

  it('needs no set-up where codes by message are all it has', async () => {
    const texting = await CognitoEmulator.start({
      mfaConfiguration: 'ON',
      enabledMfas: ['SMS_MFA'],
      users: [person('reached', undefined, phone), person('unreachable')],
    });
    const client = sdkFor(texting);
    const start = async (USERNAME: string) =>
      client.send(
        new InitiateAuthCommand({
          ClientId: texting.options.clientId,
          AuthFlow: 'USER_PASSWORD_AUTH',
          AuthParameters: { USERNAME, PASSWORD },
        }),
      );
    expect((await start('reached')).ChallengeName).toBe('SMS_MFA');
    const asked = await start('unreachable');
    expect(asked.ChallengeName).toBe('MFA_SETUP');
    // An address is no way around factors that the pool has not.
    const { clientId: ClientId } = texting.options;
    const given = answer(asked, { EMAIL: 'unreachable@example.com' }, { client, ClientId });
    expect(await refusalOf(given)).toBe('MFAMethodNotFoundException: Email MFA is not enabled.');
    expect(texting.inbox.last('unreachable')).toBeUndefined();
    client.destroy();
    await texting.stop();
  });
});

describe('the library', () => {
  it('sets an app up for a signed-in user, and signs in with it', async () => {
    const { accessToken } = signedIn(await cognito.signIn({ username: 'libby', password: PASSWORD })).tokens;
    const label = { issuer: 'My App: Test', accountName: 'libby@example.com' };
    const { secretCode, otpauthUri, session } = await cognito.mfa.associateSoftwareToken({ accessToken, label });
    expect(session).toBeUndefined();
    const uri = new URL(otpauthUri);
    expect([uri.protocol, uri.host, decodeURIComponent(uri.pathname)]).toEqual([
      'otpauth:',
      'totp',
      '/My App  Test:libby@example.com',
    ]);
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      secret: secretCode,
      issuer: 'My App  Test',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
    const wrong = cognito.mfa.verifySoftwareToken({ accessToken, code: otherThan(appOf(secretCode)) });
    expect(await codeOf(wrong)).toBe('COGNITO_SOFTWARE_TOKEN_REFUSED');
    await cognito.mfa.verifySoftwareToken({ accessToken, code: appOf(secretCode), friendlyDeviceName: 'Phone' });

    const both = { softwareToken: { enabled: true, preferred: true }, email: { enabled: true, preferred: true } };
    expect(await codeOf(cognito.mfa.setPreference({ accessToken, ...both }))).toBe('COGNITO_PARAMETER_INVALID');
    await cognito.mfa.setPreference({ accessToken, softwareToken: { enabled: true, preferred: true } });
    expect(await cognito.mfa.getAuthFactors({ accessToken })).toEqual({
      username: 'libby',
      enabled: ['SOFTWARE_TOKEN_MFA'],
      preferred: 'SOFTWARE_TOKEN_MFA',
      configured: ['PASSWORD', 'SOFTWARE_TOKEN'],
    });
    minutesLater(1);
    const asked = challengeOf(await cognito.signIn({ username: 'libby', password: PASSWORD }), 'SOFTWARE_TOKEN_MFA');
    expect(asked.friendlyDeviceName).toBe('Phone');
    expect(await codeOf(cognito.respondToChallenge(asked, { code: otherThan(appOf(secretCode)) }))).toBe(
      'COGNITO_CODE_MISMATCH',
    );
    signedIn(await cognito.respondToChallenge(asked, { code: appOf(secretCode) }));

    await cognito.mfa.setPreference({ accessToken, softwareToken: { enabled: false }, email: { enabled: false } });
    expect((await cognito.mfa.adminGetAuthFactors({ username: 'libby' })).enabled).toEqual([]);
    await cognito.mfa.adminSetPreference({ username: 'libby', softwareToken: { enabled: true } });
    expect((await cognito.mfa.adminGetAuthFactors({ username: 'libby' })).enabled).toEqual(['SOFTWARE_TOKEN_MFA']);
    await cognito.mfa.adminDeleteSoftwareToken({ username: 'libby' });
    signedIn(await cognito.signIn({ username: 'libby', password: PASSWORD }));
  });

  it('answers MFA_SETUP with the session of each step', async () => {
    const desk = deskOf(always.options);
    const asked = challengeOf(await desk.signIn({ username: 'desk', password: PASSWORD }), 'MFA_SETUP');
    expect(asked.choices).toContain('SOFTWARE_TOKEN_MFA');
    const { secretCode, session } = await desk.mfa.associateSoftwareToken({ session: asked.session ?? '' });
    expect(session).not.toBe(asked.session);
    const code = totp(secretCode, always.clock.now());
    const verified = await desk.mfa.verifySoftwareToken({ session, code });
    expect(await codeOf(desk.mfa.verifySoftwareToken({ session, code }))).toBe('COGNITO_SESSION_INVALID');
    signedIn(await desk.respondToChallenge(asked, { session: verified.session }));
  });
});
