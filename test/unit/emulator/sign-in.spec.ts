import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../../lib/emulator/index.js';
import { N } from '../../../lib/srp/group.js';
import { scramblerOf } from '../../../lib/emulator/srp-verifier.js';
import {
  call,
  challengeOf,
  decoded,
  deriveKey,
  hmac,
  refusal,
  secretHashOf,
  SrpSignIn,
  timestampOf,
  tokensOf,
} from './wire-client.js';

const PASSWORD = 'Passw0rd!';
const WRONG = 'NotAuthorizedException: Incorrect username or password.';

const pools: CognitoEmulator[] = [];
async function start(options: Parameters<typeof CognitoEmulator.start>[0]): Promise<CognitoEmulator> {
  const pool = await CognitoEmulator.start(options);
  pools.push(pool);
  return pool;
}

afterAll(async () => Promise.all(pools.map(async (pool) => pool.stop())));

describe('SRP sign-in', () => {
  let pool: CognitoEmulator;
  const alice = (password = PASSWORD) => new SrpSignIn(pool, 'alice', password);

  beforeAll(async () => {
    pool = await start({
      users: ['alice', 'bob', 'carol', 'dave'].map((username) => ({ username, password: PASSWORD })),
      clients: [{ clientId: 'other' }],
    });
  });

  it('gives tokens for the right password', async () => {
    const tokens = await tokensOf(alice().run());
    expect(tokens).toMatchObject({ ExpiresIn: 3600, TokenType: 'Bearer' });
    expect(decoded(tokens['AccessToken']).payload).toMatchObject({ username: 'alice', token_use: 'access' });
    expect(tokens['RefreshToken']?.split('.')).toHaveLength(5);
  });

  it('is refused with a wrong password', async () => {
    expect(await refusal(alice('Passw0rd?').run())).toBe(WRONG);
  });

  it('is refused with a tampered signature, whichever bit is changed', async () => {
    for (const position of [0, 15, 31]) {
      const signature = (right: Buffer) => right.map((byte, index) => (index === position ? byte ^ 1 : byte)) as Buffer;
      const changed = (right: Buffer) => Buffer.from(signature(right));
      expect(await refusal(new SrpSignIn(pool, 'bob', PASSWORD).run({ signature: changed }))).toBe(WRONG);
    }
  });

  it('is refused with an empty, a short or a long signature', async () => {
    const carol = () => new SrpSignIn(pool, 'carol', PASSWORD);
    expect(await refusal(carol().run({ signature: (right) => right.subarray(0, 16) }))).toBe(WRONG);
    expect(await refusal(carol().run({ signature: (right) => Buffer.concat([right, right]) }))).toBe(WRONG);
    expect(await refusal(carol().run({ signature: () => Buffer.alloc(0) }))).toBe(
      'InvalidParameterException: Missing required parameter PASSWORD_CLAIM_SIGNATURE',
    );
  });

  it('sends two user names, a salt without leading zeros and an opaque block', async () => {
    const { name, parameters } = challengeOf(await alice().begin());
    expect(name).toBe('PASSWORD_VERIFIER');
    expect(Object.keys(parameters).toSorted()).toEqual([
      'SALT',
      'SECRET_BLOCK',
      'SRP_B',
      'USERNAME',
      'USER_ID_FOR_SRP',
    ]);
    expect(parameters).toMatchObject({ USERNAME: 'alice', USER_ID_FOR_SRP: 'alice' });
    expect(parameters['SALT']).toMatch(/^[1-9a-f][0-9a-f]*$/);
    expect(Buffer.from(parameters['SECRET_BLOCK'] ?? '', 'base64').length).toBeGreaterThan(1200);
  });

  it('takes SRP_A in any case and parity', async () => {
    const signIn = alice();
    const digits = signIn.publicValue.toString(16);
    for (const srpA of [digits.toUpperCase(), `0${digits}`, `00${digits}`]) {
      const challenge = challengeOf(await signIn.begin({ srpA }));
      expect(await tokensOf(signIn.answer(challenge))).toHaveProperty('AccessToken');
    }
  });

  it.each([
    ['0', 0n],
    ['N', N],
    ['2N', 2n * N],
  ])('refuses SRP_A = %s, also with a signature built from S = 0', async (_, publicValue) => {
    const srpA = publicValue.toString(16);
    expect(await refusal(alice().begin({ srpA }))).toMatch(/^InvalidParameterException/);
    // Even on the block of an honest exchange a proof from S = 0 is worth nothing.
    const signIn = alice();
    const challenge = challengeOf(await signIn.begin());
    const B = BigInt(`0x${challenge.parameters['SRP_B']}`);
    const timestamp = timestampOf(Date.now());
    const block = Buffer.from(challenge.parameters['SECRET_BLOCK'] ?? '', 'base64');
    const key = deriveKey(scramblerOf(publicValue, B), 0n);
    const signature = () => hmac(key, signIn.identity(challenge.parameters), block, timestamp);
    expect(await refusal(signIn.answer(challenge, { signature, timestamp }))).toBe(WRONG);
    await tokensOf(alice().run());
  });

  it.each(['', 'xyz', '0x12', '-1', 'f'.repeat(1025)])('refuses SRP_A that is no number (%#)', async (srpA) => {
    expect(await refusal(alice().begin({ srpA }))).toMatch(/^InvalidParameterException/);
  });

  it('works with and without the session', async () => {
    expect(await tokensOf(alice().run())).toHaveProperty('AccessToken');
    expect(await tokensOf(alice().run({ session: undefined }))).toHaveProperty('AccessToken');
  });

  it('refuses a second answer to one challenge, right as it may be', async () => {
    const used = 'NotAuthorizedException: Invalid session for the user, session can only be used once.';
    const signIn = alice();
    const challenge = challengeOf(await signIn.begin());
    await tokensOf(signIn.answer(challenge));
    expect(await refusal(signIn.answer(challenge))).toBe(used);
    expect(await refusal(signIn.answer(challenge, { session: undefined }))).toBe(used);
  });

  it('refuses an answer after a wrong one on the same challenge', async () => {
    const signIn = alice();
    const challenge = challengeOf(await signIn.begin());
    await refusal(signIn.answer(challenge, { signature: () => Buffer.alloc(32) }));
    expect(await refusal(signIn.answer(challenge))).toMatch(/can only be used once/);
    await tokensOf(alice().run());
  });

  it('refuses an answer after three minutes', async () => {
    const signIn = alice();
    const challenge = challengeOf(await signIn.begin());
    pool.clock.advance({ minutes: 3 });
    expect(await refusal(signIn.answer(challenge))).toBe(
      'NotAuthorizedException: Invalid session for the user, session is expired.',
    );
    pool.clock.reset();
  });

  it('refuses a foreign session, a foreign block and a foreign client', async () => {
    const signIn = alice();
    const garbage = 'x'.repeat(200);
    expect(await refusal(signIn.run({ session: garbage }))).toBe(
      'NotAuthorizedException: Invalid session for the user.',
    );
    expect(await refusal(signIn.run({ secretBlock: 'eHh4' }))).toBe(
      'NotAuthorizedException: Invalid session for the user.',
    );
    expect(await refusal(signIn.run({ secretBlock: 'eHh4', session: undefined }))).toBe(WRONG);
    expect(await refusal(signIn.run({ clientId: 'other' }))).toBe(WRONG);
  });

  it("refuses an answer with the live session of somebody else's sign-in, or of another of one's own", async () => {
    const unknown = 'NotAuthorizedException: Invalid session for the user.';
    const signIn = alice();
    for (const other of [alice(), new SrpSignIn(pool, 'bob', PASSWORD)]) {
      const { session } = challengeOf(await other.begin());
      expect(await refusal(signIn.answer(challengeOf(await signIn.begin()), { session }))).toBe(unknown);
    }
    await tokensOf(signIn.answer(challengeOf(await signIn.begin())));
  });

  it('refuses an answer to another client than the one that was asked, with the session and without', async () => {
    const signIn = alice();
    for (const changes of [{ clientId: 'other' }, { clientId: 'other', session: undefined }]) {
      expect(await refusal(signIn.answer(challengeOf(await signIn.begin()), changes))).toBe(WRONG);
    }
    await tokensOf(signIn.answer(challengeOf(await signIn.begin())));
  });

  it('refuses an answer in the name of somebody else', async () => {
    expect(await refusal(alice().run({ username: 'bob' }))).toBe(WRONG);
  });

  it('refuses a stale, an early and a malformed timestamp', async () => {
    const minutes = (count: number) => timestampOf(Date.now() + count * 60_000);
    expect(await refusal(alice().run({ timestamp: minutes(-6) }))).toBe(WRONG);
    expect(await refusal(alice().run({ timestamp: minutes(6) }))).toBe(WRONG);
    expect(await refusal(alice().run({ timestamp: new Date().toISOString() }))).toBe(
      'InvalidParameterException: TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english',
    );
    await tokensOf(alice().run({ timestamp: minutes(-4) }));
    await tokensOf(alice().run({ timestamp: minutes(4) }));
  });

  it('still works after the clock of the pool was moved, since a client stamps real time', async () => {
    pool.clock.advance({ days: 40 });
    const { payload } = decoded((await tokensOf(alice().run()))['AccessToken']);
    expect(Number(payload['iat'])).toBeGreaterThan(Date.now() / 1000 + 39 * 86_400);
    pool.clock.reset();
  });

  it('locks an account after five wrong passwords, even for the right one, and lets go in time', async () => {
    const dave = (password: string) => new SrpSignIn(pool, 'dave', password);
    for (let i = 0; i < 5; i += 1) expect(await refusal(dave('nope').run())).toBe(WRONG);
    expect(await refusal(dave(PASSWORD).begin())).toBe('NotAuthorizedException: Password attempts exceeded');
    const clear = call(pool, 'InitiateAuth', {
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'dave', PASSWORD },
    });
    expect(await refusal(clear)).toBe('NotAuthorizedException: Password attempts exceeded');
    pool.clock.advance({ seconds: 2 });
    await tokensOf(dave(PASSWORD).run());
    expect(await refusal(dave('nope').run())).toBe(WRONG);
    await tokensOf(dave(PASSWORD).run());
    pool.clock.reset();
  });

  it('judges answers that were begun before the lock by the lock', async () => {
    pool.clock.advance({ minutes: 16 });
    const guess = async () => {
      const signIn = new SrpSignIn(pool, 'bob', 'nope');
      return { signIn, challenge: challengeOf(await signIn.begin()) };
    };
    const guesses = await Promise.all(Array.from({ length: 6 }, guess));
    const answers = await Promise.all(guesses.map(async ({ signIn, challenge }) => refusal(signIn.answer(challenge))));
    expect(answers.filter((answer) => answer === WRONG)).toHaveLength(5);
    expect(answers).toContain('NotAuthorizedException: Password attempts exceeded');
    pool.clock.reset();
  });
});

