import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { resolveOptions } from '../../../lib/emulator/emulator.options.js';
import { CognitoEmulator, EmulatorError, type EmulatorOptions } from '../../../lib/emulator/index.js';
import { createPasswordVerifier } from '../../../lib/emulator/srp-verifier.js';
import { OffsetClock } from '../../../lib/emulator/state/clock.js';
import { Pool } from '../../../lib/emulator/state/pool.js';
import { parse, restore, snapshotOf, stateHash, stringify } from '../../../lib/emulator/state/snapshot.js';
import { createUser } from '../../../lib/emulator/state/users.js';
import { CALLBACK, OAuthClient } from '../../contract/oauth-client.js';
import { call, decoded, refusal, SrpSignIn, tokensOf } from './wire-client.js';

let folder: string;
const running: CognitoEmulator[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nest-cognito-data-'));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map(async (pool) => pool.stop().catch(() => undefined)));
});

afterAll(async () => rm(folder, { recursive: true }));

let files = 0;
const newPath = () => join(folder, `pool-${(files += 1)}.json`);

async function start(options: EmulatorOptions): Promise<CognitoEmulator> {
  const pool = await CognitoEmulator.start(options);
  running.push(pool);
  return pool;
}

async function codeOf(outcome: Promise<unknown>): Promise<[code: string, message: string]> {
  const error: unknown = await outcome.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof EmulatorError ? [error.code, error.message] : ['none', String(error)];
}

const signedIn = async (pool: CognitoEmulator, name = 'alice', password = 'Passw0rd!') =>
  tokensOf(new SrpSignIn(pool, name, password).run());
const refresh = async (pool: CognitoEmulator, RefreshToken = '') =>
  call(pool, 'GetTokensFromRefreshToken', { RefreshToken });

