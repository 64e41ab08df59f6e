import type { ModuleRef } from '@nestjs/core';
import { DataSource, type EntityManager } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CognitoError } from '../../../lib/errors/cognito.error.js';
import { ProcessClock } from '../../../lib/testing/index.js';
import type { CognitoUserStore } from '../../../lib/user-sync/cognito-user-store.js';
import { type ClaimsUser, ClaimsUserStore } from '../../../lib/user-sync/claims-user-store.js';
import { copyOf } from '../../../lib/user-sync/copy-of.js';
import { userSyncServiceOf } from '../../../lib/user-sync/chosen-service.js';
import { resolveUserSyncOptions, type UserSyncOptions } from '../../../lib/user-sync/user-sync.options.js';
import { UserSyncService } from '../../../lib/user-sync/user-sync.service.js';
import { User } from './support/entities.js';
import { MemoryStore, type MemoryUser } from './support/memory-store.js';
import { accessOf, type FakePool, fakePool, idOf, machine } from './support/people.js';

const clock = new ProcessClock();
const ALICE = { email: 'alice@example.com' };
let pool: FakePool;
let store: MemoryStore;

beforeEach(() => {
  pool = fakePool(ALICE);
  store = new MemoryStore();
});
afterEach(() => clock.reset());

function start(options: Partial<UserSyncOptions> = {}): UserSyncService {
  const resolved = resolveUserSyncOptions({ store, ...options });
  return userSyncServiceOf(resolved, pool.service, {} as ModuleRef, ['default', 'staff']);
}

const DISABLED = { code: 'COGNITO_USER_INACTIVE', status: 403 };

