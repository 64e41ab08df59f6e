import {
  AdminConfirmSignUpCommand,
  AdminGetUserCommand,
  AdminSetUserMFAPreferenceCommand,
  ConfirmSignUpCommand,
  type ConfirmSignUpCommandOutput,
  type InitiateAuthResponse,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { N } from '../../lib/srp/group.js';
import { secretHashOf } from '../unit/emulator/wire-client.js';
import { refusalOf } from './sdk.js';
import { SdkSignIn } from './sdk-sign-in.js';

const PASSWORD = 'Passw0rd!';
const WRONG = 'NotAuthorizedException: Incorrect username or password.';
const MISMATCH = 'CodeMismatchException: Invalid verification code provided, please try again.';
const UNKNOWN_SESSION = 'NotAuthorizedException: Invalid session for the user.';
const USED_SESSION = 'NotAuthorizedException: Invalid session for the user, session can only be used once.';
const SECRET = 'the-secret-of-the-client-1';

let pool: CognitoEmulator;
let client: SdkSignIn;

const people = ['alice', 'bob', 'carol', 'dave', 'erin'].map((username) => ({
  username,
  password: PASSWORD,
  attributes: { email: `${username}@example.com`, phone_number: '+4930123456', phone_number_verified: 'false' },
}));

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    aliasAttributes: ['email'],
    allowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP', 'SMS_OTP', 'WEB_AUTHN'],
    mfaConfiguration: 'OPTIONAL',
    clients: [
      { clientId: 'legacy', preventUserExistenceErrors: 'LEGACY' },
      { clientId: 'secretive', clientSecret: SECRET },
      { clientId: 'plain', explicitAuthFlows: ['ALLOW_USER_SRP_AUTH'] },
      { clientId: 'choosing', explicitAuthFlows: ['ALLOW_USER_AUTH'] },
    ],
    users: [
      ...people,
      { username: 'mailless', password: PASSWORD },
      { username: 'guarded', password: PASSWORD, attributes: { email: 'g@example.com' }, mfa: { email: true } },
      {
        username: 'invited',
        password: PASSWORD,
        attributes: { email: 'i@example.com' },
        status: 'FORCE_CHANGE_PASSWORD',
      },
      { username: 'fresh', password: PASSWORD, attributes: { email: 'fresh@example.com' }, status: 'UNCONFIRMED' },
      { username: 'reset', password: PASSWORD, attributes: { email: 'r@example.com' }, status: 'RESET_REQUIRED' },
      { username: 'off', password: PASSWORD, attributes: { email: 'off@example.com' }, enabled: false },
    ],
  });
  client = new SdkSignIn(pool);
});

afterEach(() => {
  pool.clock.reset();
});

afterAll(async () => pool.stop());

const start = async (USERNAME: string, more: Record<string, string> = {}, by = client) =>
  by.start('USER_AUTH', { USERNAME, ...more });
const prefer = async (USERNAME: string, PREFERRED_CHALLENGE: string, more: Record<string, string> = {}, by = client) =>
  start(USERNAME, { PREFERRED_CHALLENGE, ...more }, by);
const expectTokens = (answer: object) =>
  expect(answer).toMatchObject({ AuthenticationResult: { TokenType: 'Bearer' } });
const codeFor = (recipient: string) => pool.inbox.last(recipient)?.code ?? '';
const attributesOf = async (Username: string) => {
  const user = await client.sdk.send(new AdminGetUserCommand({ UserPoolId: pool.options.userPoolId, Username }));
  return {
    status: user.UserStatus,
    ...Object.fromEntries((user.UserAttributes ?? []).map(({ Name, Value }) => [Name, Value])),
  };
};

