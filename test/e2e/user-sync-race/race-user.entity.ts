import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity('race_users')
export class RaceUser {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { unique: true }) sub!: string;
  @Column('varchar', { unique: true, nullable: true }) email!: string | null;
}