describe('whether a user exists', () => {
  it('is not told when the pool prevents it: the same salt and id each time, and the words of a wrong password', async () => {
    const pool = await start({ users: [{ username: 'alice', password: PASSWORD }] });
    const first = challengeOf(await new SrpSignIn(pool, 'nobody', PASSWORD).begin());
    const second = challengeOf(await new SrpSignIn(pool, 'nobody', PASSWORD).begin());
    expect(second.parameters['SALT']).toBe(first.parameters['SALT']);
    expect(first.parameters['USER_ID_FOR_SRP']).toBe('nobody');
    expect(second.parameters['SRP_B']).not.toBe(first.parameters['SRP_B']);
    expect(first.parameters['SRP_B']?.length).toBeGreaterThan(740);
    const other = challengeOf(await new SrpSignIn(pool, 'nobody2', PASSWORD).begin());
    expect(other.parameters['SALT']).not.toBe(first.parameters['SALT']);
    expect(await refusal(new SrpSignIn(pool, 'nobody', PASSWORD).run())).toBe(WRONG);
    const clear = call(pool, 'InitiateAuth', {
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'nobody', PASSWORD },
    });
    expect(await refusal(clear)).toBe(WRONG);
  });

  it('is hidden by the lock-out, too', async () => {
    const pool = await start({});
    for (let i = 0; i < 5; i += 1) await refusal(new SrpSignIn(pool, 'nobody', PASSWORD).run());
    expect(await refusal(new SrpSignIn(pool, 'nobody', PASSWORD).begin())).toMatch(/Password attempts exceeded/);
  });

  it('is hidden behind a made-up id in a pool that signs in by address', async () => {
    const pool = await start({
      usernameAttributes: ['email'],
      users: [{ username: 'alice@example.com', password: PASSWORD }],
    });
    const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    const known = challengeOf(await new SrpSignIn(pool, 'alice@example.com', PASSWORD).begin());
    const unknown = challengeOf(await new SrpSignIn(pool, 'nobody@example.com', PASSWORD).begin());
    expect(known.parameters['USER_ID_FOR_SRP']).toMatch(uuid);
    expect(unknown.parameters['USER_ID_FOR_SRP']).toMatch(uuid);
    // Used as a name in its turn, the made-up id behaves as a real one does.
    for (const { parameters } of [known, unknown]) {
      const { USER_ID_FOR_SRP: id = '', SALT } = parameters;
      const again = challengeOf(await new SrpSignIn(pool, id, PASSWORD).begin());
      expect(again.parameters).toMatchObject({ USER_ID_FOR_SRP: id, SALT });
    }
    await tokensOf(new SrpSignIn(pool, 'alice@example.com', PASSWORD).run());
  });

  it('is told by a client of the old kind', async () => {
    const pool = await start({
      preventUserExistenceErrors: 'LEGACY',
      users: [
        { username: 'off', password: PASSWORD, enabled: false },
        { username: 'reset', password: PASSWORD, status: 'RESET_REQUIRED' },
      ],
    });
    expect(await refusal(new SrpSignIn(pool, 'nobody', PASSWORD).begin())).toBe(
      'UserNotFoundException: User does not exist.',
    );
    expect(await refusal(new SrpSignIn(pool, 'off', 'nope').run())).toBe('NotAuthorizedException: User is disabled.');
    expect(await refusal(new SrpSignIn(pool, 'reset', 'nope').run())).toMatch(/^PasswordResetRequiredException/);
  });
});

