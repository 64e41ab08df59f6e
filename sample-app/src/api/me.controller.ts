import { Controller, Get, UseGuards } from '@nestjs/common';
import { CognitoAuthGuard, type CognitoPrincipal, CognitoUser, LocalUser } from 'nest-cognito';
import { User } from '../users/user.entity.js';

/** The JSON API takes an access token in the Authorization header; the cookie of the pages opens nothing here. */
@UseGuards(CognitoAuthGuard)
@Controller('api/me')
export class MeController {
  @Get()
  show(@CognitoUser() principal: CognitoPrincipal, @LocalUser() user: User): object {
    const { sub, username, groups, scopes, tokenUse } = principal;
    const { id, email, firstName, lastName } = user;
    return { principal: { sub, username, groups, scopes, tokenUse }, user: { id, email, firstName, lastName } };
  }
}
