import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CognitoUser, LocalUser, type CognitoPrincipal } from 'nest-cognito';
import { User } from '../users/user.entity.js';
import { Me } from './answers.js';

/** Who asks: by an access token in the Authorization header, or by the session of the pages. */
@ApiTags('me')
@ApiBearerAuth()
@Controller('api/me')
export class MeController {
  @Get()
  @ApiOperation({ summary: 'Who you are, in the pool and in this application' })
  @ApiOkResponse({ type: Me })
  show(@CognitoUser() principal: CognitoPrincipal, @LocalUser() user: User): Me {
    const { sub, username = '', groups, scopes, tokenUse } = principal;
    const { id, email, firstName, lastName } = user;
    return {
      principal: { sub, username, groups: [...groups], scopes: [...scopes], tokenUse },
      user: { id, email, firstName, lastName },
    };
  }
}