describe('a choice of first factors', () => {
  it('is offered to whoever prefers none, or one that they do not have', async () => {
    const offered = await start('alice');
    expect(offered).toMatchObject({
      ChallengeName: 'SELECT_CHALLENGE',
      ChallengeParameters: {},
      AvailableChallenges: ['PASSWORD_SRP', 'PASSWORD', 'EMAIL_OTP', 'SMS_OTP'],
    });
    expect((await prefer('alice', 'WEB_AUTHN')).AvailableChallenges).toEqual(offered.AvailableChallenges);
    expect((await prefer('mailless', 'EMAIL_OTP')).AvailableChallenges).toEqual(['PASSWORD_SRP', 'PASSWORD']);
    expect(await refusalOf(prefer('alice', 'TELEPATHY'))).toMatch(/^InvalidParameterException/);
  });

  it('is one of passwords alone before a second factor, and for a password that has to be changed', async () => {
    for (const username of ['guarded', 'invited']) {
      expect(await prefer(username, 'EMAIL_OTP')).toMatchObject({
        ChallengeName: 'SELECT_CHALLENGE',
        AvailableChallenges: ['PASSWORD_SRP', 'PASSWORD'],
      });
    }
    expect(await prefer('guarded', 'PASSWORD', { PASSWORD })).toHaveProperty('ChallengeName', 'EMAIL_OTP');
    expect(await prefer('invited', 'PASSWORD', { PASSWORD })).toHaveProperty('ChallengeName', 'NEW_PASSWORD_REQUIRED');
  });

  it('needs no other permission than its own', async () => {
    const choosing = client.by('choosing');
    expectTokens(await prefer('alice', 'PASSWORD', { PASSWORD }, choosing));
    expect(await refusalOf(choosing.password('alice', PASSWORD))).toMatch(/flow not enabled for this client/);
    expect(await refusalOf(start('alice', {}, client.by('plain')))).toBe(
      'InvalidParameterException: USER_AUTH flow not enabled for this client',
    );
  });

  it('is answered with one of what was offered, once, by name or by alias', async () => {
    const offered = await start('alice@example.com');
    const choose = async (ANSWER: string, more: Record<string, string> = {}, changes: object = {}) =>
      client.answer(offered, { USERNAME: 'alice@example.com', ANSWER, ...more }, changes);
    expect(await refusalOf(choose('WEB_AUTHN'))).toMatch(/^InvalidParameterException/);
    expect(await refusalOf(choose('SOFTWARE_TOKEN_MFA'))).toMatch(/^InvalidParameterException/);
    expect(await refusalOf(choose(''))).toBe('InvalidParameterException: Missing required parameter ANSWER');
    expect(await refusalOf(choose('PASSWORD_SRP', { SRP_A: N.toString(16) }))).toMatch(/^InvalidParameterException/);
    expect(await refusalOf(choose('EMAIL_OTP', { USERNAME: 'bob' }))).toBe(UNKNOWN_SESSION);
    expect(await refusalOf(choose('EMAIL_OTP', {}, { ClientId: 'legacy' }))).toBe(UNKNOWN_SESSION);
    expect(await choose('EMAIL_OTP', { USERNAME: 'alice' })).toHaveProperty('ChallengeName', 'EMAIL_OTP');
    expect(await refusalOf(choose('EMAIL_OTP'))).toBe(USED_SESSION);
  });

  it('is open to administrators as well, and asks each step for the secret hash', async () => {
    const asked = await client.adminStart('USER_AUTH', { USERNAME: 'alice', PREFERRED_CHALLENGE: 'EMAIL_OTP' });
    const answer = { USERNAME: 'alice', EMAIL_OTP_CODE: codeFor('alice') };
    expectTokens(await client.adminAnswer(asked, answer));

    const secretive = client.by('secretive');
    const SECRET_HASH = secretHashOf(SECRET, 'alice', 'secretive');
    expect(await refusalOf(start('alice', {}, secretive))).toMatch(/SECRET_HASH was not received/);
    const offered = await start('alice', { SECRET_HASH }, secretive);
    const chosen = { USERNAME: 'alice', ANSWER: 'PASSWORD', PASSWORD };
    expect(await refusalOf(secretive.answer(offered, chosen))).toMatch(/SECRET_HASH was not received/);
    expectTokens(await secretive.answer(offered, { ...chosen, SECRET_HASH }));
  });
});

