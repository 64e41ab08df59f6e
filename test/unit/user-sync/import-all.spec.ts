import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CognitoError } from '../../../lib/errors/cognito.error.js';
import { CognitoEmulator, errorAnswer } from '../../../lib/testing/index.js';
import { clientOf, resolvedPool, usersOf } from '../../../lib/cli/pool-access.js';
import type { UserPoolClient } from '../../../lib/user-pool/user-pool-client.js';
import { checkedUserSyncOptions } from '../../../lib/user-sync/checked-options.js';
import { deactivateMissing, type DeactivateMissingOptions } from '../../../lib/user-sync/deactivate-missing.js';
import { importAll, type ImportOptions, type ImportParts } from '../../../lib/user-sync/import-all.js';
import type { ImportProgress } from '../../../lib/user-sync/import-tally.js';
import { TypeOrmUserStore } from '../../../lib/user-sync/typeorm-user-store.js';
import type { UserSyncOptions } from '../../../lib/user-sync/user-sync.options.js';
import type { CognitoService } from '../../../lib/user-pool/cognito.service.js';
import type { UserEvents } from '../../../lib/user-sync/user-events.js';
import { UserImport } from '../../../lib/user-sync/user-import.js';
import { UserWriter } from '../../../lib/user-sync/user-writer.js';
import { StrictUser, User } from './support/entities.js';

const PEOPLE = 130;

/** May be in the table before they are in the pool. */
@Entity('invited')
class Invited {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { unique: true, nullable: true }) sub!: string | null;
  @Column('varchar', { unique: true, nullable: true }) email!: string | null;
}

/** May be in the table before they are in the pool, and shut out. */
@Entity('linkable')
class Linkable {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { unique: true, nullable: true }) sub!: string | null;
  @Column('varchar', { unique: true, nullable: true }) email!: string | null;
  @Column('varchar', { nullable: true }) firstName!: string | null;
  @Column('boolean', { default: true }) active!: boolean;
}

/** Has little room for a name. */
@Entity('short_names')
class ShortName {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { unique: true }) sub!: string;
  @Column('varchar', { length: 20, nullable: true }) firstName!: string | null;
}

let pool: CognitoEmulator;
let client: UserPoolClient;
let dataSource: DataSource;

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    users: Array.from({ length: PEOPLE }, (_, index) => ({
      username: nameOf(index),
      password: 'Passw0rd!',
      attributes: { email: `${nameOf(index)}@example.com`, given_name: 'Person' },
    })),
  });
  client = clientOf(resolvedPool(pool.options, 'default'), pool.options);
  dataSource = await new DataSource({
    type: 'sqljs',
    entities: [User, StrictUser, Invited, ShortName, Linkable],
    synchronize: true,
  }).initialize();
});

afterEach(async () => {
  pool.hooks.beforeAnswer = undefined;
  await dataSource.getRepository(User).clear();
});

afterAll(async () => {
  await dataSource.destroy();
  await client.close();
  await pool.stop();
});

function nameOf(index: number): string {
  return `person${String(index).padStart(3, '0')}`;
}

const waits: number[] = [];

function partsOf(written: Partial<UserSyncOptions> = {}): ImportParts<object> & { match: { claim: string } } {
  const options = checkedUserSyncOptions({ entity: User, activeProperty: 'active', ...written });
  return {
    users: usersOf(client),
    pool: 'default',
    store: new TypeOrmUserStore(dataSource, options),
    policy: options,
    match: options.match,
    wait: (milliseconds, signal) => {
      waits.push(milliseconds);
      signal?.throwIfAborted();
      return Promise.resolve();
    },
  };
}

const run = async (options: ImportOptions = {}, parts = partsOf()) =>
  importAll(parts, { batch: 60, requestsPerSecond: 1e6, ...options });

const rows = async () => dataSource.getRepository(User).find({ withDeleted: true, order: { email: 'ASC' } });

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no refusal',
    (thrown: unknown) => (thrown instanceof CognitoError ? thrown.code : String(thrown)),
  );

