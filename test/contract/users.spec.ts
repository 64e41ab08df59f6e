import {
  AdminConfirmSignUpCommand,
  AdminCreateUserCommand,
  AdminDeleteUserAttributesCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminResetUserPasswordCommand,
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  type CognitoIdentityProviderClient,
  ConfirmForgotPasswordCommand,
  GetUserCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  SignUpCommand,
  VerifyUserAttributeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator, type EmulatorTriggers } from '../../lib/emulator/index.js';
import { refusalOf, sdkFor } from './sdk.js';

const PASSWORD = 'Passw0rd!';
const NEW_PASSWORD = 'N3w-Passw0rd!';
const NO_USER = 'UserNotFoundException: User does not exist.';
const WRONG = 'NotAuthorizedException: Incorrect username or password.';

let aliases: CognitoEmulator;
let byEmail: CognitoEmulator;
let pool: CognitoEmulator;
let sdk: CognitoIdentityProviderClient;
let sdks: Map<CognitoEmulator, CognitoIdentityProviderClient>;
let count = 0;

beforeAll(async () => {
  [aliases, byEmail] = await Promise.all([
    CognitoEmulator.start({
      aliasAttributes: ['email', 'preferred_username'],
      passwordPolicy: { passwordHistorySize: 2 },
      schema: [
        { name: 'custom:team' },
        { name: 'custom:badge', mutable: false },
        { name: 'custom:age', type: 'Number' },
        { name: 'given_name', required: true },
      ],
      users: [
        { username: 'alice', password: PASSWORD, attributes: { email: 'alice@example.com' } },
        { username: 'off', password: PASSWORD, enabled: false, status: 'RESET_REQUIRED' },
      ],
    }),
    CognitoEmulator.start({
      usernameAttributes: ['email'],
      allowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'],
      attributesRequireVerificationBeforeUpdate: ['email'],
      users: [{ username: 'owner@example.com', password: PASSWORD }],
    }),
  ]);
  sdks = new Map([aliases, byEmail].map((emulator) => [emulator, sdkFor(emulator)]));
  use(aliases);
});

afterEach(() => {
  for (const emulator of [aliases, byEmail]) {
    emulator.clock.reset();
    Object.assign(emulator.triggers, { preSignUp: undefined, customMessage: undefined } satisfies EmulatorTriggers);
  }
  use(aliases);
});

afterAll(async () => {
  for (const client of sdks.values()) client.destroy();
  await Promise.all([aliases.stop(), byEmail.stop()]);
});

function use(emulator: CognitoEmulator): void {
  pool = emulator;
  const client = sdks.get(emulator);
  if (client) sdk = client;
}

/** A name that no other test has. */
const fresh = (name = 'user') => `${name}-${(count += 1)}`;
const named = (Username: string) => ({ UserPoolId: pool.options.userPoolId, Username });
const listOf = (attributes: Record<string, string>) =>
  Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));

const create = async (username: string, attributes: Record<string, string> = {}, changes: object = {}) =>
  sdk.send(new AdminCreateUserCommand({ ...named(username), UserAttributes: listOf(attributes), ...changes }));
const get = async (username: string) => sdk.send(new AdminGetUserCommand(named(username)));
const attributesOf = async (username: string) =>
  Object.fromEntries(((await get(username)).UserAttributes ?? []).map(({ Name, Value }) => [Name, Value]));
const update = async (username: string, attributes: Record<string, string>) =>
  sdk.send(new AdminUpdateUserAttributesCommand({ ...named(username), UserAttributes: listOf(attributes) }));
const remove = async (username: string, ...UserAttributeNames: string[]) =>
  sdk.send(new AdminDeleteUserAttributesCommand({ ...named(username), UserAttributeNames }));
const setPassword = async (username: string, Password: string, Permanent?: boolean) =>
  sdk.send(new AdminSetUserPasswordCommand({ ...named(username), Password, Permanent }));
const signIn = async (USERNAME: string, password = PASSWORD) =>
  sdk.send(
    new InitiateAuthCommand({
      ClientId: pool.options.clientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD: password },
    }),
  );
const chooseNewPassword = async (Session: string | undefined, USERNAME: string, changes: object = {}) =>
  sdk.send(
    new RespondToAuthChallengeCommand({
      ClientId: pool.options.clientId,
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session,
      ChallengeResponses: { USERNAME, NEW_PASSWORD, ...changes },
    }),
  );

