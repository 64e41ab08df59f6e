import { Column, CreateDateColumn, UpdateDateColumn } from 'typeorm';

/**
 * The columns that user sync writes and reads, to extend: your entity brings its primary key and columns of its own.
 *
 * `userSync: { entity: User, ...User.userSync }` maps them. The guide "User sync" has a migration for each database.
 */
export abstract class CognitoUserColumns {
  /** The part of the option `userSync` that fits these columns. */
  static readonly userSync = {
    attributes: { username: 'username', email: 'email' },
    activeProperty: 'isActive',
    syncedAtProperty: 'syncedAt',
  } as const;

  /** Names the user for good (claim `sub`); no two rows have the same. */
  @Column('varchar', { length: 128, unique: true })
  sub!: string;

  /** Cognito's own user name, which never changes; in a pool that signs in by e-mail it is the `sub`. */
  @Column('varchar', { length: 128, nullable: true })
  username!: string | null;

  /** As the user wrote it, verified or not: it names nobody, and is not unique. */
  @Column('varchar', { length: 320, nullable: true })
  email!: string | null;

  /** False shuts the user out (`COGNITO_USER_INACTIVE`); the application's own, which `deactivateMissing` alone writes. */
  @Column('boolean', { default: true })
  isActive!: boolean;

  /** When Cognito was last asked for the attributes; null where tokens have told them so far. */
  @Column({ type: Date, nullable: true })
  syncedAt!: Date | null;

  @CreateDateColumn()
  createdAt!: Date;

  @UpdateDateColumn()
  updatedAt!: Date;
}
