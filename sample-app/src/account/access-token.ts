import { UnauthorizedException } from '@nestjs/common';
import type { RequestTokens } from 'nest-cognito';

/** The token that operations on one's own account take. */
export function accessTokenOf({ accessToken }: RequestTokens): string {
  if (accessToken === undefined) throw new UnauthorizedException();
  return accessToken;
}