describe('the state of an account', () => {
  let pool: CognitoEmulator;
  const outcome = async (username: string, password = PASSWORD) =>
    refusal(new SrpSignIn(pool, username, password).run());

  beforeAll(async () => {
    pool = await start({
      clients: [{ clientId: 'other' }],
      users: [
        { username: 'off', password: PASSWORD, enabled: false },
        { username: 'new', password: PASSWORD, status: 'UNCONFIRMED' },
        { username: 'reset', password: PASSWORD, status: 'RESET_REQUIRED' },
        { username: 'federated', password: PASSWORD, status: 'EXTERNAL_PROVIDER' },
        { username: 'invited', password: PASSWORD, status: 'FORCE_CHANGE_PASSWORD', attributes: { name: 'In' } },
        { username: 'late', password: PASSWORD, status: 'FORCE_CHANGE_PASSWORD' },
        { username: 'alice', password: PASSWORD, status: 'FORCE_CHANGE_PASSWORD' },
        { username: 'bob', password: PASSWORD, status: 'FORCE_CHANGE_PASSWORD' },
      ],
    });
  });

  it('is told after the right password only', async () => {
    expect(await outcome('off')).toBe('NotAuthorizedException: User is disabled.');
    expect(await outcome('new')).toBe('UserNotConfirmedException: User is not confirmed.');
    expect(await outcome('reset')).toBe('PasswordResetRequiredException: Password reset required for the user');
    expect(await outcome('federated')).toBe(WRONG);
    for (const username of ['off', 'new', 'reset']) expect(await outcome(username, 'nope')).toBe(WRONG);
  });

  it('FORCE_CHANGE_PASSWORD asks for a new password, whose session serves once and bears a mistake', async () => {
    const challenge = challengeOf(await new SrpSignIn(pool, 'invited', PASSWORD).run());
    expect(challenge.name).toBe('NEW_PASSWORD_REQUIRED');
    expect(challenge.parameters['requiredAttributes']).toBe('[]');
    expect(JSON.parse(challenge.parameters['userAttributes'] ?? '')).toEqual({ name: 'In' });

    const answer = async (responses: object, changes: object = {}) =>
      call(pool, 'RespondToAuthChallenge', {
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session: challenge.session,
        ChallengeResponses: { USERNAME: 'invited', ...responses },
        ...changes,
      });
    const right = { NEW_PASSWORD: 'Lasting-Passw0rd', 'userAttributes.email': 'in@example.com' };
    expect(await refusal(answer({ NEW_PASSWORD: 'short' }))).toBe(
      'InvalidPasswordException: Password does not conform to policy: Password not long enough',
    );
    expect(await refusal(answer({ ...right, 'userAttributes.email_verified': 'true' }))).toBe(
      'NotAuthorizedException: A client attempted to write unauthorized attribute',
    );
    const invalid = 'NotAuthorizedException: Invalid session for the user.';
    expect(await refusal(answer({ ...right, USERNAME: 'late' }))).toBe(invalid);
    expect(await refusal(answer(right, { Session: 'x'.repeat(30) }))).toBe(invalid);
    expect(await refusal(answer(right, { Session: undefined }))).toBe(invalid);
    expect(await refusal(answer(right, { ChallengeName: 'SMS_MFA' }))).toBe(invalid);

    const tokens = await tokensOf(answer(right));
    expect(decoded(tokens['IdToken']).payload).toMatchObject({ email: 'in@example.com', email_verified: false });
    expect(await refusal(answer(right))).toMatch(/can only be used once/);
    await tokensOf(new SrpSignIn(pool, 'invited', 'Lasting-Passw0rd').run());
    expect(await outcome('invited')).toBe(WRONG);
  });

  it('a session for a new password belongs to the client and to the user that it was given to', async () => {
    const [alices, bobs] = [
      challengeOf(await new SrpSignIn(pool, 'alice', PASSWORD).run()).session,
      challengeOf(await new SrpSignIn(pool, 'bob', PASSWORD).run()).session,
    ];
    const answer = async (Session: string, USERNAME: string, client: object = {}) =>
      call(pool, 'RespondToAuthChallenge', {
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session,
        ChallengeResponses: { USERNAME, NEW_PASSWORD: 'Lasting-Passw0rd' },
        ...client,
      });
    const invalid = 'NotAuthorizedException: Invalid session for the user.';
    expect(await refusal(answer(alices, 'bob'))).toBe(invalid);
    expect(await refusal(answer(bobs, 'alice'))).toBe(invalid);
    expect(await refusal(answer(alices, 'alice', { ClientId: 'other' }))).toBe(invalid);
    // None of it changed a password, and the session still serves whom it was given to.
    expect(await outcome('alice', 'Lasting-Passw0rd')).toBe(WRONG);
    expect(decoded((await tokensOf(answer(alices, 'ALICE')))['AccessToken']).payload).toMatchObject({
      username: 'alice',
      client_id: pool.options.clientId,
    });
  });

  it("no new password comes with an address that is somebody else's login", async () => {
    const own = await start({
      usernameAttributes: ['email', 'phone_number'],
      users: [
        { username: 'alice@example.com', password: PASSWORD },
        { username: '+493012345678', password: PASSWORD, status: 'FORCE_CHANGE_PASSWORD' },
      ],
    });
    const { parameters, session } = challengeOf(await new SrpSignIn(own, '+493012345678', PASSWORD).run());
    const answer = async (email: string) =>
      call(own, 'RespondToAuthChallenge', {
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session: session,
        ChallengeResponses: {
          USERNAME: parameters['USER_ID_FOR_SRP'],
          NEW_PASSWORD: 'Lasting-Passw0rd',
          'userAttributes.email': email,
        },
      });
    expect(await refusal(answer('Alice@example.com'))).toMatch(/^AliasExistsException/);
    expect(await tokensOf(answer('bob@example.com'))).toHaveProperty('AccessToken');
  });

  it('an expired session leads nowhere, and neither does a temporary password after seven days', async () => {
    const { session } = challengeOf(await new SrpSignIn(pool, 'late', PASSWORD).run());
    pool.clock.advance({ minutes: 4 });
    const answer = call(pool, 'RespondToAuthChallenge', {
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session: session,
      ChallengeResponses: { USERNAME: 'late', NEW_PASSWORD: 'Lasting-Passw0rd' },
    });
    expect(await refusal(answer)).toMatch(/session is expired/);
    pool.clock.advance({ days: 7 });
    expect(await outcome('late')).toBe(
      'NotAuthorizedException: Temporary password has expired and must be reset by an administrator.',
    );
    pool.clock.reset();
  });
});

