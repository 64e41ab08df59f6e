import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** This application's own row for a person; the library keeps it in step with the user pool. */
@Entity()
export class User {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  /** The pool's immutable id: what ties the row to the person. */
  @Column({ type: 'varchar', unique: true })
  sub!: string;

  @Column({ type: 'varchar', nullable: true })
  email!: string | null;

  @Column({ type: 'varchar', nullable: true })
  firstName!: string | null;

  @Column({ type: 'varchar', nullable: true })
  lastName!: string | null;
}