describe('what Cognito told', () => {
  it('is asked for once, and again when it is stale', async () => {
    const service = start({ staleAfter: 60 });
    await service.getOrCreate(accessOf('alice'));
    await service.getOrCreate(accessOf('alice'));
    clock.advance({ seconds: 59 });
    await service.getOrCreate(accessOf('alice'));
    expect(pool.asked).toHaveLength(1);
    pool.attributes = { email: 'new@example.com' };
    clock.advance({ seconds: 2 });
    expect(await service.getOrCreate(accessOf('alice'))).toMatchObject({ email: 'new@example.com' });
    expect(pool.asked).toHaveLength(2);
  });

  it('is not asked for again by another process, where the row keeps when it was', async () => {
    await start().getOrCreate(accessOf('alice'));
    expect(store.users[0]?.syncedAt).toBeTypeOf('number');
    await start().getOrCreate(accessOf('alice'));
    expect(pool.asked).toHaveLength(1);
  });

  it('is asked for once by many first requests at the same moment', async () => {
    const service = start();
    await Promise.all(Array.from({ length: 20 }, () => service.getOrCreate(accessOf('alice'))));
    expect(pool.asked).toHaveLength(1);
    expect(store.users).toHaveLength(1);
  });

  it.each(['auto', 'get-user', 'admin-get-user'] as const)('refuses by then who was disabled: %s', async (source) => {
    const service = start({ attributesFrom: source, staleAfter: 60, cacheTtl: 60 });
    await service.getOrCreate(accessOf('alice'));
    if (source === 'admin-get-user') pool.account = { enabled: false };
    else pool.refusal = 'COGNITO_USER_DISABLED';
    clock.advance({ seconds: 59 });
    await service.getOrCreate(accessOf('alice'));
    clock.advance({ seconds: 1 });
    await expect(service.getOrCreate(accessOf('alice'))).rejects.toMatchObject(DISABLED);
    await expect(service.getOrCreate(accessOf('alice'))).rejects.toMatchObject(DISABLED);
  });

  it('refuses by then who was disabled, though another process asked and this one remembers', async () => {
    const options = { staleAfter: 60, cacheTtl: 60 };
    await start(options).getOrCreate(accessOf('alice'));
    clock.advance({ seconds: 30 });
    const service = start(options);
    await service.getOrCreate(accessOf('alice'));
    pool.refusal = 'COGNITO_USER_DISABLED';
    clock.advance({ seconds: 29 });
    expect(await service.getOrCreate(accessOf('alice'))).toMatchObject(ALICE);
    clock.advance({ seconds: 1 });
    await expect(service.getOrCreate(accessOf('alice'))).rejects.toMatchObject(DISABLED);
  });

  it('lets the disabled in where the options say so, and unknown ones of the pool not', async () => {
    const service = start({ attributesFrom: 'get-user', allowInactiveUsers: true });
    pool.refusal = 'COGNITO_USER_DISABLED';
    expect(await service.getOrCreate(accessOf('alice'))).toMatchObject({ key: 'alice' });
    pool.refusal = 'COGNITO_USER_NOT_FOUND';
    await expect(service.getOrCreate(accessOf('alice'))).rejects.toMatchObject({ code: 'COGNITO_USER_UNKNOWN' });
  });

  it('is asked for again where it could not be written, and where a transaction of the caller had it', async () => {
    const service = start({ staleAfter: 60 });
    await service.getOrCreate(accessOf('alice'));
    clock.advance({ seconds: 61 });
    pool.attributes = { email: 'new@example.com' };
    const failing = vi.spyOn(store, 'update').mockRejectedValueOnce(new CognitoError('COGNITO_USER_STORE_UNAVAILABLE'));
    await expect(service.getOrCreate(accessOf('alice'))).rejects.toMatchObject({ status: 503 });
    failing.mockRestore();
    expect(await service.getOrCreate(accessOf('alice'))).toMatchObject({ email: 'new@example.com' });

    clock.advance({ seconds: 61 });
    pool.attributes = { email: 'newer@example.com' };
    const within = new MemoryStore();
    within.add({ key: 'alice' });
    vi.spyOn(within, 'transaction', 'get').mockReturnValue({});
    vi.spyOn(store, 'within').mockReturnValueOnce(within);
    await service.getOrCreate(accessOf('alice'), undefined, {});
    expect(await service.getOrCreate(accessOf('alice'))).toMatchObject({ email: 'newer@example.com' });
  });

  it('is not taken back by an older token', async () => {
    const service = start({ attributesFrom: 'auto', staleAfter: 60 });
    await service.getOrCreate(accessOf('alice'));
    const now = Math.floor(Date.now() / 1000);
    const older = idOf('alice', { email: 'old@example.com', iat: now - 10 });
    expect(await service.getOrCreate(older)).toMatchObject(ALICE);
    const newer = idOf('alice', { email: 'new@example.com', iat: now + 10 });
    expect(await service.getOrCreate(newer)).toMatchObject({ email: 'new@example.com' });
  });

  it('may come from a function of principal and request, whose own faults are 500', async () => {
    const source = vi.fn(() => Promise.resolve({ email: 'crm@example.com' }));
    const service = start({ attributesFrom: source });
    const request = { headers: {} };
    expect(await service.getOrCreate(idOf('alice'), request)).toMatchObject({ email: 'crm@example.com' });
    expect(source).toHaveBeenCalledWith(expect.objectContaining({ sub: 'alice' }), request);
    source.mockRejectedValueOnce(Object.assign(new Error('no'), { status: 200 }));
    await expect(service.getOrCreate(idOf('alice'))).rejects.toMatchObject({ code: 'COGNITO_UNEXPECTED', status: 500 });
  });

  it('is asked for at once by sync(), which writes even where known users are left alone', async () => {
    const service = start({ updateExisting: 'never', cacheTtl: 600 });
    await service.getOrCreate(accessOf('alice'));
    pool.attributes = { email: 'new@example.com' };
    expect(await service.getOrCreate(accessOf('alice'))).toMatchObject(ALICE);
    expect(await service.sync(accessOf('alice'))).toMatchObject({ email: 'new@example.com' });
    expect(await service.getOrCreate(accessOf('alice'))).toMatchObject({ email: 'new@example.com' });
    await expect(service.sync(machine())).rejects.toMatchObject({ code: 'COGNITO_USER_UNKNOWN' });
  });
});

