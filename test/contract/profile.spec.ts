import {
  ChangePasswordCommand,
  ConfirmSignUpCommand,
  DeleteUserAttributesCommand,
  DeleteUserCommand,
  GetUserAttributeVerificationCodeCommand,
  GetUserCommand,
  InitiateAuthCommand,
  SignUpCommand,
  UpdateUserAttributesCommand,
  VerifyUserAttributeCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator, type EmulatorOptions } from '../../lib/emulator/index.js';
import { refusalOf, sdkFor } from './sdk.js';
import { SdkSignIn } from './sdk-sign-in.js';

const PASSWORD = 'Passw0rd!';
const NEW_PASSWORD = 'N3w-password';
const UNAUTHORIZED = 'NotAuthorizedException: A client attempted to write unauthorized attribute';
const MISMATCH = 'CodeMismatchException: Invalid verification code provided, please try again.';
const EXPIRED = 'ExpiredCodeException: Invalid code provided, please request a code again.';
const EXCEEDED = 'LimitExceededException: Attempt limit exceeded, please try after some time.';
const INCORRECT = 'NotAuthorizedException: Incorrect username or password.';
const REVOKED = 'NotAuthorizedException: Access Token has been revoked';
const taken = (attribute: string) => `AliasExistsException: An account with the given ${attribute} already exists.`;

let pool: CognitoEmulator;
let careful: CognitoEmulator;
let sdk: CognitoIdentityProviderClient;

const options: EmulatorOptions = {
  clientId: 'main',
  clients: [
    { clientId: 'narrow', readAttributes: ['email', 'custom:level'], writeAttributes: ['nickname'] },
    { clientId: 'blind', readAttributes: [] },
  ],
  aliasAttributes: ['email', 'preferred_username'],
  allowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'],
  passwordPolicy: { passwordHistorySize: 1 },
  schema: [
    { name: 'name', required: true },
    { name: 'custom:level', type: 'Number' },
    { name: 'custom:tenant', mutable: false },
  ],
};

beforeAll(async () => {
  const names = [
    'alice',
    'bob',
    'carol',
    'dan',
    'erin',
    'frank',
    'grace',
    'heidi',
    'ivan',
    'judy',
    'kim',
    'leo',
    'nina',
  ];
  const users = names.map((username) => ({
    username,
    password: PASSWORD,
    attributes: { name: username, email: `${username}@example.com`, 'custom:tenant': 'one' },
  }));
  const temporary = ['oscar', 'peggy'].map((username) => ({
    username,
    password: PASSWORD,
    attributes: { name: username },
    status: 'FORCE_CHANGE_PASSWORD' as const,
  }));
  [pool, careful] = await Promise.all([
    CognitoEmulator.start({ ...options, users: [...users, ...temporary] }),
    CognitoEmulator.start({
      usernameAttributes: ['email', 'phone_number'],
      attributesRequireVerificationBeforeUpdate: ['email'],
      users: ['alice@example.com', 'bob@example.com'].map((username) => ({ username, password: PASSWORD })),
    }),
  ]);
  sdk = sdkFor(pool);
});

afterEach(() => {
  delete pool.triggers.customMessage;
  pool.clock.reset();
  careful.clock.reset();
});

afterAll(async () => {
  sdk.destroy();
  await Promise.all([pool.stop(), careful.stop()]);
});

const tokenOf = async (name: string, clientId?: string) => (await pool.tokensFor(name, { clientId })).accessToken;
const getUser = async (AccessToken: string) => sdk.send(new GetUserCommand({ AccessToken }));
const attributesOf = async (AccessToken: string) =>
  Object.fromEntries((await getUser(AccessToken)).UserAttributes?.map(({ Name, Value }) => [Name, Value]) ?? []);
const update = async (
  AccessToken: string,
  attributes: Record<string, string>,
  ClientMetadata?: Record<string, string>,
) =>
  sdk.send(
    new UpdateUserAttributesCommand({
      AccessToken,
      UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
      ClientMetadata,
    }),
  );
const remove = async (AccessToken: string, ...UserAttributeNames: string[]) =>
  sdk.send(new DeleteUserAttributesCommand({ AccessToken, UserAttributeNames }));
const askForCode = async (AccessToken: string, AttributeName = 'email') =>
  sdk.send(new GetUserAttributeVerificationCodeCommand({ AccessToken, AttributeName }));
const verify = async (AccessToken: string, Code: string, AttributeName = 'email') =>
  sdk.send(new VerifyUserAttributeCommand({ AccessToken, AttributeName, Code }));