describe('a pool with a data file', () => {
  it('has its users, ids and refresh tokens again after a restart, and new keys', async () => {
    const dataFile = newPath();
    const first = await start({ dataFile, users: [{ username: 'alice', password: 'Passw0rd!', groups: ['admin'] }] });
    const tokens = await signedIn(first);
    await call(first, 'SignUp', {
      Username: 'bob',
      Password: 'Passw0rd!',
      UserAttributes: [{ Name: 'email', Value: 'bob@example.com' }],
    });
    const { code = '' } = first.inbox.last('bob@example.com') ?? {};
    await first.stop();

    const second = await start({ dataFile });
    const { userPoolId, clientId } = first.options;
    expect(second.options).toMatchObject({ userPoolId, clientId });
    const { AccessToken } = await signedIn(second);
    expect(decoded(AccessToken).payload).toMatchObject({ username: 'alice', 'cognito:groups': ['admin'] });
    expect(await refusal(new SrpSignIn(second, 'alice', 'Passw0rd?').run())).toContain('NotAuthorizedException');
    expect((await refresh(second, tokens['RefreshToken'])).status).toBe(200);
    expect((await refresh(second, `${tokens['RefreshToken']}A`)).status).toBe(400);
    expect((await call(second, 'GetUser', { AccessToken })).status).toBe(200);
    expect(await refusal(call(second, 'GetUser', { AccessToken: tokens['AccessToken'] }))).toContain('Access Token');
    const wrong = code === '000000' ? '000001' : '000000';
    expect((await call(second, 'ConfirmSignUp', { Username: 'bob', ConfirmationCode: wrong })).status).toBe(400);
    expect((await call(second, 'ConfirmSignUp', { Username: 'bob', ConfirmationCode: code })).status).toBe(200);
  });

  it('goes on with what was granted at the pages, and forgets codes', async () => {
    const dataFile = newPath();
    const options: EmulatorOptions = { dataFile, clientId: 'main', callbackUrls: [CALLBACK] };
    const first = await start({ ...options, users: [{ username: 'alice', password: 'Passw0rd!' }] });
    const before = new OAuthClient(first);
    const { body } = await before.redeem(await before.code());
    const code = await before.code();
    await first.stop();
    expect(await readFile(dataFile, 'utf8')).not.toContain(code);

    const after = new OAuthClient(await start(options));
    const form = { grant_type: 'refresh_token', client_id: 'main', refresh_token: String(body['refresh_token']) };
    const renewed = await after.post('/oauth2/token', form);
    expect(decoded(String(renewed.body['access_token'])).payload['scope']).toBe('openid email');
    expect((await after.redeem(code)).body).toEqual({ error: 'invalid_grant' });
  });

  it('remembers what was revoked', async () => {
    const dataFile = newPath();
    const first = await start({ dataFile, users: [{ username: 'alice', password: 'Passw0rd!' }] });
    const [ended, other] = [await signedIn(first), await signedIn(first)];
    await call(first, 'RevokeToken', { Token: ended['RefreshToken'] });
    await first.stop();
    const second = await start({ dataFile });
    expect(await refusal(refresh(second, ended['RefreshToken']))).toContain('Refresh Token has been revoked');
    expect((await refresh(second, other['RefreshToken'])).status).toBe(200);
  });

  it('takes its users from the options only as long as the file is not there', async () => {
    const dataFile = newPath();
    await (await start({ dataFile, users: [{ username: 'alice', password: 'Passw0rd!' }] })).stop();
    const second = await start({ dataFile, users: [{ username: 'carol', password: 'Passw0rd!' }] });
    await expect(signedIn(second)).resolves.toBeDefined();
    await expect(second.tokensFor('carol')).rejects.toMatchObject({ code: 'EMULATOR_USER_UNKNOWN' });
  });

  it('goes on at the time at which it stopped, unless it is given a clock', async () => {
    const dataFile = newPath();
    const first = await start({ dataFile });
    first.clock.advance({ days: 2 });
    await first.stop();
    const aheadBy = ({ clock }: CognitoEmulator) => Math.round((clock.now() - Date.now()) / 3_600_000);
    const second = await start({ dataFile });
    expect(aheadBy(second)).toBe(48);
    await second.stop();
    expect(aheadBy(await start({ dataFile, clock: new OffsetClock() }))).toBe(0);
  });

  it('is written soon after a change, without a stop', async () => {
    const dataFile = newPath();
    const pool = await start({ dataFile, users: [{ username: 'alice', password: 'Passw0rd!' }] });
    const before = await readFile(dataFile, 'utf8');
    await signedIn(pool);
    await expect.poll(async () => readFile(dataFile, 'utf8'), { timeout: 5000 }).not.toBe(before);
    const after = await readFile(dataFile, 'utf8');
    expect(parse(after).grants).toHaveLength(1);
    await refusal(new SrpSignIn(pool, 'alice', 'Passw0rd?').run());
    await pool.stop();
    expect(await readFile(dataFile, 'utf8')).toBe(after);
  });

  it('is for its owner alone and holds no password and no token', async () => {
    const dataFile = newPath();
    await writeFile(`${dataFile}.next`, '{"left":"by a crash"', { mode: 0o644 });
    const pool = await start({ dataFile, users: [{ username: 'alice', password: 'Passw0rd!' }] });
    const { RefreshToken = '', AccessToken = '' } = await signedIn(pool);
    await pool.stop();
    expect((await stat(dataFile)).mode & 0o777).toBe(0o600);
    const text = await readFile(dataFile, 'utf8');
    for (const secret of ['Passw0rd!', RefreshToken, AccessToken]) expect(text).not.toContain(secret);
    expect((await readdir(folder)).filter((name) => name.endsWith('.next'))).toEqual([]);
  });
});

describe('a data file behind a link', () => {
  it('is written where the link leads to', async () => {
    const [dataFile, link] = [newPath(), newPath()];
    await (await start({ dataFile, users: [{ username: 'alice', password: 'Passw0rd!' }] })).stop();
    await symlink(dataFile, link);
    const second = await start({ dataFile: link });
    await call(second, 'SignUp', { Username: 'bob', Password: 'Passw0rd!' });
    await second.stop();
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect((await stat(dataFile)).mode & 0o777).toBe(0o600);
    expect(await readFile(dataFile, 'utf8')).toContain('"bob"');
  });
});

