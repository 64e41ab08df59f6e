import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { InjectRepository } from '@nestjs/typeorm';
import { RequireGroups } from 'nest-cognito';
import { Repository } from 'typeorm';
import { User } from '../users/user.entity.js';
import { Person } from './answers.js';

const MOST_PEOPLE = 100;

/** Who has used this application: for the group `admin` alone. */
@ApiTags('administration')
@ApiBearerAuth()
@RequireGroups({ any: ['admin'] })
@Controller('api/people')
export class PeopleController {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  @Get()
  @ApiOperation({ summary: 'Who has used this application' })
  @ApiOkResponse({ type: [Person] })
  list(): Promise<Person[]> {
    return this.users.find({ select: { id: true, email: true, firstName: true, lastName: true }, take: MOST_PEOPLE });
  }
}
