import { Controller, Get, HttpCode, Inject, Post, Req, type Type, UseGuards, VERSION_NEUTRAL } from '@nestjs/common';
import { Public } from '../access/access.decorators.js';
import { CognitoAuthGuard } from '../access/cognito-auth.guard.js';
import type { HttpRequest } from '../request/http-request.js';
import { AuthApiRoutes } from './auth-api.routes.js';
import type { AuthApiParts } from './sign-in-desk.js';

/** Token of {@link AuthApiParts}. */
export const AUTH_API_PARTS = Symbol.for('nest-cognito:auth-api-parts');

/** The names under which each endpoint is reached: its own, and that of older packages. */
type Names = (own: string, alias?: string) => string[];

/**
 * The controller of the endpoints.
 *
 * @param path below the application's prefix
 * @param aliases whether the names of older packages are answered, too
 */
export function authApiController(path: string, aliases: boolean): Type<AuthApiRoutes> {
  const names: Names = (own, alias) => (alias !== undefined && aliases ? [own, alias] : [own]);

  @Controller({ path, version: VERSION_NEUTRAL })
  class CognitoAuthApiController extends AuthApiRoutes {
    constructor(@Inject(AUTH_API_PARTS) parts: AuthApiParts) {
      super(parts);
    }

    @Public() @HttpCode(200) @Post('login') override login(@Req() request: HttpRequest) {
      return super.login(request);
    }

    @Public() @HttpCode(200) @Post(names('challenge', 'confirm_login')) override challenge(
      @Req() request: HttpRequest,
    ) {
      return super.challenge(request);
    }

    @Public() @HttpCode(200) @Post('refresh') override refresh(@Req() request: HttpRequest) {
      return super.refresh(request);
    }

    @Public() @HttpCode(200) @Post('logout') override logout(@Req() request: HttpRequest) {
      return super.logout(request);
    }

    @Public() @HttpCode(202) @Post('signup') override signup(@Req() request: HttpRequest) {
      return super.signup(request);
    }

    @Public() @HttpCode(200) @Post(names('confirm-signup', 'confirm_signup')) override confirmSignup(
      @Req() request: HttpRequest,
    ) {
      return super.confirmSignup(request);
    }

    @Public() @HttpCode(202) @Post('resend') override resend(@Req() request: HttpRequest) {
      return super.resend(request);
    }

    @Public() @HttpCode(202) @Post(names('forgot-password', 'forgot_password')) override forgotPassword(
      @Req() request: HttpRequest,
    ) {
      return super.forgotPassword(request);
    }

    @Public()
    @HttpCode(200)
    @Post(names('confirm-forgot-password', 'confirm_forgot_password'))
    override confirmForgotPassword(@Req() request: HttpRequest) {
      return super.confirmForgotPassword(request);
    }

    @Public() @Get(names('csrf', 'generate_csrf')) override csrf(@Req() request: HttpRequest) {
      return super.csrf(request);
    }

    @UseGuards(CognitoAuthGuard) @Get('me') override me(@Req() request: HttpRequest) {
      return super.me(request);
    }
  }
  return CognitoAuthApiController;
}