describe('a user who is remembered', () => {
  it('costs no query until the time is over, and is a copy', async () => {
    const service = start({ cacheTtl: 10 });
    const first = await service.getOrCreate<MemoryUser>(idOf('alice', ALICE));
    store.asked();
    const second = await service.getOrCreate<MemoryUser>(idOf('alice', ALICE));
    second.email = 'changed by a handler';
    expect(await service.getOrCreate(idOf('alice', ALICE))).toEqual(first);
    expect(store.asked()).toEqual([]);
    clock.advance({ seconds: 10 });
    await service.getOrCreate(idOf('alice', ALICE));
    expect(store.asked()).toEqual(['find']);
  });

  it('is a copy down to what is inside of it', async () => {
    const attributesFrom = () => ({ address: { lines: ['1 Road'] }, seen: new Date(0) });
    const service = start({ cacheTtl: 10, store: new ClaimsUserStore(), attributesFrom });
    for (const _ of ['told just now', 'remembered', 'remembered again']) {
      const { attributes } = await service.getOrCreate<ClaimsUser>(idOf('alice'));
      expect(attributes).toMatchObject({ address: { lines: ['1 Road'] }, seen: new Date(0) });
      (attributes['address'] as { lines: string[] }).lines.push('changed by a handler');
      (attributes['seen'] as Date).setTime(1);
    }
  });

  it('keeps its class, what is read when it is asked for, and what refers to itself', () => {
    class Row {
      readonly self = this;
      readonly picture = Buffer.from('picture');
      readonly later = Promise.resolve('loaded');
    }
    const row = Object.defineProperty(new Row(), 'lazy', { get: () => 'loaded', configurable: true });
    const copy = copyOf(row) as Row & { lazy: string };
    expect(copy).toBeInstanceOf(Row);
    expect([copy.self, copy.lazy, copy.later]).toEqual([copy, 'loaded', row.later]);
    copy.picture.write('changed');
    expect(row.picture.toString()).toBe('picture');
  });

  it('is of one pool', async () => {
    const service = start({ cacheTtl: 10 });
    await service.getOrCreate(idOf('alice', ALICE));
    await service.getOrCreate(idOf('alice', { email: 'other@example.com' }, 'staff'));
    expect(store.users.map((user) => user.pool)).toEqual(['default', 'staff']);
    expect(await service.getOrCreate(idOf('alice'))).toMatchObject(ALICE);
  });

  it('is never one who was refused, and is forgotten when the application says so', async () => {
    const service = start({ cacheTtl: 60 });
    const { key } = await service.getOrCreate<MemoryUser>(idOf('alice', ALICE));
    if (store.users[0] !== undefined) store.users[0].standing = 'inactive';
    service.forget({ value: String(key), pool: 'default' });
    await expect(service.getOrCreate(idOf('alice'))).rejects.toMatchObject(DISABLED);
    await expect(service.getOrCreate(idOf('alice'))).rejects.toMatchObject(DISABLED);
  });

  it('is not one who was read before somebody else wrote them', async () => {
    const service = start({ cacheTtl: 60 });
    await service.getOrCreate(idOf('alice', ALICE));
    service.forget();
    const find = store.find.bind(store);
    const reading = vi.spyOn(store, 'find').mockImplementationOnce(async (key) => {
      const found = await find(key);
      const seen = found === undefined ? undefined : { ...found };
      await service.sync(idOf('alice', { email: 'new@example.com' }));
      return seen;
    });
    await service.getOrCreate(idOf('alice', {}));
    reading.mockRestore();
    expect(await service.getOrCreate(idOf('alice', {}))).toMatchObject({ email: 'new@example.com' });
  });
});

