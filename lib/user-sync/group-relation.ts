import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { UserFacts } from './cognito-user-store.js';
import { isUniqueViolation } from './database-fault.js';
import { nested, valueAt } from './row-values.js';
import type { UserRow, UserTable } from './user-table.js';

/** The groups of a user as rows of their own, in a many-to-many relation. */
export class GroupRelation {
  constructor(private readonly table: UserTable) {}

  /** Tells whether a row has other groups than the facts say. */
  areNew(user: UserRow, { groups }: UserFacts): boolean {
    const place = this.table.columns.groups;
    if (groups === undefined || place?.kind !== 'relation') return false;
    const wanted = new Set(groups);
    const names = this.#inRow(user).map((group) => String(valueAt(group, place.nameProperty)));
    return names.length !== wanted.size || names.some((name) => !wanted.has(name));
  }

  /** Gives a row the groups that the facts say; groups without a row get one. */
  async set(manager: EntityManager, user: UserRow, { groups = [] }: UserFacts): Promise<void> {
    const place = this.table.columns.groups;
    if (place?.kind !== 'relation') return;
    const wanted = await this.#rowsOf(manager, place.target as EntityTarget<ObjectLiteral>, place.nameProperty, [
      ...new Set(groups),
    ]);
    const known = this.#inRow(user);
    const name = (group: object): unknown => valueAt(group, place.nameProperty);
    const added = wanted.filter((group) => !known.some((one) => name(one) === name(group)));
    const removed = known.filter((group) => !wanted.some((one) => name(one) === name(group)));
    const members = (within: EntityManager) =>
      within.createQueryBuilder().relation(this.table.target, place.property).of(user);
    for (const group of added) await unlessThere(manager, (within) => members(within).add(group));
    if (removed.length > 0) await members(manager).remove(removed);
    (user as Record<string, unknown>)[place.property] = wanted;
  }

  #inRow(user: UserRow): object[] {
    const place = this.table.columns.groups;
    const value = place?.kind === 'relation' ? valueAt(user, place.property) : undefined;
    return Array.isArray(value) ? (value as object[]) : [];
  }

  /** The rows of these groups, letter for letter: what a database takes for the same name is another group. */
  async #rowsOf(
    manager: EntityManager,
    target: EntityTarget<ObjectLiteral>,
    nameProperty: string,
    names: readonly string[],
  ): Promise<ObjectLiteral[]> {
    if (names.length === 0) return [];
    const repository = manager.getRepository(target);
    const where = names.map((name) => nested(new Map([[nameProperty, name]])));
    const found = await repository.find({ where });
    const isFound = (name: string): boolean => found.some((group) => valueAt(group, nameProperty) === name);
    const missing = names.filter((name) => !isFound(name));
    if (missing.length === 0) return found.filter((group) => names.includes(String(valueAt(group, nameProperty))));
    for (const name of missing) await insertGroup(manager, target, nested(new Map([[nameProperty, name]])));
    const all = await repository.find({ where });
    return all.filter((group) => names.includes(String(valueAt(group, nameProperty))));
  }
}

/** Requests of one user at the same moment may each add what is missing; the savepoint keeps the transaction of the late one. */
async function unlessThere(manager: EntityManager, add: (within: EntityManager) => Promise<unknown>): Promise<void> {
  try {
    await manager.transaction(add);
  } catch (thrown) {
    if (!isUniqueViolation(thrown)) throw thrown;
  }
}

async function insertGroup(
  manager: EntityManager,
  target: EntityTarget<ObjectLiteral>,
  group: ObjectLiteral,
): Promise<void> {
  const insert = manager.createQueryBuilder().insert().into(target).values(group).updateEntity(false);
  const { driver } = manager.getRepository(target).metadata.connection;
  if (driver.supportedUpsertTypes.includes('on-conflict-do-update')) insert.orIgnore();
  try {
    await insert.execute();
  } catch (thrown) {
    if (!isUniqueViolation(thrown)) throw thrown;
  }
}
