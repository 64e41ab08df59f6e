import {
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  ConfirmForgotPasswordCommand,
  ForgotPasswordCommand,
  InitiateAuthCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TriggerEvent } from '../../lib/emulator/triggers.js';
import { CognitoEmulator, type EmulatorUser } from '../../lib/emulator/index.js';
import { refusalOf, sdkFor } from './sdk.js';
import { SdkSignIn } from './sdk-sign-in.js';

const PASSWORD = 'Passw0rd!';
const NEW_PASSWORD = 'N3w-password';
const SECRET = 'a-secret-of-the-client';
const MISMATCH = 'CodeMismatchException: Invalid verification code provided, please try again.';
const EXPIRED = 'ExpiredCodeException: Invalid code provided, please request a code again.';
const EXCEEDED = 'LimitExceededException: Attempt limit exceeded, please try after some time.';
const INCORRECT = 'NotAuthorizedException: Incorrect username or password.';
const NO_ADDRESS =
  'InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number';

const person = (username: string, more: Partial<EmulatorUser> = {}): EmulatorUser => ({
  username,
  password: PASSWORD,
  attributes: { email: `${username}@example.com` },
  ...more,
});
const both = (username: string, more: Partial<EmulatorUser> = {}) =>
  person(username, {
    attributes: { email: `${username}@example.com`, phone_number: '+493012349878', phone_number_verified: 'true' },
    ...more,
  });

let pool: CognitoEmulator;
let otherPool: CognitoEmulator;
let sdk: CognitoIdentityProviderClient;

beforeAll(async () => {
  [pool, otherPool] = await Promise.all([
    CognitoEmulator.start({
      clientId: 'main',
      clients: [
        { clientId: 'legacy', preventUserExistenceErrors: 'LEGACY' },
        { clientId: 'confidential', clientSecret: SECRET },
      ],
      mfaConfiguration: 'OPTIONAL',
      passwordPolicy: { passwordHistorySize: 2 },
      users: [
        ...['alice', 'ann', 'late', 'twice', 'mover', 'hana', 'tina', 'lim', 'proof', 'carl', 'shut', 'given'].map(
          (name) => person(name),
        ),
        both('both'),
        both('texted', { mfa: { sms: true } }),
        both('mailed', { mfa: { email: true } }),
        both('second', { mfa: { email: true } }),
        person('unverified', { attributes: { email: 'unverified@example.com', email_verified: 'false' } }),
        person('nowhere', { attributes: {} }),
        person('disabled', { enabled: false }),
        person('forced', {
          status: 'FORCE_CHANGE_PASSWORD',
          attributes: { email: 'f@example.com', email_verified: 'true' },
        }),
        person('reset', { status: 'RESET_REQUIRED', attributes: { email: 'r@example.com', email_verified: 'true' } }),
        person('federated', { status: 'EXTERNAL_PROVIDER' }),
      ],
    }),
    CognitoEmulator.start({
      accountRecovery: ['verified_email', 'verified_phone_number'],
      users: [
        both('both'),
        both('texted', {
          mfa: { sms: true },
          attributes: { phone_number: '+493012349878', phone_number_verified: 'true' },
        }),
      ],
    }),
  ]);
  sdk = sdkFor(pool);
});

afterEach(() => {
  delete pool.triggers.customMessage;
  delete pool.triggers.postConfirmation;
  pool.clock.reset();
});

afterAll(async () => {
  sdk.destroy();
  await Promise.all([pool.stop(), otherPool.stop()]);
});

const forgot = async (Username: string, changes: object = {}) =>
  sdk.send(new ForgotPasswordCommand({ ClientId: 'main', Username, ...changes }));
const reset = async (Username: string, ConfirmationCode = '', Password = NEW_PASSWORD, changes: object = {}) =>
  sdk.send(new ConfirmForgotPasswordCommand({ ClientId: 'main', Username, ConfirmationCode, Password, ...changes }));
