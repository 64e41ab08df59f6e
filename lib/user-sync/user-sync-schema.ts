import type { InjectionToken } from '@nestjs/common';
import { z } from 'zod';
import { type PropertyTarget, faultsOfMapping, type PropertySource, resolveMapping } from './attribute-mapping.js';
import { CognitoUserStore } from './cognito-user-store.js';
import { isImmutableClaim, resolveMatch } from './user-match.js';
import {
  type AttributesFrom,
  isDataSource,
  type UserDataSource,
  type UserEntity,
  type UserSyncOptions,
  type UserSyncServiceClass,
} from './user-sync.options.js';
import type { UserSyncHooks } from './user-sync-hooks.js';

const hooksByName: Readonly<Record<keyof UserSyncHooks, true>> = {
  beforeCreate: true,
  afterCreate: true,
  beforeUpdate: true,
  afterUpdate: true,
};
const hookMend = `is an object of functions: ${Object.keys(hooksByName).join(', ')}`;

const flag = z.boolean({ error: 'is true or false' });
const propertyMend = 'is the name of a property of the entity';
const propertyName = z.string({ error: propertyMend }).min(1, propertyMend);
const secondsMend = 'is a number of seconds, 0 or more';
const seconds = z.number({ error: secondsMend }).min(0, secondsMend);
const texts = (mend: string) => z.array(z.string({ error: mend }).min(1, mend), { error: mend });
const oneOf = <const T extends readonly string[]>(...values: T) =>
  z.enum(values, { error: `is one of ${values.map((value) => `'${value}'`).join(', ')}` });

const claimMend =
  "is 'sub' or 'username': users can write other claims, and so be whom they like; for one that no user can write, say unsafeMatch: true beside it";
const targetMend = "is the name of a property, or { property, value } with a function of the attribute's value";
const attributeTarget = z.custom<PropertyTarget>(isAttributeTarget, targetMend);
const sourceMend = 'is the name of an attribute, or a function of all attributes';
const propertySource = z.custom<PropertySource>(isPropertySource, sourceMend);
const fromMend = "is one of 'auto', 'claims', 'get-user', 'admin-get-user', or a function of principal and request";
const sources: ReadonlySet<unknown> = new Set(['auto', 'claims', 'get-user', 'admin-get-user']);

const userSyncSchema = z
  .strictObject({
    entity: z.custom<UserEntity>(isEntity, 'has to be an entity class or an EntitySchema of TypeORM').optional(),
    store: z
      .custom<CognitoUserStore | InjectionToken>(
        (value) => value instanceof CognitoUserStore || isToken(value),
        'has to be a CognitoUserStore or its injection token',
      )
      .optional(),
    attributes: z
      .record(z.string().min(1), attributeTarget, { error: 'has to map Cognito attributes to property names' })
      .optional(),
    fieldMapping: z
      .record(z.string().min(1), propertySource, { error: 'has to map property names to Cognito attributes' })
      .optional(),
    match: z
      .strictObject({
        claim: z.string({ error: claimMend }).optional(),
        property: propertyName.optional(),
        poolProperty: propertyName.optional(),
        unsafeMatch: flag.optional(),
      })
      .optional(),
    createUnknownUsers: flag.optional(),
    updateExisting: oneOf('changed', 'never', 'always').optional(),
    attributesFrom: z
      .custom<AttributesFrom>((value) => typeof value === 'function' || sources.has(value), fromMend)
      .optional(),
    staleAfter: seconds.optional(),
    syncedAtProperty: propertyName.optional(),
    cacheTtl: seconds.optional(),
    allowInactiveUsers: flag.optional(),
    inactiveStatuses: texts('is a list of user statuses').optional(),
    activeProperty: propertyName.optional(),
    softDeleted: oneOf('refuse', 'restore', 'allow').optional(),
    linkByVerifiedEmail: z
      .union([flag, z.strictObject({ providers: texts('is a list of names of identity providers').optional() })], {
        error: 'is true, false or { providers }',
      })
      .optional(),
    groups: z
      .union([propertyName, z.strictObject({ property: propertyName, nameProperty: propertyName.optional() })], {
        error: `${propertyMend}, or { property, nameProperty }`,
      })
      .optional(),
    hooks: z.custom<UserSyncHooks>(isHooks, hookMend).optional(),
    service: z
      .custom<UserSyncServiceClass>((value) => typeof value === 'function', 'has to be a subclass of UserSyncService')
      .optional(),
    dataSource: z
      .custom<UserDataSource | InjectionToken>(
        (value) => isToken(value) || isDataSource(value),
        'has to be a DataSource, its name or its injection token',
      )
      .optional(),
  })
  .superRefine((checked, context) => {
    const written = checked as UserSyncOptions;
    for (const [key, mend] of faultsOf(written)) {
      context.addIssue({ code: 'custom', path: key.split('.'), message: mend });
    }
  });

