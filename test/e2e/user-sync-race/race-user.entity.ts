import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity('race_users')
export class RaceUser {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { unique: true }) sub!: string;
  @Column('varchar', { unique: true, nullable: true }) email!: string | null;
}

/** What the hook `afterCreate` leaves behind, in the transaction of the new row. */
@Entity('race_greetings')
export class RaceGreeting {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar') sub!: string;
}