describe('a password as the choice', () => {
  it('comes with the first call, with the choice, or when it is asked for', async () => {
    expectTokens(await prefer('alice', 'PASSWORD', { PASSWORD }));
    expectTokens(await client.answer(await start('alice'), { USERNAME: 'alice', ANSWER: 'PASSWORD', PASSWORD }));
    const asked = await prefer('alice', 'PASSWORD');
    expect(asked).toMatchObject({ ChallengeName: 'PASSWORD', AvailableChallenges: ['PASSWORD'] });
    expectTokens(await client.answer(asked, { USERNAME: 'alice', PASSWORD }));
    expect(await refusalOf(client.answer(asked, { USERNAME: 'alice', PASSWORD }))).toBe(USED_SESSION);
  });

  it('is refused when it is wrong, which ends the sign-in and counts towards the lock', async () => {
    expect(await refusalOf(prefer('bob', 'PASSWORD', { PASSWORD: 'nope' }))).toBe(WRONG);
    const asked = await prefer('bob', 'PASSWORD');
    expect(await refusalOf(client.answer(asked, { USERNAME: 'bob', PASSWORD: 'nope' }))).toBe(WRONG);
    expect(await refusalOf(client.answer(asked, { USERNAME: 'bob', PASSWORD }))).toBe(USED_SESSION);
    for (let i = 0; i < 3; i += 1) {
      const offered = await start('bob');
      await refusalOf(client.answer(offered, { USERNAME: 'bob', ANSWER: 'PASSWORD', PASSWORD: 'nope' }));
    }
    expect(await refusalOf(prefer('bob', 'PASSWORD', { PASSWORD }))).toMatch(/Password attempts exceeded/);
    pool.clock.advance({ seconds: 2 });
    expectTokens(await prefer('bob', 'PASSWORD', { PASSWORD }));
  });

  it('is proved over SRP with the first call, with the choice, or when it is asked for', async () => {
    const proof = client.proof('alice', PASSWORD);
    const SRP_A = proof.srpA;
    expectTokens(await client.claim(proof, await prefer('alice', 'PASSWORD_SRP', { SRP_A })));
    const chosen = await client.answer(await start('alice'), { USERNAME: 'alice', ANSWER: 'PASSWORD_SRP', SRP_A });
    expectTokens(await client.claim(proof, chosen));
    const asked = await prefer('alice', 'PASSWORD_SRP');
    expect(asked).toMatchObject({ ChallengeName: 'PASSWORD_SRP' });
    const offered = await client.answer(asked, { USERNAME: 'alice', SRP_A });
    expect(await refusalOf(client.claim(proof, offered, { Session: undefined }))).toBe(UNKNOWN_SESSION);
    expectTokens(await client.claim(proof, await prefer('alice', 'PASSWORD_SRP', { SRP_A })));

    const wrong = client.proof('alice', 'nope');
    expect(await refusalOf(client.claim(wrong, await prefer('alice', 'PASSWORD_SRP', { SRP_A: wrong.srpA })))).toBe(
      WRONG,
    );
    expect(await refusalOf(prefer('alice', 'PASSWORD_SRP', { SRP_A: '0' }))).toMatch(/^InvalidParameterException/);
  });
});

