import type { InjectionToken } from '@nestjs/common';
import { z } from 'zod';

/**
 * A TypeORM entity: its class, or an `EntitySchema`. Written by its form, so that these types compile where TypeORM is not
 * installed.
 */
export type UserEntity =
  (abstract new (...parameters: never[]) => object) | { readonly options: { readonly name: string } };

/** An initialised TypeORM `DataSource`, by the part of it that tells one from an injection token. */
export interface UserDataSource {
  readonly isInitialized: boolean;
  getRepository(target: never): object;
}

/** How a pool user and a local row are told to be the same. */
export interface UserMatchOptions {
  /**
   * The claim that names the user: `sub` (default), or Cognito's own `username` (`cognito:username` means the same). Other
   * claims are refused, because users can write them.
   */
  claim?: 'sub' | 'username' | 'cognito:username' | undefined;
  /** The property that holds the claim; unique in the database. Default `sub`, or `username` when that is the claim. */
  property?: string | undefined;
  /**
   * The property that holds the pool's name, unique together with `property`. Required with more than one pool; default: none.
   */
  poolProperty?: string | undefined;
}

/** How the application's own users follow those of the pool. */
export interface UserSyncOptions {
  /** The entity of the local user: a class or an `EntitySchema`, known to the DataSource. */
  entity: UserEntity;
  /**
   * Cognito attribute (or claim) to property of the entity. Default: `email` to `email`, `given_name` to `firstName` and
   * `family_name` to `lastName`, each where the entity has the property. No other property is ever written.
   */
  attributes?: Readonly<Record<string, string>> | undefined;
  /** How a row is found. Default: the claim `sub` in the property `sub`. */
  match?: UserMatchOptions | undefined;
  /** Makes a row for a pool user who has none; `false` refuses them (`COGNITO_LOCAL_USER_UNKNOWN`). Default true. */
  createUnknownUsers?: boolean | undefined;
  /** `changed` (default) writes what is new in mapped attributes to a known row; `never` leaves known rows alone. */
  updateExisting?: 'changed' | 'never' | undefined;
  /**
   * Where attributes come from.
   *
   * - `auto` (default): the token's claims; for a new row whose attributes an access token does not tell, GetUser once.
   * - `claims`: the token's claims alone.
   * - `get-user`: GetUser with the access token, at every call; an id token tells the same by its claims.
   * - `admin-get-user`: AdminGetUser, at every call; needs AWS credentials and sees whether the user is disabled.
   */
  attributesFrom?: 'auto' | 'claims' | 'get-user' | 'admin-get-user' | undefined;
  /** Lets users pass whom the pool disabled, or whose status is among `inactiveStatuses`. Default false. */
  allowInactiveUsers?: boolean | undefined;
  /**
   * Values of Cognito's UserStatus that are refused (`COGNITO_LOCAL_USER_INACTIVE`); only `admin-get-user` sees them. Default
   * there: `ARCHIVED`, `COMPROMISED`, `UNKNOWN`.
   */
  inactiveStatuses?: readonly string[] | undefined;
  /**
   * A boolean property by which the application shuts users out: anything but `true` is refused
   * (`COGNITO_LOCAL_USER_INACTIVE`), whatever `allowInactiveUsers` says. Default: none.
   */
  activeProperty?: string | undefined;
  /** The DataSource, or its injection token. Default: the class `DataSource`, as `TypeOrmModule.forRoot` provides it. */
  dataSource?: UserDataSource | InjectionToken | undefined;
}

/** The option of the module that belongs to this room. */
export interface UserSyncModuleOptions {
  /** Keeps a row of your own for each user of the pool. Default: none is kept. */
  userSync?: UserSyncOptions | undefined;
}

/** {@link UserSyncOptions} as the room reads them. */
export interface ResolvedUserSyncOptions {
  readonly entity: UserEntity;
  /** Undefined: the default mapping, as far as the entity has the properties. */
  readonly attributes: Readonly<Record<string, string>> | undefined;
  readonly match: ResolvedUserMatch;
  readonly createUnknownUsers: boolean;
  readonly updateExisting: 'changed' | 'never';
  readonly attributesFrom: 'auto' | 'claims' | 'get-user' | 'admin-get-user';
  readonly allowInactiveUsers: boolean;
  readonly inactiveStatuses: readonly string[];
  readonly activeProperty: string | undefined;
  readonly dataSource: UserDataSource | InjectionToken | undefined;
}

/** {@link UserMatchOptions} as the room reads them. */
export interface ResolvedUserMatch {
  readonly claim: 'sub' | 'username';
  readonly property: string;
  readonly poolProperty: string | undefined;
}

const flagMend = 'is true or false';
const propertyMend = 'is the name of a property of the entity';
const claimMend = "is 'sub' or 'username'; users can write every other claim, so none of them may name a row";

const propertyName = z.string({ error: propertyMend }).min(1, propertyMend);

