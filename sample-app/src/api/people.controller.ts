import { Controller, Get, UseGuards } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { CognitoAuthGuard, RequireGroups } from 'nest-cognito';
import { Repository } from 'typeorm';
import { User } from '../users/user.entity.js';

const MOST_PEOPLE = 100;

/** Who has used this application: for the group `admin` alone. */
@RequireGroups({ any: ['admin'] })
@UseGuards(CognitoAuthGuard)
@Controller('api/people')
export class PeopleController {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  @Get()
  list(): Promise<User[]> {
    return this.users.find({ select: { id: true, email: true, firstName: true, lastName: true }, take: MOST_PEOPLE });
  }
}