const signIn = async (USERNAME: string, password: string) =>
  sdk.send(
    new InitiateAuthCommand({
      ClientId: 'main',
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD: password },
    }),
  );
const codeFor = (name: string) => pool.inbox.last(name)?.code ?? 'no code';
const otherThan = (code: string) => (code === '000000' ? '000001' : '000000');
const legacy = { ClientId: 'legacy' };

describe('a forgotten password', () => {
  it('is replaced with the code that was sent, once', async () => {
    const { CodeDeliveryDetails: delivery } = await forgot('alice');
    expect(delivery).toEqual({ AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: 'a***@e***' });
    expect(pool.inbox.last('alice')).toMatchObject({ purpose: 'ForgotPassword', destination: 'alice@example.com' });
    const code = codeFor('alice');
    expect(code).toMatch(/^\d{6}$/);
    expect(await refusalOf(reset('alice', otherThan(code)))).toBe(MISMATCH);
    expect(await refusalOf(reset('alice', code, 'password'))).toBe(
      'InvalidPasswordException: Password does not conform to policy: Password must have uppercase characters',
    );
    expect((await signIn('alice', PASSWORD)).AuthenticationResult).toBeDefined();
    await reset('alice', code);
    expect((await signIn('alice', NEW_PASSWORD)).AuthenticationResult).toBeDefined();
    expect(await refusalOf(signIn('alice', PASSWORD))).toBe(INCORRECT);
    expect(await refusalOf(reset('alice', code, 'An0ther-password'))).toBe(EXPIRED);
  });

  it('is not replaced with a code that is an hour old, was replaced, or is somebody else’s', async () => {
    await forgot('late');
    pool.clock.advance({ minutes: 60 });
    expect(await refusalOf(reset('late', codeFor('late')))).toBe(EXPIRED);
    await forgot('late');
    const first = codeFor('late');
    pool.clock.advance({ minutes: 30 });
    await forgot('late');
    const second = codeFor('late');
    if (first !== second) expect(await refusalOf(reset('late', first))).toBe(MISMATCH);
    expect(await refusalOf(reset('twice', second))).toBe(EXPIRED);
    pool.clock.advance({ minutes: 59 });
    await reset('late', second);
  });

  it('is not replaced with a code that went to an address that is no longer the user’s', async () => {
    await forgot('mover');
    await sdk.send(
      new AdminUpdateUserAttributesCommand({
        UserPoolId: pool.options.userPoolId,
        Username: 'mover',
        UserAttributes: [
          { Name: 'email', Value: 'elsewhere@example.com' },
          { Name: 'email_verified', Value: 'true' },
        ],
      }),
    );
    expect(await refusalOf(reset('mover', codeFor('mover@example.com')))).toBe(EXPIRED);
    await forgot('mover');
    await reset('mover', codeFor('elsewhere@example.com'));
  });

  it('is not replaced in an account that was disabled meanwhile', async () => {
    await forgot('shut');
    const account = { UserPoolId: pool.options.userPoolId, Username: 'shut' };
    await sdk.send(new AdminDisableUserCommand(account));
    expect(await refusalOf(reset('shut', codeFor('shut')))).toBe(EXPIRED);
    expect(await refusalOf(reset('shut', codeFor('shut'), NEW_PASSWORD, legacy))).toBe(
      'NotAuthorizedException: User is disabled.',
    );
    await sdk.send(new AdminEnableUserCommand(account));
    await reset('shut', codeFor('shut'));
  });

  it('is not replaced once an administrator has given out a temporary one', async () => {
    await forgot('given');
    const account = { UserPoolId: pool.options.userPoolId, Username: 'given' };
    await sdk.send(new AdminSetUserPasswordCommand({ ...account, Password: 'T3mporary!', Permanent: false }));
    expect(await refusalOf(reset('given', codeFor('given')))).toBe(
      'NotAuthorizedException: User password cannot be reset in the current state.',
    );
    expect(await signIn('given', 'T3mporary!')).toHaveProperty('ChallengeName', 'NEW_PASSWORD_REQUIRED');
    await sdk.send(new AdminSetUserPasswordCommand({ ...account, Password: 'L4sting-one!', Permanent: true }));
    await reset('given', codeFor('given'));
  });

  it('is not replaced with one of the last two, and the code is not spent by that', async () => {
    await forgot('hana');
    expect(await refusalOf(reset('hana', codeFor('hana'), PASSWORD))).toMatch(
      /^PasswordHistoryPolicyViolationException/,
    );
    await reset('hana', codeFor('hana'), NEW_PASSWORD);
    await forgot('hana');
    expect(await refusalOf(reset('hana', codeFor('hana'), PASSWORD))).toMatch(
      /^PasswordHistoryPolicyViolationException/,
    );
    await reset('hana', codeFor('hana'), 'Th1rd-password');
  });

  it('opens an account that had to be reset', async () => {
    expect(await refusalOf(signIn('reset', PASSWORD))).toBe(
      'PasswordResetRequiredException: Password reset required for the user',
    );
    await forgot('reset');
    await reset('reset', codeFor('reset'));
    expect((await signIn('reset', NEW_PASSWORD)).AuthenticationResult).toBeDefined();
  });

  it('ends the sign-ins that the former password began', async () => {
    const begun = new SdkSignIn(pool);
    const [first, other] = [await begun.password('second', PASSWORD), await begun.password('mailed', PASSWORD)];
    const answer = async (asked: typeof first, EMAIL_OTP_CODE: string) => begun.answer(asked, { EMAIL_OTP_CODE });
    const [firstCode, otherCode] = [codeFor('second'), codeFor('mailed')];
    await forgot('second');
    await reset('second', codeFor('second'));
    expect(await refusalOf(answer(first, firstCode))).toMatch(/^NotAuthorizedException: Invalid session for the user/);
    expect((await answer(other, otherCode)).AuthenticationResult).toBeDefined();
    begun.sdk.destroy();
  });

  it('tells the triggers', async () => {
    const events: TriggerEvent[] = [];
    pool.triggers.customMessage = ({ triggerSource, request }) => ({
      emailMessage: `${triggerSource}: ${request.codeParameter}`,
    });
    pool.triggers.postConfirmation = (event) => void events.push(event);
    await forgot('tina', { ClientMetadata: { step: 'one' } });
    expect(pool.inbox.last('tina')?.text).toBe(`CustomMessage_ForgotPassword: ${codeFor('tina')}`);
    await reset('tina', codeFor('tina'), NEW_PASSWORD, { ClientMetadata: { step: 'two' } });
    expect(events).toMatchObject([
      {
        triggerSource: 'PostConfirmation_ConfirmForgotPassword',
        userName: 'tina',
        request: { clientMetadata: { step: 'two' }, userAttributes: { 'cognito:user_status': 'CONFIRMED' } },
      },
    ]);
    pool.triggers.customMessage = () => {
      throw new Error('no words');
    };
    expect(await refusalOf(forgot('tina'))).toBe(
      'UserLambdaValidationException: CustomMessage failed with error no words.',
    );
  });

  it('needs the secret hash of a client that has a secret', async () => {
    const ClientId = 'confidential';
    const SecretHash = createHmac('sha256', SECRET).update(`carl${ClientId}`).digest('base64');
    expect(await refusalOf(forgot('carl', { ClientId }))).toMatch(/SECRET_HASH was not received/);
    expect(await refusalOf(forgot('alice', { ClientId, SecretHash }))).toMatch(/Unable to verify secret hash/);
    await forgot('carl', { ClientId, SecretHash });
    const code = codeFor('carl');
    expect(await refusalOf(reset('carl', code, NEW_PASSWORD, { ClientId }))).toMatch(/SECRET_HASH was not received/);
    await reset('carl', code, NEW_PASSWORD, { ClientId, SecretHash });
  });
});

