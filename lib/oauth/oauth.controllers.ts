import { Controller, Get, Inject, Logger, Post, Req, Res, type Type, VERSION_NEUTRAL } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Public } from '../access/access.decorators.js';
import { RequestForgeryCheck } from '../access/request-forgery-check.js';
import { type CognitoError, isCognitoError } from '../errors/cognito.error.js';
import { toHttpException } from '../errors/http-exception.js';
import type { HttpRequest } from '../request/http-request.js';
import { CognitoOAuthService } from './cognito-oauth.service.js';
import type { OAuthRoutes } from './oauth-routes.js';
import { RESOLVED_OAUTH_OPTIONS, type ResolvedOAuthOptions } from './oauth.options.js';

const logger = new Logger('CognitoOAuthModule');

/** Sends browsers about; an answer is nobody's to keep, and no page that follows learns from which address it was reached. */
abstract class Redirecting {
  protected constructor(private readonly adapterHost: HttpAdapterHost) {}

  /** Before anything can fail: what is refused has a state in its address, too. */
  protected keepPrivate(response: unknown): void {
    this.adapterHost.httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    this.adapterHost.httpAdapter.setHeader(response, 'Referrer-Policy', 'no-referrer');
  }

  protected redirect(response: unknown, status: 302 | 303, address: string): void {
    this.adapterHost.httpAdapter.redirect(response, status, address);
  }
}

/**
 * The routes by which a browser goes to Cognito's pages and out again, as a controller of its own for each set-up: the path of a
 * controller belongs to its class.
 */
export function oauthController({ path }: OAuthRoutes): Type {
  @Public()
  @Controller({ path, version: VERSION_NEUTRAL })
  class CognitoOAuthController extends Redirecting {
    constructor(
      @Inject(CognitoOAuthService) private readonly oauth: CognitoOAuthService,
      @Inject(RequestForgeryCheck) private readonly forgeryCheck: RequestForgeryCheck,
      @Inject(HttpAdapterHost) adapterHost: HttpAdapterHost,
    ) {
      super(adapterHost);
    }

    @Get('login')
    async login(@Req() request: HttpRequest, @Res() response: unknown): Promise<void> {
      this.keepPrivate(response);
      try {
        this.redirect(response, 302, await this.oauth.startSignIn(request, this.oauth.readRequest(request)));
      } catch (thrown) {
        throw asAnswer(thrown);
      }
    }

    @Post('logout')
    async logout(@Req() request: HttpRequest, @Res() response: unknown): Promise<void> {
      this.keepPrivate(response);
      try {
        await this.forgeryCheck.assertOwn(request);
        this.redirect(response, 303, await this.oauth.signOut(request));
      } catch (thrown) {
        throw asAnswer(thrown);
      }
    }
  }
  return CognitoOAuthController;
}

/** The route to which Cognito's pages send a browser back. */
export function callbackController({ callbackPath }: OAuthRoutes): Type {
  @Public()
  @Controller({ path: callbackPath, version: VERSION_NEUTRAL })
  class CognitoOAuthCallbackController extends Redirecting {
    constructor(
      @Inject(CognitoOAuthService) private readonly oauth: CognitoOAuthService,
      @Inject(RESOLVED_OAUTH_OPTIONS) private readonly options: ResolvedOAuthOptions,
      @Inject(HttpAdapterHost) adapterHost: HttpAdapterHost,
    ) {
      super(adapterHost);
    }

    @Get()
    async callback(@Req() request: HttpRequest, @Res() response: unknown): Promise<void> {
      this.keepPrivate(response);
      this.redirect(response, 302, await this.outcomeOf(request));
    }

    private async outcomeOf(request: HttpRequest): Promise<string> {
      try {
        return (await this.oauth.finishSignIn(request)).returnTo;
      } catch (thrown) {
        const { errorRedirect } = this.options;
        if (!isCognitoError(thrown) || errorRedirect === undefined) throw asAnswer(thrown);
        log(thrown);
        return withError(errorRedirect, thrown);
      }
    }
  }
  return CognitoOAuthCallbackController;
}

/** Our code and nothing else: what came with the request is whoever's who wrote the link. */
function withError(address: string, { code }: CognitoError): string {
  const target = new URL(address);
  target.searchParams.set('error', code);
  return target.href;
}

/** The exception that answers a refusal, whichever filters the application has. */
function asAnswer(thrown: unknown): unknown {
  if (!isCognitoError(thrown)) return thrown;
  log(thrown);
  return toHttpException(thrown);
}

function log(error: CognitoError): void {
  const line = `${error.code}: ${error.message}`;
  if (error.status >= 500) logger.error(line);
  else logger.debug(line);
}