describe('a data file that is of no use', () => {
  const user = createUser({ username: 'a', sub: 's', attributes: {}, status: 'CONFIRMED' }, 0);
  let kept: string | undefined;
  const good = () => JSON.parse((kept ??= stringify(snapshotOf(poolOf({}))))) as Record<string, unknown>;

  it.each([
    ['is no JSON', () => '{"secret":"S3cret!"', /not valid JSON/],
    ['is empty', () => '', /not valid JSON/],
    ['is of something else', () => '{"name":"S3cret!"}', /not the state of a local user pool/],
    ['is a list', () => '["S3cret!"]', /not the state of a local user pool/],
    ['is of a later version', () => JSON.stringify({ ...good(), version: 2 }), /of version 2/],
    ['lacks a part', () => JSON.stringify({ ...good(), groups: undefined }), /damaged at groups/],
    ['has a part that nobody knows', () => JSON.stringify({ ...good(), S3cret: [] }), /damaged at its top/],
    [
      'has a bad user',
      () => JSON.stringify({ ...good(), users: [{ ...user, enabled: 'S3cret!' }] }),
      /users\.0\.enabled/,
    ],
    [
      'has a verifier that is no number',
      () => JSON.stringify({ ...good(), users: [{ ...user, password: { salt: 'S3cret!', verifier: '0' } }] }),
      /users\.0\.password\.salt/,
    ],
    [
      'has an authenticator app whose secret is none',
      () => {
        const softwareToken = { secret: 'S3cret!', friendlyName: '' };
        return JSON.stringify({ ...good(), users: [{ ...user, mfa: { ...user.mfa, softwareToken } }] });
      },
      /users\.0\.mfa\.softwareToken\.secret/,
    ],
    ['is of a time that no clock shows', () => JSON.stringify({ ...good(), clockOffset: 1e300 }), /clockOffset/],
  ])('is refused and left as it is when it %s', async (_, contentOf, problem) => {
    const [dataFile, content] = [newPath(), contentOf()];
    await writeFile(dataFile, content);
    const [code, message] = await codeOf(start({ dataFile }));
    expect(code).toBe('EMULATOR_DATA_INVALID');
    expect(message).toMatch(problem);
    expect(message).toContain(dataFile);
    expect(message).not.toContain('S3cret');
    expect(await readFile(dataFile, 'utf8')).toBe(content);
  });

  it.each(['', 0, {}, null])('is %j, which is no path', async (dataFile) => {
    const options: object = { dataFile };
    expect(await codeOf(start(options))).toEqual(['EMULATOR_OPTIONS_INVALID', expect.stringContaining('dataFile')]);
  });

  it('is a folder, or lies in none', async () => {
    expect(await codeOf(start({ dataFile: folder }))).toEqual([
      'EMULATOR_DATA_INVALID',
      expect.stringContaining('EISDIR'),
    ]);
    expect(await codeOf(start({ dataFile: join(folder, 'nowhere', 'pool.json') }))).toEqual([
      'EMULATOR_DATA_UNWRITABLE',
      expect.stringContaining('ENOENT'),
    ]);
  });

  it('is refused when it is of another pool, and taken when the pool is the same', async () => {
    const dataFile = newPath();
    await (await start({ dataFile, userPoolId: 'local_first' })).stop();
    const before = await readFile(dataFile, 'utf8');
    const [code, message] = await codeOf(start({ dataFile, userPoolId: 'local_second' }));
    expect(code).toBe('EMULATOR_DATA_MISMATCH');
    expect(message).toContain('local_first');
    expect(await readFile(dataFile, 'utf8')).toBe(before);
    expect((await start({ dataFile, userPoolId: 'local_first' })).options.userPoolId).toBe('local_first');
  });

  it('loses nobody to another way of comparing names', async () => {
    const dataFile = newPath();
    const users = ['alice', 'Alice'].map((username) => ({ username, password: 'Passw0rd!' }));
    await (await start({ dataFile, usernameCaseSensitive: true, users })).stop();
    const before = await readFile(dataFile, 'utf8');
    const [code, message] = await codeOf(start({ dataFile }));
    expect(code).toBe('EMULATOR_DATA_MISMATCH');
    expect(message).toContain('usernameCaseSensitive');
    expect(await readFile(dataFile, 'utf8')).toBe(before);
    await signedIn(await start({ dataFile, usernameCaseSensitive: true }), 'Alice');
  });

  it('stays whole when the new one cannot be written; a later save makes up for it', async () => {
    const dataFile = newPath();
    const pool = await start({ dataFile, users: [{ username: 'alice', password: 'Passw0rd!' }] });
    const before = await readFile(dataFile, 'utf8');
    const faults: unknown[] = [];
    pool.hooks.fault = (error) => faults.push(error);
    await mkdir(`${dataFile}.next`);
    await signedIn(pool);
    await expect.poll(() => faults, { timeout: 5000 }).toMatchObject([{ code: 'EMULATOR_DATA_UNWRITABLE' }]);
    expect(await readFile(dataFile, 'utf8')).toBe(before);
    await rm(`${dataFile}.next`, { recursive: true });
    await pool.stop();
    expect(parse(await readFile(dataFile, 'utf8')).grants).toHaveLength(1);
  });

  it('fails the stop that cannot write it', async () => {
    const dataFile = newPath();
    const pool = await start({ dataFile, users: [{ username: 'alice', password: 'Passw0rd!' }] });
    await mkdir(`${dataFile}.next`);
    await pool.tokensFor('alice');
    await expect(pool.stop()).rejects.toMatchObject({ code: 'EMULATOR_DATA_UNWRITABLE' });
    await rm(`${dataFile}.next`, { recursive: true });
  });
});

