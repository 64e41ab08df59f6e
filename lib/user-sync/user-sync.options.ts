import type { InjectionToken } from '@nestjs/common';
import type { CognitoPrincipal } from '../access/principal.js';
import { type MappedProperty, type PropertySource, type PropertyTarget, resolveMapping } from './attribute-mapping.js';
import type { AttributeValues, CognitoUserStore } from './cognito-user-store.js';
import { type ResolvedUserMatch, resolveMatch, type UserMatchOptions } from './user-match.js';
import type { UserSyncHooks } from './user-sync-hooks.js';

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

/** Asks a source of the application's own for a user's attributes; undefined: there is nothing to add to the token. */
export type AttributeSource = (
  principal: CognitoPrincipal,
  request: unknown,
) => AttributeValues | undefined | Promise<AttributeValues | undefined>;

/** Where attributes come from. */
export type AttributesFrom = 'auto' | 'claims' | 'get-user' | 'admin-get-user' | AttributeSource;

/** What a known row gets: what is new, nothing, or everything at every call. */
export type UpdateExisting = 'changed' | 'never' | 'always';

/** What becomes of a user whose row was soft-deleted: refused, let in with the row brought back, or let in as they are. */
export type SoftDeletedPolicy = 'refuse' | 'restore' | 'allow';

/** Where the groups of a user are kept. */
export interface UserGroupsOptions {
  /** A property that takes names (a JSON or array column), or a relation to many. */
  property: string;
  /** Of a relation: the property of the related entity that holds the group's name. Default `name`. */
  nameProperty?: string | undefined;
}

/** When an e-mail address may link a pool user to a row that is there already. */
export interface LinkByEmailOptions {
  /** Identity providers (as the pool names them) whose word on an address counts. Default: none but the pool itself. */
  providers?: readonly string[] | undefined;
}

/** How the application's own users follow those of the pool. */
export interface UserSyncOptions {
  /** The entity of the local user: a class or an `EntitySchema`, known to the DataSource. Required without `store`. */
  entity?: UserEntity | undefined;
  /** Keeps users elsewhere than in a table of TypeORM: a store, or its injection token. Takes the place of `entity`. */
  store?: CognitoUserStore | InjectionToken | undefined;
  /**
   * Cognito attribute (or claim) to property of the entity, a path inside embedded ones (`profile.email`), or
   * `{ property, value }` with a function. Default: `email` to `email`, `given_name` to `firstName` and `family_name` to
   * `lastName`, each where the entity has the property. No other property is ever written.
   */
  attributes?: Readonly<Record<string, PropertyTarget>> | undefined;
  /** The same the other way round: property to attribute, or to a function of all attributes. Joined with `attributes`. */
  fieldMapping?: Readonly<Record<string, PropertySource>> | undefined;
  /** How a row is found. Default: the claim `sub` in the property `sub`. */
  match?: UserMatchOptions | undefined;
  /** Makes a row for a pool user who has none; `false` refuses them (`COGNITO_USER_UNKNOWN`). Default true. */
  createUnknownUsers?: boolean | undefined;
  /**
   * `changed` (default) writes what is new in mapped attributes to a known row; `never` leaves known rows alone; `always` writes
   * at every call, news or not.
   */
  updateExisting?: UpdateExisting | undefined;
  /**
   * Where attributes come from.
   *
   * - `auto` (default): the token's claims; where an access token can ask, GetUser for a new row whose attributes it does not
   *   tell, and again when what was asked is older than `staleAfter`.
   * - `claims`: the token's claims alone.
   * - `get-user`: GetUser with the access token; an id token tells the same by its claims.
   * - `admin-get-user`: AdminGetUser; needs AWS credentials and sees whether the user is disabled.
   * - a function of principal and request.
   */
  attributesFrom?: AttributesFrom | undefined;
  /**
   * Seconds after which Cognito (or the function) is asked again about a known user: a user who was disabled at the pool is
   * refused by then. 0: at every call. Default 3600 with `auto`, else 0; never less than `cacheTtl`.
   */
  staleAfter?: number | undefined;
  /**
   * A date property in which it is kept when Cognito was asked. Default `syncedAt` where the entity has it; without it each
   * process remembers for itself.
   */
  syncedAtProperty?: string | undefined;
  /** Seconds for which a user who was let in is remembered by this process, without a query. Default 0: not at all. */
  cacheTtl?: number | undefined;
  /** Lets users pass whom the pool disabled, or whose status is among `inactiveStatuses`. Default false. */
  allowInactiveUsers?: boolean | undefined;
  /**
   * Values of Cognito's UserStatus that are refused (`COGNITO_USER_INACTIVE`); only `admin-get-user` sees them. Default
   * there: `ARCHIVED`, `COMPROMISED`, `UNKNOWN`.
   */
  inactiveStatuses?: readonly string[] | undefined;
  /**
   * A boolean property by which the application shuts users out: anything but `true` is refused
   * (`COGNITO_USER_INACTIVE`), whatever `allowInactiveUsers` says. Default: none.
   */
  activeProperty?: string | undefined;
  /** What a soft-deleted row means. Default `refuse` (`COGNITO_USER_INACTIVE`); never a second row. */
  softDeleted?: SoftDeletedPolicy | undefined;
  /**
   * Links a user without a row to the one row that has their verified e-mail address and no match value yet. Users who came
   * through an identity provider are linked only when it is among `providers`. Default false.
   */
  linkByVerifiedEmail?: boolean | LinkByEmailOptions | undefined;
  /** Keeps the groups of the token in a property or a relation. Default: not kept. */
  groups?: string | UserGroupsOptions | undefined;
  /** What the application does along with each write, in one transaction with it. */
  hooks?: UserSyncHooks | undefined;
  /** A subclass of `UserSyncService` that the module builds in its place. */
  service?: UserSyncServiceClass | undefined;
  /**
   * The DataSource, its name or its injection token. Default: the class `DataSource`, as `TypeOrmModule.forRoot` provides it.
   */
  dataSource?: UserDataSource | InjectionToken | undefined;
}