const userSyncSchema = z
  .strictObject({
    entity: z.custom<UserEntity>(isEntity, 'has to be an entity class or an EntitySchema of TypeORM'),
    attributes: z
      .record(z.string().min(1), propertyName, { error: 'has to map Cognito attributes to property names' })
      .optional(),
    match: z
      .strictObject({
        claim: z.enum(['sub', 'username', 'cognito:username'], { error: claimMend }).optional(),
        property: propertyName.optional(),
        poolProperty: propertyName.optional(),
      })
      .optional(),
    createUnknownUsers: z.boolean({ error: flagMend }).optional(),
    updateExisting: z.enum(['changed', 'never'], { error: "is 'changed' or 'never'" }).optional(),
    attributesFrom: z
      .enum(['auto', 'claims', 'get-user', 'admin-get-user'], {
        error: "is one of 'auto', 'claims', 'get-user', 'admin-get-user'",
      })
      .optional(),
    allowInactiveUsers: z.boolean({ error: flagMend }).optional(),
    inactiveStatuses: z.array(z.string().min(1), { error: 'is a list of user statuses' }).optional(),
    activeProperty: propertyName.optional(),
    dataSource: z
      .custom<UserDataSource | InjectionToken>(isDataSourceOrToken, 'has to be a DataSource or its injection token')
      .optional(),
  })
  .superRefine((written, context) => {
    for (const [key, mend] of faultsOf(written)) context.addIssue({ code: 'custom', path: [key], message: mend });
  });

/** The shape of {@link UserSyncModuleOptions}. */
export const userSyncOptionsShape = { userSync: userSyncSchema.optional() };

const DEFAULT_INACTIVE_STATUSES: readonly string[] = ['ARCHIVED', 'COMPROMISED', 'UNKNOWN'];

/** Fills in the defaults; undefined when no user sync is asked for. */
export function resolveUserSyncOptions(written: UserSyncOptions | undefined): ResolvedUserSyncOptions | undefined {
  if (written === undefined) return undefined;
  const attributesFrom = written.attributesFrom ?? 'auto';
  const seesStatus = attributesFrom === 'admin-get-user';
  return Object.freeze({
    entity: written.entity,
    attributes: resolveAttributes(written),
    match: resolveMatch(written.match),
    createUnknownUsers: written.createUnknownUsers ?? true,
    updateExisting: written.updateExisting ?? 'changed',
    attributesFrom,
    allowInactiveUsers: written.allowInactiveUsers ?? false,
    inactiveStatuses: Object.freeze(seesStatus ? [...(written.inactiveStatuses ?? DEFAULT_INACTIVE_STATUSES)] : []),
    activeProperty: written.activeProperty,
    dataSource: written.dataSource,
  });
}

/** The match property is no attribute that changes, even where it is written among them. */
function resolveAttributes({ attributes, match }: UserSyncOptions): Readonly<Record<string, string>> | undefined {
  if (attributes === undefined) return undefined;
  const { claim, property } = resolveMatch(match);
  const others = Object.entries(attributes).filter(([name, value]) => value !== property || claimOf(name) !== claim);
  return Object.freeze(Object.fromEntries(others));
}

function claimOf(name: string): string {
  return name === 'cognito:username' ? 'username' : name;
}

function resolveMatch(written: UserMatchOptions = {}): ResolvedUserMatch {
  const claim = (written.claim ?? 'sub') === 'sub' ? 'sub' : 'username';
  return Object.freeze({ claim, property: written.property ?? claim, poolProperty: written.poolProperty });
}

/** What no single key shows. */
function* faultsOf(written: UserSyncOptions): Generator<readonly [key: keyof UserSyncOptions, mend: string]> {
  if (written.inactiveStatuses !== undefined && written.attributesFrom !== 'admin-get-user') {
    const mend =
      "is seen by the admin operations only: write attributesFrom: 'admin-get-user' beside it, or leave it out";
    yield ['inactiveStatuses', mend];
  }
  const properties = Object.values(resolveAttributes(written) ?? {});
  const twice = properties.find((name, index) => properties.indexOf(name) !== index);
  if (twice !== undefined) yield ['attributes', `gives the property "${twice}" two attributes: keep one`];
  const match = resolveMatch(written.match);
  const own = [match.property, match.poolProperty, written.activeProperty].find(
    (name) => name !== undefined && properties.includes(name),
  );
  if (own !== undefined) yield ['attributes', `must not write the property "${own}", which decides who the user is`];
}

function isEntity(value: unknown): boolean {
  if (typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && 'options' in value && typeof value.options === 'object';
}

function isDataSourceOrToken(value: unknown): boolean {
  if (typeof value === 'string') return value !== '';
  return typeof value === 'symbol' || typeof value === 'function' || isDataSource(value);
}

/** Tells a DataSource itself from a token for one. */
export function isDataSource(value: unknown): value is UserDataSource {
  return typeof value === 'object' && value !== null && 'isInitialized' in value && 'getRepository' in value;
}
