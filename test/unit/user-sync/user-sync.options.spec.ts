import { EntitySchema } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ClaimsUserStore } from '../../../lib/user-sync/claims-user-store.js';
import { userSyncOptionsFromEnv } from '../../../lib/user-sync/user-sync-from-env.js';
import { resolveUserSyncOptions, type UserSyncOptions } from '../../../lib/user-sync/user-sync.options.js';
import { userSyncOptionsShape } from '../../../lib/user-sync/user-sync-schema.js';

class User {}

const schema = z.strictObject(userSyncOptionsShape);

/** Every fault of the options, as "key: mend". */
function faultsOf(userSync: unknown): string[] {
  const issues = schema.safeParse({ userSync }).error?.issues ?? [];
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('the options of user sync', () => {
  it('need an entity and nothing else', () => {
    expect(faultsOf({ entity: User })).toEqual([]);
    expect(resolveUserSyncOptions({ entity: User })).toEqual({
      entity: User,
      store: undefined,
      mapping: undefined,
      match: { claim: 'sub', property: 'sub', poolProperty: undefined },
      createUnknownUsers: true,
      updateExisting: 'changed',
      attributesFrom: 'auto',
      staleAfter: 3_600_000,
      syncedAtProperty: undefined,
      cacheTtl: 0,
      allowInactiveUsers: false,
      inactiveStatuses: [],
      activeProperty: undefined,
      softDeleted: 'refuse',
      linkByVerifiedEmail: undefined,
      groups: undefined,
      hooks: {},
      service: undefined,
      dataSource: undefined,
    });
    expect(faultsOf({})).toEqual([expect.stringMatching(/^userSync\.entity: .*EntitySchema of TypeORM.*`store`$/)]);
    expect(faultsOf({ entity: 'User' })).toHaveLength(1);
  });

  it('may be left out', () => {
    expect(faultsOf(undefined)).toEqual([]);
    expect(resolveUserSyncOptions(undefined)).toBeUndefined();
  });

  it('take an EntitySchema, a token or a DataSource', () => {
    const entity = new EntitySchema<{ sub: string }>({ name: 'U', columns: { sub: { type: 'text', primary: true } } });
    const dataSource = { isInitialized: true, getRepository: () => ({}) };
    for (const written of ['token', Symbol('token'), User, dataSource]) {
      const options: UserSyncOptions = { entity, dataSource: written };
      expect(faultsOf(options)).toEqual([]);
    }
    expect(faultsOf({ entity, dataSource: 7 })).toHaveLength(1);
  });

  it('refuse a match claim that users can write', () => {
    for (const claim of ['sub', 'username', 'cognito:username'])
      expect(faultsOf({ entity: User, match: { claim } })).toEqual([]);
    for (const claim of ['email', 'preferred_username', 'custom:id', '']) {
      expect(faultsOf({ entity: User, match: { claim } })).toEqual([
        expect.stringMatching(/^userSync\.match\.claim: .*sub/),
      ]);
    }
  });

  it('name the match property after the claim', () => {
    const match = (written: UserSyncOptions['match']) =>
      resolveUserSyncOptions({ entity: User, match: written })?.match;
    expect(match({ claim: 'cognito:username' })).toMatchObject({ claim: 'username', property: 'username' });
    expect(match({ property: 'cognitoId' })).toMatchObject({ claim: 'sub', property: 'cognitoId' });
  });

  it('refuse an attribute that writes what decides who the user is, or one property twice', () => {
    const faults = (options: Partial<UserSyncOptions>) => faultsOf({ entity: User, ...options });
    expect(faults({ attributes: { 'custom:id': 'sub' } })).toEqual([expect.stringContaining('"sub"')]);
    expect(faults({ attributes: { 'custom:on': 'active' }, activeProperty: 'active' })).toHaveLength(1);
    expect(faults({ attributes: { email: 'mail', 'custom:mail': 'mail' } })).toEqual([
      expect.stringContaining('"mail"'),
    ]);
  });

  it('read the match itself among the attributes as what it is', () => {
    const written: UserSyncOptions = { entity: User, attributes: { sub: 'sub', email: 'mail' } };
    expect(faultsOf(written)).toEqual([]);
    expect(resolveUserSyncOptions(written)?.mapping).toMatchObject([{ attribute: 'email', property: 'mail' }]);
  });

  it('refuse inactive statuses where nothing can see them, and say what can', () => {
    const written = { entity: User, inactiveStatuses: ['ARCHIVED'] };
    expect(faultsOf(written)).toEqual([expect.stringContaining("attributesFrom: 'admin-get-user'")]);
    expect(faultsOf({ ...written, attributesFrom: 'get-user' })).toHaveLength(1);
    expect(faultsOf({ ...written, attributesFrom: 'admin-get-user' })).toEqual([]);
  });

  it('have the old statuses as the default where they are seen', () => {
    const resolved = resolveUserSyncOptions({ entity: User, attributesFrom: 'admin-get-user' });
    expect(resolved?.inactiveStatuses).toEqual(['ARCHIVED', 'COMPROMISED', 'UNKNOWN']);
  });

  it('take the mapping in both directions, and refuse what contradicts itself', () => {
    const faults = (options: Partial<UserSyncOptions>) => faultsOf({ entity: User, ...options });
    const written: UserSyncOptions = {
      entity: User,
      attributes: { email: 'mail', phone_number: { property: 'phone', value: String } },
      fieldMapping: { mail: 'email', firstName: 'given_name', name: ({ given_name: given }) => given },
    };
    expect(faultsOf(written)).toEqual([]);
    const mapping = resolveUserSyncOptions(written)?.mapping ?? [];
    const known = { email: 'a@example.com', given_name: 'Alice' };
    expect(mapping.map(({ property, valueOf }) => [property, valueOf(known)])).toEqual([
      ['mail', 'a@example.com'],
      ['phone', undefined],
      ['firstName', 'Alice'],
      ['name', 'Alice'],
    ]);
    expect(faults({ attributes: { email: 'mail' }, fieldMapping: { mail: 'custom:mail' } })).toEqual([
      expect.stringContaining('"mail" two attributes'),
    ]);
    expect(faults({ fieldMapping: { sub: 'custom:id' } })).toEqual([expect.stringContaining('"sub"')]);
    expect(faults({ fieldMapping: { sub: () => 'x' } })).toHaveLength(1);
    expect(faultsOf({ entity: User, attributes: { email: { property: 'mail' } } })).toHaveLength(1);
  });

  it('take another match claim only where it is called unsafe', () => {
    const match = { claim: 'custom:id', property: 'staffId' };
    expect(faultsOf({ entity: User, match })).toEqual([expect.stringContaining('unsafeMatch: true')]);
    expect(faultsOf({ entity: User, match: { ...match, unsafeMatch: true } })).toEqual([]);
  });

  it('never let a user be remembered longer than what Cognito told', () => {
    const faults = (options: Partial<UserSyncOptions>) => faultsOf({ entity: User, ...options });
    expect(faults({ cacheTtl: 60, staleAfter: 30 })).toEqual([expect.stringContaining('must not exceed staleAfter')]);
    expect(faults({ cacheTtl: 60, staleAfter: 60 })).toEqual([]);
    expect(faults({ attributesFrom: 'claims', staleAfter: 60 })).toHaveLength(1);
    expect(faults({ cacheTtl: -1 })).toHaveLength(1);
    const staleAfter = (options: Partial<UserSyncOptions>) =>
      resolveUserSyncOptions({ entity: User, ...options })?.staleAfter;
    expect(staleAfter({ attributesFrom: 'get-user' })).toBe(0);
    expect(staleAfter({ attributesFrom: 'get-user', cacheTtl: 30 })).toBe(30_000);
    expect(staleAfter({ attributesFrom: 'claims' })).toBe(Infinity);
  });

  it('take a store in the place of an entity, and not both', () => {
    const store = new ClaimsUserStore();
    expect(faultsOf({ store })).toEqual([]);
    expect(faultsOf({ store: 'token' })).toEqual([]);
    expect(faultsOf({ store, entity: User })).toEqual([expect.stringContaining('keep one of the two')]);
    const ofColumns = {
      dataSource: 'people',
      attributes: { email: 'mail' },
      activeProperty: 'active',
      syncedAtProperty: 'syncedAt',
      groups: 'teams',
      match: { property: 'id', poolProperty: 'pool' },
    };
    expect(faultsOf({ store, ...ofColumns }).map((fault) => fault.split(': ')[0])).toEqual(
      [...Object.keys(ofColumns).slice(0, 5), 'match.property', 'match.poolProperty'].map((key) => `userSync.${key}`),
    );
    expect(faultsOf({ store, fieldMapping: { mail: 'email' } })).toHaveLength(1);
    expect(faultsOf({ store, match: { claim: 'username' }, softDeleted: 'allow', cacheTtl: 5 })).toEqual([]);
    expect(faultsOf({ store: {} })).toHaveLength(1);
  });

  it('refuse a hook that nobody would ask', () => {
    expect(faultsOf({ entity: User, hooks: { afterCreate: () => undefined } })).toEqual([]);
    expect(faultsOf({ entity: User, hooks: { afterCreated: () => undefined } })).toHaveLength(1);
    expect(faultsOf({ entity: User, hooks: { afterCreate: 'x' } })).toHaveLength(1);
  });

  it('name every key that is wrong', () => {
    const wrong = {
      entity: User,
      createUnknownUsers: 'yes',
      updateExisting: 'sometimes',
      attributesFrom: 'x',
      other: 1,
    };
    expect(faultsOf(wrong)).toHaveLength(4);
  });
});

describe('user sync in the environment', () => {
  it('is not there when no name is set', () => {
    expect(userSyncOptionsFromEnv({ COGNITO_USER_POOL_ID: 'eu-west-1_a', COGNITO_ATTR_MAPPING: ' ' })).toBeUndefined();
  });

  it('is read under each of the old names', () => {
    expect(
      userSyncOptionsFromEnv({
        COGNITO_ATTR_MAPPING: '{"email":"mail","given_name":"first"}',
        COGNITO_USER_MODEL_FIELD_REF_FIELD: 'cognitoId',
        COGNITO_TOKEN_REF_FIELD: 'username',
        supports_inactive_user: 'True',
        INACTIVE_USER_STATUS: '["ARCHIVED"]',
      }),
    ).toEqual({
      attributes: { email: 'mail', given_name: 'first' },
      match: { claim: 'username', property: 'cognitoId' },
      allowInactiveUsers: true,
      inactiveStatuses: ['ARCHIVED'],
    });
    const names = [
      'create_unknown_user',
      'CREATE_UNKNOWN_USER',
      'COGNITO_CREATE_UNKNOWN_USERS',
      'CREATE_UNKNOWN_USERS',
    ];
    for (const name of [...names, 'AUTO_CREATE_USER']) {
      expect(userSyncOptionsFromEnv({ [name]: 'False' })).toEqual({ createUnknownUsers: false });
    }
    expect(userSyncOptionsFromEnv({ SUPPORTS_INACTIVE_USER: '0' })).toEqual({ allowInactiveUsers: false });
  });

  it('joins the two mappings, which are written in opposite directions', () => {
    const environment = {
      COGNITO_ATTR_MAPPING: '{"email":"mail"}',
      COGNITO_USER_FIELD_MAPPING: '{"mail":"email","first":"given_name"}',
    };
    expect(userSyncOptionsFromEnv(environment)).toEqual({ attributes: { email: 'mail', given_name: 'first' } });
  });

  it.each([
    ['one attribute to two properties', '{"email":"mail"}', '{"address":"email"}'],
    ['two attributes to one property', '{"email":"mail"}', '{"mail":"custom:mail"}'],
  ])('refuses mappings that contradict each other: %s', (_, forward, reverse) => {
    const read = () => userSyncOptionsFromEnv({ COGNITO_ATTR_MAPPING: forward, COGNITO_USER_FIELD_MAPPING: reverse });
    expect(read).toThrow(/COGNITO_ATTR_MAPPING, COGNITO_USER_FIELD_MAPPING: .*mail|email/);
    expect(read).toThrow(expect.objectContaining({ code: 'COGNITO_OPTIONS_INVALID' }));
  });

  it.each(['not json', '[]', '{"email":1}', '"email"'])('refuses the mapping %s by its name', (text) => {
    expect(() => userSyncOptionsFromEnv({ COGNITO_ATTR_MAPPING: text })).toThrow(/^COGNITO_ATTR_MAPPING: has to be/);
  });

  it('leaves a claim that is no good to validation', () => {
    const read = userSyncOptionsFromEnv({ COGNITO_TOKEN_REF_FIELD: 'email' });
    expect(faultsOf({ entity: User, ...read })).toEqual([expect.stringMatching(/^userSync\.match\.claim/)]);
  });
});
