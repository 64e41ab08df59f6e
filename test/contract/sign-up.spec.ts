import {
  AdminUpdateUserAttributesCommand,
  ConfirmSignUpCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  SignUpCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CognitoEmulator, type EmulatorOptions } from '../../lib/emulator/index.js';
import { refusalOf, sdkFor } from './sdk.js';

const PASSWORD = 'Passw0rd!';
const SECRET = 'a-secret-of-the-client';
const UNAUTHORIZED = 'NotAuthorizedException: A client attempted to write unauthorized attribute';
const EXPIRED = 'ExpiredCodeException: Invalid code provided, please request a code again.';
const EXCEEDED = 'LimitExceededException: Attempt limit exceeded, please try after some time.';

let shared: CognitoEmulator;
let pool: CognitoEmulator;
let sdk: CognitoIdentityProviderClient;
let alice: string;
let count = 0;

// Each start makes two key pairs, so what needs no options of its own shares a pool and takes a fresh name.
beforeAll(async () => {
  shared = await CognitoEmulator.start({
    clientId: 'main',
    clients: [
      { clientId: 'legacy', preventUserExistenceErrors: 'LEGACY' },
      { clientId: 'confidential', clientSecret: SECRET },
      { clientId: 'narrow', writeAttributes: ['email', 'custom:colour'] },
    ],
    users: [{ username: 'bob', password: PASSWORD }],
  });
});

beforeEach(() => {
  pool = shared;
  sdk = sdkFor(pool);
  count += 1;
  alice = `alice-${count}`;
});

async function start(options: EmulatorOptions): Promise<void> {
  sdk.destroy();
  pool = await CognitoEmulator.start(options);
  sdk = sdkFor(pool);
}

afterEach(async () => {
  sdk.destroy();
  if (pool === shared) pool.clock.reset();
  else await pool.stop();
});

afterAll(async () => shared.stop());

const signUp = async (Username: string, attributes: Record<string, string> = {}, changes: object = {}) =>
  sdk.send(
    new SignUpCommand({
      ClientId: pool.options.clientId,
      Username,
      Password: PASSWORD,
      UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
      ...changes,
    }),
  );
const confirm = async (Username: string, ConfirmationCode = '', changes: object = {}) =>
  sdk.send(new ConfirmSignUpCommand({ ClientId: pool.options.clientId, Username, ConfirmationCode, ...changes }));
const resend = async (Username: string, changes: object = {}) =>
  sdk.send(new ResendConfirmationCodeCommand({ ClientId: pool.options.clientId, Username, ...changes }));
const signIn = async (USERNAME: string) =>
  sdk.send(
    new InitiateAuthCommand({
      ClientId: pool.options.clientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD },
    }),
  );
const UNLIKE_SCHEMA = (...problems: string[]) =>
  `InvalidParameterException: Attributes did not conform to the schema: ${problems.map((problem) => `${problem}\n`).join('')}`;
const otherThan = (code = '') => (code === '000000' ? '000001' : '000000');

