import { AdminSetUserPasswordCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { N } from '../../lib/srp/group.js';
import { secretHashOf, timestampOf } from '../unit/emulator/wire-client.js';
import { refusalOf } from './sdk.js';
import { SdkSignIn } from './sdk-sign-in.js';

const PASSWORD = 'Passw0rd!';
const WRONG = 'NotAuthorizedException: Incorrect username or password.';
const UNKNOWN_SESSION = 'NotAuthorizedException: Invalid session for the user.';
const SECRET = 'the-secret-of-the-client-1';

let pool: CognitoEmulator;
let client: SdkSignIn;

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    aliasAttributes: ['email'],
    clients: [
      { clientId: 'legacy', preventUserExistenceErrors: 'LEGACY' },
      { clientId: 'secretive', clientSecret: SECRET },
      { clientId: 'srponly', explicitAuthFlows: ['ALLOW_USER_SRP_AUTH'] },
      { clientId: 'patient', authSessionValidity: 15 },
    ],
    users: [
      ...['alice', 'bob', 'carol', 'dave', 'erin'].map((username) => ({
        username,
        password: PASSWORD,
        attributes: { email: `${username}@example.com` },
      })),
      { username: 'off', password: PASSWORD, enabled: false },
      { username: 'fresh', password: PASSWORD, status: 'UNCONFIRMED' },
      { username: 'reset', password: PASSWORD, status: 'RESET_REQUIRED' },
      { username: 'federated', password: PASSWORD, status: 'EXTERNAL_PROVIDER' },
      { username: 'invited', password: PASSWORD, status: 'FORCE_CHANGE_PASSWORD' },
    ],
  });
  client = new SdkSignIn(pool);
});

afterEach(() => {
  pool.clock.reset();
});

afterAll(async () => pool.stop());

const expectTokens = (answer: object) =>
  expect(answer).toMatchObject({
    AuthenticationResult: { TokenType: 'Bearer', ExpiresIn: 3600 },
    ChallengeParameters: {},
  });

describe('a password proof', () => {
  it('signs in with the right password, by name and by alias, with the session and without', async () => {
    expectTokens(await client.srp('alice', PASSWORD));
    expectTokens(await client.srp('alice@example.com', PASSWORD));
    expectTokens(await client.srp('alice', PASSWORD, { Session: undefined }));
  });

  it('is refused for a wrong password, for a tampered signature and for another timestamp than the signed one', async () => {
    expect(await refusalOf(client.srp('alice', 'Passw0rd?'))).toBe(WRONG);

    const proof = client.proof('alice', PASSWORD);
    const ask = async () => client.start('USER_SRP_AUTH', { USERNAME: 'alice', SRP_A: proof.srpA });
    const tampered = await ask();
    const signature = Buffer.from(proof.signature(tampered.ChallengeParameters ?? {}).map((byte) => byte ^ 1));
    expect(await refusalOf(client.claim(proof, tampered, { signature }))).toBe(WRONG);

    const restamped = await ask();
    const signed = proof.signature(restamped.ChallengeParameters ?? {}, timestampOf(Date.now()));
    const later = timestampOf(Date.now() + 60_000);
    expect(await refusalOf(client.claim(proof, restamped, { signature: signed, timestamp: later }))).toBe(WRONG);
    expectTokens(await client.claim(proof, await ask()));
  });

  it('serves once: a replayed secret block is refused, after a right answer and after a wrong one', async () => {
    const used = 'NotAuthorizedException: Invalid session for the user, session can only be used once.';
    const proof = client.proof('alice', PASSWORD);
    const asked = await client.start('USER_SRP_AUTH', { USERNAME: 'alice', SRP_A: proof.srpA });
    expectTokens(await client.claim(proof, asked));
    expect(await refusalOf(client.claim(proof, asked))).toBe(used);
    expect(await refusalOf(client.claim(proof, asked, { Session: undefined }))).toBe(used);

    const missed = await client.start('USER_SRP_AUTH', { USERNAME: 'alice', SRP_A: proof.srpA });
    await refusalOf(client.claim(proof, missed, { signature: Buffer.alloc(32) }));
    expect(await refusalOf(client.claim(proof, missed))).toBe(used);
  });

  it('is refused with a stale timestamp, and passes with a fresh one', async () => {
    const minutes = (count: number) => ({ timestamp: timestampOf(Date.now() + count * 60_000) });
    expect(await refusalOf(client.srp('alice', PASSWORD, minutes(-6)))).toBe(WRONG);
    expect(await refusalOf(client.srp('alice', PASSWORD, minutes(6)))).toBe(WRONG);
    expectTokens(await client.srp('alice', PASSWORD, minutes(-4)));
  });

  it.each([
    ['0', 0n],
    ['N', N],
    ['2N', 2n * N],
  ])('is not even begun with SRP_A = %s', async (_, value) => {
    const begin = client.start('USER_SRP_AUTH', { USERNAME: 'alice', SRP_A: value.toString(16) });
    expect(await refusalOf(begin)).toBe('InvalidParameterException: SRP_A must not be a multiple of N.');
  });

  it("is refused with somebody else's block, name, session or client", async () => {
    const proof = client.proof('alice', PASSWORD);
    const ask = async (USERNAME = 'alice') => client.start('USER_SRP_AUTH', { USERNAME, SRP_A: proof.srpA });
    const bobs = await ask('bob');
    const claim = async (changes: object) => refusalOf(client.claim(proof, await ask(), changes));
    expect(await claim({ secretBlock: bobs.ChallengeParameters?.['SECRET_BLOCK'] })).toBe(UNKNOWN_SESSION);
    expect(await claim({ username: 'bob' })).toBe(WRONG);
    expect(await claim({ username: 'alice@example.com' })).toBe(WRONG);
    expect(await claim({ Session: (await ask('bob')).Session })).toBe(UNKNOWN_SESSION);
    expect(await claim({ ClientId: 'legacy' })).toBe(WRONG);
    expectTokens(await client.claim(proof, await ask()));
  });

  it('of the old password is refused once the password has been changed, also when it began before', async () => {
    const proof = client.proof('erin', PASSWORD);
    const asked = await client.start('USER_SRP_AUTH', { USERNAME: 'erin', SRP_A: proof.srpA });
    const { userPoolId: UserPoolId } = pool.options;
    const change = { UserPoolId, Username: 'erin', Password: 'Other-Passw0rd', Permanent: true };
    await client.sdk.send(new AdminSetUserPasswordCommand(change));
    expect(await refusalOf(client.claim(proof, asked))).toMatch(/^NotAuthorizedException/);
    expectTokens(await client.srp('erin', 'Other-Passw0rd'));
  });
});