describe('linking by e-mail', () => {
  const verified = { email: 'alice@example.com', email_verified: true };
  const google = [{ providerName: 'Google', userId: '1' }];
  const linkable = () => store.add({ email: 'alice@example.com' });

  it('is off unless it is asked for', async () => {
    const row = linkable();
    await start().getOrCreate(idOf('alice', verified));
    expect(row.key).toBeUndefined();
  });

  it.each([
    ['by a claim that is true', () => idOf('alice', verified)],
    ['by GetUser, which says "true"', () => accessOf('alice')],
  ])('gives the row of a verified address its key: %s', async (_, principal) => {
    pool.attributes = { email: 'alice@example.com', email_verified: 'true' };
    const row = linkable();
    const service = start({ linkByVerifiedEmail: true, createUnknownUsers: false });
    expect(await service.getOrCreate(principal())).toMatchObject({ key: 'alice' });
    expect(store.users).toEqual([row]);
  });

  it.each([
    ['an address that nobody verified', { ...verified, email_verified: false }],
    ['the text "false"', { ...verified, email_verified: 'false' }],
    ['the number 1', { ...verified, email_verified: 1 }],
    ['no word about it', { email: 'alice@example.com' }],
    ['an identity provider that is not listed', { ...verified, identities: google }],
    ['the same as text', { ...verified, identities: JSON.stringify(google) }],
    ['providers that cannot be read', { ...verified, identities: '{' }],
    ['a provider that its group tells of', { ...verified, 'cognito:groups': ['eu-west-1_AbC_Google'] }],
  ])('is refused with %s', async (_, claims) => {
    const row = linkable();
    const service = start({ linkByVerifiedEmail: { providers: ['Apple'] }, createUnknownUsers: false });
    await expect(service.getOrCreate(idOf('alice', claims))).rejects.toMatchObject({ code: 'COGNITO_USER_UNKNOWN' });
    expect(row.key).toBeUndefined();
    expect(store.asked()).not.toContain('link');
  });

  it('is refused where only an access token tells of the address, which keeps silent about providers', async () => {
    const row = linkable();
    const service = start({ linkByVerifiedEmail: true, attributesFrom: 'claims' });
    const access = accessOf('alice');
    await service.getOrCreate({ ...access, claims: { ...access.claims, ...verified } } as typeof access);
    expect(row.key).toBeUndefined();
  });

  it('is refused for a federated account whose provider nothing names', async () => {
    const row = linkable();
    pool.attributes = { email: 'alice@example.com', email_verified: 'true' };
    const service = start({ linkByVerifiedEmail: { providers: ['Google'] }, attributesFrom: 'admin-get-user' });
    pool.account = { status: 'EXTERNAL_PROVIDER' };
    await service.getOrCreate(accessOf('mallory'));
    expect(row.key).toBeUndefined();
    pool.account = {};
    await service.getOrCreate(accessOf('alice'));
    expect(row.key).toBe('alice');
  });

  it('is refused where a function tells of the address, and the access token nothing about providers', async () => {
    const row = linkable();
    const service = start({ linkByVerifiedEmail: true, attributesFrom: () => verified });
    await service.getOrCreate(accessOf('alice'));
    expect(row.key).toBeUndefined();
    await service.getOrCreate(idOf('bob'));
    expect(row.key).toBe('bob');
  });

  it('trusts a provider that is listed, and takes no row that is somebody else’s', async () => {
    const service = start({ linkByVerifiedEmail: { providers: ['Google'] } });
    const row = linkable();
    await service.getOrCreate(idOf('alice', { ...verified, identities: google }));
    await service.getOrCreate(idOf('mallory', { ...verified, identities: google }));
    expect(row.key).toBe('alice');
    expect(store.users.map(({ key }) => key)).toEqual(['alice', 'mallory']);
  });

  it('lets nobody in by a row that is shut', async () => {
    store.add({ email: 'alice@example.com', standing: 'inactive' });
    const service = start({ linkByVerifiedEmail: true });
    await expect(service.getOrCreate(idOf('alice', verified))).rejects.toMatchObject(DISABLED);
  });
});

describe('known users', () => {
  it.each([
    ['changed', ['find', 'update']],
    ['never', ['find']],
    ['always', ['find', 'update all']],
  ] as const)('are updated: %s', async (updateExisting, asked) => {
    const service = start({ updateExisting });
    await service.getOrCreate(idOf('alice', ALICE));
    store.asked();
    await service.getOrCreate(idOf('alice', { email: 'new@example.com' }));
    expect(store.asked()).toEqual(asked);
    await service.getOrCreate(idOf('alice', { email: 'new@example.com' }));
    expect(store.asked()).toEqual(updateExisting === 'always' ? asked : ['find']);
  });

  it.each([
    ['refuse', 'deleted'],
    ['allow', 'deleted'],
    ['restore', 'active'],
  ] as const)('who were deleted: %s', async (softDeleted, standing) => {
    const row = store.add({ key: 'alice', standing: 'deleted' });
    const asking = start({ softDeleted }).getOrCreate(idOf('alice'));
    if (softDeleted === 'refuse') await expect(asking).rejects.toMatchObject(DISABLED);
    else expect(await asking).toMatchObject({ key: 'alice' });
    expect(row.standing).toBe(standing);
  });

  it('have the groups of their token', async () => {
    await start().getOrCreate(idOf('alice', { 'cognito:groups': ['admin'] }));
    expect(store.users[0]?.groups).toEqual(['admin']);
  });

  it('need a claim that users cannot write, unless the options take that upon themselves', async () => {
    const match = { claim: 'custom:id', unsafeMatch: true } as const;
    expect(await start({ match }).getOrCreate(idOf('alice', { 'custom:id': 'A-1' }))).toMatchObject({ key: 'A-1' });
    await expect(start({ match }).getOrCreate(idOf('alice'))).rejects.toMatchObject({ code: 'COGNITO_USER_UNKNOWN' });
  });
});

describe('a store without a database', () => {
  it('has the user that the token tells, and asks nobody', async () => {
    const service = start({ store: new ClaimsUserStore() });
    const user = await service.getOrCreate(idOf('alice', { ...ALICE, 'cognito:groups': ['admin'] }));
    expect(user).toMatchObject({ id: 'alice', pool: 'default', groups: ['admin'], attributes: ALICE });
    await service.getOrCreate(accessOf('alice'));
    expect(pool.asked).toEqual([]);
  });
});