const change = async (AccessToken: string, PreviousPassword: string | undefined, ProposedPassword = NEW_PASSWORD) =>
  sdk.send(new ChangePasswordCommand({ AccessToken, PreviousPassword, ProposedPassword }));
const signIn = async (USERNAME: string, password = PASSWORD) =>
  sdk.send(
    new InitiateAuthCommand({
      ClientId: 'main',
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD: password },
    }),
  );
const codeFor = (recipient: string, of = pool) => of.inbox.last(recipient)?.code ?? 'no code';
const otherThan = (code: string) => (code === '000000' ? '000001' : '000000');

describe('GetUser', () => {
  it('gives the attributes as texts, the subject first', async () => {
    const { Username, UserAttributes } = await getUser(await tokenOf('alice'));
    expect(Username).toBe('alice');
    expect(UserAttributes?.[0]).toEqual({ Name: 'sub', Value: expect.any(String) as string });
    expect(UserAttributes).toContainEqual({ Name: 'email_verified', Value: 'true' });
    expect(UserAttributes).toContainEqual({ Name: 'name', Value: 'alice' });
  });

  it('gives no more than the client may read', async () => {
    expect(Object.keys(await attributesOf(await tokenOf('alice', 'narrow')))).toEqual(['sub', 'email']);
    expect(Object.keys(await attributesOf(await tokenOf('alice', 'blind')))).toEqual(['sub']);
  });

  it('is refused without a good access token', async () => {
    expect(await refusalOf(getUser('garbage'))).toBe('NotAuthorizedException: Invalid Access Token');
    const { idToken } = await pool.tokensFor('alice');
    expect(await refusalOf(getUser(idToken))).toBe('NotAuthorizedException: Invalid Access Token');
    const { accessToken: late } = await pool.tokensFor('alice', { expiresIn: -1 });
    expect(await refusalOf(getUser(late))).toBe('NotAuthorizedException: Access Token has expired');
    const { accessToken: foreign } = await pool.tokensFor('alice', { claims: { scope: 'openid profile' } });
    expect(await refusalOf(getUser(foreign))).toBe(
      'NotAuthorizedException: Access Token does not have required scopes',
    );
  });
});