/** A class that extends `UserSyncService`. */
export type UserSyncServiceClass = new (...parameters: never[]) => object;

/** The option of the module that belongs to this room. */
export interface UserSyncModuleOptions {
  /** Keeps a row of your own for each user of the pool. Default: none is kept. */
  userSync?: UserSyncOptions | undefined;
}

/** {@link UserSyncOptions} as the room reads them. */
export interface ResolvedUserSyncOptions {
  /** Undefined where there is a `store`. */
  readonly entity: UserEntity | undefined;
  readonly store: CognitoUserStore | InjectionToken | undefined;
  /** Undefined: the default mapping, as far as the entity has the properties. */
  readonly mapping: readonly MappedProperty[] | undefined;
  readonly match: ResolvedUserMatch;
  readonly createUnknownUsers: boolean;
  readonly updateExisting: UpdateExisting;
  readonly attributesFrom: AttributesFrom;
  /** Milliseconds; Infinity where nobody is asked. */
  readonly staleAfter: number;
  /** Undefined: `syncedAt`, where the entity has it. */
  readonly syncedAtProperty: string | undefined;
  /** Milliseconds. */
  readonly cacheTtl: number;
  readonly allowInactiveUsers: boolean;
  readonly inactiveStatuses: readonly string[];
  readonly activeProperty: string | undefined;
  readonly softDeleted: SoftDeletedPolicy;
  /** The identity providers whose word counts; undefined: nobody is linked. */
  readonly linkByVerifiedEmail: { readonly providers: readonly string[] } | undefined;
  readonly groups: { readonly property: string; readonly nameProperty: string } | undefined;
  readonly hooks: UserSyncHooks;
  readonly service: UserSyncServiceClass | undefined;
  readonly dataSource: UserDataSource | InjectionToken | undefined;
}

const DEFAULT_INACTIVE_STATUSES: readonly string[] = ['ARCHIVED', 'COMPROMISED', 'UNKNOWN'];

/** Seconds. */
const DEFAULT_STALE_AFTER = 3600;

/** Fills in the defaults; undefined when no user sync is asked for. */
export function resolveUserSyncOptions(written: UserSyncOptions | undefined): ResolvedUserSyncOptions | undefined {
  if (written === undefined) return undefined;
  const { attributesFrom = 'auto', cacheTtl = 0, inactiveStatuses = DEFAULT_INACTIVE_STATUSES } = written;
  const seesStatus = attributesFrom === 'admin-get-user';
  const match = resolveMatch(written.match);
  return Object.freeze({
    entity: written.entity,
    store: written.store,
    mapping: resolveMapping(written, match),
    match,
    createUnknownUsers: written.createUnknownUsers ?? true,
    updateExisting: written.updateExisting ?? 'changed',
    attributesFrom,
    staleAfter: staleAfterOf(written) * 1000,
    syncedAtProperty: written.syncedAtProperty,
    cacheTtl: cacheTtl * 1000,
    allowInactiveUsers: written.allowInactiveUsers ?? false,
    inactiveStatuses: Object.freeze(seesStatus ? [...inactiveStatuses] : []),
    activeProperty: written.activeProperty,
    softDeleted: written.softDeleted ?? 'refuse',
    linkByVerifiedEmail: resolveLinking(written.linkByVerifiedEmail),
    groups: resolveGroups(written.groups),
    hooks: written.hooks ?? {},
    service: written.service,
    dataSource: written.dataSource,
  });
}

/** A cache must not outlive what it remembers. */
function staleAfterOf({ attributesFrom = 'auto', staleAfter, cacheTtl = 0 }: UserSyncOptions): number {
  if (attributesFrom === 'claims') return Infinity;
  return staleAfter ?? Math.max(attributesFrom === 'auto' ? DEFAULT_STALE_AFTER : 0, cacheTtl);
}

function resolveLinking(
  written: UserSyncOptions['linkByVerifiedEmail'],
): ResolvedUserSyncOptions['linkByVerifiedEmail'] {
  if (written === undefined || written === false) return undefined;
  return { providers: written === true ? [] : [...(written.providers ?? [])] };
}

function resolveGroups(written: UserSyncOptions['groups']): ResolvedUserSyncOptions['groups'] {
  if (written === undefined) return undefined;
  const { property, nameProperty = 'name' } = typeof written === 'string' ? { property: written } : written;
  return { property, nameProperty };
}

/** Tells a DataSource itself from a token for one. */
export function isDataSource(value: unknown): value is UserDataSource {
  return typeof value === 'object' && value !== null && 'isInitialized' in value && 'getRepository' in value;
}
