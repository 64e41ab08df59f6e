import {
  Column,
  DeleteDateColumn,
  Entity,
  EntitySchema,
  Index,
  PrimaryGeneratedColumn,
  Unique,
  UpdateDateColumn,
} from 'typeorm';

@Entity('users')
export class User {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column('varchar', { unique: true }) sub!: string;
  @Column('varchar', { unique: true, nullable: true }) email!: string | null;
  @Column('varchar', { nullable: true }) firstName!: string | null;
  @Column('varchar', { nullable: true }) lastName!: string | null;
  @Column('varchar', { default: 'member' }) role!: string;
  @Column('boolean', { default: true }) active!: boolean;
  @Column('boolean', { nullable: true }) emailVerified!: boolean | null;
  @Column('int', { nullable: true }) age!: number | null;
  @Column('bigint', { nullable: true }) badge!: string | null;
  @Column('decimal', { precision: 8, scale: 2, nullable: true }) credit!: string | null;
  @Column({ type: Date, nullable: true }) changedAt!: Date | null;
  @UpdateDateColumn() updatedAt!: Date;
  @DeleteDateColumn() deletedAt!: Date | null;
}

@Entity('pool_users')
@Unique(['sub', 'pool'])
export class PoolUser {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar') sub!: string;
  @Column('varchar') pool!: string;
}

@Entity('strict_users')
export class StrictUser {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { unique: true }) sub!: string;
  @Column('varchar', { length: 20 }) email!: string;
}

@Entity('loose_users')
export class LooseUser {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar') sub!: string;
  @Column('varchar', { select: false, nullable: true }) email!: string | null;
}

/** Users by a user name whose column takes different texts for the same. */
export function sloppyUser(column: { type: 'citext' | 'char' | 'varchar'; collation?: string; length?: number }) {
  return new EntitySchema<{ id: number; username: string }>({
    name: 'SloppyUser',
    columns: {
      id: { type: 'int', primary: true, generated: true },
      username: { unique: true, ...column },
    },
  });
}

/** Has to be let in by somebody first. */
@Entity('invited_users')
export class InvitedUser {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { unique: true }) sub!: string;
  @Column('boolean', { default: false }) active!: boolean;
}

@Entity('partly_unique_users')
@Index(['sub'], { unique: true, where: 'id > 100' })
export class PartlyUniqueUser {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar') sub!: string;
}