describe('signing up', () => {
  it('sends a code, and opens the account to whoever confirms with it', async () => {
    const signedUp = await signUp(alice, { email: 'alice@example.com', given_name: 'Alice' });
    expect(signedUp).toMatchObject({
      UserConfirmed: false,
      CodeDeliveryDetails: { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: 'a***@e***' },
    });
    expect(await refusalOf(signIn(alice))).toBe('UserNotConfirmedException: User is not confirmed.');

    const message = pool.inbox.last('alice@example.com');
    expect(message).toMatchObject({ username: alice, medium: 'EMAIL', purpose: 'SignUp' });
    expect(message?.sentAt).toBeInstanceOf(Date);
    expect(await refusalOf(confirm(alice, otherThan(message?.code)))).toBe(
      'CodeMismatchException: Invalid verification code provided, please try again.',
    );
    await confirm(alice, message?.code);
    expect((await signIn(alice)).AuthenticationResult?.TokenType).toBe('Bearer');
    expect(await refusalOf(confirm(alice, message?.code))).toBe(
      'NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED',
    );
  });

  it('is refused for a name that is taken, confirmed or not, in any case', async () => {
    await signUp(alice);
    for (const name of [alice, alice.toUpperCase(), 'bob']) {
      expect(await refusalOf(signUp(name))).toBe('UsernameExistsException: User already exists');
    }
  });

  it('is refused with a password that breaks the policy', async () => {
    expect(await refusalOf(signUp(alice, {}, { Password: 'Passw0rd' }))).toBe(
      'InvalidPasswordException: Password did not conform with policy: Password must have symbol characters',
    );
    expect(await refusalOf(signUp(alice, {}, { Password: undefined }))).toMatch(
      /^InvalidParameterException: .*'password' failed to satisfy constraint: Member must not be null$/,
    );
    await signUp(alice);
  });

  it.each([
    [{ email: 'nonsense' }, 'InvalidParameterException: Invalid email address format.'],
    [{ phone_number: '0123' }, 'InvalidParameterException: Invalid phone number format.'],
    [{ email_verified: 'true' }, UNAUTHORIZED],
    [{ sub: 'mine' }, UNAUTHORIZED],
    [{ birthdate: '1.1.2000' }, UNLIKE_SCHEMA('birthdate: Attribute value is not 10 characters')],
    [{ updated_at: 'yesterday' }, UNLIKE_SCHEMA('updated_at: Attribute value is not of type Number')],
    [
      { shoe_size: '42' },
      'InvalidParameterException: Attributes did not conform to the schema: Type for attribute {shoe_size} could not be determined',
    ],
  ])('is refused with the attributes %j', async (attributes, refusal) => {
    expect(await refusalOf(signUp(alice, attributes))).toBe(refusal);
    await signUp(alice, { email: 'alice@example.com', phone_number: '+49301234567', 'custom:shoe_size': '42' });
  });

  it('sends the code to the phone where both are verified, and nothing where none is', async () => {
    await start({ autoVerifiedAttributes: ['email', 'phone_number'] });
    const both = await signUp(alice, { email: 'alice@example.com', phone_number: '+493012349878' });
    expect(both.CodeDeliveryDetails).toEqual({
      AttributeName: 'phone_number',
      DeliveryMedium: 'SMS',
      Destination: '+********9878',
    });
    expect(pool.inbox.last('+493012349878')?.medium).toBe('SMS');
    expect((await signUp('bob')).CodeDeliveryDetails).toBeUndefined();
    expect(pool.inbox.last('bob')).toBeUndefined();
    expect(await refusalOf(resend('bob'))).toMatch(/^InvalidParameterException: Cannot resend codes/);
  });

  it('needs the secret hash of a client that has a secret', async () => {
    const ClientId = 'confidential';
    const SecretHash = createHmac('sha256', SECRET).update(`${alice}${ClientId}`).digest('base64');
    expect(await refusalOf(signUp(alice, {}, { ClientId }))).toMatch(/SECRET_HASH was not received/);
    expect(await refusalOf(signUp('eve', {}, { ClientId, SecretHash }))).toMatch(/Unable to verify secret hash/);
    await signUp(alice, { email: 'a@example.com' }, { ClientId, SecretHash });
    const code = pool.inbox.last(alice)?.code;
    expect(await refusalOf(confirm(alice, code, { ClientId }))).toMatch(/SECRET_HASH was not received/);
    expect(await refusalOf(resend(alice, { ClientId }))).toMatch(/SECRET_HASH was not received/);
    await confirm(alice, code, { ClientId, SecretHash });
  });
});