/** Changes what the pool answers to the n-th page, counted from 1. */
function atPage(number: number, answer: () => ReturnType<typeof errorAnswer>): { pages: number } {
  const counted = { pages: 0 };
  pool.hooks.beforeAnswer = (operation, real) => {
    if (operation !== 'ListUsers') return real;
    counted.pages += 1;
    return counted.pages === number ? answer() : real;
  };
  return counted;
}

describe('importAll', () => {
  it('makes a row for everybody, tells how far it is, and finds nothing to do a second time', async () => {
    const told: ImportProgress[] = [];
    const done = await run({ onProgress: (progress) => void told.push(progress) });

    expect(done).toMatchObject({ seen: PEOPLE, created: PEOPLE, updated: 0, failed: 0, nextToken: undefined });
    expect(told.map(({ seen }) => seen)).toEqual([60, 120, 130]);
    expect((await rows()).map(({ email, firstName }) => [email, firstName])).toEqual(
      Array.from({ length: PEOPLE }, (_, index) => [`${nameOf(index)}@example.com`, 'Person']),
    );
    expect(await run()).toMatchObject({ seen: PEOPLE, created: 0, updated: 0, unchanged: PEOPLE });
  });

  it('writes what is new to known rows, unless they are to be left alone', async () => {
    await run();
    await dataSource.getRepository(User).update({ email: `${nameOf(7)}@example.com` }, { firstName: 'Old' });

    expect(await run({}, partsOf({ updateExisting: 'never' }))).toMatchObject({ updated: 0, unchanged: PEOPLE });
    expect(await run({ dryRun: true })).toMatchObject({ updated: 1, unchanged: PEOPLE - 1 });
    expect((await rows())[7]?.firstName).toBe('Old');
    expect(await run()).toMatchObject({ updated: 1, unchanged: PEOPLE - 1 });
    expect((await rows())[7]?.firstName).toBe('Person');
  });

  it('writes nothing in a dry run', async () => {
    expect(await run({ dryRun: true })).toMatchObject({ created: PEOPLE });
    expect(await rows()).toEqual([]);
  });

  it('goes on where it was stopped, and makes nobody twice', async () => {
    const stop = new AbortController();
    const last: { progress?: ImportProgress } = {};
    const stopped = run({
      signal: stop.signal,
      onProgress: (progress) => {
        last.progress = progress;
        stop.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    expect(await rows()).toHaveLength(60);

    const startAt = last.progress?.nextToken;
    expect(await run({ startAt })).toMatchObject({ seen: 70, created: 70, startedOver: 0 });
    expect(await rows()).toHaveLength(PEOPLE);
    // Another size of batch must not change the size of the page, which belongs to the token.
    expect(await run({ startAt, batch: 20 })).toMatchObject({ seen: 70, unchanged: 70 });
  });

  it('begins anew where Cognito no longer takes the token of the place, at the start and on the way', async () => {
    const last: { progress?: ImportProgress } = {};
    await run({ onProgress: (progress) => void (last.progress ??= progress) });
    const expired = () => errorAnswer('InvalidParameterException', 'Invalid pagination token.');

    atPage(1, expired);
    const resumed = await run({ startAt: last.progress?.nextToken });
    expect(resumed).toMatchObject({ seen: PEOPLE, unchanged: PEOPLE, startedOver: 1 });
    atPage(3, expired);
    expect(await run()).toMatchObject({ seen: PEOPLE + 120, unchanged: PEOPLE + 120, startedOver: 1 });
    expect(await rows()).toHaveLength(PEOPLE);
  });

  it('gives up a list that never comes to an end for expired tokens', async () => {
    let pages = 0;
    pool.hooks.beforeAnswer = (operation, real) => {
      if (operation === 'ListUsers') pages += 1;
      return pages % 2 === 0 ? errorAnswer('InvalidParameterException', 'Invalid pagination token.') : real;
    };
    expect(await codeOf(run())).toBe('COGNITO_PARAMETER_INVALID');
    expect(pages).toBe(8);
  });

  it('waits when Cognito has too much to do, longer each time, and asks again', async () => {
    const { store, ...parts } = partsOf();
    const answers = ['COGNITO_THROTTLED', 'COGNITO_UNAVAILABLE', 'COGNITO_THROTTLED'] as const;
    const refusals = [...answers];
    const users = {
      list: async (input: Parameters<typeof parts.users.list>[0]) => {
        const code = refusals.shift();
        if (code !== undefined)
          throw new CognitoError(code, { retryAfter: code === 'COGNITO_THROTTLED' ? 3 : undefined });
        return parts.users.list(input);
      },
    };
    waits.length = 0;
    expect(await run({}, { ...parts, store, users })).toMatchObject({ created: PEOPLE });
    const [first = 0, second = 0, third = 0] = waits.filter((milliseconds) => milliseconds > 100);
    expect(first).toBe(3000);
    expect(second).toBeGreaterThanOrEqual(1000);
    expect(third).toBeGreaterThanOrEqual(3000);

    const never = { list: () => Promise.reject(new CognitoError('COGNITO_THROTTLED')) };
    expect(await codeOf(run({}, { ...parts, store, users: never }))).toBe('COGNITO_THROTTLED');
  });

  it('asks no faster than it may', async () => {
    waits.length = 0;
    await run({ requestsPerSecond: 0.001 });
    // Three pages: the first at once, each other a quarter of an hour and more after the one before.
    expect(waits.map((milliseconds) => Math.round(milliseconds / 100_000))).toEqual([10, 20]);
  });

  it('counts who cannot be brought in, by code and without a name, and brings in the others', async () => {
    const victim = { sub: 'somebody else', email: `${nameOf(3)}@example.com` };
    await dataSource.getRepository(User).insert(victim);

    const done = await run();
    expect(done).toMatchObject({ created: PEOPLE - 1, failed: 1, failures: { COGNITO_USER_CONFLICT: 1 } });
    expect(JSON.stringify(done)).not.toContain('person');
    expect(await dataSource.getRepository(User).findOneByOrFail({ sub: victim.sub })).toMatchObject(victim);
  });

  it('counts a known user whose new value does not fit, and goes on', async () => {
    const parts = partsOf({ entity: ShortName, activeProperty: undefined });
    await run({}, parts);
    const people = dataSource.getRepository(ShortName);
    const { sub } = await usersOf(client).get({ username: nameOf(8) });
    const other = await usersOf(client).get({ username: nameOf(99) });
    await usersOf(client).updateAttributes({ username: nameOf(8), attributes: { given_name: 'P'.repeat(21) } });
    await people.update({ sub: other.sub }, { firstName: 'Old' });

    const expected = { updated: 1, unchanged: PEOPLE - 2, failed: 1, failures: { COGNITO_USER_NOT_STORABLE: 1 } };
    expect(await run({ dryRun: true }, parts)).toMatchObject(expected);
    expect(await run({}, parts)).toMatchObject(expected);
    expect(await people.countBy({ firstName: 'Person' })).toBe(PEOPLE);
    expect(await people.findOneByOrFail({ sub })).toMatchObject({ firstName: 'Person' });
    await usersOf(client).updateAttributes({ username: nameOf(8), attributes: { given_name: 'Person' } });
  });

  it('writes nothing for those whom the pool or their row shuts out, unless the inactive are let in', async () => {
    const users = usersOf(client);
    const { sub } = await users.get({ username: nameOf(5) });
    await users.disable({ username: nameOf(4) });
    await dataSource.getRepository(User).insert({ sub, email: 'as it was', active: false });

    expect(await run()).toMatchObject({ created: PEOPLE - 2, inactive: 2 });
    expect(await dataSource.getRepository(User).findOneByOrFail({ sub })).toMatchObject({ email: 'as it was' });
    expect(await run({}, partsOf({ allowInactiveUsers: true }))).toMatchObject({ created: 1, inactive: 1 });
    await users.enable({ username: nameOf(4) });
  });

  it('ends when the database is out of reach, instead of counting everybody as failed', async () => {
    const parts = partsOf();
    const gone = await new DataSource({ type: 'sqljs', entities: [User], synchronize: true }).initialize();
    const store = new TypeOrmUserStore(gone, checkedUserSyncOptions({ entity: User }));
    await gone.destroy();
    expect(await codeOf(run({}, { ...parts, store }))).toBe('COGNITO_USER_STORE_UNAVAILABLE');
  });

  it('asks the hooks for everybody, once, and links those whose verified address has a row', async () => {
    const people = dataSource.getRepository(Invited);
    await people.insert({ email: `${nameOf(1)}@example.com` });
    await usersOf(client).updateAttributes({ username: nameOf(1), attributes: { email_verified: 'true' } });
    const told: string[] = [];
    const options = checkedUserSyncOptions({
      entity: Invited,
      linkByVerifiedEmail: true,
      hooks: {
        beforeCreate: ({ principal, attributes }) => {
          if (attributes['email'] === `${nameOf(2)}@example.com`) throw new Error('not this one');
          expect(principal).toBeUndefined();
        },
        afterCreate: (user) => void told.push((user as Invited).email ?? ''),
      },
    });
    const all = new UserImport({
      store: new TypeOrmUserStore(dataSource, options),
      writer: new UserWriter(options.hooks, { areHeard: false, emit: () => undefined } as unknown as UserEvents),
      options,
      cognito: { pool: () => ({ users: usersOf(client) }) } as unknown as CognitoService,
    });

    const done = await all.importAll({ requestsPerSecond: 1e6 });
    expect(done).toMatchObject({ created: PEOPLE - 2, updated: 1, failed: 1 });
    expect(JSON.stringify(done)).not.toContain('not this one');
    expect([told.length, new Set(told).size]).toEqual([PEOPLE - 2, PEOPLE - 2]);
    const { sub } = await usersOf(client).get({ username: nameOf(1) });
    expect(await people.findOneByOrFail({ email: `${nameOf(1)}@example.com` })).toMatchObject({ sub });
    expect(await all.importAll({ requestsPerSecond: 1e6 })).toMatchObject({ created: 0, unchanged: PEOPLE - 1 });
  });

  it.each([
    ['to be left alone keeps what it has', { updateExisting: 'never', activeProperty: undefined }, 'updated'],
    ['shut keeps what it has', {}, 'inactive'],
  ] as const)('links a row by its address, and one that is %s', async (_, more, outcome) => {
    await usersOf(client).updateAttributes({ username: nameOf(6), attributes: { email_verified: 'true' } });
    const options = checkedUserSyncOptions({
      entity: Linkable,
      linkByVerifiedEmail: true,
      activeProperty: 'active',
      ...more,
    });
    const people = dataSource.getRepository(Linkable);
    await people.clear();
    await people.insert({ email: `${nameOf(6)}@example.com`, firstName: 'Old', active: outcome !== 'inactive' });
    const all = new UserImport({
      store: new TypeOrmUserStore(dataSource, options),
      writer: new UserWriter(options.hooks, { areHeard: false, emit: () => undefined } as unknown as UserEvents),
      options,
      cognito: { pool: () => ({ users: usersOf(client) }) } as unknown as CognitoService,
    });
    expect(await all.importAll({ requestsPerSecond: 1e6 })).toMatchObject({ created: PEOPLE - 1, [outcome]: 1 });
    const { sub } = await usersOf(client).get({ username: nameOf(6) });
    expect(await people.findOneByOrFail({ sub })).toMatchObject({ firstName: 'Old' });
  });

  it.each([
    ['a batch of none', { batch: 0 }],
    ['a batch above 500', { batch: 501 }],
    ['no lane', { concurrency: 0 }],
    ['no request', { requestsPerSecond: 0 }],
    ['a token of nobody', { startAt: 'whatever' }],
    ['a token of another pool', { startAt: Buffer.from('[1,"other_pool",60,"page"]').toString('base64url') }],
  ])('refuses %s', async (_, options) => {
    expect(await codeOf(run(options))).toBe('COGNITO_PARAMETER_INVALID');
  });
});

describe('deactivateMissing', () => {
  const shutOut = async (options: DeactivateMissingOptions = {}, written: Partial<UserSyncOptions> = {}) => {
    const parts = partsOf(written);
    return deactivateMissing({ ...parts, users: usersOf(client) }, { requestsPerSecond: 1e6, ...options });
  };
  const strangers = async (count: number) =>
    dataSource.getRepository(User).insert(Array.from({ length: count }, (_, index) => ({ sub: `gone ${index}` })));
  const inactive = async () => (await rows()).filter(({ active }) => !active).map(({ sub }) => sub);

  it('shuts out whose users are gone, and leaves everybody else and what is in the rows alone', async () => {
    await run();
    await strangers(2);
    await dataSource.getRepository(User).insert({ sub: 'shut out before', active: false });

    expect(await shutOut({ dryRun: true })).toEqual({ listed: 130, active: 132, missing: 2, deactivated: 0 });
    expect(await inactive()).toEqual(['shut out before']);
    expect(await shutOut()).toEqual({ listed: 130, active: 132, missing: 2, deactivated: 2 });
    expect((await inactive()).toSorted()).toEqual(['gone 0', 'gone 1', 'shut out before']);
    expect(await shutOut()).toMatchObject({ active: 130, missing: 0, deactivated: 0 });
  });

  it('marks rows as deleted where that is asked for, or where there is no flag', async () => {
    await run();
    await strangers(1);
    await shutOut({ by: 'soft-delete' });
    await dataSource.getRepository(User).insert({ sub: 'gone later' });
    await shutOut({}, { activeProperty: undefined });

    const deleted = (await rows()).filter(({ deletedAt }) => deletedAt !== null);
    expect(deleted.map(({ sub, active }) => [sub, active])).toEqual([
      ['gone 0', true],
      ['gone later', true],
    ]);
  });

  it('shuts nobody out when the list breaks off on its third page', async () => {
    await run();
    await strangers(5);
    const cut = () => errorAnswer('NotAuthorizedException', 'no more');

    for (const options of [{}, { force: true }]) {
      const asked = atPage(3, cut);
      expect(await codeOf(shutOut(options))).toBe('COGNITO_NOT_AUTHORIZED');
      expect(asked.pages).toBe(3);
    }
    expect(await inactive()).toEqual([]);
  });

  it('refuses to shut out more than a tenth, unless it is forced to', async () => {
    await run();
    await strangers(14);
    expect(await shutOut({ dryRun: true })).toMatchObject({ missing: 14 });
    await dataSource.getRepository(User).insert({ sub: 'one too many' });

    expect(await codeOf(shutOut())).toBe('COGNITO_TOO_MANY_USERS_MISSING');
    expect(await inactive()).toEqual([]);
    expect(await shutOut({ force: true })).toMatchObject({ missing: 15, deactivated: 15 });
  });

  it('asks by name for those whom the list leaves out', async () => {
    const parts = partsOf({ match: { claim: 'username', property: 'sub' } });
    await run({}, parts);
    pool.hooks.beforeAnswer = (operation, answer) => {
      const { Users = [], ...rest } = answer.body as { Users?: { Username: string }[] };
      const listed = Users.filter(({ Username }) => Username !== nameOf(9));
      return operation === 'ListUsers' ? { ...answer, body: { ...rest, Users: listed } } : answer;
    };
    expect(await shutOut({}, { match: { claim: 'username', property: 'sub' } })).toMatchObject({
      listed: 129,
      missing: 0,
    });
    expect(await inactive()).toEqual([]);
  });

  it('refuses where the store has neither a flag nor a mark of deletion', async () => {
    const work = shutOut({}, { entity: StrictUser, activeProperty: undefined });
    expect(await codeOf(work)).toBe('COGNITO_USER_SYNC_INVALID');
  });
});