describe('a code as the choice', () => {
  it.each([
    ['EMAIL_OTP', 'EMAIL', 'c***@e***', 'email_verified'],
    ['SMS_OTP', 'SMS', '+******3456', 'phone_number_verified'],
  ])('%s has eight digits, and shows that the address is theirs', async (name, medium, destination, flag) => {
    const asked = await prefer('carol', name);
    expect(asked).toMatchObject({
      ChallengeName: name,
      ChallengeParameters: { CODE_DELIVERY_DELIVERY_MEDIUM: medium, CODE_DELIVERY_DESTINATION: destination },
      AvailableChallenges: [name],
    });
    const message = pool.inbox.last('carol');
    expect(message).toMatchObject({
      medium,
      purpose: 'Authentication',
      code: expect.stringMatching(/^\d{8}$/) as string,
    });
    expectTokens(await client.answer(asked, { USERNAME: 'carol', [`${name}_CODE`]: message?.code ?? '' }));
    expect(await attributesOf('carol')).toMatchObject({ [flag]: 'true' });
  });

  it('may be missed, and serves once, for its own session, client and name', async () => {
    const [earlier, asked] = [await prefer('dave', 'EMAIL_OTP'), await prefer('dave', 'EMAIL_OTP')];
    const EMAIL_OTP_CODE = codeFor('dave@example.com');
    const answer = async (to: InitiateAuthResponse, more: Record<string, string> = {}, changes: object = {}) =>
      client.answer(to, { USERNAME: 'dave', EMAIL_OTP_CODE, ...more }, changes);
    const other = EMAIL_OTP_CODE === '00000000' ? '00000001' : '00000000';
    for (let i = 0; i < 6; i += 1) expect(await refusalOf(answer(asked, { EMAIL_OTP_CODE: other }))).toBe(MISMATCH);
    expect(await refusalOf(answer(asked, { EMAIL_OTP_CODE: '' }))).toMatch(/Missing required parameter EMAIL_OTP_CODE/);
    expect(await refusalOf(answer(earlier))).toBe(MISMATCH);
    expect(await refusalOf(answer(asked, { USERNAME: 'alice' }))).toBe(UNKNOWN_SESSION);
    expect(await refusalOf(answer(asked, {}, { ClientId: 'legacy' }))).toBe(UNKNOWN_SESSION);
    const otherName = { ...asked, ChallengeName: 'SMS_OTP' as const };
    expect(await refusalOf(answer(otherName, { SMS_OTP_CODE: EMAIL_OTP_CODE }))).toBe(UNKNOWN_SESSION);
    expectTokens(await answer(asked));
    expect(await refusalOf(answer(asked))).toBe(USED_SESSION);
  });

  it('lives as long as its session', async () => {
    const asked = await prefer('erin', 'EMAIL_OTP');
    const answer = { USERNAME: 'erin', EMAIL_OTP_CODE: codeFor('erin') };
    pool.clock.advance({ minutes: 3 });
    expect(await refusalOf(client.answer(asked, answer))).toMatch(/session is expired/);
  });

  it('confirms an account that is not, but takes no address away from its owner', async () => {
    const fresh = await prefer('fresh', 'EMAIL_OTP');
    expectTokens(await client.answer(fresh, { USERNAME: 'fresh', EMAIL_OTP_CODE: codeFor('fresh') }));
    expect(await attributesOf('fresh')).toMatchObject({ status: 'CONFIRMED', email_verified: 'true' });

    const UserAttributes = [{ Name: 'email', Value: 'alice@example.com' }];
    const { clientId: ClientId } = pool.options;
    await client.sdk.send(new SignUpCommand({ ClientId, Username: 'copycat', Password: PASSWORD, UserAttributes }));
    const copycat = await prefer('copycat', 'EMAIL_OTP');
    const answer = client.answer(copycat, { USERNAME: 'copycat', EMAIL_OTP_CODE: codeFor('copycat') });
    expect(await refusalOf(answer)).toMatch(/^AliasExistsException/);
    expect(await attributesOf('copycat')).toMatchObject({ status: 'UNCONFIRMED', email_verified: 'false' });
  });

  it('verifies no address that another user signs in with, also not as a second factor', async () => {
    const { clientId: ClientId, userPoolId: UserPoolId } = pool.options;
    const signUp = async (Username: string, email: string) => {
      const UserAttributes = [{ Name: 'email', Value: email }];
      await client.sdk.send(new SignUpCommand({ ClientId, Username, Password: PASSWORD, UserAttributes }));
      await client.sdk.send(new AdminConfirmSignUpCommand({ UserPoolId, Username }));
    };
    await signUp('shares', 'bob@example.com');
    await signUp('alone', 'alone@example.com');
    const asked = await prefer('shares', 'EMAIL_OTP');
    expectTokens(await client.answer(asked, { USERNAME: 'shares', EMAIL_OTP_CODE: codeFor('shares') }));
    for (const Username of ['shares', 'alone']) {
      const EmailMfaSettings = { Enabled: true };
      await client.sdk.send(new AdminSetUserMFAPreferenceCommand({ UserPoolId, Username, EmailMfaSettings }));
      const half = await client.password(Username, PASSWORD);
      expectTokens(await client.answer(half, { EMAIL_OTP_CODE: codeFor(Username) }));
    }
    expect(await attributesOf('shares')).toMatchObject({ email_verified: 'false' });
    expect(await attributesOf('alone')).toMatchObject({ email_verified: 'true' });
  });

  it('changes nothing for a device that is not known', async () => {
    const email = 'late@example.com';
    const UserAttributes = [{ Name: 'email', Value: email }];
    const { clientId: ClientId } = pool.options;
    await client.sdk.send(new SignUpCommand({ ClientId, Username: 'late', Password: PASSWORD, UserAttributes }));
    const asked = await prefer('late', 'EMAIL_OTP');
    const right = { USERNAME: 'late', EMAIL_OTP_CODE: codeFor(email) };
    const DEVICE_KEY = 'local_0a1b2c3d';
    const wrong = right.EMAIL_OTP_CODE === '00000000' ? '00000001' : '00000000';
    const guessed = client.answer(asked, { ...right, EMAIL_OTP_CODE: wrong, DEVICE_KEY });
    expect(await refusalOf(guessed)).toBe(MISMATCH);
    expect(await refusalOf(client.answer(asked, { ...right, DEVICE_KEY }))).toBe(
      'ResourceNotFoundException: Device does not exist.',
    );
    expect(await attributesOf('late')).toMatchObject({ status: 'UNCONFIRMED', email_verified: 'false' });
    expectTokens(await client.answer(asked, right));
  });

  it('is no way around a password that has to be reset', async () => {
    const asked = await prefer('reset', 'EMAIL_OTP');
    const answer = client.answer(asked, { USERNAME: 'reset', EMAIL_OTP_CODE: codeFor('reset') });
    expect(await refusalOf(answer)).toMatch(/^PasswordResetRequiredException/);
  });

  it('goes out after PreAuthentication has agreed', async () => {
    pool.triggers.preAuthentication = () => {
      throw new Error('not today');
    };
    const before = pool.inbox.all().length;
    expect(await refusalOf(prefer('alice', 'EMAIL_OTP'))).toBe(
      'UserLambdaValidationException: PreAuthentication failed with error not today.',
    );
    expect(pool.inbox.all()).toHaveLength(before);
    pool.triggers.preAuthentication = undefined;
    expect(await prefer('alice', 'EMAIL_OTP')).toHaveProperty('ChallengeName', 'EMAIL_OTP');
  });
});