describe('attributes', () => {
  it('are written by clients that may', async () => {
    const narrow = { ClientId: 'narrow' };
    expect(await refusalOf(signUp(alice, { given_name: 'Alice' }, narrow))).toBe(UNAUTHORIZED);
    await signUp(alice, { email: 'alice@example.com', 'custom:colour': 'red' }, narrow);
    await signUp(`${alice}-2`, { given_name: 'Alice' });
  });

  it('keep to what the pool declares: types, names, and what nobody can do without', async () => {
    await start({
      schema: [
        { name: 'given_name', required: true },
        { name: 'custom:age', type: 'Number' },
        { name: 'custom:member', type: 'Boolean' },
        { name: 'custom:since', type: 'DateTime' },
      ],
    });
    const given_name = 'Alice';
    const wrong = { given_name, 'custom:age': 'forty', 'custom:member': 'yes', 'custom:since': '2026-02-30T25:00:00Z' };
    const right = {
      given_name,
      'custom:age': '-40.5',
      'custom:member': 'True',
      'custom:since': '2026-02-28T12:00:00Z',
    };
    expect(await refusalOf(signUp(alice, wrong))).toBe(
      UNLIKE_SCHEMA(
        'custom:age: Attribute value is not of type Number',
        'custom:member: Attribute value is not of type Boolean',
        'custom:since: Attribute value is not of type DateTime',
      ),
    );
    expect(await refusalOf(signUp(alice, { 'custom:age': '40' }))).toBe(
      UNLIKE_SCHEMA('given_name: The attribute is required'),
    );
    expect(await refusalOf(signUp(alice, { given_name: '' }))).toBe(
      UNLIKE_SCHEMA('given_name: The attribute is required'),
    );
    expect(await refusalOf(signUp(alice, { ...right, 'custom:shoe_size': '42' }))).toMatch(
      /Type for attribute {custom:shoe_size} could not be determined/,
    );
    await signUp(alice, right);
  });
});

describe('a confirmation code', () => {
  it('expires after a day, and a new one replaces the old', async () => {
    await signUp(alice, { email: 'alice@example.com' });
    const first = pool.inbox.last(alice)?.code;
    pool.clock.advance({ hours: 24 });
    expect(await refusalOf(confirm(alice, first))).toBe(EXPIRED);
    const { CodeDeliveryDetails: delivery } = await resend(alice);
    expect(delivery?.Destination).toBe('a***@e***');
    expect(pool.inbox.last(alice)).toMatchObject({ purpose: 'ResendCode' });
    await confirm(alice, pool.inbox.last(alice)?.code);
    expect(await refusalOf(resend(alice))).toBe('InvalidParameterException: User is already confirmed.');
  });

  it('cannot be guessed at will, nor asked for at will', async () => {
    await signUp(alice, { email: 'alice@example.com' });
    for (let i = 0; i < 5; i += 1) await resend(alice);
    expect(await refusalOf(resend(alice))).toBe(EXCEEDED);
    const code = pool.inbox.last(alice)?.code;
    for (let i = 0; i < 15; i += 1) {
      expect(await refusalOf(confirm(alice, otherThan(code)))).toMatch(/^CodeMismatchException/);
    }
    expect(await refusalOf(confirm(alice, code))).toBe(EXCEEDED);
    pool.clock.advance({ hours: 1 });
    await confirm(alice, code);
  });

  it('is good for one user, and for the address that it went to', async () => {
    const email = { email: 'alice@example.com' };
    const [other, mover] = [`${alice}-other`, `${alice}-mover`];
    for (const name of [alice, other, mover]) await signUp(name, email);
    const code = pool.inbox.last(alice)?.code;
    if (pool.inbox.last(other)?.code !== code) expect(await refusalOf(confirm(other, code))).toMatch(/^CodeMismatch/);
    const former = pool.inbox.last(mover)?.code;
    await sdk.send(
      new AdminUpdateUserAttributesCommand({
        UserPoolId: pool.options.userPoolId,
        Username: mover,
        UserAttributes: [{ Name: 'email', Value: 'elsewhere@example.com' }],
      }),
    );
    expect(await refusalOf(confirm(mover, former))).toBe(EXPIRED);
    await resend(mover);
    await confirm(mover, pool.inbox.last('elsewhere@example.com')?.code);
    await confirm(alice, code);
  });
});

