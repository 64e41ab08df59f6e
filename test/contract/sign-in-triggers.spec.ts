import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminResetUserPasswordCommand,
  AdminSetUserPasswordCommand,
  ForgotPasswordCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator, type EmulatorTriggers, type TriggerEvent } from '../../lib/emulator/index.js';
import { refusalOf } from './sdk.js';
import { SdkSignIn } from './sdk-sign-in.js';

const PASSWORD = 'Passw0rd!';
const WRONG = 'NotAuthorizedException: Incorrect username or password.';

let pool: CognitoEmulator;
let client: SdkSignIn;
let events: TriggerEvent[] = [];

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    aliasAttributes: ['email'],
    deviceConfiguration: {},
    schema: [{ name: 'email', required: true }, { name: 'custom:tenant' }],
    clients: [{ clientId: 'legacy', preventUserExistenceErrors: 'LEGACY' }],
    users: [
      ...['alice', 'leaver', 'outcast', 'absent'].map((username) => ({
        username,
        password: PASSWORD,
        attributes: { email: `${username}@example.com` },
      })),
      {
        username: 'invited',
        password: PASSWORD,
        status: 'FORCE_CHANGE_PASSWORD',
        attributes: { email: 'i@example.com' },
      },
      {
        username: 'guest',
        password: PASSWORD,
        status: 'FORCE_CHANGE_PASSWORD',
        attributes: { email: 'guest@example.com', email_verified: 'true' },
      },
      { username: 'off', password: PASSWORD, enabled: false },
    ],
  });
  client = new SdkSignIn(pool);
});

afterEach(() => {
  events = [];
  for (const name of ['preAuthentication', 'postAuthentication', 'userMigration'] as const)
    pool.triggers[name] = undefined;
});

afterAll(async () => pool.stop());

const record = (event: TriggerEvent): void => {
  events.push(event);
};
const userNamed = (Username: string) => ({ UserPoolId: pool.options.userPoolId, Username });

describe('PreAuthentication and PostAuthentication', () => {
  it('are told once about each sign-in, before and after what is asked in between', async () => {
    Object.assign(pool.triggers, { preAuthentication: record, postAuthentication: record });
    await client.srp('alice@example.com', PASSWORD, { ClientMetadata: { step: 'answer' } });
    expect(events).toMatchObject([
      {
        triggerSource: 'PreAuthentication_Authentication',
        userName: 'alice',
        callerContext: { clientId: pool.options.clientId },
        request: { userAttributes: { email: 'alice@example.com' }, validationData: {} },
      },
      {
        triggerSource: 'PostAuthentication_Authentication',
        userName: 'alice',
        request: { clientMetadata: { step: 'answer' }, newDeviceUsed: true },
      },
    ]);

    events = [];
    const asked = await client.password('invited', PASSWORD, { ClientMetadata: { step: 'start' } });
    expect(events.map(({ triggerSource }) => triggerSource)).toEqual(['PreAuthentication_Authentication']);
    expect(events[0]?.request.validationData).toEqual({ step: 'start' });
    await client.answer(asked, { NEW_PASSWORD: 'Lasting-Passw0rd' });
    expect(events.map(({ triggerSource }) => triggerSource.split('_')[0])).toEqual([
      'PreAuthentication',
      'PostAuthentication',
    ]);
    // What a client says at the start is for the trigger before the sign-in alone.
    expect(events[1]?.request.clientMetadata).toEqual({});
  });

  it('are not told of a wrong password, of a disabled account or of somebody unknown', async () => {
    Object.assign(pool.triggers, { preAuthentication: record, postAuthentication: record });
    await refusalOf(client.password('alice', 'nope'));
    await refusalOf(client.password('off', PASSWORD));
    await refusalOf(client.password('nobody', PASSWORD));
    expect(events).toEqual([]);
    await client.password('alice', PASSWORD);
    expect(events).toHaveLength(2);
  });

  it.each(['preAuthentication', 'postAuthentication'] as const)('%s may refuse', async (name) => {
    pool.triggers[name] = () => {
      throw new Error('Not in this season');
    };
    const words = `${name.charAt(0).toUpperCase()}${name.slice(1)} failed with error Not in this season.`;
    const attempts = [
      client.password('alice', PASSWORD),
      client.srp('alice', PASSWORD),
      client.adminStart('ADMIN_USER_PASSWORD_AUTH', { USERNAME: 'alice', PASSWORD }),
    ];
    const refused = `UserLambdaValidationException: ${words}`;
    expect(await Promise.all(attempts.map(refusalOf))).toEqual([refused, refused, refused]);
    pool.triggers[name] = undefined;
    expect(await client.password('alice', PASSWORD)).toHaveProperty('AuthenticationResult');
  });

  it('may take their time: whoever is removed or disabled meanwhile gets no tokens', async () => {
    pool.triggers.postAuthentication = async ({ userName }) => {
      const command = userName === 'leaver' ? AdminDeleteUserCommand : AdminDisableUserCommand;
      await client.sdk.send(new command(userNamed(userName)));
    };
    expect(await refusalOf(client.password('leaver', PASSWORD))).toBe(WRONG);
    expect(await refusalOf(client.password('outcast', PASSWORD))).toBe('NotAuthorizedException: User is disabled.');
  });

  it('may take their time: a password that was reset at the very last leads nowhere either', async () => {
    expect(await client.password('absent', PASSWORD)).toHaveProperty('AuthenticationResult');
    pool.triggers.postAuthentication = async ({ userName }) => {
      await client.sdk.send(new AdminResetUserPasswordCommand(userNamed(userName)));
    };
    expect(await refusalOf(client.password('absent', PASSWORD))).toMatch(/^PasswordResetRequired/);
  });

  it('may take their time: a password that was replaced or reset meanwhile leads nowhere', async () => {
    const Password = 'An0ther-one!';
    pool.triggers.preAuthentication = async ({ userName }) => {
      const change = { ...userNamed(userName), Password, Permanent: true };
      await client.sdk.send(new AdminSetUserPasswordCommand(change));
    };
    expect(await refusalOf(client.password('guest', PASSWORD))).toBe(WRONG);
    pool.triggers.preAuthentication = async ({ userName }) => {
      await client.sdk.send(new AdminResetUserPasswordCommand(userNamed(userName)));
    };
    expect(await refusalOf(client.password('guest', Password))).toMatch(/^PasswordResetRequired/);
    pool.triggers.preAuthentication = record;
    expect(await client.password('alice', PASSWORD)).toHaveProperty('AuthenticationResult');
  });
});

