import {
  AdminConfirmSignUpCommand,
  AdminGetUserCommand,
  ConfirmSignUpCommand,
  InitiateAuthCommand,
  SignUpCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TriggerEvent } from '../../lib/emulator/triggers.js';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { refusalOf, sdkFor } from './sdk.js';

const PASSWORD = 'Passw0rd!';

let pool: CognitoEmulator;
let closed: CognitoEmulator;
let sdk: CognitoIdentityProviderClient;
let alice: string;
let count = 0;

beforeAll(async () => {
  [pool, closed] = await Promise.all([
    CognitoEmulator.start({
      clientId: 'main',
      clients: [{ clientId: 'plain', explicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] }],
      aliasAttributes: ['email'],
      allowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'],
    }),
    CognitoEmulator.start({ allowAdminCreateUserOnly: true }),
  ]);
  sdk = sdkFor(pool);
});

beforeEach(() => {
  count += 1;
  alice = `alice-${count}`;
});

afterEach(() => {
  for (const name of ['preSignUp', 'postConfirmation', 'customMessage'] as const) delete pool.triggers[name];
  pool.clock.reset();
});

afterAll(async () => {
  sdk.destroy();
  await Promise.all([pool.stop(), closed.stop()]);
});

const email = () => `${alice}@example.com`;
const signUp = async (Username = alice, changes: object = {}) =>
  sdk.send(
    new SignUpCommand({
      ClientId: 'main',
      Username,
      Password: PASSWORD,
      UserAttributes: [{ Name: 'email', Value: email() }],
      ...changes,
    }),
  );
const confirm = async (Username: string, changes: object = {}) =>
  sdk.send(
    new ConfirmSignUpCommand({
      ClientId: 'main',
      Username,
      ConfirmationCode: pool.inbox.last(Username)?.code,
      ...changes,
    }),
  );
const userOf = async (Username: string) =>
  sdk.send(new AdminGetUserCommand({ UserPoolId: pool.options.userPoolId, Username }));
const adminConfirm = async (Username: string, changes: object = {}) =>
  sdk.send(new AdminConfirmSignUpCommand({ UserPoolId: pool.options.userPoolId, Username, ...changes }));
const signIn = async (USERNAME: string) =>
  sdk.send(
    new InitiateAuthCommand({
      ClientId: 'main',
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD },
    }),
  );
const signInWith = async (Session: string | undefined, USERNAME: string) =>
  sdk.send(new InitiateAuthCommand({ ClientId: 'main', AuthFlow: 'USER_AUTH', AuthParameters: { USERNAME }, Session }));

/** A trigger that writes down what it is told, and what it then answers. */
function recorder<Response>(events: TriggerEvent[], response: Response): (event: TriggerEvent) => Response {
  return (event) => {
    events.push(event);
    return response;
  };
}

