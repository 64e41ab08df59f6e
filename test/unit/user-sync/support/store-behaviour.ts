import { inspect } from 'node:util';
import type { EntitySchema } from 'typeorm';
import { afterEach, describe, expect, it } from 'vitest';
import type { CognitoUserKey, UserFacts } from '../../../../lib/user-sync/cognito-user-store.js';
import { CognitoError } from '../../../../lib/errors/cognito.error.js';
import type { AdminUser } from '../../../../lib/user-pool/admin-user.js';
import { deactivateMissing, type DeactivationParts } from '../../../../lib/user-sync/deactivate-missing.js';
import { TypeOrmUserStore } from '../../../../lib/user-sync/typeorm-user-store.js';
import { resolveUserSyncOptions, type UserSyncOptions } from '../../../../lib/user-sync/user-sync.options.js';
import type { OpenDatabase, TestDatabase } from './databases.js';
import { sloppyUser } from './entities.js';
import {
  EagerMemberSchema,
  type Member,
  MemberSchema,
  NumberedSchema,
  type Person,
  PersonSchema,
  PooledSchema,
  type Team,
  TeamSchema,
} from './store-entities.js';

const attributes = {
  email: 'email',
  name: 'name',
  email_verified: 'verified',
  'custom:age': 'age',
  'custom:badge': 'badge',
  'custom:credit': 'credit',
  birthdate: 'born',
  updated_at: 'seen',
  address: 'address',
  'custom:city': 'profile.city',
};

const ALICE = { email: 'alice@example.com', name: 'Alice' };

export const keyOf = (value: string, pool = 'default'): CognitoUserKey => ({ value, pool });
export const facts = (told: Record<string, unknown> = {}, more: Partial<UserFacts> = {}): UserFacts => ({
  attributes: told,
  ...more,
});

/** A store over a database that is open. */
export function storeOver(open: OpenDatabase, options: Partial<UserSyncOptions> = {}): TypeOrmUserStore {
  const written = { entity: PersonSchema, attributes, dataSource: open.dataSource, ...options } as UserSyncOptions;
  const resolved = resolveUserSyncOptions(written);
  if (resolved === undefined) throw new Error('no options');
  return new TypeOrmUserStore(open.dataSource, resolved);
}

/** A pool whose list has one user on each page, or breaks off there. */
function listOf(...pages: readonly (string | CognitoError)[]): DeactivationParts['users'] {
  return {
    list: ({ paginationToken = '0' }) => {
      const at = Number(paginationToken);
      const page = pages[at];
      if (typeof page !== 'string') return Promise.reject(page ?? new Error('no such page'));
      const users = [{ sub: page, username: page, attributes: {} } as unknown as AdminUser];
      return Promise.resolve({ users, paginationToken: at + 1 < pages.length ? String(at + 1) : undefined });
    },
    get: () => Promise.reject(new CognitoError('COGNITO_USER_NOT_FOUND')),
  };
}

