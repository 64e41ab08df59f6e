import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';

/** Written as schemas, since several versions of TypeORM read them. */

export interface Person {
  id: number;
  sub: string | null;
  email: string | null;
  name: string | null;
  role: string;
  active: boolean;
  profile: { city: string | null };
  verified: boolean | null;
  age: number | null;
  badge: string | null;
  credit: string | null;
  born: string | null;
  seen: Date | null;
  address: unknown;
  teams: string[] | null;
  syncedAt: Date | null;
  updatedAt: Date;
  deletedAt: Date | null;
}

const text = (length?: number): EntitySchemaColumnOptions => ({
  type: 'varchar',
  nullable: true,
  ...(length === undefined ? {} : { length }),
});

export const PersonSchema = new EntitySchema<Person>({
  name: 'Person',
  tableName: 'people',
  columns: {
    id: { type: 'int', primary: true, generated: true },
    sub: { ...text(), unique: true },
    email: { ...text(), unique: true },
    name: text(20),
    role: { type: 'varchar', default: 'member' },
    active: { type: 'boolean', default: true },
    verified: { type: 'boolean', nullable: true },
    age: { type: 'int', nullable: true },
    badge: { type: 'bigint', nullable: true },
    credit: { type: 'decimal', precision: 8, scale: 2, nullable: true },
    born: { type: 'date', nullable: true },
    seen: { type: Date, nullable: true },
    address: { type: 'simple-json', nullable: true },
    teams: { type: 'simple-json', nullable: true },
    syncedAt: { type: Date, nullable: true },
    updatedAt: { type: Date, updateDate: true },
    deletedAt: { type: Date, deleteDate: true, nullable: true },
  },
  embeddeds: {
    profile: { schema: new EntitySchema({ name: 'Profile', columns: { city: text() } }), prefix: 'profile_' },
  },
});

export interface Team {
  id: number;
  name: string;
}

export interface Member {
  id: number;
  sub: string;
  teams: Team[];
}

export const TeamSchema = new EntitySchema<Team>({
  name: 'Team',
  tableName: 'teams',
  columns: { id: { type: 'int', primary: true, generated: true }, name: { type: 'varchar', unique: true } },
});

export const MemberSchema = new EntitySchema<Member>({
  name: 'Member',
  tableName: 'members',
  columns: { id: { type: 'int', primary: true, generated: true }, sub: { type: 'varchar', unique: true } },
  relations: { teams: { type: 'many-to-many', target: 'Team', joinTable: { name: 'member_teams' } } },
});

/** A member whose teams come along with every find. */
export const EagerMemberSchema = new EntitySchema<Member>({
  name: 'EagerMember',
  tableName: 'eager_members',
  columns: { id: { type: 'int', primary: true, generated: true }, sub: { type: 'varchar', unique: true } },
  relations: {
    teams: { type: 'many-to-many', target: 'Team', joinTable: { name: 'eager_member_teams' }, eager: true },
  },
});

/** Known by a number. */
export const NumberedSchema = new EntitySchema<{ id: number; number: number | null }>({
  name: 'Numbered',
  tableName: 'numbered',
  columns: {
    id: { type: 'int', primary: true, generated: true },
    number: { type: 'int', unique: true, nullable: true },
  },
});

/** Users of several pools. */
export const PooledSchema = new EntitySchema<{ id: number; sub: string; pool: string }>({
  name: 'Pooled',
  tableName: 'pooled',
  columns: {
    id: { type: 'int', primary: true, generated: true },
    sub: { type: 'varchar', length: 60 },
    pool: { type: 'varchar', length: 60 },
  },
  uniques: [{ columns: ['sub', 'pool'] }],
});
