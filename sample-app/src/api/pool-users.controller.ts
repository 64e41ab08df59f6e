import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { CognitoService, RequireGroups } from 'nest-cognito';
import { textField } from '../frame/form.js';
import { PoolUserPage } from './answers.js';

const PAGE_SIZE = 20;

/** The users of the pool, page by page: for the group `admin` alone. */
@ApiTags('administration')
@ApiBearerAuth()
@RequireGroups({ any: ['admin'] })
@Controller('api/pool-users')
export class PoolUsersApiController {
  constructor(private readonly cognito: CognitoService) {}

  @Get()
  @ApiOperation({ summary: 'The users of the pool' })
  @ApiQuery({ name: 'after', required: false, description: 'what the page before handed out' })
  @ApiOkResponse({ type: PoolUserPage })
  async list(@Query() query: unknown): Promise<PoolUserPage> {
    const paginationToken = textField(query, 'after');
    const page = await this.cognito.users.list({ limit: PAGE_SIZE, paginationToken });
    return {
      users: page.users.map(({ username, status, enabled }) => ({ username, status, enabled })),
      after: page.paginationToken,
    };
  }
}