describe('AdminGetUser', () => {
  it('shows attributes, status, whether the user is enabled, and times', async () => {
    const user = await get('alice');
    expect(user).toMatchObject({ Username: 'alice', UserStatus: 'CONFIRMED', Enabled: true });
    expect(user.UserAttributes).toContainEqual({ Name: 'email', Value: 'alice@example.com' });
    expect(Math.abs((user.UserCreateDate?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(user.UserLastModifiedDate).toEqual(user.UserCreateDate);
    expect(await get('off')).toMatchObject({ UserStatus: 'RESET_REQUIRED', Enabled: false });
    expect((await get('alice@example.com')).Username).toBe('alice');
  });

  it('refuses an unknown user, an unknown pool, and a request without a name', async () => {
    expect(await refusalOf(get('nobody'))).toBe(NO_USER);
    const elsewhere = new AdminGetUserCommand({ UserPoolId: 'local_other', Username: 'alice' });
    expect(await refusalOf(sdk.send(elsewhere))).toBe(
      'ResourceNotFoundException: User pool local_other does not exist.',
    );
    const nameless = new AdminGetUserCommand({ ...named('alice'), Username: undefined });
    expect(await refusalOf(sdk.send(nameless))).toMatch(/^InvalidParameterException: 1 validation error detected/);
  });
});

describe('AdminCreateUser', () => {
  it('invites by e-mail with a temporary password, which has to be changed', async () => {
    const name = fresh();
    const { User } = await create(name, { email: `${name}@example.com`, given_name: 'New' });
    expect(User).toMatchObject({ Username: name, Enabled: true, UserStatus: 'FORCE_CHANGE_PASSWORD' });
    expect(User?.Attributes).toContainEqual({ Name: 'email_verified', Value: 'false' });
    expect(User?.UserCreateDate).toBeInstanceOf(Date);
    const invitation = pool.inbox.last(`${name}@example.com`);
    expect(invitation).toMatchObject({ username: name, purpose: 'AdminCreateUser', medium: 'EMAIL' });

    const { ChallengeName, Session } = await signIn(name, invitation?.code);
    expect(ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
    expect((await chooseNewPassword(Session, name)).AuthenticationResult?.TokenType).toBe('Bearer');
    expect((await get(name)).UserStatus).toBe('CONFIRMED');
    expect(await refusalOf(signIn(name, invitation?.code))).toBe(WRONG);
  });

  it('takes the temporary password that is given, sends it where it is asked to, or sends nothing', async () => {
    const name = fresh();
    const contacts = { email: `${name}@example.com`, phone_number: '+4930123456', given_name: 'New' };
    await create(name, contacts, { TemporaryPassword: 'T3mporary!', DesiredDeliveryMediums: ['EMAIL', 'SMS'] });
    expect(pool.inbox.last(`${name}@example.com`)?.code).toBe('T3mporary!');
    expect(pool.inbox.last('+4930123456')).toMatchObject({ username: name, medium: 'SMS', code: 'T3mporary!' });

    const silent = fresh();
    await create(silent, { email: `${silent}@example.com`, given_name: 'New' }, { MessageAction: 'SUPPRESS' });
    expect(pool.inbox.last(silent)).toBeUndefined();
    expect((await get(silent)).UserStatus).toBe('FORCE_CHANGE_PASSWORD');

    const unreachable = fresh();
    const email = create(unreachable, { given_name: 'New' }, { DesiredDeliveryMediums: ['EMAIL'] });
    expect(await refusalOf(email)).toMatch(/^InvalidParameterException/);
    expect(await refusalOf(get(unreachable))).toBe(NO_USER);
  });

  it('asks at the first sign-in for what the pool demands and the administrator left out', async () => {
    const name = fresh();
    await create(name, {}, { TemporaryPassword: 'T3mporary!' });
    const { ChallengeParameters, Session } = await signIn(name, 'T3mporary!');
    expect(ChallengeParameters?.['requiredAttributes']).toContain('given_name');
    const answered = await chooseNewPassword(Session, name, { 'userAttributes.given_name': 'Nora' });
    expect(answered.AuthenticationResult).toBeDefined();
    expect((await attributesOf(name))['given_name']).toBe('Nora');
  });

  it('refuses a name that is taken, a weak password and attributes that cannot be, and makes nobody', async () => {
    const name = fresh();
    expect(await refusalOf(create('ALICE'))).toBe('UsernameExistsException: User account already exists');
    expect(await refusalOf(create(name, {}, { TemporaryPassword: 'weakling' }))).toBe(
      'InvalidPasswordException: Password did not conform with password policy: Password must have uppercase characters',
    );
    for (const wrong of [
      { 'custom:unknown': 'x' },
      { 'custom:age': 'old' },
      { email: 'no address' },
      { phone_number: '030 123' },
      { email_verified: 'true' },
      { email: 'x@example.com', email_verified: 'perhaps' },
      { sub: 'me' },
    ]) {
      expect(await refusalOf(create(name, wrong))).toMatch(/^InvalidParameterException/);
    }
    for (const wrong of [
      { MessageAction: 'SHOUT' },
      { DesiredDeliveryMediums: ['PIGEON'] },
      { ForceAliasCreation: 'x' },
    ]) {
      expect(await refusalOf(create(name, {}, wrong))).toMatch(/^(InvalidParameter|Serialization)Exception/);
    }
    expect(await refusalOf(get(name))).toBe(NO_USER);
    expect(await refusalOf(create('mail@example.com'))).toMatch(
      /^InvalidParameterException: Username cannot be of email/,
    );
  });

  it('gives an address to the new user only when it is verified, and never one that is taken without force', async () => {
    const [first, second, third] = [fresh(), fresh(), fresh()];
    const email = `${first}@example.com`;
    await create(first, { email, email_verified: 'True', given_name: 'F' }, { TemporaryPassword: PASSWORD });
    expect((await signIn(email)).ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
    const verified = { email, email_verified: 'true', given_name: 'S' };
    expect(await refusalOf(create(second, verified))).toBe(
      'AliasExistsException: An account with the given email already exists.',
    );
    expect(await refusalOf(get(second))).toBe(NO_USER);
    // Unverified, it is no alias and harms nobody.
    await create(third, { email, given_name: 'T' });
    expect((await get(email)).Username).toBe(first);

    await create(second, verified, { ForceAliasCreation: true });
    expect((await get(email)).Username).toBe(second);
    expect((await attributesOf(first))['email_verified']).toBe('false');

    await create(fresh(), { preferred_username: `nick-${first}`, given_name: 'N' });
    const again = create(
      fresh(),
      { preferred_username: `nick-${first}`, given_name: 'N' },
      { ForceAliasCreation: true },
    );
    expect(await refusalOf(again)).toMatch(/^AliasExistsException/);
  });

  it('sends a new password with RESEND, after which the old one is no good, as long as nobody has signed in', async () => {
    const name = fresh();
    await create(name, { email: `${name}@example.com`, given_name: 'New' });
    const first = pool.inbox.last(name)?.code ?? '';
    pool.clock.advance({ days: 8 });
    expect(await refusalOf(signIn(name, first))).toBe(
      'NotAuthorizedException: Temporary password has expired and must be reset by an administrator.',
    );
    await create(name, {}, { MessageAction: 'RESEND' });
    const second = pool.inbox.last(name)?.code ?? '';
    expect(second).not.toBe(first);
    expect(await refusalOf(signIn(name, first))).toBe(WRONG);
    const { Session } = await signIn(name, second);
    await chooseNewPassword(Session, name);

    expect(await refusalOf(create(name, {}, { MessageAction: 'RESEND' }))).toBe(
      `UnsupportedUserStateException: Resend not possible. ${name} status is not FORCE_CHANGE_PASSWORD`,
    );
    expect((await signIn(name, NEW_PASSWORD)).AuthenticationResult).toBeDefined();
    expect(await refusalOf(create(fresh(), {}, { MessageAction: 'RESEND' }))).toBe(NO_USER);
  });

  it('asks the triggers first, and makes nobody whom they refuse', async () => {
    const name = fresh();
    const asked: unknown[] = [];
    pool.triggers.preSignUp = ({ triggerSource, userName, callerContext, request }) => {
      asked.push({ triggerSource, userName, callerContext, ...request });
      if (request.validationData?.['invited'] !== 'yes') throw new Error('by invitation only');
    };
    expect(await refusalOf(create(name, { given_name: 'New' }))).toBe(
      'UserLambdaValidationException: PreSignUp failed with error by invitation only.',
    );
    expect(await refusalOf(get(name))).toBe(NO_USER);
    const data = { ValidationData: listOf({ invited: 'yes' }), ClientMetadata: { from: 'test' } };
    await create(name, { given_name: 'New' }, data);
    expect(asked.at(-1)).toMatchObject({
      triggerSource: 'PreSignUp_AdminCreateUser',
      userName: name,
      callerContext: { clientId: 'CLIENT_ID_NOT_APPLICABLE' },
      userAttributes: { given_name: 'New' },
      validationData: { invited: 'yes' },
      clientMetadata: { from: 'test' },
    });
  });

  it.each([
    ['name', () => aliases, () => fresh()],
    ['address to sign in with', () => byEmail, () => `${fresh()}@example.com`],
  ])('makes one user of two requests for the same %s at once', async (_, emulator, newName) => {
    use(emulator());
    const name = newName();
    const waiting: (() => void)[] = [];
    pool.triggers.preSignUp = async () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        // Both have found the name free before either goes on.
        if (waiting.length === 2) for (const goOn of waiting) goOn();
      });
    const outcomes = await Promise.all([refusalOf(create(name)), refusalOf(create(name))]);
    expect(outcomes.toSorted((one, other) => one.localeCompare(other))).toEqual([
      'not refused',
      expect.stringMatching(/^UsernameExistsException/),
    ]);
  });

  it('makes a user without a password where codes are enough to sign in, if a code can reach them', async () => {
    use(byEmail);
    const { User } = await create('codes@example.com');
    expect(User).toMatchObject({ UserStatus: 'CONFIRMED' });
    expect(User?.Username).toBe(User?.Attributes?.find(({ Name }) => Name === 'sub')?.Value);
    expect(pool.inbox.last('codes@example.com')).toBeUndefined();
    expect(await refusalOf(signIn('codes@example.com'))).toBe(WRONG);

    const blank = await create('blank@example.com', {}, { TemporaryPassword: '' });
    expect(blank.User?.UserStatus).toBe('CONFIRMED');
    const given = await create('given@example.com', {}, { TemporaryPassword: PASSWORD });
    expect(given.User?.UserStatus).toBe('FORCE_CHANGE_PASSWORD');
    expect((await signIn('given@example.com')).ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
  });

  it('takes an address for a name where people sign in by address, and each address once', async () => {
    use(byEmail);
    expect(await refusalOf(create('owner@example.com'))).toMatch(/^UsernameExistsException/);
    expect(await refusalOf(create('no-address'))).toMatch(/^InvalidParameterException/);
  });
});

describe('attributes', () => {
  it('are written, changed and removed by an administrator, who may call an address verified', async () => {
    const name = fresh();
    await create(name, { given_name: 'Old', 'custom:team': 'red', 'custom:badge': '7' });
    await update(name, { given_name: 'New', email: `${name}@example.com` });
    expect(await attributesOf(name)).toMatchObject({ given_name: 'New', email_verified: 'false', 'custom:badge': '7' });
    expect(await refusalOf(get(`${name}@example.com`))).toBe(NO_USER);
    await update(name, { email_verified: 'true' });
    expect((await get(`${name}@example.com`)).Username).toBe(name);
    await update(name, { 'custom:team': '' });
    await remove(name, 'email');
    const left = await attributesOf(name);
    for (const gone of ['email', 'email_verified', 'custom:team']) expect(left).not.toHaveProperty([gone]);
    expect(left).toMatchObject({ given_name: 'New' });
  });

  it('give a name to sign in with to whoever is confirmed', async () => {
    const [first, second, nick] = [fresh(), fresh(), fresh('nick')];
    const { clientId: ClientId } = pool.options;
    for (const Username of [first, second]) {
      const UserAttributes = listOf({ email: `${Username}@example.com`, given_name: 'Nick' });
      await sdk.send(new SignUpCommand({ ClientId, Username, Password: PASSWORD, UserAttributes }));
      await update(Username, { preferred_username: nick });
    }
    expect(await refusalOf(get(nick))).toBe(NO_USER);
    await sdk.send(new AdminConfirmSignUpCommand(named(first)));
    expect((await get(nick)).Username).toBe(first);
    const late = sdk.send(new AdminConfirmSignUpCommand(named(second)));
    expect(await refusalOf(late)).toMatch(/^AliasExistsException/);
    expect((await get(second)).UserStatus).toBe('UNCONFIRMED');
    expect((await signIn(nick)).AuthenticationResult).toBeDefined();
  });

  it('that cannot be changed, are demanded or unknown are refused, and everything stays', async () => {
    const name = fresh();
    await create(name, { given_name: 'Same', 'custom:badge': '7' });
    const before = await attributesOf(name);
    const wrong: Record<string, string>[] = [
      { 'custom:badge': '8' },
      { sub: 'somebody' },
      { given_name: '' },
      { 'custom:age': 'x' },
      { phone_number_verified: 'true' },
      { 'custom:unknown': 'x' },
      { email: 'alice@example.com', email_verified: 'true' },
    ];
    for (const change of wrong) {
      expect(await refusalOf(update(name, { nickname: 'changed', ...change }))).toMatch(
        /^(InvalidParameter|AliasExists)Exception/,
      );
    }
    expect(await refusalOf(remove(name, 'custom:badge'))).toMatch(/^InvalidParameterException/);
    expect(await refusalOf(remove(name, 'sub'))).toMatch(/^InvalidParameterException/);
    expect(await refusalOf(remove(name, 'given_name'))).toMatch(/^InvalidParameterException/);
    expect(await attributesOf(name)).toEqual(before);
    expect(await refusalOf(update('nobody', { nickname: 'x' }))).toBe(NO_USER);
    const nothing = new AdminUpdateUserAttributesCommand({ ...named(name), UserAttributes: undefined });
    expect(await refusalOf(sdk.send(nothing))).toMatch(/^InvalidParameterException/);
  });

  it('keep the old address until the new one is verified, unless the administrator vouches for it', async () => {
    use(byEmail);
    const { Username = '' } = await get('owner@example.com');
    await update(Username, { email: 'next@example.com' });
    expect((await attributesOf(Username))['email']).toBe('owner@example.com');
    const { code: Code } = pool.inbox.last('next@example.com') ?? {};
    const { accessToken: AccessToken } = await pool.tokensFor(Username);
    await sdk.send(new VerifyUserAttributeCommand({ AccessToken, AttributeName: 'email', Code }));
    expect(await attributesOf(Username)).toMatchObject({ email: 'next@example.com', email_verified: 'true' });

    await update(Username, { email: 'owner@example.com', email_verified: 'true' });
    expect(await attributesOf(Username)).toMatchObject({ email: 'owner@example.com', email_verified: 'true' });
    expect(pool.inbox.last('owner@example.com')).toBeUndefined();

    const other = fresh('other');
    await create(`${other}@example.com`);
    expect(await refusalOf(update(Username, { email: `${other}@example.com`, email_verified: 'true' }))).toMatch(
      /^AliasExistsException/,
    );
  });
});

describe('AdminSetUserPassword', () => {
  it('sets a password to keep, and one that has to be changed', async () => {
    const name = fresh();
    await create(name, { given_name: 'N' }, { TemporaryPassword: PASSWORD });
    await setPassword(name, NEW_PASSWORD, true);
    expect((await get(name)).UserStatus).toBe('CONFIRMED');
    expect((await signIn(name, NEW_PASSWORD)).AuthenticationResult).toBeDefined();
    expect(await refusalOf(signIn(name, PASSWORD))).toBe(WRONG);

    await setPassword(name, 'Th1rd-Password!');
    expect((await get(name)).UserStatus).toBe('FORCE_CHANGE_PASSWORD');
    expect((await signIn(name, 'Th1rd-Password!')).ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
  });

  it('refuses a weak password and one that was used before, and the old one goes on', async () => {
    const name = fresh();
    await create(name, {}, { TemporaryPassword: PASSWORD });
    await setPassword(name, NEW_PASSWORD, true);
    expect(await refusalOf(setPassword(name, 'weakling', true))).toMatch(
      /^InvalidPasswordException: Password does not/,
    );
    expect(await refusalOf(setPassword(name, PASSWORD, true))).toMatch(/^PasswordHistoryPolicyViolationException/);
    expect(await refusalOf(setPassword(name, 'short', true))).toMatch(/^InvalidParameterException/);
    expect(await refusalOf(setPassword('nobody', PASSWORD, true))).toBe(NO_USER);
    expect((await signIn(name, NEW_PASSWORD)).AuthenticationResult).toBeDefined();
  });

  it('ends what was begun with the former password', async () => {
    const name = fresh();
    await create(name, { given_name: 'N' }, { TemporaryPassword: PASSWORD });
    const { Session } = await signIn(name);
    await setPassword(name, 'An0ther-Password!', true);
    expect(await refusalOf(chooseNewPassword(Session, name))).toMatch(/^NotAuthorizedException: Invalid session/);
    expect(await refusalOf(signIn(name, NEW_PASSWORD))).toBe(WRONG);
  });
});

describe('AdminResetUserPassword', () => {
  const reset = async (username: string) => sdk.send(new AdminResetUserPasswordCommand(named(username)));
  const confirm = async (Username: string, ConfirmationCode = '', Password = NEW_PASSWORD) =>
    sdk.send(
      new ConfirmForgotPasswordCommand({ ClientId: pool.options.clientId, Username, ConfirmationCode, Password }),
    );
  const confirmed = async () => {
    const name = fresh();
    const email = `${name}@example.com`;
    await create(name, { email, email_verified: 'true', given_name: 'N' });
    await setPassword(name, PASSWORD, true);
    return { name, email };
  };

  it('makes the password useless and sends a code for a new one', async () => {
    const { name, email } = await confirmed();
    await reset(name);
    expect((await get(name)).UserStatus).toBe('RESET_REQUIRED');
    expect(await refusalOf(signIn(name))).toBe('PasswordResetRequiredException: Password reset required for the user');
    const code = pool.inbox.last(email)?.code;
    const wrong = code === '000000' ? '000001' : '000000';
    expect(await refusalOf(confirm(name, wrong))).toMatch(/^CodeMismatchException/);
    await confirm(name, code);
    expect((await get(name)).UserStatus).toBe('CONFIRMED');
    expect((await signIn(name, NEW_PASSWORD)).AuthenticationResult).toBeDefined();
  });

  it('refuses whom no code can reach, or who has no password of their own yet', async () => {
    const { name } = await confirmed();
    await update(name, { email: '' });
    expect(await refusalOf(reset(name))).toMatch(/^InvalidParameterException: Cannot reset password for the user/);
    expect((await get(name)).UserStatus).toBe('CONFIRMED');
    const temporary = fresh();
    await create(temporary, { email: `${temporary}@example.com`, email_verified: 'true' });
    expect(await refusalOf(reset(temporary))).toBe(
      'NotAuthorizedException: User password cannot be reset in the current state.',
    );
    expect(await refusalOf(reset('nobody'))).toBe(NO_USER);
  });
});

describe('a user', () => {
  const getOwn = async (AccessToken: string) => sdk.send(new GetUserCommand({ AccessToken }));
  const made = async () => {
    const name = fresh();
    await create(name, { given_name: 'N' });
    await setPassword(name, PASSWORD, true);
    return name;
  };

  it('who is disabled has no tokens and gets none until enabled again', async () => {
    const [name, other] = [await made(), await made()];
    const tokens = await signIn(name);
    const others = await signIn(other);
    await sdk.send(new AdminDisableUserCommand(named(name)));
    expect((await get(name)).Enabled).toBe(false);
    expect(await refusalOf(getOwn(tokens.AuthenticationResult?.AccessToken ?? ''))).toMatch(/^NotAuthorizedException/);
    await expect(getOwn(others.AuthenticationResult?.AccessToken ?? '')).resolves.toMatchObject({ Username: other });
    expect(await refusalOf(signIn(name))).toBe('NotAuthorizedException: User is disabled.');

    await sdk.send(new AdminEnableUserCommand(named(name)));
    expect((await signIn(name)).AuthenticationResult).toBeDefined();
    expect(await refusalOf(getOwn(tokens.AuthenticationResult?.AccessToken ?? ''))).toBe(
      'NotAuthorizedException: Access Token has been revoked',
    );
    expect(await refusalOf(sdk.send(new AdminDisableUserCommand(named('nobody'))))).toBe(NO_USER);
    expect(await refusalOf(sdk.send(new AdminEnableUserCommand(named('nobody'))))).toBe(NO_USER);
  });

  it('who is deleted is gone, and whoever takes the name inherits nothing', async () => {
    const [name, other] = [await made(), await made()];
    const { AuthenticationResult } = await signIn(name);
    await sdk.send(new AdminDeleteUserCommand(named(name)));
    expect(await refusalOf(get(name))).toBe(NO_USER);
    expect(await refusalOf(signIn(name))).toBe(WRONG);
    expect((await get(other)).Username).toBe(other);
    expect(await refusalOf(sdk.send(new AdminDeleteUserCommand(named(name))))).toBe(NO_USER);

    await create(name, { given_name: 'Another' });
    expect(await refusalOf(getOwn(AuthenticationResult?.AccessToken ?? ''))).toBe(
      'NotAuthorizedException: Access Token has been revoked',
    );
  });
});