describe('the way of a code', () => {
  const mediumOf = async (...[name, changes]: Parameters<typeof forgot>) =>
    (await forgot(name, changes)).CodeDeliveryDetails?.DeliveryMedium;

  it('is the phone and then the address, but never that of the second factor', async () => {
    expect(await mediumOf('both')).toBe('SMS');
    expect(await mediumOf('texted')).toBe('EMAIL');
    expect(await mediumOf('mailed')).toBe('SMS');
    expect(await mediumOf('alice')).toBe('EMAIL');
  });

  it('is as the pool orders it, and any where there are no second factors', async () => {
    const other = sdkFor(otherPool);
    const ask = async (Username: string) =>
      other.send(new ForgotPasswordCommand({ ClientId: otherPool.options.clientId, Username }));
    expect((await ask('both')).CodeDeliveryDetails?.DeliveryMedium).toBe('EMAIL');
    expect((await ask('texted')).CodeDeliveryDetails).toMatchObject({ Destination: '+********9878' });
    other.destroy();
  });

  it('is none where administrators do it', async () => {
    const closed = await CognitoEmulator.start({ accountRecovery: ['admin_only'], users: [person('alice')] });
    const own = sdkFor(closed);
    for (const Username of ['alice', 'nobody']) {
      const command = new ForgotPasswordCommand({ ClientId: closed.options.clientId, Username });
      expect(await refusalOf(own.send(command))).toBe(
        'NotAuthorizedException: Contact administrator to reset password.',
      );
    }
    own.destroy();
    await closed.stop();
  });

  it('is none for accounts that have no password of their own to forget', async () => {
    const state = 'NotAuthorizedException: User password cannot be reset in the current state.';
    for (const name of ['forced', 'federated']) {
      expect(await refusalOf(forgot(name))).toBe(state);
      expect(await refusalOf(forgot(name, legacy))).toBe(state);
    }
  });
});