describe('a subclass of the service', () => {
  it('takes its place, and changes one step', async () => {
    class NoGuests extends UserSyncService {
      protected override assertActive(user: MemoryUser, within: CognitoUserStore): void {
        super.assertActive(user, within);
        if (user.groups.includes('guest')) throw new Error('no guests');
      }
    }
    const service = start({ service: NoGuests });
    expect(service).toBeInstanceOf(NoGuests);
    await service.getOrCreate(idOf('alice'));
    await expect(service.getOrCreate(idOf('bob', { 'cognito:groups': ['guest'] }))).rejects.toThrow('no guests');
  });

  it('is refused when it is none', () => {
    expect(() => start({ service: class Other {} })).toThrow(/service.*Other.*extend UserSyncService/);
  });
});

describe('hooks', () => {
  let database: DataSource;
  beforeEach(async () => {
    database = await new DataSource({ type: 'sqljs', entities: [User], synchronize: true }).initialize();
  });
  afterEach(() => database.destroy());

  const startWith = (hooks: UserSyncOptions['hooks'], more: Partial<UserSyncOptions> = {}) =>
    userSyncServiceOf(
      resolveUserSyncOptions({ entity: User, dataSource: database, hooks, ...more }),
      pool.service,
      {} as ModuleRef,
      ['default'],
    );
  const rows = () => database.getRepository(User).find({ order: { sub: 'ASC' } });

  it('are asked around each write with principal and request, and not when nothing is new', async () => {
    const told: string[] = [];
    const service = startWith({
      beforeCreate: (write) => void told.push(`before create ${write.key.value} ${String(write.request)}`),
      afterCreate: (user) => void told.push(`after create ${(user as User).sub}`),
      beforeUpdate: (user, write) => void told.push(`before update ${(user as User).email} ${write.principal?.sub}`),
      afterUpdate: (user) => void told.push(`after update ${(user as User).email}`),
    });
    await service.getOrCreate(idOf('alice', ALICE), 'the request');
    await service.getOrCreate(idOf('alice', ALICE), 'the request');
    await service.getOrCreate(idOf('alice', { email: 'new@example.com' }));
    expect(told).toEqual([
      'before create alice the request',
      'after create alice',
      'before update alice@example.com alice',
      'after update new@example.com',
    ]);
  });

  it('may hand other attributes on', async () => {
    const lower = ({ attributes }: { attributes: object }) => ({ ...attributes, email: 'lower@example.com' });
    const service = startWith({ beforeCreate: lower });
    expect(await service.getOrCreate(idOf('alice', ALICE))).toMatchObject({ email: 'lower@example.com' });
  });

  it('write in the transaction of the row, which goes when one of them fails', async () => {
    const failing = startWith({
      async afterCreate(_user, { transaction }) {
        await (transaction as EntityManager).getRepository(User).insert({ sub: 'companion' });
        throw new Error('S3cr3t');
      },
    });
    const refused = failing.getOrCreate(idOf('alice', ALICE));
    await expect(refused).rejects.toMatchObject({ code: 'COGNITO_UNEXPECTED', status: 500 });
    expect(await rows()).toEqual([]);
    const companion = startWith({
      async afterCreate(_user, { transaction }) {
        await (transaction as EntityManager).getRepository(User).insert({ sub: 'companion' });
      },
    });
    await companion.getOrCreate(idOf('alice', ALICE));
    expect((await rows()).map(({ sub }) => sub)).toEqual(['alice', 'companion']);
  });

  it('follow the making of a row exactly once, however many ask', async () => {
    let made = 0;
    const service = startWith({ afterCreate: () => void (made += 1) });
    const users = await Promise.all(Array.from({ length: 50 }, () => service.getOrCreate<User>(idOf('alice', ALICE))));
    expect(new Set(users.map(({ id }) => id)).size).toBe(1);
    expect(made).toBe(1);
  });

  it("belong to the caller's transaction where there is one, and so does the row", async () => {
    let made = 0;
    const service = startWith({ afterCreate: () => void (made += 1) }, { cacheTtl: 60 });
    const rolledBack = database.transaction(async (manager) => {
      await service.getOrCreate(idOf('alice', ALICE), undefined, manager);
      throw new Error('rolled back');
    });
    await expect(rolledBack).rejects.toThrow('rolled back');
    expect(await rows()).toEqual([]);
    await service.getOrCreate(idOf('alice', ALICE));
    expect(await rows()).toHaveLength(1);
    expect(made).toBe(2);
  });
});