describe('a choice for somebody who is not there', () => {
  it.each(['nobody', 'nobody@example.com'])('%s looks like anybody else, and gets no further', async (name) => {
    const sent = pool.inbox.all().length;
    const offered = await start(name);
    expect(offered.AvailableChallenges).toEqual((await start('alice')).AvailableChallenges);
    const asked = await prefer(name, 'EMAIL_OTP');
    expect(asked.ChallengeParameters?.['CODE_DELIVERY_DESTINATION']).toMatch(/^.\*\*\*@.\*\*\*$/);
    const chosen = await client.answer(offered, { USERNAME: name, ANSWER: 'EMAIL_OTP' });
    expect(chosen.ChallengeParameters).toEqual(asked.ChallengeParameters);
    expect((await prefer(name, 'SMS_OTP')).ChallengeParameters?.['CODE_DELIVERY_DESTINATION']).toMatch(/^\+\*+\d{4}$/);
    expect(await refusalOf(client.answer(asked, { USERNAME: name, EMAIL_OTP_CODE: '12345678' }))).toBe(MISMATCH);
    expect(await refusalOf(prefer(name, 'PASSWORD', { PASSWORD }))).toBe(WRONG);
    const proof = client.proof(name, PASSWORD);
    const { srpA: SRP_A } = proof;
    const direct = await prefer(name, 'PASSWORD_SRP', { SRP_A });
    const afterChoice = await client.answer(await start(name), { USERNAME: name, ANSWER: 'PASSWORD_SRP', SRP_A });
    expect(afterChoice.ChallengeParameters?.['SALT']).toBe(direct.ChallengeParameters?.['SALT']);
    expect(await refusalOf(client.claim(proof, direct))).toBe(WRONG);
    expect(pool.inbox.all()).toHaveLength(sent);
  });

  it('is refused by a client of the old kind', async () => {
    const legacy = client.by('legacy');
    expect(await refusalOf(start('nobody', {}, legacy))).toBe('UserNotFoundException: User does not exist.');
    expect(await refusalOf(prefer('off', 'EMAIL_OTP', {}, legacy))).toBe('NotAuthorizedException: User is disabled.');
    expect(await start('alice', {}, legacy)).toHaveProperty('ChallengeName', 'SELECT_CHALLENGE');
  });

  it('is what a disabled account looks like until its password was right', async () => {
    const sent = pool.inbox.all().length;
    const asked = await prefer('off', 'EMAIL_OTP');
    expect(asked.ChallengeParameters).toEqual((await prefer('off@example.com', 'EMAIL_OTP')).ChallengeParameters);
    expect(await refusalOf(client.answer(asked, { USERNAME: 'off', EMAIL_OTP_CODE: '12345678' }))).toBe(MISMATCH);
    expect(pool.inbox.all()).toHaveLength(sent);
    expect(await refusalOf(prefer('off', 'PASSWORD', { PASSWORD: 'nope' }))).toBe(WRONG);
    expect(await refusalOf(prefer('off', 'PASSWORD', { PASSWORD }))).toBe('NotAuthorizedException: User is disabled.');
  });
});