describe('PreSignUp', () => {
  it('is told who signs up, and with what', async () => {
    const events: TriggerEvent[] = [];
    pool.triggers.preSignUp = recorder(events, {});
    const ValidationData = [{ Name: 'invitation', Value: 'abc' }];
    const reply = await signUp(alice, { ValidationData, ClientMetadata: { campaign: 'spring' } });
    expect(reply.UserConfirmed).toBe(false);
    expect(events).toEqual([
      {
        triggerSource: 'PreSignUp_SignUp',
        userPoolId: pool.options.userPoolId,
        userName: alice,
        callerContext: { clientId: 'main' },
        request: {
          userAttributes: { email: email() },
          validationData: { invitation: 'abc' },
          clientMetadata: { campaign: 'spring' },
        },
      },
    ]);
    expect((await userOf(alice)).UserAttributes?.map(({ Name }) => Name)).not.toContain('invitation');
  });

  it('may confirm an account and verify its address, with no code at all', async () => {
    const confirmed: TriggerEvent[] = [];
    pool.triggers.preSignUp = () => ({ autoConfirmUser: true, autoVerifyEmail: true });
    pool.triggers.postConfirmation = recorder(confirmed, undefined);
    expect(await signUp()).toMatchObject({ UserConfirmed: true });
    expect(pool.inbox.last(alice)).toBeUndefined();
    expect(confirmed).toMatchObject([
      {
        triggerSource: 'PostConfirmation_ConfirmSignUp',
        request: { userAttributes: { email_verified: 'true', 'cognito:user_status': 'CONFIRMED' } },
      },
    ]);
    expect((await signIn(email())).AuthenticationResult?.TokenType).toBe('Bearer');

    // The alias goes to whoever is verified last.
    await signUp(`${alice}-later`);
    const { UserAttributes: former } = await userOf(alice);
    expect(former).toContainEqual({ Name: 'email_verified', Value: 'false' });
    const { Username: owner } = await userOf(email());
    expect(owner).toBe(`${alice}-later`);
  });

  it('cannot verify an address that is not there', async () => {
    pool.triggers.preSignUp = () => ({ autoConfirmUser: true, autoVerifyPhone: true });
    expect(await refusalOf(signUp())).toMatch(/^InvalidLambdaResponseException/);
    pool.triggers.preSignUp = () => ({ autoConfirmUser: true });
    expect(await signUp()).toMatchObject({ UserConfirmed: true });
  });

  it('refuses a sign-up, of which nothing is left', async () => {
    pool.triggers.preSignUp = () => {
      throw new Error('not invited');
    };
    expect(await refusalOf(signUp())).toBe('UserLambdaValidationException: PreSignUp failed with error not invited.');
    expect(await refusalOf(userOf(alice))).toBe('UserNotFoundException: User does not exist.');
    expect(pool.inbox.last(alice)).toBeUndefined();
    delete pool.triggers.preSignUp;
    await signUp();
  });

  it.each(['yes', { autoConfirmUser: 'yes' }, { autoVerifyEmail: 1 }])(
    'is not understood when it answers %j',
    async (response) => {
      pool.triggers.preSignUp = () => response as never;
      expect(await refusalOf(signUp())).toBe('InvalidLambdaResponseException: Unrecognizable lambda output');
      expect(await refusalOf(userOf(alice))).toMatch(/^UserNotFound/);
      pool.triggers.preSignUp = () => ({ autoConfirmUser: true });
      expect(await signUp()).toMatchObject({ UserConfirmed: true });
    },
  );

  it('does not let two people have one name, however slow it is', async () => {
    let release = () => undefined as void;
    const waiting = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = 0;
    pool.triggers.preSignUp = async () => {
      asked += 1;
      if (asked === 2) release();
      await waiting;
    };
    const replies = await Promise.allSettled([signUp(), signUp(alice.toUpperCase())]);
    expect(replies.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = replies.find((reply) => reply.status === 'rejected');
    expect(String(refused?.reason)).toMatch(/UsernameExistsException: User already exists/);
  });
});

describe('PostConfirmation', () => {
  it('comes after the fact: what it throws is answered, and the account is confirmed', async () => {
    await signUp();
    pool.triggers.postConfirmation = ({ triggerSource, request }) => {
      throw new Error(`${triggerSource} ${request.clientMetadata?.['step']}`);
    };
    expect(await refusalOf(confirm(alice, { ClientMetadata: { step: 'last' } }))).toBe(
      'UserLambdaValidationException: PostConfirmation failed with error PostConfirmation_ConfirmSignUp last.',
    );
    expect((await userOf(alice)).UserStatus).toBe('CONFIRMED');
  });
});

describe('CustomMessage', () => {
  it('writes the message, with the code in it', async () => {
    pool.triggers.customMessage = ({ triggerSource, request }) => ({
      emailSubject: triggerSource,
      emailMessage: `Hello ${request.userAttributes['email']}, ${request.codeParameter}!`,
    });
    await signUp();
    const message = pool.inbox.last(alice);
    expect(message).toMatchObject({ subject: 'CustomMessage_SignUp', text: `Hello ${email()}, ${message?.code}!` });
    await confirm(alice);
  });

  it('refuses a sign-up, of which nothing is left', async () => {
    pool.triggers.customMessage = () => {
      throw new Error('no words');
    };
    expect(await refusalOf(signUp())).toBe('UserLambdaValidationException: CustomMessage failed with error no words.');
    expect(await refusalOf(userOf(alice))).toMatch(/^UserNotFound/);
  });

  it.each(['words', { emailMessage: 5 }, { emailSubject: {} }])(
    'refuses it too when what it says is not understood: %j',
    async (response) => {
      pool.triggers.customMessage = () => response as never;
      expect(await refusalOf(signUp())).toBe('InvalidLambdaResponseException: Unrecognizable lambda output');
      expect(await refusalOf(userOf(alice))).toMatch(/^UserNotFound/);
      pool.triggers.customMessage = () => ({ emailMessage: 'Use {####}', emailSubject: null as never });
      await signUp();
      expect(pool.inbox.last(alice)).toMatchObject({ text: `Use ${pool.inbox.last(alice)?.code}` });
      expect(pool.inbox.last(alice)).not.toHaveProperty('subject');
    },
  );
});

describe('AdminConfirmSignUp', () => {
  it('confirms without a code, once, and verifies no address', async () => {
    const confirmed: TriggerEvent[] = [];
    pool.triggers.postConfirmation = recorder(confirmed, undefined);
    await signUp();
    expect(await refusalOf(signIn(alice))).toMatch(/^UserNotConfirmed/);
    await adminConfirm(alice, { ClientMetadata: { by: 'hand' } });
    expect(confirmed).toMatchObject([
      { triggerSource: 'PostConfirmation_ConfirmSignUp', request: { clientMetadata: { by: 'hand' } } },
    ]);
    expect((await signIn(alice)).AuthenticationResult?.TokenType).toBe('Bearer');
    expect((await userOf(alice)).UserAttributes).toContainEqual({ Name: 'email_verified', Value: 'false' });
    const done = 'NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED';
    expect(await refusalOf(adminConfirm(alice))).toBe(done);
    expect(await refusalOf(confirm(alice))).toBe(done);
    expect(await refusalOf(adminConfirm('nobody'))).toBe('UserNotFoundException: User does not exist.');
  });
});

describe('who may sign up, and with what', () => {
  it('is nobody, where administrators make the users', async () => {
    const own = sdkFor(closed);
    const command = new SignUpCommand({ ClientId: closed.options.clientId, Username: alice, Password: PASSWORD });
    expect(await refusalOf(own.send(command))).toBe(
      'NotAuthorizedException: SignUp is not permitted for this user pool',
    );
    own.destroy();
    await signUp();
  });

  it('is somebody without a password, where there is another way to sign in', async () => {
    await signUp(alice, { Password: undefined });
    await signUp(`${alice}-blank`, { Password: '', UserAttributes: [] });
    expect(await refusalOf(signUp(`${alice}-weak`, { Password: 'Passw0rd' }))).toMatch(/^InvalidPasswordException/);
    await confirm(alice);
    expect(await refusalOf(signIn(alice))).toBe('NotAuthorizedException: Incorrect username or password.');
  });
});

describe('the session of a sign-up', () => {
  it('goes through the confirmation into a sign-in, once', async () => {
    const { Session: first } = await signUp();
    expect(first).toBeDefined();
    const { Session: second } = await confirm(alice, { Session: first });
    expect(second).toBeDefined();
    expect(second).not.toBe(first);
    const { AuthenticationResult: tokens } = await signInWith(second, alice);
    expect(tokens?.AccessToken).toBeDefined();
    expect(await refusalOf(signInWith(second, alice))).toMatch(/^NotAuthorizedException: Invalid session for the user/);
    expect(await refusalOf(signInWith(first, alice))).toMatch(/^NotAuthorizedException: Invalid session for the user/);
  });

  it('is of one user, one client and a few minutes, and a refused one spends no code', async () => {
    const other = `${alice}-other`;
    const { Session: theirs } = await signUp(other);
    const { Session: mine } = await signUp();
    const invalid = 'NotAuthorizedException: Invalid session for the user.';
    expect(await refusalOf(confirm(alice, { Session: theirs }))).toBe(invalid);
    expect(await refusalOf(confirm(alice, { Session: mine, ClientId: 'plain' }))).toBe(invalid);
    expect(await refusalOf(confirm(alice, { Session: 'a-session-that-was-made-up' }))).toBe(invalid);
    pool.clock.advance({ minutes: 3 });
    expect(await refusalOf(confirm(alice, { Session: mine }))).toBe(
      'NotAuthorizedException: Invalid session for the user, session is expired.',
    );
    // The code itself is good for a day.
    const { Session: next } = await confirm(alice);
    expect(await refusalOf(signInWith(next, other))).toMatch(/^NotAuthorizedException/);
    expect((await signInWith(next, alice)).AuthenticationResult?.AccessToken).toBeDefined();
  });

  it('is not for clients that do not permit USER_AUTH', async () => {
    expect((await signUp(alice, { ClientId: 'plain' })).Session).toBeUndefined();
    expect((await confirm(alice, { ClientId: 'plain' })).Session).toBeUndefined();
  });
});