describe('USER_PASSWORD_AUTH', () => {
  const attempt = async (pool: CognitoEmulator, parameters: object) =>
    call(pool, 'InitiateAuth', { AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: parameters });

  it('gives tokens for the right password and none for a wrong one', async () => {
    const pool = await start({ users: [{ username: 'alice', password: PASSWORD }] });
    await tokensOf(attempt(pool, { USERNAME: 'alice', PASSWORD }));
    expect(await refusal(attempt(pool, { USERNAME: 'alice', PASSWORD: 'nope' }))).toBe(WRONG);
    expect(await refusal(attempt(pool, { USERNAME: 'alice' }))).toBe(
      'InvalidParameterException: Missing required parameter PASSWORD',
    );
    expect(await refusal(attempt(pool, { PASSWORD }))).toBe(
      'InvalidParameterException: Missing required parameter USERNAME',
    );
  });

  it('takes a name of 128 characters, and refuses what is longer than the pool can ever have handed out', async () => {
    const name = 'n'.repeat(128);
    const pool = await start({ users: [{ username: name, password: PASSWORD }] });
    await tokensOf(attempt(pool, { USERNAME: name, PASSWORD }));
    const tooLong = async (parameters: object, flow = 'USER_PASSWORD_AUTH') => {
      const words = await refusal(call(pool, 'InitiateAuth', { AuthFlow: flow, AuthParameters: parameters }));
      return /^InvalidParameterException: .* at '(.*)' failed .* less than or equal to (\d+)$/.exec(words)?.slice(1);
    };
    expect(await tooLong({ USERNAME: `${name}n`, PASSWORD })).toEqual(['authParameters.USERNAME', '128']);
    expect(await tooLong({ USERNAME: `${name}n`, SRP_A: 'abc' }, 'USER_SRP_AUTH')).toHaveLength(2);
    expect(await tooLong({ USERNAME: name, PASSWORD: 'p'.repeat(257) })).toEqual(['authParameters.PASSWORD', '256']);
    expect(await tooLong({ USERNAME: name, PASSWORD, SECRET_HASH: 'h'.repeat(129) })).toHaveLength(2);
    expect(await tooLong({ USERNAME: name, PASSWORD, DEVICE_KEY: 'd'.repeat(2049) })).toHaveLength(2);
    expect(await tooLong({ USERNAME: name, PASSWORD, constructor: 'd'.repeat(2049) })).toHaveLength(2);
    expect(await tooLong({ USERNAME: name, PASSWORD, ['k'.repeat(65)]: '' })).toEqual(['authParameters', '64']);
    expect(await tooLong({ REFRESH_TOKEN: 'r'.repeat(2049) }, 'REFRESH_TOKEN_AUTH')).toHaveLength(2);

    const answers = async (responses: object) =>
      refusal(
        call(pool, 'RespondToAuthChallenge', { ChallengeName: 'NEW_PASSWORD_REQUIRED', ChallengeResponses: responses }),
      );
    const right = { USERNAME: name, NEW_PASSWORD: 'p'.repeat(256), 'userAttributes.name': 'a'.repeat(2048) };
    expect(await answers(right)).toBe('NotAuthorizedException: Invalid session for the user.');
    for (const long of [
      { USERNAME: `${name}n` },
      { NEW_PASSWORD: 'p'.repeat(257) },
      { 'userAttributes.name': 'a'.repeat(2049) },
    ]) {
      expect(await answers({ ...right, ...long })).toMatch(/^InvalidParameterException: .* at 'challengeResponses\./);
    }
  });

  it('is refused by a client that does not allow the flow', async () => {
    const pool = await start({ explicitAuthFlows: ['ALLOW_USER_SRP_AUTH'] });
    expect(await refusal(attempt(pool, { USERNAME: 'alice', PASSWORD }))).toBe(
      'InvalidParameterException: USER_PASSWORD_AUTH flow not enabled for this client',
    );
    const flow = async (AuthFlow: string) => refusal(call(pool, 'InitiateAuth', { AuthFlow }));
    expect(await flow('ADMIN_USER_PASSWORD_AUTH')).toBe(
      'InvalidParameterException: Initiate Auth method not supported',
    );
    expect(await flow('CUSTOM_AUTH')).toMatch(/Custom auth lambda trigger is not configured/);
    expect(await flow('REFRESH_TOKEN')).toMatch(/REFRESH_TOKEN flow not enabled/);
    expect(await flow('TELEPATHY')).toMatch(/^InvalidParameterException: 1 validation error .*enum value set/);
    expect(await refusal(call(pool, 'InitiateAuth', {}))).toMatch(/Value null at 'authFlow'/);
  });

  it('is refused for a client that does not exist', async () => {
    const pool = await start({});
    const reply = call(pool, 'InitiateAuth', { ClientId: 'nobody', AuthFlow: 'USER_SRP_AUTH' });
    expect(await refusal(reply)).toBe('ResourceNotFoundException: User pool client nobody does not exist.');
  });
});

describe('a client with a secret', () => {
  let pool: CognitoEmulator;
  const secret = 'a-secret-of-the-client';
  const hash = (username: string) => secretHashOf(secret, username, pool.options.clientId);

  beforeAll(async () => {
    pool = await start({
      clientSecret: secret,
      aliasAttributes: ['email'],
      users: [{ username: 'alice', password: PASSWORD, attributes: { email: 'alice@example.com' } }],
      clients: [{ clientId: 'public' }],
    });
  });

  it('must hash the name that it sends, and the internal one from then on', async () => {
    const signIn = new SrpSignIn(pool, 'alice@example.com', PASSWORD);
    const begin = async (secretHash?: string) => signIn.begin(secretHash === undefined ? {} : { secretHash });
    const { clientId } = pool.options;
    expect(await refusal(begin())).toBe(
      `NotAuthorizedException: Client ${clientId} is configured with secret but SECRET_HASH was not received`,
    );
    const unverifiable = `NotAuthorizedException: Unable to verify secret hash for client ${clientId}`;
    expect(await refusal(begin(hash('bob')))).toBe(unverifiable);
    const challenge = challengeOf(await begin(hash('alice@example.com')));
    expect(challenge.parameters['USER_ID_FOR_SRP']).toBe('alice');
    expect(await refusal(signIn.answer(challenge, { secretHash: hash('alice@example.com') }))).toBe(unverifiable);
    const again = challengeOf(await begin(hash('alice@example.com')));
    await tokensOf(signIn.answer(again, { secretHash: hash('alice') }));
  });

  it('refreshes with the hash of the internal name', async () => {
    const { refreshToken } = await pool.tokensFor('alice');
    const refresh = async (secretHash?: string) =>
      call(pool, 'InitiateAuth', {
        AuthFlow: 'REFRESH_TOKEN_AUTH',
        AuthParameters: { REFRESH_TOKEN: refreshToken, ...(secretHash && { SECRET_HASH: secretHash }) },
      });
    expect(await refusal(refresh())).toMatch(/SECRET_HASH was not received/);
    expect(await refusal(refresh(hash('alice@example.com')))).toMatch(/Unable to verify secret hash/);
    expect(await tokensOf(refresh(hash('alice')))).not.toHaveProperty('RefreshToken');
  });

  it('is told from one without: a hash there is refused', async () => {
    const reply = call(pool, 'InitiateAuth', {
      ClientId: 'public',
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'alice', PASSWORD, SECRET_HASH: hash('alice') },
    });
    expect(await refusal(reply)).toMatch(/Unable to verify secret hash for client public/);
  });
});

describe('the hook of the password proof', () => {
  it('accepts, refuses or leaves the check to the pool', async () => {
    const pool = await start({ users: [{ username: 'alice', password: PASSWORD }] });
    const attempts: unknown[] = [];
    pool.hooks.srpProof = (attempt) => {
      attempts.push(attempt);
      return 'accept';
    };
    await tokensOf(new SrpSignIn(pool, 'alice', 'nope').run());
    expect(attempts).toMatchObject([{ username: 'alice', clientId: pool.options.clientId }]);
    expect(await refusal(new SrpSignIn(pool, 'nobody', 'nope').run())).toBe(WRONG);
    pool.hooks.srpProof = () => 'refuse';
    expect(await refusal(new SrpSignIn(pool, 'alice', PASSWORD).run())).toBe(WRONG);
    pool.hooks.srpProof = () => 'check';
    await tokensOf(new SrpSignIn(pool, 'alice', PASSWORD).run());
    expect(await refusal(new SrpSignIn(pool, 'alice', 'nope').run())).toBe(WRONG);
    pool.hooks.srpProof = undefined;
    expect(await refusal(new SrpSignIn(pool, 'alice', 'nope').run())).toBe(WRONG);
  });
});