describe('UserMigration', () => {
  const elsewhere: EmulatorTriggers['userMigration'] = (event) => {
    record(event);
    if (event.userName === 'stranger') return undefined;
    if (event.request.password !== 'old-secret') throw new Error('Bad password');
    const email = `${event.userName}@old.example.com`;
    return { userAttributes: { email, email_verified: 'true', 'custom:tenant': 'old' } };
  };

  it('brings an account over, with the password that was typed, and is not asked again', async () => {
    pool.triggers.userMigration = elsewhere;
    const signedIn = await client.password('mover', 'old-secret', { ClientMetadata: { from: 'here' } });
    expect(signedIn).toHaveProperty('AuthenticationResult');
    expect(events).toMatchObject([
      {
        triggerSource: 'UserMigration_Authentication',
        userName: 'mover',
        request: { password: 'old-secret', validationData: { from: 'here' }, userAttributes: {} },
      },
    ]);
    const user = await client.sdk.send(new AdminGetUserCommand(userNamed('mover')));
    expect(user.UserStatus).toBe('CONFIRMED');
    expect(user.UserAttributes).toContainEqual({ Name: 'custom:tenant', Value: 'old' });
    expect(await client.srp('mover', 'old-secret')).toHaveProperty('AuthenticationResult');
    expect(await client.password('mover@old.example.com', 'old-secret')).toHaveProperty('AuthenticationResult');
    expect(await refusalOf(client.password('mover', 'nope'))).toBe(WRONG);
    expect(events).toHaveLength(1);
  });

  it('works for administrators, and not for a proof, which shows no password', async () => {
    pool.triggers.userMigration = elsewhere;
    expect(await refusalOf(client.srp('served', 'old-secret'))).toBe(WRONG);
    expect(events).toEqual([]);
    const credentials = { USERNAME: 'served', PASSWORD: 'old-secret' };
    expect(await client.adminStart('ADMIN_USER_PASSWORD_AUTH', credentials)).toHaveProperty('AuthenticationResult');
  });

  it('may refuse, or not know the name either', async () => {
    pool.triggers.userMigration = elsewhere;
    expect(await refusalOf(client.password('stays', 'nope'))).toBe(
      'UserLambdaValidationException: UserMigration failed with error Bad password.',
    );
    expect(await refusalOf(client.password('stranger', 'old-secret'))).toBe(WRONG);
    expect(await refusalOf(client.by('legacy').password('stranger', 'old-secret'))).toBe(
      'UserNotFoundException: User does not exist.',
    );
    for (const name of ['stays', 'stranger']) {
      expect(await refusalOf(client.sdk.send(new AdminGetUserCommand(userNamed(name))))).toMatch(/^UserNotFound/);
    }
  });

  it('brings over whoever has forgotten the password, which nobody is asked for', async () => {
    pool.triggers.userMigration = (event) => {
      record(event);
      const attributes = { email: 'forgetful@example.com', email_verified: 'true' };
      return event.userName === 'forgetful'
        ? { userAttributes: attributes, finalUserStatus: 'RESET_REQUIRED' }
        : undefined;
    };
    const forgot = async (Username: string) =>
      client.sdk.send(new ForgotPasswordCommand({ ClientId: pool.options.clientId, Username }));
    expect((await forgot('forgetful')).CodeDeliveryDetails?.Destination).toBe('f***@e***');
    expect(events).toMatchObject([{ triggerSource: 'UserMigration_ForgotPassword', userName: 'forgetful' }]);
    expect(events[0]?.request.password).toBeUndefined();
    expect(pool.inbox.last('forgetful')).toMatchObject({ purpose: 'ForgotPassword' });
    expect(await refusalOf(client.password('forgetful', ''))).toMatch(/Missing required parameter PASSWORD/);
    expect(await refusalOf(client.password('forgetful', PASSWORD))).toBe(WRONG);

    const sent = pool.inbox.all().length;
    expect((await forgot('stranger')).CodeDeliveryDetails).toBeDefined();
    expect(pool.inbox.all()).toHaveLength(sent);
  });

  it('makes one account of two sign-ins at once', async () => {
    let letBothGo = () => {};
    const bothAsked = new Promise<void>((resolve) => {
      letBothGo = resolve;
    });
    pool.triggers.userMigration = async (event) => {
      record(event);
      if (events.length === 2) letBothGo();
      await bothAsked;
      return { userAttributes: { email: 'twin@example.com' } };
    };
    const attempts = [client.password('twin', 'old-secret'), client.password('twin', 'old-secret')];
    for (const answer of await Promise.all(attempts)) expect(answer).toHaveProperty('AuthenticationResult');
  });

  it('may bring over a name other than the typed one, and a password that has to be reset', async () => {
    const attributes = { username: 'renamed', email: 'renamed@example.com', email_verified: 'true' };
    pool.triggers.userMigration = () => ({ userAttributes: attributes, finalUserStatus: 'RESET_REQUIRED' });
    expect(await refusalOf(client.password('renamed@example.com', 'old-secret'))).toMatch(/^PasswordResetRequired/);
    const user = await client.sdk.send(new AdminGetUserCommand(userNamed('renamed')));
    expect(user).toMatchObject({ Username: 'renamed', UserStatus: 'RESET_REQUIRED' });
  });

  it.each([
    ['text', 'mover'],
    ['attributes that are none', { userAttributes: ['email'] }],
    ['values that are no text', { userAttributes: { email: 1 } }],
    ['an address that is none', { userAttributes: { email: 'nowhere' } }],
    ['an attribute that the pool does not know', { userAttributes: { email: 'm@example.com', 'custom:no': 'x' } }],
    ['too little', { userAttributes: {} }],
    ['a state that nobody can have', { userAttributes: { email: 'm@example.com' }, finalUserStatus: 'UNCONFIRMED' }],
    ["somebody else's name", { userAttributes: { username: 'alice', email: 'm@example.com' } }],
    ["somebody else's address", { userAttributes: { email: 'alice@example.com', email_verified: 'true' } }],
  ])('makes no account of %s', async (_, response) => {
    pool.triggers.userMigration = (() => response) as never;
    expect(await refusalOf(client.password('malformed', 'old-secret'))).toBe(
      'InvalidLambdaResponseException: Unrecognizable lambda output',
    );
    expect(await refusalOf(client.sdk.send(new AdminGetUserCommand(userNamed('malformed'))))).toMatch(/^UserNotFound/);
  });
});