describe('administrators', () => {
  const credentials = { USERNAME: 'alice', PASSWORD };

  it('sign users in with their password, under the present and the former name of the flow', async () => {
    expectTokens(await client.adminStart('ADMIN_USER_PASSWORD_AUTH', credentials));
    expectTokens(await client.adminStart('ADMIN_NO_SRP_AUTH', credentials));
    const wrong = client.adminStart('ADMIN_USER_PASSWORD_AUTH', { USERNAME: 'alice', PASSWORD: 'nope' });
    expect(await refusalOf(wrong)).toBe(WRONG);
  });

  it('use every other flow as well, and only their own for a password in the clear', async () => {
    const proof = client.proof('alice', PASSWORD);
    const asked = await client.adminStart('USER_SRP_AUTH', { USERNAME: 'alice', SRP_A: proof.srpA });
    const responses = { USERNAME: 'alice', ...proof.responses(asked.ChallengeParameters ?? {}) };
    const signedIn = await client.adminAnswer(asked, responses);
    expectTokens(signedIn);
    const refreshToken = signedIn.AuthenticationResult?.RefreshToken ?? '';
    expectTokens(await client.adminStart('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: refreshToken }));

    const notSupported = 'InvalidParameterException: Initiate Auth method not supported';
    expect(await refusalOf(client.start('ADMIN_USER_PASSWORD_AUTH', credentials))).toBe(notSupported);
    expect(await refusalOf(client.start('ADMIN_NO_SRP_AUTH', credentials))).toBe(notSupported);
    expect(await refusalOf(client.adminStart('USER_PASSWORD_AUTH', credentials))).toBe(notSupported);
  });

  it('name the right pool and a client that permits the flow', async () => {
    const foreign = client.adminStart('ADMIN_USER_PASSWORD_AUTH', credentials, { UserPoolId: 'local_Other' });
    expect(await refusalOf(foreign)).toBe('ResourceNotFoundException: User pool local_Other does not exist.');
    const asked = await client.password('invited', PASSWORD);
    const answer = client.adminAnswer(asked, { USERNAME: 'invited' }, { UserPoolId: 'local_Other' });
    expect(await refusalOf(answer)).toBe('ResourceNotFoundException: User pool local_Other does not exist.');
    expect(await refusalOf(client.by('srponly').adminStart('ADMIN_USER_PASSWORD_AUTH', credentials))).toBe(
      'InvalidParameterException: Auth flow not enabled for this client',
    );
  });

  it('may say where a request comes from, in the form that the service asks for', async () => {
    const ContextData = {
      IpAddress: '192.0.2.1',
      ServerName: 'x',
      ServerPath: '/',
      HttpHeaders: [{ headerName: 'a' }],
    };
    const start = async (context: object) => client.adminStart('ADMIN_USER_PASSWORD_AUTH', credentials, context);
    expectTokens(await start({ ContextData, AnalyticsMetadata: { AnalyticsEndpointId: 'x' } }));
    const { ServerName: _, ...incomplete } = ContextData;
    expect(await refusalOf(start({ ContextData: incomplete }))).toMatch(/^InvalidParameterException: .*'serverName'/);
    expect(await refusalOf(start({ ContextData: { ...ContextData, HttpHeaders: 'x' } }))).toMatch(/^Serialization/);
    const own = { UserContextData: { IpAddress: '192.0.2.1', EncodedData: 'x' } };
    expectTokens(await client.password('alice', PASSWORD, own));
    const malformed = JSON.parse('{"UserContextData":"x"}') as object;
    expect(await refusalOf(client.password('alice', PASSWORD, malformed))).toMatch(/^Serialization/);
  });
});

describe('what a client may do', () => {
  it('is what its flows say', async () => {
    const narrow = client.by('srponly');
    expect(await refusalOf(narrow.password('alice', PASSWORD))).toBe(
      'InvalidParameterException: USER_PASSWORD_AUTH flow not enabled for this client',
    );
    expect(await refusalOf(narrow.start('USER_AUTH', { USERNAME: 'alice' }))).toBe(
      'InvalidParameterException: USER_AUTH flow not enabled for this client',
    );
    expectTokens(await narrow.srp('alice', PASSWORD));
    expectTokens(await client.password('alice', PASSWORD));
  });

  it('with a secret, each step carries the hash of the name that it sends', async () => {
    const secretive = client.by('secretive');
    const hash = (name: string) => secretHashOf(SECRET, name, 'secretive');
    const start = async (more: Record<string, string>) =>
      secretive.start('USER_PASSWORD_AUTH', { USERNAME: 'alice@example.com', PASSWORD, ...more });
    expectTokens(await start({ SECRET_HASH: hash('alice@example.com') }));
    expect(await refusalOf(start({}))).toMatch(/SECRET_HASH was not received$/);
    expect(await refusalOf(start({ SECRET_HASH: hash('alice') }))).toMatch(/Unable to verify secret hash/);

    const parameters = { USERNAME: 'invited', PASSWORD, SECRET_HASH: hash('invited') };
    const asked = await secretive.start('USER_PASSWORD_AUTH', parameters);
    const answer = async (more: object) =>
      refusalOf(secretive.answer(asked, { NEW_PASSWORD: 'Lasting-Passw0rd', ...more }));
    expect(await answer({})).toMatch(/SECRET_HASH was not received$/);
    expect(await answer({ SECRET_HASH: hash('alice') })).toMatch(/Unable to verify secret hash/);
    expect(await answer({ SECRET_HASH: hash('invited') })).toBe('not refused');
    await client.sdk.send(
      new AdminSetUserPasswordCommand({ UserPoolId: pool.options.userPoolId, Username: 'invited', Password: PASSWORD }),
    );
  });
});

describe('a waiting sign-in', () => {
  it('lives as long as its client says, three minutes or fifteen', async () => {
    const patient = client.by('patient');
    const [short, long] = [await client.password('invited', PASSWORD), await patient.password('invited', PASSWORD)];
    const proof = patient.proof('alice', PASSWORD);
    const asked = await patient.start('USER_SRP_AUTH', { USERNAME: 'alice', SRP_A: proof.srpA });
    pool.clock.advance({ minutes: 14 });
    const answer = { NEW_PASSWORD: 'short' };
    expect(await refusalOf(client.answer(short, answer))).toBe(
      'NotAuthorizedException: Invalid session for the user, session is expired.',
    );
    expect(await refusalOf(patient.answer(long, answer))).toMatch(/^InvalidPasswordException/);
    expectTokens(await patient.claim(proof, asked));
    pool.clock.advance({ minutes: 1 });
    expect(await refusalOf(patient.answer(long, answer))).toMatch(/session is expired/);
  });

  it('goes on for its own client, user and challenge alone', async () => {
    const asked = await client.password('invited', PASSWORD);
    const answer = { USERNAME: 'invited', NEW_PASSWORD: 'short' };
    const refused = async (changes: object, responses: Record<string, string> = answer) =>
      refusalOf(client.answer({ ...asked, ...changes }, responses));
    expect(await refused({ ChallengeName: 'SMS_MFA' }, { ...answer, SMS_MFA_CODE: '123456' })).toBe(UNKNOWN_SESSION);
    expect(await refused({ ChallengeName: 'SELECT_CHALLENGE' })).toBe(UNKNOWN_SESSION);
    expect(await refused({ ChallengeName: 'ADMIN_NO_SRP_AUTH' })).toBe(UNKNOWN_SESSION);
    expect(await refused({ Session: 'x'.repeat(40) })).toBe(UNKNOWN_SESSION);
    expect(await refused({}, { ...answer, USERNAME: 'alice' })).toBe(UNKNOWN_SESSION);
    expect(await refusalOf(client.answer(asked, answer, { ClientId: 'legacy' }))).toBe(UNKNOWN_SESSION);
    expect(await refused({})).toMatch(/^InvalidPasswordException/);
  });
});

describe('what a refusal tells of an account', () => {
  const refusals = async (by: SdkSignIn, username: string, password: string) => [
    await refusalOf(by.password(username, password)),
    await refusalOf(by.adminStart('ADMIN_USER_PASSWORD_AUTH', { USERNAME: username, PASSWORD: password })),
    await refusalOf(by.srp(username, password)),
  ];
  const all = (words: string) => [words, words, words];

  it.each(['nobody', 'federated', 'off', 'fresh', 'reset'])('%s looks like a wrong password', async (username) => {
    expect(await refusals(client, username, 'nope')).toEqual(all(WRONG));
  });

  it.each([
    ['off', 'NotAuthorizedException: User is disabled.'],
    ['fresh', 'UserNotConfirmedException: User is not confirmed.'],
    ['reset', 'PasswordResetRequiredException: Password reset required for the user'],
  ])('%s is told after the right password', async (username, words) => {
    expect(await refusals(client, username, PASSWORD)).toEqual(all(words));
  });

  it.each([
    ['nobody', 'UserNotFoundException: User does not exist.'],
    ['off', 'NotAuthorizedException: User is disabled.'],
    ['reset', 'PasswordResetRequiredException: Password reset required for the user'],
    ['fresh', WRONG],
  ])('of the old kind is more: %s', async (username, words) => {
    // What was tried before is forgotten after a quarter of an hour.
    pool.clock.advance({ minutes: 16 });
    expect(await refusals(client.by('legacy'), username, 'nope')).toEqual(all(words));
  });

  it('an unknown name gets a proof to make, the same one each time, whatever form the name has', async () => {
    for (const USERNAME of ['nobody', 'nobody@example.com', '+4930123456']) {
      const { srpA: SRP_A } = client.proof(USERNAME, PASSWORD);
      const ask = async (name: string) =>
        (await client.start('USER_SRP_AUTH', { USERNAME: name, SRP_A })).ChallengeParameters;
      const [first, second] = [await ask(USERNAME), await ask(USERNAME.toUpperCase())];
      expect(second).toMatchObject({ SALT: first?.['SALT'], USER_ID_FOR_SRP: first?.['USER_ID_FOR_SRP'] });
      // The id that was made up behaves as a real one does when it is used as a name.
      const again = await ask(first?.['USER_ID_FOR_SRP'] ?? '');
      expect(again).toMatchObject({ SALT: first?.['SALT'], USER_ID_FOR_SRP: first?.['USER_ID_FOR_SRP'] });
    }
  });
});

describe('the lock', () => {
  const LOCKED = 'NotAuthorizedException: Password attempts exceeded';

  it('comes with the fifth wrong password, whichever the flow, and holds against the right one until it ends', async () => {
    const clear = async (password: string) => refusalOf(client.password('dave', password));
    const admin = { USERNAME: 'dave', PASSWORD: 'nope' };
    for (let i = 0; i < 3; i += 1) expect(await clear('nope')).toBe(WRONG);
    expect(await refusalOf(client.srp('dave', 'nope'))).toBe(WRONG);
    expect(await refusalOf(client.adminStart('ADMIN_USER_PASSWORD_AUTH', admin))).toBe(WRONG);
    expect([await clear(PASSWORD), await refusalOf(client.srp('dave', PASSWORD))]).toEqual([LOCKED, LOCKED]);
    pool.clock.advance({ seconds: 2 });
    expect(await clear('nope')).toBe(WRONG);
    pool.clock.advance({ seconds: 1 });
    expect(await clear(PASSWORD)).toBe(LOCKED);
    pool.clock.advance({ seconds: 2 });
    expect(await clear(PASSWORD)).toBe('not refused');
    // The sign-in has lifted it: the next wrong password is the first again.
    expect([await clear('nope'), await clear(PASSWORD)]).toEqual([WRONG, 'not refused']);
  });

  it('is not lifted by a right password that leads to no tokens', async () => {
    for (let i = 0; i < 4; i += 1) await refusalOf(client.password('invited', 'nope'));
    expect(await client.password('invited', PASSWORD)).toMatchObject({ ChallengeName: 'NEW_PASSWORD_REQUIRED' });
    await refusalOf(client.password('invited', 'nope'));
    expect(await refusalOf(client.password('invited', PASSWORD))).toBe(LOCKED);
  });
});