describe('UpdateUserAttributes', () => {
  it('writes what is declared and permitted, and a blank value takes an attribute away', async () => {
    const token = await tokenOf('bob');
    expect((await update(token, { nickname: 'Bobby', 'custom:level': '7' })).CodeDeliveryDetailsList).toEqual([]);
    expect(await attributesOf(token)).toMatchObject({ nickname: 'Bobby', 'custom:level': '7', name: 'bob' });
    await update(token, { nickname: '' });
    expect(await attributesOf(token)).not.toHaveProperty('nickname');
    await remove(token, 'custom:level', 'zoneinfo');
    expect(await attributesOf(token)).not.toHaveProperty('custom:level');
  });

  it.each([
    [{ email_verified: 'true' }, UNAUTHORIZED],
    [{ sub: 'mine' }, UNAUTHORIZED],
    [{ 'custom:tenant': 'two' }, 'InvalidParameterException: user.custom:tenant: Attribute cannot be updated.\n'],
    [{ 'custom:tenant': '' }, 'InvalidParameterException: user.custom:tenant: Attribute cannot be updated.\n'],
    [
      { 'custom:level': 'high' },
      'InvalidParameterException: Attributes did not conform to the schema: custom:level: Attribute value is not of type Number\n',
    ],
    [
      { name: '' },
      'InvalidParameterException: Attributes did not conform to the schema: name: The attribute is required\n',
    ],
    [{ email: 'nonsense' }, 'InvalidParameterException: Invalid email address format.'],
    [{ preferred_username: 'the-judge' }, taken('preferred_username')],
  ])('refuses %j, and changes nothing', async (attributes, refusal) => {
    await update(await tokenOf('judy'), { preferred_username: 'the-judge' });
    const token = await tokenOf('carol');
    const before = await attributesOf(token);
    expect(await refusalOf(update(token, { nickname: 'Caz', ...attributes }))).toBe(refusal);
    expect(await attributesOf(token)).toEqual(before);
  });

  it('writes for a client no more than it may', async () => {
    const token = await tokenOf('carol', 'narrow');
    expect(await refusalOf(update(token, { name: 'Caroline' }))).toBe(UNAUTHORIZED);
    expect(await refusalOf(remove(token, 'email'))).toBe(UNAUTHORIZED);
    await update(token, { nickname: 'Caz' });
    expect(await refusalOf(remove(await tokenOf('carol'), 'name'))).toMatch(/name: The attribute is required/);
  });

  it('gives a name to sign in with', async () => {
    await update(await tokenOf('carol'), { preferred_username: 'the-singer' });
    expect((await signIn('the-singer')).AuthenticationResult?.AccessToken).toBeDefined();
    expect(await refusalOf(signIn('the-dancer'))).toBe(INCORRECT);
  });

  it('takes a new address at once, unverified, and sends it a code', async () => {
    const token = await tokenOf('dan');
    const { CodeDeliveryDetailsList: sent } = await update(token, { email: 'danny@new.example' });
    expect(sent).toEqual([{ AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: 'd***@n***' }]);
    expect(await attributesOf(token)).toMatchObject({ email: 'danny@new.example', email_verified: 'false' });
    expect(await refusalOf(signIn('danny@new.example'))).toBe(INCORRECT);
    const code = codeFor('danny@new.example');
    expect(pool.inbox.last()?.purpose).toBe('UpdateUserAttribute');
    expect(await refusalOf(verify(token, otherThan(code)))).toBe(MISMATCH);
    await verify(token, code);
    expect((await attributesOf(token))['email_verified']).toBe('true');
    expect((await signIn('danny@new.example')).AuthenticationResult?.AccessToken).toBeDefined();
    expect(await refusalOf(verify(token, code))).toBe(EXPIRED);
    // The same again is nothing new, and a number that the pool does not verify gets no code.
    expect((await update(token, { email: 'danny@new.example' })).CodeDeliveryDetailsList).toEqual([]);
    expect((await attributesOf(token))['email_verified']).toBe('true');
    expect((await update(token, { phone_number: '+493012345678' })).CodeDeliveryDetailsList).toEqual([]);
    expect((await attributesOf(token))['phone_number_verified']).toBe('false');
  });

  it('asks the trigger for words, and changes nothing when it has none', async () => {
    const token = await tokenOf('erin');
    pool.triggers.customMessage = ({ triggerSource, request: { clientMetadata, codeParameter } }) => ({
      emailMessage: `${triggerSource} ${clientMetadata?.['tone']} ${codeParameter}`,
    });
    await update(token, { email: 'erin@new.example' }, { tone: 'kind' });
    const code = codeFor('erin@new.example');
    expect(pool.inbox.last()?.text).toBe(`CustomMessage_UpdateUserAttribute kind ${code}`);
    pool.triggers.customMessage = () => {
      throw new Error('no words');
    };
    expect(await refusalOf(update(token, { email: 'erin@third.example' }))).toMatch(/CustomMessage failed/);
    expect((await attributesOf(token))['email']).toBe('erin@new.example');
    await verify(token, code);
  });
});

