import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { CognitoAuthGuard, CognitoService, RequireGroups } from 'nest-cognito';
import { textField } from '../pages/form.js';

const PAGE_SIZE = 20;

/** The users of the pool, page by page: for the group `admin` alone. */
@RequireGroups({ any: ['admin'] })
@UseGuards(CognitoAuthGuard)
@Controller('api/pool-users')
export class PoolUsersController {
  constructor(private readonly cognito: CognitoService) {}

  @Get()
  async list(@Query() query: unknown) {
    const { users, paginationToken } = await this.cognito.users.list({
      limit: PAGE_SIZE,
      paginationToken: textField(query, 'after'),
    });
    return {
      users: users.map(({ username, status, enabled }) => ({ username, status, enabled })),
      after: paginationToken,
    };
  }
}