/** What every database has to show. */
export function keepsUsers(database: TestDatabase): void {
  const isPostgres = database.name === 'PostgreSQL';
  const isSqlite = database.name === 'sql.js' || database.name === 'better-sqlite3';
  let open: OpenDatabase;

  afterEach(async () => {
    if (open.dataSource.isInitialized) await open.dataSource.destroy();
  });

  async function start(
    options: Partial<UserSyncOptions> = {},
    entities: EntitySchema[] = [PersonSchema] as EntitySchema[],
  ): Promise<TypeOrmUserStore> {
    open = await database.open(...entities);
    return storeOver(open, options);
  }

  const people = () => open.dataSource.getRepository<Person>('Person');
  const rows = (): Promise<Person[]> => people().find({ order: { id: 'ASC' }, withDeleted: true });
  /** The table as the database has it, byte for byte. */
  const raw = async (): Promise<string> => JSON.stringify(await open.dataSource.query('SELECT * FROM people'));

  describe('races', () => {
    it('of 200 who make one user leave one row; one of them made it, and all have it', async () => {
      const store = await start();
      const made = await Promise.all(Array.from({ length: 200 }, () => store.create(keyOf('alice'), facts(ALICE))));
      const [only, ...others] = await rows();
      expect(others).toEqual([]);
      expect(made.filter(({ written }) => written)).toHaveLength(1);
      for (const { user } of made) expect(user).toEqual(only);
    });

    it('of 200 users at once leave 200 rows', async () => {
      const store = await start();
      const names = Array.from({ length: 200 }, (_, index) => `user${index}`);
      const made = await Promise.all(
        names.map((name) => store.create(keyOf(name), facts({ email: `${name}@example.com` }))),
      );
      expect(made.every(({ written, user }, index) => written && user['sub'] === names[index])).toBe(true);
      expect(new Set((await rows()).map(({ sub }) => sub)).size).toBe(200);
    });

    it('of several who write one row leave the last writes, and no error', async () => {
      const store = await start();
      await store.create(keyOf('alice'), facts(ALICE));
      const found = await Promise.all(Array.from({ length: 20 }, () => store.find(keyOf('alice'))));
      await Promise.all(
        found.map((user, index) =>
          store.update(user as Person, index % 2 === 0 ? facts({ name: 'Alicia' }) : facts({ 'custom:age': '7' })),
        ),
      );
      expect(await rows()).toMatchObject([{ name: 'Alicia', age: 7, email: ALICE.email }]);
    });
  });

  describe('statements', () => {
    it('are as few as can be: one that finds; one that makes, and elsewhere than on PostgreSQL one that reads', async () => {
      const store = await start();
      expect(await store.find(keyOf('alice'))).toBeUndefined();
      const made = await store.create(keyOf('alice'), facts(ALICE));
      const verbs = (): string[] => open.statements().map((statement) => statement.slice(0, 6));
      expect(verbs()).toEqual(isPostgres ? ['SELECT', 'INSERT'] : ['SELECT', 'INSERT', 'SELECT']);

      const found = await store.find(keyOf('alice'));
      expect(found).toEqual(made.user);
      expect(await store.update(found as Person, facts(ALICE))).toEqual({ user: found, written: false });
      expect(verbs()).toEqual(['SELECT']);
    });

    it('write a value of each kind once, and find nothing new in it', async () => {
      const store = await start();
      const told = {
        ...ALICE,
        email_verified: 'true',
        'custom:age': '42',
        'custom:badge': '900719925474099',
        'custom:credit': '1.5',
        birthdate: '1980-02-29',
        updated_at: 1_700_000_000,
        address: '{"formatted":"1 Road"}',
        'custom:city': 'Oxford',
      };
      const { user } = await store.create(keyOf('alice'), facts(told));
      expect(user).toMatchObject({
        verified: true,
        age: 42,
        born: '1980-02-29',
        seen: new Date(1_700_000_000_000),
        address: { formatted: '1 Road' },
        profile: { city: 'Oxford' },
        role: 'member',
      });
      expect([String(user['badge']), Number(user['credit'])]).toEqual(['900719925474099', 1.5]);
      expect(store.hasNews(user, facts(told))).toBe(false);
      expect(store.hasNews((await store.find(keyOf('alice'))) as Person, facts(told))).toBe(false);

      const moved = await store.update(user, facts({ 'custom:city': 'London' }));
      expect(moved.user['profile']).toEqual({ city: 'London' });
      expect(await rows()).toMatchObject([{ profile: { city: 'London' }, name: 'Alice' }]);
    });

    it('leave alone what a column cannot hold', async () => {
      const store = await start();
      const odd = {
        'custom:age': '1.5',
        'custom:badge': 'many',
        birthdate: '0000',
        updated_at: 'yesterday',
        email_verified: 'perhaps',
      };
      const { user } = await store.create(keyOf('alice'), facts({ ...odd, 'custom:age': '9999999999' }));
      expect(user).toMatchObject({ age: null, badge: null, born: null, seen: null, verified: null });
      expect(await store.update(user, facts(odd))).toMatchObject({ written: false });
    });
  });

  describe("another user's row", () => {
    it('stays as it is, byte for byte, when a new user or a known one takes its unique e-mail address', async () => {
      const store = await start();
      await store.create(keyOf('victim'), facts(ALICE));
      const mallory = await store.create(keyOf('mallory'), facts({ email: 'mallory@example.com' }));
      const before = await raw();
      for (const refused of [
        () => store.create(keyOf('attacker'), facts({ ...ALICE, name: 'Mallory' })),
        () => store.update(mallory.user, facts({ ...ALICE, name: 'Mallory' })),
      ]) {
        await expect(refused()).rejects.toMatchObject({ code: 'COGNITO_USER_CONFLICT', status: 409 });
      }
      expect(await raw()).toBe(before);
      expect(mallory.user).toMatchObject({ email: 'mallory@example.com', name: null });
    });

    it('is refused, not handed out, where the database takes two names for the same', async () => {
      const postgresColumns = [
        ['citext', 'ADMIN'],
        ['char', 'admin '],
      ] as const;
      const sqliteColumns = [
        ['NOCASE', 'ADMIN'],
        ['RTRIM', 'admin '],
      ] as const;
      const cases = isPostgres
        ? postgresColumns.map(([type, other]) => [{ type, ...(type === 'char' ? { length: 5 } : {}) }, other] as const)
        : isSqlite
          ? sqliteColumns.map(([collation, other]) => [{ type: 'varchar', collation } as const, other] as const)
          : (['Admin', 'ádmin', 'admin '] as const).map(
              (other) => [{ type: 'varchar', collation: 'utf8mb4_general_ci' } as const, other] as const,
            );
      for (const [column, other] of cases) {
        const entity = sloppyUser(column);
        const store = await start({ entity, match: { claim: 'username' }, attributes: {} }, [entity] as EntitySchema[]);
        const { user } = await store.create(keyOf('admin'), facts());
        expect(user).toMatchObject({ username: 'admin' });
        for (const refused of [() => store.find(keyOf(other)), () => store.create(keyOf(other), facts())]) {
          await expect(refused()).rejects.toMatchObject({ code: 'COGNITO_USER_CONFLICT' });
        }
        expect(await store.findMany([keyOf(other), keyOf('admin')])).toEqual([undefined, user]);
        const [outcome] = await store.createMany([{ key: keyOf(other), attributes: {} }]);
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'COGNITO_USER_CONFLICT' } });
        expect(await open.dataSource.getRepository(entity).count()).toBe(1);
        await open.dataSource.destroy();
      }
    });

    it('is not that of a number which is written another way, and nobody gets a row without one', async () => {
      const match = { claim: 'custom:number', property: 'number', unsafeMatch: true } as const;
      const options = { entity: NumberedSchema, match, attributes: {} };
      const store = await start(options, [NumberedSchema] as EntitySchema[]);
      await store.create(keyOf('7'), facts());
      for (const value of ['007', '7.0', 'seven', '99999999999']) {
        for (const refused of [() => store.find(keyOf(value)), () => store.create(keyOf(value), facts())]) {
          await expect(refused()).rejects.toMatchObject({ code: 'COGNITO_USER_NOT_STORABLE' });
        }
      }
      expect(await open.dataSource.getRepository(NumberedSchema).find()).toEqual([{ id: 1, number: 7 }]);
      expect(await store.find(keyOf('7'))).toEqual({ id: 1, number: 7 });
    });

    it('of another pool is another row, though the name is the same', async () => {
      const match = { poolProperty: 'pool' };
      const store = await start({ entity: PooledSchema, match, attributes: {} }, [PooledSchema] as EntitySchema[]);
      await store.create(keyOf('alice'), facts());
      expect(await store.find(keyOf('alice', 'staff'))).toBeUndefined();
      const { user } = await store.create(keyOf('alice', 'staff'), facts());
      expect(user).toMatchObject({ sub: 'alice', pool: 'staff' });
      const both = await store.findMany([keyOf('alice', 'staff'), keyOf('alice'), keyOf('bob')]);
      expect(both).toMatchObject([{ pool: 'staff' }, { pool: 'default' }, undefined]);
    });
  });

  describe('a value that is too long', () => {
    it('is refused by a code that names the property and no value, and nothing is written', async () => {
      const store = await start({ match: { property: 'name' }, attributes: { email: 'email' } }).catch(() => undefined);
      expect(store).toBeUndefined();
      await open.dataSource.destroy();

      const full = await start();
      const { user } = await full.create(keyOf('alice'), facts(ALICE));
      const before = await raw();
      const long = facts({ name: 'far too long for twenty', 'custom:age': '3' });
      for (const write of [() => full.create(keyOf('bob'), long), () => full.update(user, long)]) {
        const refused: unknown = await write().catch((thrown: unknown) => thrown);
        expect(refused).toMatchObject({ code: 'COGNITO_USER_NOT_STORABLE', status: 409 });
        expect(String(refused)).toContain('name');
        expect(inspect(refused, { depth: 9, showHidden: true })).not.toContain('far too long');
      }
      expect(await raw()).toBe(before);
      // Twenty characters, of which some are two of JavaScript's.
      expect((await full.update(user, facts({ name: '😀'.repeat(20) }))).user['name']).toBe('😀'.repeat(20));
    });
  });

  describe('a transaction of the caller', () => {
    it('keeps or takes back what the store wrote in it', async () => {
      const store = await start();
      const thrown = new Error('no');
      const failing = open.dataSource.transaction(async (manager) => {
        const { written } = await store.within(manager).create(keyOf('alice'), facts(ALICE));
        expect(written).toBe(true);
        expect(await store.within(manager).find(keyOf('alice'))).toMatchObject(ALICE);
        throw thrown;
      });
      await expect(failing).rejects.toBe(thrown);
      expect(await rows()).toEqual([]);

      await open.dataSource.transaction((manager) => store.within(manager).create(keyOf('alice'), facts(ALICE)));
      expect(await rows()).toHaveLength(1);
      expect(() => store.within({})).toThrow(/EntityManager/);
    });

    it('goes on after the store refused something in it', async () => {
      const store = await start();
      await store.create(keyOf('victim'), facts(ALICE));
      await open.dataSource.transaction(async (manager) => {
        const within = store.within(manager);
        const { user } = await within.create(keyOf('bob'), facts());
        await expect(within.create(keyOf('eve'), facts(ALICE))).rejects.toMatchObject({
          code: 'COGNITO_USER_CONFLICT',
        });
        await expect(within.update(user, facts(ALICE))).rejects.toMatchObject({ code: 'COGNITO_USER_CONFLICT' });
        await within.update(user, facts({ name: 'Bob' }));
      });
      expect(await rows()).toMatchObject([{ sub: 'victim' }, { sub: 'bob', name: 'Bob', email: null }]);
    });

    // SQLite has one connection: while a transaction is open nobody else writes, and there is nothing to show.
    if (isSqlite) return;

    it('finds a user whom somebody else made after it began', async () => {
      const store = await start();
      await open.dataSource.transaction(async (manager) => {
        expect(await store.within(manager).find(keyOf('alice'))).toBeUndefined();
        await store.create(keyOf('alice'), facts(ALICE));
        const { user, written } = await store.within(manager).create(keyOf('alice'), facts(ALICE));
        expect({ sub: user['sub'] as string, written }).toEqual({ sub: 'alice', written: false });
      });
    });

    it('and nine others that began before the user was there all find them, and none waits for ever', async () => {
      const store = await start();
      const begun = Array.from({ length: 10 }, () => open.dataSource.createQueryRunner());
      for (const runner of begun.slice(0, 9)) {
        await runner.startTransaction();
        expect(await store.within(runner.manager).find(keyOf('alice'))).toBeUndefined();
      }
      const made = await Promise.all(
        begun.slice(0, 9).map(async (runner) => {
          const stored = await store.within(runner.manager).create(keyOf('alice'), facts(ALICE));
          await runner.commitTransaction();
          return stored.written;
        }),
      );
      await Promise.all(begun.map((runner) => runner.release()));
      expect(made.filter((written) => written)).toHaveLength(1);
    });
  });

  describe('several things together', () => {
    it('are all written or none, and what others write meanwhile is not taken back with them', async () => {
      const store = await start();
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => {
          const name = `user${index}`;
          if (index % 4 === 3) return store.create(keyOf(name), facts());
          return store.together(async (within) => {
            await within.create(keyOf(name), facts());
            await new Promise((resolve) => setImmediate(resolve));
            if (index % 4 === 1) throw new Error('taken back');
            await within.create(keyOf(`${name} again`), facts());
          });
        }),
      );
      expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(5);
      expect(await people().count()).toBe(5 + 10 * 2);
    });

    it('may ask the store outside of them without waiting for themselves', async () => {
      const store = await start();
      await store.together(async (within) => {
        await within.create(keyOf('alice'), facts());
        await store.create(keyOf('bob'), facts());
        await store.together((inner) => inner.create(keyOf('carol'), facts()));
      });
      expect(await people().count()).toBe(3);
    });
  });

  describe('dates', () => {
    it('tell when the row last changed, and apart from that when Cognito was asked', async () => {
      const store = await start();
      const { user } = await store.create(keyOf('alice'), facts(ALICE, { syncedAt: 1_700_000_000_000 }));
      expect(store.syncedAt(user)).toBe(1_700_000_000_000);
      await people().update({ sub: 'alice' }, { updatedAt: new Date(86_400_000) });

      const asked = await store.find(keyOf('alice'));
      const again = await store.update(asked as Person, facts(ALICE, { syncedAt: 1_700_000_100_000 }));
      expect(again.written).toBe(false);
      const [row] = await rows();
      expect(row?.updatedAt).toEqual(new Date(86_400_000));
      expect(store.syncedAt(row as Person)).toBe(1_700_000_100_000);

      const changed = await store.update(row as Person, facts({ name: 'Alicia' }));
      expect(changed.written).toBe(true);
      expect((changed.user as Person).updatedAt.getTime()).toBeGreaterThan(86_400_000);
      expect(await rows()).toEqual([changed.user]);
    });
  });

  describe('the standing', () => {
    it('is that of the flag first, and a deleted row comes back without its mark', async () => {
      const store = await start({ activeProperty: 'active' });
      const { user } = await store.create(keyOf('alice'), facts(ALICE));
      expect(store.standingOf(user)).toBe('active');
      await people().softDelete({ sub: 'alice' });
      const deleted = (await store.find(keyOf('alice'))) as Person;
      expect(store.standingOf(deleted)).toBe('deleted');
      expect(store.standingOf({ ...deleted, active: false })).toBe('inactive');
      expect(store.standingOf(await store.restore(deleted))).toBe('active');
      expect(store.standingOf((await store.find(keyOf('alice'))) as Person)).toBe('active');
    });
  });

  describe('linking by an address', () => {
    it('gives the one row without a key its key, to one of all who ask', async () => {
      const store = await start({ linkByVerifiedEmail: true });
      await people().insert({ email: ALICE.email, name: 'Old Alice' });
      const linked = await Promise.all(
        ['one', 'two', 'one', 'two', 'one', 'two'].map((name) => store.link(keyOf(name), ALICE.email)),
      );
      const [row] = await rows();
      expect(['one', 'two']).toContain(row?.sub);
      // Who asked after it was done finds nobody left to link; their own find tells the rest.
      linked.forEach((user, index) => {
        const isWinner = (index % 2 === 0) === (row?.sub === 'one');
        if (user !== undefined) expect([isWinner, user]).toEqual([true, row]);
      });
      expect(linked.some((user) => user !== undefined)).toBe(true);
      expect(row).toMatchObject({ name: 'Old Alice', email: ALICE.email });
    });

    it('leaves alone rows that have a key, are deleted, or have another address in the eyes of JavaScript', async () => {
      const store = await start({ linkByVerifiedEmail: true });
      await store.create(keyOf('alice'), facts(ALICE));
      await people().insert([{ email: 'bob@example.com' }, { email: 'carol@example.com' }]);
      await people().softDelete({ email: 'carol@example.com' });
      const before = await raw();
      for (const email of [
        ALICE.email,
        'BOB@example.com',
        'bób@example.com',
        'bob@example.com ',
        'carol@example.com',
      ]) {
        expect(await store.link(keyOf('mallory'), email)).toBeUndefined();
      }
      expect(await raw()).toBe(before);
    });
  });

  describe('groups', () => {
    it('are kept in a property', async () => {
      const store = await start({ groups: 'teams' });
      const { user } = await store.create(keyOf('alice'), facts({}, { groups: ['b', 'a, c'] }));
      expect(user['teams']).toEqual(['a, c', 'b']);
      expect(store.hasNews(user, facts({}, { groups: ['a, c', 'b'] }))).toBe(false);
      expect(await store.update(user, facts({}, { groups: [] }))).toMatchObject({ written: true, user: { teams: [] } });
      expect(await rows()).toMatchObject([{ teams: [] }]);
    });

    it('are kept as rows in a relation', async () => {
      const options = { entity: MemberSchema, attributes: {}, groups: 'teams' };
      const store = await start(options, [MemberSchema, TeamSchema] as EntitySchema[]);
      await open.dataSource.getRepository<Team>('Team').insert({ name: 'admins' });
      const { user } = await store.create(keyOf('alice'), facts({}, { groups: ['admins', 'writers'] }));
      const names = (of: object): string[] => (of as Member).teams.map(({ name }) => name).toSorted();
      expect(names(user)).toEqual(['admins', 'writers']);

      const found = (await store.find(keyOf('alice'))) as Member;
      expect(store.hasNews(found, facts({}, { groups: ['writers', 'admins'] }))).toBe(false);
      expect((await store.update(found, facts({}, { groups: ['writers', 'readers'] }))).written).toBe(true);
      expect(names((await store.find(keyOf('alice'))) as Member)).toEqual(['readers', 'writers']);
      expect((await store.update(found, facts())).written).toBe(false);
      expect(await open.dataSource.getRepository('Team').count()).toBe(3);
    });

    it('of one user may be written by many at once, none of whom is refused', async () => {
      const options = { entity: MemberSchema, attributes: {}, groups: 'teams' };
      const store = await start(options, [MemberSchema, TeamSchema] as EntitySchema[]);
      await store.create(keyOf('alice'), facts({}, { groups: ['readers'] }));
      const found = await Promise.all(Array.from({ length: 20 }, () => store.find(keyOf('alice'))));
      const groups = ['admins', 'writers'];
      await Promise.all(found.map((user) => store.update(user as Member, facts({}, { groups }))));
      const after = (await store.find(keyOf('alice'))) as Member;
      expect(after.teams.map(({ name }) => name).toSorted()).toEqual(groups);
    });
  });

  describe('many users', () => {
    it('are found and made in a few statements, and one who cannot be made does not keep the others from it', async () => {
      const store = await start();
      await store.create(keyOf('victim'), facts(ALICE));
      open.statements();
      const users = Array.from({ length: 700 }, (_, index) => ({
        key: keyOf(`user${index}`),
        attributes: { email: `user${index}@example.com` },
      }));
      const made = await store.createMany(users);
      expect(made.every(({ status }) => status === 'fulfilled')).toBe(true);
      expect(open.statements().length).toBeLessThan(20);

      const outcomes = await store.createMany([
        { key: keyOf('new'), attributes: {} },
        { key: keyOf('eve'), attributes: ALICE },
        { key: keyOf('user0'), attributes: {} },
        { key: keyOf('long'), attributes: { name: 'far too long for twenty' } },
        { key: keyOf('twice'), attributes: {} },
        { key: keyOf('twice'), attributes: {} },
      ]);
      expect(outcomes).toMatchObject([
        { value: { written: true, user: { sub: 'new' } } },
        { reason: { code: 'COGNITO_USER_CONFLICT' } },
        { value: { written: false, user: { sub: 'user0' } } },
        { reason: { code: 'COGNITO_USER_NOT_STORABLE' } },
        { value: { written: true } },
        { value: { written: false, user: { sub: 'twice' } } },
      ]);
      expect(await people().count()).toBe(703);
      const found = await store.findMany([...users.map(({ key }) => key), keyOf('nobody')]);
      expect(found.map((user) => user?.['sub'] as unknown)).toEqual([...users.map(({ key }) => key.value), undefined]);
    });

    it('who were partly there are told apart, where a find hands out more than the columns', async () => {
      const options = { entity: EagerMemberSchema, attributes: {} };
      const store = await start(options, [EagerMemberSchema, TeamSchema] as EntitySchema[]);
      await store.create(keyOf('b'), facts());
      const outcomes = await store.createMany(['a', 'b', 'c'].map((name) => ({ key: keyOf(name), attributes: {} })));
      expect(outcomes).toMatchObject([
        { value: { written: true, user: { sub: 'a', teams: [] } } },
        { value: { written: false, user: { sub: 'b', teams: [] } } },
        { value: { written: true, user: { sub: 'c', teams: [] } } },
      ]);
    });

    it('are shut out by no list that breaks off on its third page, and above a tenth by force alone', async () => {
      const store = await start({ activeProperty: 'active' });
      for (const name of ['a', 'b', 'gone']) await store.create(keyOf(name), facts());
      const before = await raw();
      const parts = { pool: 'default', store, match: { claim: 'sub' } };
      const forced = { force: true, requestsPerSecond: 1e6 };

      const cut = { ...parts, users: listOf('a', 'b', new CognitoError('COGNITO_NOT_AUTHORIZED')) };
      await expect(deactivateMissing(cut, forced)).rejects.toMatchObject({ code: 'COGNITO_NOT_AUTHORIZED' });
      const whole = { ...parts, users: listOf('a', 'b') };
      await expect(deactivateMissing(whole, { ...forced, force: false })).rejects.toMatchObject({
        code: 'COGNITO_TOO_MANY_USERS_MISSING',
      });
      expect(await raw()).toBe(before);
      expect(await deactivateMissing(whole, forced)).toMatchObject({ listed: 2, missing: 1, deactivated: 1 });
      expect((await rows()).map(({ sub, active }) => [sub, active])).toEqual([
        ['a', true],
        ['b', true],
        ['gone', false],
      ]);
    });

    it('are shut out by the flag or by the mark of deletion, each once', async () => {
      const store = await start({ activeProperty: 'active' });
      for (const name of ['a', 'b', 'c']) await store.create(keyOf(name), facts());
      await people().insert({ email: 'without a key' });
      const keys = await store.activeKeys('default');
      expect(keys.map(({ value }) => value).toSorted()).toEqual(['a', 'b', 'c']);
      expect(await store.deactivate([keyOf('a'), keyOf('nobody')])).toBe(1);
      expect(await store.deactivate([keyOf('a'), keyOf('b')], 'soft-delete')).toBe(2);
      expect(await store.deactivate([keyOf('a'), keyOf('b')])).toBe(1);
      expect((await store.activeKeys('default')).map(({ value }) => value)).toEqual(['c']);
      await expect(storeOver(open).deactivate([keyOf('c')], 'flag')).rejects.toMatchObject({
        code: 'COGNITO_USER_SYNC_INVALID',
      });
    });
  });
}