describe('two who want the same at once', () => {
  it('do not both get it, however slow a trigger is', async () => {
    let release = () => undefined as void;
    const bothAsked = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = 0;
    pool.triggers.customMessage = async () => {
      asked += 1;
      if (asked === 2) release();
      await bothAsked;
    };
    const replies = await Promise.allSettled(
      ['erin', 'nina'].map(async (name) =>
        update(await tokenOf(name), { preferred_username: 'the-one', email: `${name}@the-one.example` }),
      ),
    );
    expect(replies.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(String(replies.find((reply) => reply.status === 'rejected')?.reason)).toMatch(/AliasExistsException/);
  });
});

describe('a code for an address', () => {
  it('is sent on demand, to an address that the user has', async () => {
    const token = await tokenOf('frank');
    const { CodeDeliveryDetails: sent } = await askForCode(token);
    expect(sent).toMatchObject({ AttributeName: 'email', Destination: 'f***@e***' });
    expect(pool.inbox.last('frank')?.purpose).toBe('VerifyUserAttribute');
    expect(await refusalOf(askForCode(token, 'phone_number'))).toMatch(/^InvalidParameterException/);
    expect(await refusalOf(askForCode(token, 'nickname'))).toMatch(/^InvalidParameterException/);
    expect(await refusalOf(verify(token, codeFor('frank'), 'phone_number'))).toBe(EXPIRED);
    expect(await refusalOf(verify(await tokenOf('alice'), codeFor('frank')))).toBe(EXPIRED);
    pool.clock.advance({ hours: 24 });
    const later = await tokenOf('frank');
    expect(await refusalOf(verify(later, codeFor('frank')))).toBe(EXPIRED);
    await askForCode(later);
    await verify(later, codeFor('frank'));
  });

  it('says nothing about another address', async () => {
    const token = await tokenOf('grace');
    await update(token, { phone_number: '+493012345678' });
    await askForCode(token, 'phone_number');
    const code = codeFor('+493012345678');
    await update(token, { phone_number: '+493087654321' });
    expect(await refusalOf(verify(token, code, 'phone_number'))).toBe(EXPIRED);
    await update(token, { phone_number: '+493012345678' });
    await verify(token, code, 'phone_number');
    expect((await attributesOf(token))['phone_number_verified']).toBe('true');
  });

  it('does not give an address to two', async () => {
    const token = await tokenOf('heidi');
    await update(token, { email: 'alice@example.com' });
    expect(await refusalOf(verify(token, codeFor('heidi')))).toBe(taken('email'));
    expect((await attributesOf(token))['email_verified']).toBe('false');
  });

  it('is limited by the hour, as guesses are', async () => {
    const token = await tokenOf('ivan');
    for (let i = 0; i < 5; i += 1) await askForCode(token);
    expect(await refusalOf(askForCode(token))).toBe(EXCEEDED);
    const code = codeFor('ivan');
    for (let i = 0; i < 15; i += 1) expect(await refusalOf(verify(token, otherThan(code)))).toBe(MISMATCH);
    expect(await refusalOf(verify(token, code))).toBe(EXCEEDED);
    pool.clock.advance({ hours: 1 });
    await verify(await tokenOf('ivan'), code);
  });
});

describe('a pool that verifies before it updates', () => {
  it('keeps the old address, also as the name to sign in with, until the new one is verified', async () => {
    const own = sdkFor(careful);
    const { accessToken: AccessToken } = await careful.tokensFor('alice@example.com');
    const addressNow = async () => {
      const { UserAttributes: list } = await own.send(new GetUserCommand({ AccessToken }));
      return list?.find(({ Name }) => Name === 'email')?.Value;
    };
    const updateTo = async (Value: string) =>
      own.send(new UpdateUserAttributesCommand({ AccessToken, UserAttributes: [{ Name: 'email', Value }] }));
    const verifyWith = async (Code: string) =>
      own.send(new VerifyUserAttributeCommand({ AccessToken, AttributeName: 'email', Code }));

    expect(await refusalOf(updateTo('bob@example.com'))).toBe(taken('email'));
    await updateTo('first@new.example');
    const first = codeFor('first@new.example', careful);
    await updateTo('second@new.example');
    expect(await addressNow()).toBe('alice@example.com');
    if (first !== codeFor('second@new.example', careful)) expect(await refusalOf(verifyWith(first))).toBe(MISMATCH);
    await verifyWith(codeFor('second@new.example', careful));
    expect(await addressNow()).toBe('second@new.example');
    await careful.tokensFor('second@new.example');
    await expect(careful.tokensFor('alice@example.com')).rejects.toThrow(/has no user/);

    // Going back to the address that counts gives up the one that waits.
    await updateTo('third@new.example');
    await updateTo('second@new.example');
    expect(await refusalOf(verifyWith(codeFor('third@new.example', careful)))).toBe(EXPIRED);
    const removal = new DeleteUserAttributesCommand({ AccessToken, UserAttributeNames: ['email'] });
    expect(await refusalOf(own.send(removal))).toMatch(/email: The attribute is required/);
    own.destroy();
  });

  it('does not let an address be taken that somebody verified meanwhile', async () => {
    const own = sdkFor(careful);
    const { accessToken: AccessToken } = await careful.tokensFor('bob@example.com');
    const UserAttributes = [{ Name: 'email', Value: 'wanted@example.com' }];
    await own.send(new UpdateUserAttributesCommand({ AccessToken, UserAttributes }));
    const Code = codeFor('wanted@example.com', careful);
    const { clientId: ClientId } = careful.options;
    await own.send(new SignUpCommand({ ClientId, Username: 'wanted@example.com', Password: PASSWORD }));
    const refused = own.send(new VerifyUserAttributeCommand({ AccessToken, AttributeName: 'email', Code }));
    expect(await refusalOf(refused)).toBe(taken('email'));
    own.destroy();
  });
});

describe('ChangePassword', () => {
  it('needs the former password, the policy and a password that is new', async () => {
    const token = await tokenOf('kim');
    expect(await refusalOf(change(token, 'Wrong-passw0rd'))).toBe(INCORRECT);
    expect(await refusalOf(change(token, undefined))).toBe(INCORRECT);
    expect(await refusalOf(change(token, PASSWORD, 'password'))).toBe(
      'InvalidPasswordException: Password does not conform to policy: Password must have uppercase characters',
    );
    expect(await refusalOf(change(token, PASSWORD, PASSWORD))).toMatch(/^PasswordHistoryPolicyViolationException/);
    expect((await signIn('kim')).AuthenticationResult).toBeDefined();
    const client = new SdkSignIn(pool);
    const proof = client.proof('kim', PASSWORD);
    const begun = await client.start('USER_SRP_AUTH', { USERNAME: 'kim', SRP_A: proof.srpA });
    await change(token, PASSWORD);
    // What the former password began leads nowhere.
    expect(await refusalOf(client.claim(proof, begun))).toMatch(/^NotAuthorizedException: Invalid session/);
    client.sdk.destroy();
    expect(await refusalOf(signIn('kim'))).toBe(INCORRECT);
    expect((await signIn('kim', NEW_PASSWORD)).AuthenticationResult).toBeDefined();
    // Open sign-ins stay open; five attempts are all that an hour has.
    expect(await refusalOf(change(token, NEW_PASSWORD, 'Th1rd-password'))).toBe(EXCEEDED);
    pool.clock.advance({ minutes: 59 });
    expect(await refusalOf(change(token, NEW_PASSWORD, 'Th1rd-password'))).toBe(EXCEEDED);
    pool.clock.advance({ minutes: 1 });
    await change(await tokenOf('kim'), NEW_PASSWORD, 'Th1rd-password');
  });

  it('leads into the lock of wrong passwords, and stands behind it', async () => {
    const token = await tokenOf('leo');
    for (let i = 0; i < 4; i += 1) expect(await refusalOf(signIn('leo', 'Wrong-passw0rd'))).toBe(INCORRECT);
    expect(await refusalOf(change(token, 'Wrong-passw0rd'))).toBe(INCORRECT);
    const locked = 'NotAuthorizedException: Password attempts exceeded';
    expect(await refusalOf(signIn('leo'))).toBe(locked);
    expect(await refusalOf(change(token, PASSWORD))).toBe(locked);
    pool.clock.advance({ seconds: 1 });
    await change(token, PASSWORD);
  });

  it('gives a first password to whoever signed up without one', async () => {
    const Username = 'mia';
    const UserAttributes = ['name', 'email'].map((Name) => ({ Name, Value: 'mia@example.com' }));
    await sdk.send(new SignUpCommand({ ClientId: 'main', Username, UserAttributes }));
    await sdk.send(new ConfirmSignUpCommand({ ClientId: 'main', Username, ConfirmationCode: codeFor('mia') }));
    const token = await tokenOf('mia');
    await change(token, undefined);
    expect((await signIn('mia', NEW_PASSWORD)).AuthenticationResult).toBeDefined();
    expect(await refusalOf(change(token, undefined, 'Th1rd-password'))).toBe(INCORRECT);
  });
});

describe('DeleteUser', () => {
  it('ends the account with all that was open, and frees its names', async () => {
    const { accessToken: token, refreshToken } = await pool.tokensFor('bob');
    await askForCode(token);
    const code = codeFor('bob');
    await sdk.send(new DeleteUserCommand({ AccessToken: token }));
    expect(await refusalOf(getUser(token))).toBe(REVOKED);
    expect(await refusalOf(signIn('bob'))).toBe(INCORRECT);
    const renewal = new InitiateAuthCommand({
      ClientId: 'main',
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      AuthParameters: { REFRESH_TOKEN: refreshToken },
    });
    expect(await refusalOf(sdk.send(renewal))).toMatch(/^NotAuthorizedException/);
    const UserAttributes = [
      { Name: 'name', Value: 'another Bob' },
      { Name: 'email', Value: 'bob@example.com' },
    ];
    await sdk.send(new SignUpCommand({ ClientId: 'main', Username: 'bob', Password: PASSWORD, UserAttributes }));
    const namesake = await tokenOf('bob');
    expect(await refusalOf(verify(namesake, code))).toBe(EXPIRED);
    expect(await refusalOf(getUser(token))).toBe(REVOKED);
    expect((await attributesOf(await tokenOf('alice')))['name']).toBe('alice');
  });

  it('ends the sign-ins that wait for an answer', async () => {
    const signIns = new SdkSignIn(pool);
    const gone = await signIns.password('oscar', PASSWORD);
    const other = await signIns.password('peggy', PASSWORD);
    await sdk.send(new DeleteUserCommand({ AccessToken: await tokenOf('oscar') }));
    const answer = async (asked: typeof gone) => signIns.answer(asked, { NEW_PASSWORD });
    expect(await refusalOf(answer(gone))).toMatch(/^NotAuthorizedException: Invalid session for the user/);
    expect((await answer(other)).AuthenticationResult).toBeDefined();
    signIns.sdk.destroy();
  });
});