describe('a user that does not exist', () => {
  it('is not told from one that does', async () => {
    expect(await refusalOf(confirm('nobody', '123456'))).toBe(EXPIRED);
    const first = await resend('nobody');
    expect(first.CodeDeliveryDetails).toMatchObject({ AttributeName: 'email', DeliveryMedium: 'EMAIL' });
    expect(first.CodeDeliveryDetails?.Destination).toMatch(/^[a-z]\*\*\*@[a-z]\*\*\*$/);
    expect((await resend('nobody')).CodeDeliveryDetails).toEqual(first.CodeDeliveryDetails);
    expect(pool.inbox.last('nobody')).toBeUndefined();
    for (let i = 0; i < 3; i += 1) await resend('NOBODY');
    expect(await refusalOf(resend('nobody'))).toBe(EXCEEDED);
  });

  it('is told by a client of the old kind', async () => {
    const missing = 'UserNotFoundException: Username/client id combination not found.';
    expect(await refusalOf(confirm('nobody', '123456', { ClientId: 'legacy' }))).toBe(missing);
    expect(await refusalOf(resend('nobody', { ClientId: 'legacy' }))).toBe(missing);
  });
});

describe('a pool that signs in by address', () => {
  it('makes the address the login and a UUID the user name', async () => {
    await start({ usernameAttributes: ['email'] });
    const { UserSub: sub } = await signUp('alice@example.com');
    expect(await refusalOf(signUp('alice@example.com'))).toBe(
      'UsernameExistsException: An account with the given email already exists.',
    );
    expect(await refusalOf(signUp(alice))).toBe('InvalidParameterException: Username should be an email.');
    await confirm('alice@example.com', pool.inbox.last('alice@example.com')?.code);
    expect(pool.inbox.last()?.username).toBe(sub);
    await signIn('alice@example.com');
    const { accessToken } = await pool.tokensFor('alice@example.com');
    expect(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()).toContain(`"username":"${sub}"`);
  });

  it('takes a phone number where it is allowed', async () => {
    await start({ usernameAttributes: ['email', 'phone_number'], autoVerifiedAttributes: ['phone_number'] });
    expect(await refusalOf(signUp(alice))).toBe(
      'InvalidParameterException: Username should be either an email or a phone number.',
    );
    await signUp('+493012349878');
    expect(pool.inbox.last()?.medium).toBe('SMS');
  });
});

describe('upper and lower case', () => {
  it('count as the same in a user name, unless the pool tells them apart', async () => {
    await start({ usernameCaseSensitive: true, users: [{ username: 'Bob', password: PASSWORD }] });
    await signUp('bob', { email: 'bob@example.com' }, { Password: 'An0ther-password' });
    expect(await refusalOf(signUp('bob'))).toMatch(/^UsernameExists/);
    expect((await signIn('Bob')).AuthenticationResult?.TokenType).toBe('Bearer');
    await confirm('bob', pool.inbox.last('bob')?.code);
    expect(await refusalOf(signIn('bob'))).toBe('NotAuthorizedException: Incorrect username or password.');
    expect(await refusalOf(signIn('BOB'))).toBe('NotAuthorizedException: Incorrect username or password.');
  });
});

describe('a pool with aliases', () => {
  const options: EmulatorOptions = { aliasAttributes: ['email', 'preferred_username'] };
  const email = 'shared@example.com';

  it('lets a verified address stand for the user name, and belongs to the first who confirms it', async () => {
    await start(options);
    await signUp(alice, { email });
    await signUp('bob', { email });
    expect(await refusalOf(signIn(email))).toBe('NotAuthorizedException: Incorrect username or password.');
    await confirm(alice, pool.inbox.last(alice)?.code);
    await signIn(email);
    expect(await refusalOf(confirm('bob', pool.inbox.last('bob')?.code))).toBe(
      'AliasExistsException: An account with the given email already exists.',
    );
    await confirm('bob', pool.inbox.last('bob')?.code, { ForceAliasCreation: true });
    const { AuthenticationResult: tokens } = await signIn(email);
    expect(Buffer.from(tokens?.AccessToken?.split('.')[1] ?? '', 'base64url').toString()).toContain('"username":"bob"');
  });

  it('refuses a user name that looks like an alias, and an alias before there is an account', async () => {
    await start(options);
    expect(await refusalOf(signUp(email))).toMatch(/^InvalidParameterException: Username cannot be of email format/);
    expect(await refusalOf(signUp(alice, { preferred_username: 'ally' }))).toMatch(
      /^InvalidParameterException: Preferred username cannot be provided for unconfirmed account/,
    );
    await signUp(alice, { email });
  });
});
