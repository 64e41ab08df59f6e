import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Injectable,
  Logger,
  NotFoundException,
} from '@nestjs/common';
import { BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import type { Request, Response } from 'express';
import { isCognitoError, toHttpException } from 'nest-cognito';
import { SignInRequired } from '../browser/signed-in.guard.js';
import { html } from './html.js';
import { type Alert, Pages } from './pages.js';

/** Answers whatever a page throws with a page. */
@Injectable()
@Catch()
export class ErrorPages implements ExceptionFilter {
  readonly #logger = new Logger(ErrorPages.name);

  constructor(private readonly pages: Pages) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    this.answer(thrown, host);
  }

  protected answer(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (thrown instanceof SignInRequired) {
      response.redirect(303, '/sign-in');
      return;
    }
    const exception = isCognitoError(thrown) ? toHttpException(thrown) : thrown;
    const status = exception instanceof HttpException ? exception.getStatus() : 500;
    if (status >= 500) this.#logger.error(thrown instanceof Error ? (thrown.stack ?? thrown.name) : 'unknown');
    if (isCognitoError(thrown) && thrown.retryAfter !== undefined) {
      response.set('Retry-After', String(thrown.retryAfter));
    }
    this.pages.send(request, response, {
      title: 'Not possible',
      status,
      alert: alertOf(exception, status),
      body: () =>
        html`<h1>${status === 404 ? 'Not found' : 'Not possible'}</h1>
          <p><a href="/">To the start page</a></p>`,
    });
  }
}

/** What the visitor may read: nothing of an error that nobody foresaw. */
function alertOf(exception: unknown, status: number): Alert {
  if (status === 404) return { code: 'NOT_FOUND', message: 'There is no such page.' };
  const body = exception instanceof HttpException ? exception.getResponse() : undefined;
  if (typeof body === 'object' && 'code' in body && 'message' in body) {
    return { code: String(body.code), message: String(body.message) };
  }
  return { code: `HTTP_${status}`, message: status < 500 ? 'That did not work.' : 'Something went wrong.' };
}

/** The page for addresses that nothing answers to; below `/api` the answer stays JSON. */
@Injectable()
@Catch(NotFoundException)
export class UnknownPages extends ErrorPages {
  constructor(
    pages: Pages,
    private readonly adapterHost: HttpAdapterHost,
  ) {
    super(pages);
  }

  protected override answer(thrown: unknown, host: ArgumentsHost): void {
    const { path } = host.switchToHttp().getRequest<Request>();
    if (path.startsWith('/api/')) new BaseExceptionFilter(this.adapterHost.httpAdapter).catch(thrown, host);
    else super.answer(thrown, host);
  }
}