/** The shape of `UserSyncModuleOptions`. */
export const userSyncOptionsShape = { userSync: userSyncSchema.optional() };

type Fault = readonly [key: string, mend: string];

/** What no single key shows. */
function* faultsOf(written: UserSyncOptions): Generator<Fault> {
  yield* faultsOfKeeping(written);
  yield* faultsOfMatch(written);
  yield* faultsOfSource(written);
  const match = resolveMatch(written.match);
  const own = [match.property, match.poolProperty, written.activeProperty, written.syncedAtProperty];
  const key = written.attributes === undefined ? 'fieldMapping' : 'attributes';
  for (const mend of faultsOfMapping(resolveMapping(written, match) ?? [], own)) yield [key, mend];
}

/** What describes the columns of an entity; a store of the application's has its own. */
const columnOptions = [
  'dataSource',
  'attributes',
  'fieldMapping',
  'activeProperty',
  'syncedAtProperty',
  'groups',
] as const;

function* faultsOfKeeping(written: UserSyncOptions): Generator<Fault> {
  const { entity, store, match } = written;
  if (entity === undefined && store === undefined) {
    yield ['entity', 'has to be an entity class or an EntitySchema of TypeORM; or write `store`'];
  }
  if (store === undefined) return;
  if (entity !== undefined) yield ['store', 'takes the place of `entity`: keep one of the two'];
  for (const key of columnOptions) {
    if (written[key] !== undefined) yield [key, 'belongs to `entity`; a `store` brings its own'];
  }
  for (const key of ['property', 'poolProperty'] as const) {
    if (match?.[key] !== undefined) yield [`match.${key}`, 'belongs to `entity`; a `store` brings its own'];
  }
}

function* faultsOfMatch({ match = {} }: UserSyncOptions): Generator<Fault> {
  if (match.claim === '') yield ['match.claim', claimMend];
  else if (match.unsafeMatch !== true && !isImmutableClaim(match.claim ?? 'sub')) yield ['match.claim', claimMend];
}

function* faultsOfSource({
  attributesFrom,
  inactiveStatuses,
  staleAfter,
  cacheTtl = 0,
}: UserSyncOptions): Generator<Fault> {
  if (inactiveStatuses !== undefined && attributesFrom !== 'admin-get-user') {
    const mend =
      "is seen by the admin operations only: write attributesFrom: 'admin-get-user' beside it, or leave it out";
    yield ['inactiveStatuses', mend];
  }
  if (staleAfter === undefined) return;
  if (attributesFrom === 'claims') yield ['staleAfter', "asks nobody with attributesFrom: 'claims'; leave it out"];
  if (cacheTtl > staleAfter) yield ['cacheTtl', 'must not exceed staleAfter, by which disabled users are refused'];
}

function isEntity(value: unknown): boolean {
  if (typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && 'options' in value && typeof value.options === 'object';
}

function isToken(value: unknown): value is InjectionToken {
  if (typeof value === 'string') return value !== '';
  return typeof value === 'symbol' || typeof value === 'function';
}

function isAttributeTarget(value: unknown): boolean {
  if (typeof value === 'string') return value !== '';
  if (typeof value !== 'object' || value === null || !('property' in value) || !('value' in value)) return false;
  return typeof value.property === 'string' && value.property !== '' && typeof value.value === 'function';
}

function isPropertySource(value: unknown): boolean {
  return typeof value === 'function' || (typeof value === 'string' && value !== '');
}

function isHooks(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const entries = Object.entries(value);
  // An instance may have fields of its own; in a plain object another key is a misspelt hook, which nobody would ask.
  const isPlain = Object.getPrototypeOf(value) === Object.prototype;
  return entries.every(([key, hook]) => (key in hooksByName ? typeof hook === 'function' : !isPlain));
}
