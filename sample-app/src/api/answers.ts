import { ApiProperty } from '@nestjs/swagger';

/** The user as the token tells it. */
export class Principal {
  @ApiProperty()
  sub!: string;

  @ApiProperty()
  username!: string;

  @ApiProperty({ type: [String] })
  groups!: string[];

  @ApiProperty({ type: [String] })
  scopes!: string[];

  @ApiProperty({ enum: ['access', 'id'] })
  tokenUse!: 'access' | 'id';
}

/** A user of this application. */
export class Person {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: String, nullable: true })
  email!: string | null;

  @ApiProperty({ type: String, nullable: true })
  firstName!: string | null;

  @ApiProperty({ type: String, nullable: true })
  lastName!: string | null;
}

/** Both. */
export class Me {
  @ApiProperty({ type: Principal })
  principal!: Principal;

  @ApiProperty({ type: Person })
  user!: Person;
}

/** What is written to make a note. */
export class NewNote {
  @ApiProperty({ maxLength: 120 })
  title!: string;

  @ApiProperty({ maxLength: 10_000 })
  text!: string;
}

/** A note as it is kept. */
export class KeptNote extends NewNote {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: Date })
  createdAt!: Date;
}

/** A user of the pool, as an administrator sees them. */
export class PoolUser {
  @ApiProperty()
  username!: string;

  @ApiProperty({ example: 'CONFIRMED' })
  status!: string;

  @ApiProperty()
  enabled!: boolean;
}

/** A page of users; `after` opens the next one. */
export class PoolUserPage {
  @ApiProperty({ type: [PoolUser] })
  users!: PoolUser[];

  @ApiProperty({ type: String, required: false })
  after?: string | undefined;
}
