import { inspect } from 'node:util';
import { Logger } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { QueryFailedError } from 'typeorm';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CognitoPrincipal } from '../../../lib/access/principal.js';
import { resolveUserSyncOptions, type UserSyncOptions } from '../../../lib/user-sync/user-sync.options.js';
import { UserSyncService } from '../../../lib/user-sync/user-sync.service.js';
import { startPostgres } from '../../support/postgres.js';
import { type OpenDatabase, postgres, sqlJs, type TestDatabase } from './support/databases.js';
import { InvitedUser, PoolUser, sloppyUser, StrictUser, User } from './support/entities.js';
import { accessOf, type FakePool, fakePool, idOf, machine } from './support/people.js';

const server = await startPostgres();
afterAll(() => server?.stop());

const ALICE = { email: 'alice@example.com', given_name: 'Alice', family_name: 'Liddell' };

describe('user sync on sql.js', () => {
  behavesOn(sqlJs());
});

describe.skipIf(server === undefined)('user sync on PostgreSQL', () => {
  behavesOn(postgres(server));
});

function behavesOn(database: TestDatabase): void {
  const { name } = database;
  let open: OpenDatabase;
  let pool: FakePool;

  beforeEach(() => {
    pool = fakePool(ALICE);
  });

  afterEach(async () => {
    if (open.dataSource.isInitialized) await open.dataSource.destroy();
  });

  /** The service over the entity `User`, or another. */
  async function start(options: Partial<UserSyncOptions> = {}, poolNames = ['default']): Promise<UserSyncService> {
    open = await database.open((options.entity ?? User) as typeof User);
    return again(options, poolNames);
  }

  /** Another service over the same database. */
  async function again(options: Partial<UserSyncOptions> = {}, poolNames = ['default']): Promise<UserSyncService> {
    const resolved = resolveUserSyncOptions({ entity: User, dataSource: open.dataSource, ...options });
    const service = new UserSyncService(resolved, pool.service, {} as ModuleRef, poolNames);
    await service.onModuleInit();
    open.statements();
    return service;
  }

  const rows = (): Promise<User[]> =>
    open.dataSource.getRepository(User).find({ order: { sub: 'ASC' }, withDeleted: true });
  const row = async (sub: string): Promise<User> =>
    open.dataSource.getRepository(User).findOneOrFail({ where: { sub }, withDeleted: true });

  describe('a new user', () => {
    it('gets a row from the claims of an id token', async () => {
      const service = await start();
      const user = await service.getOrCreate<User>(idOf('alice', ALICE));
      expect(user).toBeInstanceOf(User);
      expect(user).toMatchObject({
        sub: 'alice',
        email: 'alice@example.com',
        firstName: 'Alice',
        lastName: 'Liddell',
        role: 'member',
      });
      expect(await rows()).toEqual([user]);
      expect(pool.asked).toEqual([]);
    });

    it('is made by one statement that the database decides, and read by it or after it', async () => {
      const service = await start();
      await service.getOrCreate(idOf('alice', ALICE));
      const verbs = open.statements().map((statement) => statement.slice(0, 6));
      expect(verbs).toEqual(name === 'PostgreSQL' ? ['SELECT', 'INSERT'] : ['SELECT', 'INSERT', 'SELECT']);
    });

    it('has an e-mail from GetUser when an access token tells none', async () => {
      const service = await start();
      const user = await service.getOrCreate<User>(accessOf('alice'));
      expect(user).toMatchObject({ email: 'alice@example.com', firstName: 'Alice' });
      expect(pool.asked).toEqual(['GetUser access token of alice']);
    });

    it('has a row without attributes when the access token lacks the scope for GetUser, and one warning says so', async () => {
      const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
      const service = await start();
      pool.refusal = 'COGNITO_SCOPE_MISSING';
      expect(await service.getOrCreate<User>(accessOf('alice'))).toMatchObject({ sub: 'alice', email: null });
      await service.getOrCreate(accessOf('bob'));
      expect(warn).toHaveBeenCalledTimes(1);
      warn.mockRestore();
    });

    it('has no row while Cognito cannot be asked', async () => {
      const service = await start();
      pool.refusal = 'COGNITO_UNAVAILABLE';
      await expect(service.getOrCreate(accessOf('alice'))).rejects.toMatchObject({ code: 'COGNITO_UNAVAILABLE' });
      expect(await rows()).toEqual([]);
    });

    it('is refused without a row when unknown users are not created', async () => {
      const service = await start({ createUnknownUsers: false });
      const refused = service.getOrCreate(idOf('alice', ALICE));
      await expect(refused).rejects.toMatchObject({ code: 'COGNITO_USER_UNKNOWN', status: 403 });
      expect(await rows()).toEqual([]);

      await open.dataSource.getRepository(User).insert({ sub: 'alice' });
      expect(await service.getOrCreate(idOf('alice', ALICE))).toMatchObject({ email: 'alice@example.com' });
    });

    it('who is a machine is refused without a row', async () => {
      const service = await start();
      await expect(service.getOrCreate(machine())).rejects.toMatchObject({ code: 'COGNITO_USER_UNKNOWN' });
      expect(open.statements()).toEqual([]);
    });

    it('without a value in the match claim reaches no row at all', async () => {
      const service = await start();
      await service.getOrCreate(idOf('alice', ALICE));
      for (const sub of [undefined, null, '', 0]) {
        const principal = { ...idOf('x'), sub } as unknown as CognitoPrincipal;
        await expect(service.getOrCreate(principal)).rejects.toMatchObject({ code: 'COGNITO_USER_UNKNOWN' });
      }
      expect(await rows()).toHaveLength(1);
    });

    it('gets one row from fifty first requests at once, and all fifty the same', async () => {
      const service = await start();
      const users = await Promise.all(
        Array.from({ length: 50 }, () => service.getOrCreate<User>(idOf('alice', ALICE))),
      );
      const [only, ...others] = await rows();
      expect(others).toEqual([]);
      for (const user of users) expect(user).toEqual(only);
    });
  });

  describe('a known user', () => {
    it('costs one SELECT and no write while nothing has changed', async () => {
      const service = await start({
        attributes: {
          email_verified: 'emailVerified',
          'custom:age': 'age',
          'custom:badge': 'badge',
          'custom:credit': 'credit',
          updated_at: 'changedAt',
        },
      });
      const claims = {
        email_verified: true,
        'custom:age': '42',
        'custom:badge': '9007199254740993',
        'custom:credit': '1.5',
        updated_at: 1_700_000_000,
      };
      const first = await service.getOrCreate<User>(idOf('alice', claims));
      expect(first).toMatchObject({ emailVerified: true, age: 42, changedAt: new Date(1_700_000_000_000) });
      if (name === 'PostgreSQL') expect(first).toMatchObject({ badge: '9007199254740993', credit: '1.50' });
      open.statements();

      expect(await service.getOrCreate(idOf('alice', { ...claims, email_verified: 'true' }))).toEqual(first);
      expect(open.statements()).toEqual([expect.stringMatching(/^SELECT/)]);
    });

    it('costs one SELECT with the default mapping', async () => {
      const service = await start();
      await service.getOrCreate(idOf('alice', ALICE));
      open.statements();
      await service.getOrCreate(idOf('alice', ALICE));
      expect(open.statements()).toEqual([expect.stringMatching(/^SELECT/)]);
    });

    it("has Cognito's own user name in a property, whatever a claim of that name says", async () => {
      const attributes = { username: 'firstName', 'cognito:username': 'lastName' };
      const service = await start({ attributes, attributesFrom: 'claims' });
      const own = { firstName: 'name of alice', lastName: 'name of alice' };
      expect(await service.getOrCreate<User>(idOf('alice', { username: 'admin' }))).toMatchObject(own);

      const byAccessToken = accessOf('alice');
      const claims = { ...byAccessToken.claims, 'cognito:username': 'admin' };
      expect(await service.getOrCreate<User>({ ...byAccessToken, claims } as CognitoPrincipal)).toMatchObject(own);
      expect(await row('alice')).toMatchObject(own);
    });

    it('is brought up to date where an attribute changed, and only there', async () => {
      const service = await start();
      await service.getOrCreate(idOf('alice', ALICE));
      await open.dataSource.getRepository(User).update({ sub: 'alice' }, { role: 'editor', updatedAt: new Date(0) });
      open.statements();

      const user = await service.getOrCreate<User>(idOf('alice', { ...ALICE, family_name: 'Hargreaves' }));
      const [, update] = open.statements();
      expect(update).toMatch(/^UPDATE/);
      expect(update).toContain('lastName');
      expect(update).not.toMatch(/SET.*(email|firstName|role).*WHERE/);
      expect(user).toMatchObject({ lastName: 'Hargreaves', role: 'editor', firstName: 'Alice' });
      expect(user.updatedAt.getTime()).toBeGreaterThan(0);
      expect(await rows()).toEqual([user]);
    });

    it('keeps what a token does not tell', async () => {
      const service = await start();
      const known = await service.getOrCreate(idOf('alice', ALICE));
      open.statements();
      expect(await service.getOrCreate(idOf('alice', { given_name: 'Alice' }))).toEqual(known);
      expect(await service.getOrCreate(accessOf('alice'))).toEqual(known);
      expect(open.statements()).toHaveLength(2);
      expect(pool.asked).toEqual([]);
    });

    it('keeps what a column cannot hold', async () => {
      const service = await start({
        attributes: { 'custom:age': 'age', email_verified: 'emailVerified', email: 'email' },
      });
      const known = await service.getOrCreate(
        idOf('alice', { 'custom:age': '42', email_verified: true, email: 'a@b.c' }),
      );
      const odd = { 'custom:age': 'forty', email_verified: 'perhaps', email: { a: 1 } };
      expect(await service.getOrCreate(idOf('alice', odd))).toEqual(known);
      expect(await service.getOrCreate(idOf('alice', { 'custom:age': '' }))).toEqual(known);
    });

    it('is left alone when existing rows are never updated', async () => {
      const service = await start({ updateExisting: 'never' });
      const known = await service.getOrCreate(idOf('alice', ALICE));
      expect(await service.getOrCreate(idOf('alice', { ...ALICE, given_name: 'Alicia' }))).toEqual(known);
      expect(await rows()).toEqual([known]);
    });

    it('follows GetUser at every call when that is the source', async () => {
      const service = await start({ attributesFrom: 'get-user' });
      await service.getOrCreate(accessOf('alice'));
      pool.attributes = { ...ALICE, given_name: 'Alicia' };
      expect(await service.getOrCreate(accessOf('alice'))).toMatchObject({ firstName: 'Alicia' });
      expect(pool.asked).toHaveLength(2);
    });

    it('follows the claims alone when they are the source', async () => {
      const service = await start({ attributesFrom: 'claims' });
      expect(await service.getOrCreate(accessOf('alice'))).toMatchObject({ sub: 'alice', email: null });
      expect(pool.asked).toEqual([]);
    });
  });

  describe('an inactive user', () => {
    it('is refused when the pool has disabled them or their status is listed, row or no row', async () => {
      const service = await start({ attributesFrom: 'admin-get-user' });
      for (const account of [
        { enabled: false },
        { status: 'ARCHIVED' },
        { status: 'COMPROMISED' },
        { status: 'UNKNOWN' },
      ]) {
        pool.account = account;
        const refused = service.getOrCreate(accessOf('alice'));
        await expect(refused).rejects.toMatchObject({ code: 'COGNITO_USER_INACTIVE', status: 403 });
      }
      expect(await rows()).toEqual([]);

      pool.account = { status: 'FORCE_CHANGE_PASSWORD' };
      expect(await service.getOrCreate(accessOf('alice'))).toMatchObject({ email: 'alice@example.com' });
      pool.account = { enabled: false };
      await expect(service.getOrCreate(accessOf('alice'))).rejects.toMatchObject({
        code: 'COGNITO_USER_INACTIVE',
      });
      expect(pool.asked).toContain('AdminGetUser name of alice');
    });

    it('passes when inactive users are allowed', async () => {
      const service = await start({ attributesFrom: 'admin-get-user', allowInactiveUsers: true });
      pool.account = { enabled: false, status: 'ARCHIVED' };
      expect(await service.getOrCreate(accessOf('alice'))).toMatchObject({ sub: 'alice' });
    });

    it('whom the pool does not have is unknown', async () => {
      const service = await start({ attributesFrom: 'admin-get-user' });
      pool.refusal = 'COGNITO_USER_NOT_FOUND';
      await expect(service.getOrCreate(accessOf('alice'))).rejects.toMatchObject({
        code: 'COGNITO_USER_UNKNOWN',
      });
    });

    it("is refused by the application's own flag, and nothing is written", async () => {
      const service = await start({ activeProperty: 'active' });
      const known = await service.getOrCreate<User>(idOf('alice', ALICE));
      await open.dataSource.getRepository(User).update({ sub: 'alice' }, { active: false, updatedAt: known.updatedAt });
      const refused = service.getOrCreate(idOf('alice', { ...ALICE, given_name: 'Alicia' }));
      await expect(refused).rejects.toMatchObject({ code: 'COGNITO_USER_INACTIVE' });
      expect(await row('alice')).toEqual(Object.assign(known, { active: false }));
      expect(await (await again()).getOrCreate(idOf('alice', ALICE))).toMatchObject({ active: false });
    });

    it('is everybody whose flag is anything but true: false, null or not set at all', async () => {
      const service = await start({ activeProperty: 'emailVerified' });
      const people = open.dataSource.getRepository(User);
      for (const _ of ['made just now', 'found']) {
        await expect(service.getOrCreate(idOf('alice', ALICE))).rejects.toMatchObject({
          code: 'COGNITO_USER_INACTIVE',
        });
        expect(await row('alice')).toMatchObject({ emailVerified: null });
      }
      await people.update({ sub: 'alice' }, { emailVerified: false });
      await expect(service.getOrCreate(idOf('alice', ALICE))).rejects.toMatchObject({
        code: 'COGNITO_USER_INACTIVE',
      });
      await people.update({ sub: 'alice' }, { emailVerified: true });
      expect(await service.getOrCreate(idOf('alice', ALICE))).toMatchObject({ sub: 'alice' });
    });

    it('is refused from the first request on when the flag of a new row is down', async () => {
      const service = await start({ entity: InvitedUser, activeProperty: 'active' });
      for (const _ of [1, 2]) {
        await expect(service.getOrCreate(idOf('alice'))).rejects.toMatchObject({ code: 'COGNITO_USER_INACTIVE' });
      }
      expect(await open.dataSource.getRepository(InvitedUser).count()).toBe(1);
      await open.dataSource.getRepository(InvitedUser).update({ sub: 'alice' }, { active: true });
      expect(await service.getOrCreate(idOf('alice'))).toMatchObject({ sub: 'alice' });
    });

    it('whose row was soft-deleted is refused and gets no second row', async () => {
      const service = await start();
      await service.getOrCreate(idOf('alice', ALICE));
      await open.dataSource.getRepository(User).softDelete({ sub: 'alice' });
      const deleted = await row('alice');
      await expect(service.getOrCreate(idOf('alice', { ...ALICE, given_name: 'Alicia' }))).rejects.toMatchObject({
        code: 'COGNITO_USER_INACTIVE',
      });
      expect(await rows()).toEqual([deleted]);
    });
  });

  describe("another user's row", () => {
    it('is not touched by a new user with the same e-mail, who gets no row', async () => {
      const service = await start();
      const alice = await service.getOrCreate(idOf('alice', ALICE));
      const refused = service.getOrCreate(idOf('mallory', { ...ALICE, given_name: 'Mallory' }));
      await expect(refused).rejects.toMatchObject({ code: 'COGNITO_USER_CONFLICT', status: 409 });
      expect(await rows()).toEqual([alice]);
    });

    it('is not touched by a known user who takes the same e-mail, nor is the row of that user', async () => {
      const service = await start();
      const alice = await service.getOrCreate(idOf('alice', ALICE));
      const mallory = await service.getOrCreate(idOf('mallory', { email: 'mallory@example.com' }));
      const thrown = await service
        .getOrCreate(idOf('mallory', { ...ALICE, given_name: 'M' }))
        .catch((error: unknown) => error);
      expect(thrown).toMatchObject({ code: 'COGNITO_USER_CONFLICT' });
      expect(everythingIn(thrown)).not.toContain('alice');
      expect(await rows()).toEqual([alice, mallory]);
    });

    it('is not found by a claim with another case, a trailing space or a wildcard', async () => {
      const service = await start({ match: { claim: 'username', property: 'sub' } });
      await service.getOrCreate(accessOf('1', 'admin'));
      pool.attributes = {};
      for (const username of ['Admin', 'admin ', ' admin', 'ádmin', 'adm%', 'admin\t']) {
        expect(await service.getOrCreate(accessOf('2', username))).toMatchObject({ sub: username, email: null });
      }
      expect(await rows()).toHaveLength(7);
      expect(await row('admin')).toMatchObject({ email: 'alice@example.com' });
    });

    it('is refused when the column takes two names for the same', async () => {
      const isSqlJs = name === 'sql.js';
      const caseless = sloppyUser(isSqlJs ? { type: 'varchar', collation: 'NOCASE' } : { type: 'citext' });
      const padded = sloppyUser(isSqlJs ? { type: 'varchar', collation: 'RTRIM' } : { type: 'char', length: 5 });
      for (const [entity, double] of [
        [caseless, 'Admin'],
        [padded, 'admin '],
      ] as const) {
        const service = await start({ entity, match: { claim: 'username' }, attributes: {} });
        expect(await service.getOrCreate(accessOf('1', 'admin'))).toMatchObject({ username: 'admin' });
        await expect(service.getOrCreate(accessOf('2', double))).rejects.toMatchObject({
          code: 'COGNITO_USER_CONFLICT',
        });
        expect(await open.dataSource.getRepository(entity).count()).toBe(1);
        expect(await service.getOrCreate(accessOf('1', 'admin'))).toMatchObject({ username: 'admin' });
        if (entity === caseless) await open.dataSource.destroy();
      }
    });

    it('of another pool is another row, though the name is the same', async () => {
      const match = { poolProperty: 'pool' };
      const service = await start({ entity: PoolUser, match }, ['default', 'staff']);
      const one = await service.getOrCreate<PoolUser>(idOf('alice'));
      const two = await service.getOrCreate<PoolUser>(idOf('alice', {}, 'staff'));
      expect([one.pool, two.pool]).toEqual(['default', 'staff']);
      expect(await service.getOrCreate(idOf('alice'))).toEqual(one);
      expect(await open.dataSource.getRepository(PoolUser).count()).toBe(2);
    });
  });

  describe('a database that knows no insert which ignores one key, as MySQL and MariaDB,', () => {
    beforeEach(async () => {
      open = await database.open(User);
      open.dataSource.driver.supportedUpsertTypes.length = 0;
    });

    it('gets a plain insert, and one row of fifty', async () => {
      const service = await again();
      const users = await Promise.all(Array.from({ length: 50 }, () => service.getOrCreate(idOf('alice', ALICE))));
      const inserts = open.statements().filter((statement) => statement.startsWith('INSERT'));
      expect(inserts.length).toBeGreaterThan(0);
      for (const insert of inserts) expect(insert).not.toMatch(/CONFLICT|IGNORE|DUPLICATE/);
      const [only, ...others] = await rows();
      expect(others).toEqual([]);
      for (const user of users) expect(user).toEqual(only);
    });

    it("leaves another user's row with the same e-mail alone", async () => {
      const service = await again();
      const alice = await service.getOrCreate(idOf('alice', ALICE));
      await expect(service.getOrCreate(idOf('mallory', ALICE))).rejects.toMatchObject({
        code: 'COGNITO_USER_CONFLICT',
      });
      expect(await rows()).toEqual([alice]);
    });
  });

  describe('a database that refuses', () => {
    it('ends in an error that repeats no value, and no row', async () => {
      const service = await start({ entity: StrictUser });
      const missing = await service.getOrCreate(idOf('secret-sub')).catch((error: unknown) => error);
      expect(missing).toMatchObject({ code: 'COGNITO_UNEXPECTED', status: 500 });
      expect(everythingIn(missing)).not.toContain('secret-sub');
      expect(await open.dataSource.getRepository(StrictUser).count()).toBe(0);
      const email = 'far-too-long-for-its-column@example.com';
      const long = await service.getOrCreate(idOf('bob', { email })).catch((error: unknown) => error);
      expect(long).toMatchObject({ code: 'COGNITO_USER_NOT_STORABLE', status: 409 });
      expect(everythingIn(long)).not.toContain('far-too-long');
    });

    it('or a subscriber that does: its own error comes through', async () => {
      const service = await start();
      open.dataSource.subscribers.push({
        beforeInsert: () => {
          throw new Error('no more users, says the application');
        },
      });
      await expect(service.getOrCreate(idOf('alice'))).rejects.toThrow('no more users, says the application');
    });

    it('or cannot be reached: the error holds a name and a code, and no word of the driver', async () => {
      const service = await start();
      const people = open.dataSource.getRepository(User);
      const words = 'connect to secret-host as secret-user';
      const refused = Object.assign(new Error(words), { code: 'ECONNREFUSED', address: 'secret-host' });
      const faults = [
        [new QueryFailedError('SELECT secret-query', ['secret-value'], refused), 'QueryFailedError', 'ECONNREFUSED'],
        [refused, 'Error', 'ECONNREFUSED'],
        [new Error(`Connection terminated: ${words}`), 'Error', ''],
        [Object.assign(new Error(words), { name: 'secret name', code: '57P03' }), 'unknown error', '57P03'],
        [Object.assign(new Error(`Connection terminated: ${words}`), { code: 'secret code' }), 'Error', ''],
      ] as const;
      for (const [fault, error, code] of faults) {
        const find = vi.spyOn(people, 'find').mockRejectedValueOnce(fault);
        const thrown: unknown = await service.getOrCreate(idOf('alice', ALICE)).catch((caught: unknown) => caught);
        find.mockRestore();
        expect(thrown).toMatchObject({ code: 'COGNITO_USER_STORE_UNAVAILABLE', status: 503 });
        expect((thrown as Error).cause).toStrictEqual({ error, code });
        expect(everythingIn(thrown)).not.toContain('secret');
      }
      expect(await service.getOrCreate(idOf('alice', ALICE))).toMatchObject({ sub: 'alice' });
    });

    it('is unavailable once its connections are closed', async () => {
      const service = await start();
      await open.dataSource.destroy();
      const refused = service.getOrCreate(idOf('alice'));
      await expect(refused).rejects.toMatchObject({ code: 'COGNITO_USER_STORE_UNAVAILABLE', status: 503 });
    });
  });
}

describe.skipIf(server === undefined)('a PostgreSQL server that goes away', () => {
  it('is a database out of reach, not an unknown user', async () => {
    const own = await startPostgres();
    const { dataSource } = await postgres(own).open(User);
    const options = resolveUserSyncOptions({ entity: User, dataSource });
    const service = new UserSyncService(options, fakePool().service, {} as ModuleRef, ['default']);
    expect(await service.getOrCreate(idOf('alice', ALICE))).toMatchObject({ sub: 'alice' });
    await own?.stop();
    for (const sub of ['alice', 'bob']) {
      const refused = service.getOrCreate(idOf(sub, ALICE));
      await expect(refused).rejects.toMatchObject({
        code: 'COGNITO_USER_STORE_UNAVAILABLE',
        status: 503,
        retryAfter: 1,
      });
    }
    await dataSource.destroy();
  });
});

/** All text that a log could write of an error. */
function everythingIn(thrown: unknown): string {
  if (!(thrown instanceof Error)) return '';
  return inspect(thrown, { depth: 10, showHidden: true, maxStringLength: null });
}