describe('a snapshot', () => {
  it('brings back everything that it was made of', () => {
    const pool = fullPool();
    const text = stringify(snapshotOf(pool));
    const again = poolOf({ userPoolId: pool.settings.userPoolId, clientId: pool.settings.client.clientId });
    restore(again, parse(text));
    expect(snapshotOf(again)).toEqual(snapshotOf(pool));
  });

  it('has another hash after any change', () => {
    const pool = fullPool();
    const hashes = [stateHash(pool)];
    const [user] = pool.users.all();
    if (!user) throw new Error('no user');
    const changes = [
      () => (user.attributes = { ...user.attributes, name: 'Alice' }),
      () => (user.mfa.sms = true),
      () => pool.groups.remove('staff'),
      () => pool.codes.discard('passwordReset', 'alice'),
      () => pool.grants.revokeAllOf(user),
      () => pool.passkeys.remove('credential'),
      () => (user.enabled = false),
    ];
    for (const change of changes) {
      change();
      hashes.push(stateHash(pool));
    }
    expect(new Set(hashes).size).toBe(changes.length + 1);
    pool.clock.advance({ hours: 1 });
    expect(stateHash(pool)).toBe(hashes.at(-1));
  });
});

function poolOf(options: object): Pool {
  return new Pool(resolveOptions(options), 'http://127.0.0.1:1/local', new OffsetClock(), {}, {});
}

/** A pool with one of everything. */
function fullPool(): Pool {
  const pool = poolOf({});
  const user = createUser(
    { username: 'alice', sub: 'sub-of-alice', attributes: { email: 'alice@example.com' }, status: 'CONFIRMED' },
    1_700_000_000_000,
  );
  const verifier = createPasswordVerifier('poolalice', 'Passw0rd!');
  user.groups = ['staff'];
  user.password = verifier;
  user.passwordHistory = [createPasswordVerifier('poolalice', 'Passw0rd?')];
  user.mfa = {
    totp: true,
    sms: false,
    email: false,
    preferred: 'SOFTWARE_TOKEN_MFA',
    pendingSecret: 'GEZDGNBVGY3TQOJQ',
    softwareToken: { secret: 'JBSWY3DPEHPK3PXP', friendlyName: 'phone', lastStep: 57 },
  };
  user.identities = [{ providerName: 'Google', userId: '1', linkedAt: 1 }];
  user.pendingContacts = { email: 'new@example.com' };
  pool.users.add(user);
  pool.groups.add({ name: 'staff', description: 'd', precedence: 0, roleArn: 'arn', createdAt: 1, modifiedAt: 2 });
  pool.devices.announce('local', 'alice', 3).verifier = verifier;
  pool.devices.announce('local', 'alice', 4);
  pool.passkeys.add({
    credentialId: 'credential',
    username: 'alice',
    publicKey: Uint8Array.of(0, 1, 255),
    counter: 7,
    transports: ['internal'],
    friendlyName: 'key',
    relyingPartyId: 'localhost',
    authenticatorAttachment: 'platform',
    createdAt: 5,
  });
  pool.codes.issue('passwordReset', 'alice', { contact: 'email', destination: 'alice@example.com' });
  pool.grants.open(user, pool.settings.client);
  return pool;
}