describe('whoever cannot get a code', () => {
  const cannot = [
    ['nobody', 'UserNotFoundException: Username/client id combination not found.'],
    ['disabled', 'NotAuthorizedException: User is disabled.'],
    ['unverified', NO_ADDRESS],
    ['nowhere', NO_ADDRESS],
  ] as const;

  it.each(cannot)('(%s) is told so by a client of the old kind', async (name, refusal) => {
    expect(await refusalOf(forgot(name, legacy))).toBe(refusal);
    expect(await refusalOf(reset(name, '123456', NEW_PASSWORD, legacy))).toBe(refusal);
  });

  it.each(cannot)('(%s) looks like anybody else to other clients', async (name) => {
    expect(await refusalOf(reset(name, '123456'))).toBe(EXPIRED);
    const first = await forgot(name);
    expect(first.CodeDeliveryDetails?.Destination).toMatch(/^[a-z]\*\*\*@[a-z]\*\*\*$/);
    expect((await forgot(name.toUpperCase())).CodeDeliveryDetails).toEqual(first.CodeDeliveryDetails);
    expect(pool.inbox.last(name)).toBeUndefined();
    expect(await refusalOf(reset(name, '123456'))).toBe(MISMATCH);
    pool.clock.advance({ hours: 1 });
    expect(await refusalOf(reset(name, '123456'))).toBe(EXPIRED);
  });

  it('is limited like anybody else: codes and guesses, by the hour', async () => {
    for (const name of ['lim', 'no-lim']) {
      for (let i = 0; i < 5; i += 1) await forgot(name);
      expect(await refusalOf(forgot(name))).toBe(EXCEEDED);
      const code = name === 'lim' ? codeFor(name) : '123456';
      for (let i = 0; i < 15; i += 1) expect(await refusalOf(reset(name, otherThan(code)))).toBe(MISMATCH);
      expect(await refusalOf(reset(name, code))).toBe(EXCEEDED);
    }
    pool.clock.advance({ hours: 1 });
    await forgot('lim');
    await reset('lim', codeFor('lim'));
  });
});