describe('the session of a sign-up', () => {
  const signUp = async (Username: string): Promise<ConfirmSignUpCommandOutput> => {
    const ClientId = pool.options.clientId;
    const UserAttributes = [{ Name: 'email', Value: `${Username}@example.com` }];
    await client.sdk.send(new SignUpCommand({ ClientId, Username, Password: PASSWORD, UserAttributes }));
    const ConfirmationCode = codeFor(Username);
    return client.sdk.send(new ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode }));
  };

  it('signs in once whoever has confirmed it', async () => {
    const { Session } = await signUp('newcomer');
    expectTokens(await client.start('USER_AUTH', { USERNAME: 'newcomer' }, { Session }));
    const again = client.start('USER_AUTH', { USERNAME: 'newcomer' }, { Session });
    expect(await refusalOf(again)).toBe(USED_SESSION);
  });

  it('signs in nobody else, with no other client and nowhere else', async () => {
    const { Session } = await signUp('owner');
    const use = async (USERNAME: string, by = client) => refusalOf(by.start('USER_AUTH', { USERNAME }, { Session }));
    expect(await use('alice')).toBe(UNKNOWN_SESSION);
    expect(await use('nobody')).toBe(UNKNOWN_SESSION);
    expect(await use('owner', client.by('legacy'))).toBe(UNKNOWN_SESSION);
    const asChallenge = { ChallengeName: 'SELECT_CHALLENGE' as const, Session };
    expect(await refusalOf(client.answer(asChallenge, { USERNAME: 'owner', ANSWER: 'PASSWORD', PASSWORD }))).toBe(
      UNKNOWN_SESSION,
    );
    const { Session: challenge } = await start('owner');
    const swapped = client.start('USER_AUTH', { USERNAME: 'owner' }, { Session: challenge });
    expect(await refusalOf(swapped)).toBe(UNKNOWN_SESSION);
    pool.clock.advance({ minutes: 3 });
    expect(await use('owner')).toMatch(/session is expired/);
  });
});

describe('where everybody needs a second factor', () => {
  it('only a password can be the first', async () => {
    const strict = await CognitoEmulator.start({
      mfaConfiguration: 'ON',
      allowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'],
      users: people,
    });
    try {
      const signIn = new SdkSignIn(strict);
      const offered = await signIn.start('USER_AUTH', { USERNAME: 'alice', PREFERRED_CHALLENGE: 'EMAIL_OTP' });
      expect(offered).toMatchObject({ AvailableChallenges: ['PASSWORD_SRP', 'PASSWORD'] });
      const answer = { USERNAME: 'alice', ANSWER: 'PASSWORD', PASSWORD };
      expect(await signIn.answer(offered, answer)).toHaveProperty('ChallengeName', 'MFA_SETUP');
    } finally {
      await strict.stop();
    }
  });
});
