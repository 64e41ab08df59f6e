import {
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import type { Request } from 'express';
import { CognitoAuthenticator, type CognitoPrincipal, isCognitoError, UserSyncService } from 'nest-cognito';
import { User } from '../users/user.entity.js';
import { BrowserSessions } from './browser-sessions.js';

/** Whoever is signed in: as the id token tells it, and as this application knows them. */
export interface Member {
  readonly principal: CognitoPrincipal;
  readonly user: User;
}

/** Nobody is signed in with this browser; a page answers it with the way to the sign-in page. */
export class SignInRequired extends UnauthorizedException {}

const members = new WeakMap<Request, Member>();

/** The {@link Member} of a request behind the {@link SignedInGuard}. */
export const SignedIn = createParamDecorator((_: undefined, context: ExecutionContext): Member | undefined =>
  members.get(context.switchToHttp().getRequest<Request>()),
);

/** Opens a page to those who are signed in with this browser. */
@Injectable()
export class SignedInGuard implements CanActivate {
  constructor(
    private readonly sessions: BrowserSessions,
    private readonly authenticator: CognitoAuthenticator,
    private readonly userSync: UserSyncService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const principal = await this.#principalOf(request);
    members.set(request, { principal, user: await this.userSync.getOrCreate<User>(principal, request) });
    return true;
  }

  /** The id token is judged for each page again: a session lives no longer than what it rests on. */
  async #principalOf(request: Request): Promise<CognitoPrincipal> {
    const tokens = this.sessions.find(request);
    if (tokens === undefined) throw new SignInRequired();
    try {
      const headers = { authorization: `Bearer ${tokens.idToken}` };
      return await this.authenticator.authenticate({ headers }, { tokenUse: 'id' });
    } catch (thrown) {
      throw isCognitoError(thrown) && thrown.status === 401 ? new SignInRequired() : thrown;
    }
  }
}
