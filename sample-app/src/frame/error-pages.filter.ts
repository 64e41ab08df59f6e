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
import { isCognitoError, toHttpException } from 'nest-cognito';
import type { HttpRequest } from 'nest-cognito/session';
import type { Alert, Page } from './answer.js';
import { Frame } from './frame.js';
import { html } from './html.js';

/** As much of a request as both adapters have. */
interface WebRequest extends HttpRequest {
  readonly url: string;
  readonly method: string;
}

/** Answers whatever a page throws with a page; who has to sign in first is led there. */
@Injectable()
@Catch()
export class ErrorPages implements ExceptionFilter {
  readonly #logger = new Logger(ErrorPages.name);

  constructor(
    private readonly frame: Frame,
    protected readonly adapterHost: HttpAdapterHost,
  ) {}

  async catch(thrown: unknown, host: ArgumentsHost): Promise<void> {
    await this.answer(thrown, host);
  }

  protected async answer(thrown: unknown, host: ArgumentsHost): Promise<void> {
    const { httpAdapter } = this.adapterHost;
    const request = host.switchToHttp().getRequest<WebRequest>();
    const response = host.switchToHttp().getResponse<object>();
    const exception = isCognitoError(thrown) ? toHttpException(thrown) : thrown;
    const status = exception instanceof HttpException ? exception.getStatus() : 500;
    if (isSignInNeeded(exception)) {
      httpAdapter.setHeader(response, 'Location', signInPathFor(request));
      httpAdapter.reply(response, '', 303);
      return;
    }
    if (status >= 500) this.#logger.error(thrown instanceof Error ? (thrown.stack ?? thrown.name) : 'unknown');
    if (isCognitoError(thrown) && thrown.retryAfter !== undefined) {
      httpAdapter.setHeader(response, 'Retry-After', String(thrown.retryAfter));
    }
    const document = await this.#documentFor(pageFor(exception, status), request);
    httpAdapter.setHeader(response, 'Content-Type', 'text/html; charset=utf-8');
    httpAdapter.reply(response, document, status);
  }

  /** The frame wants to know who is signed in; when that is what cannot be said, the page does without. */
  async #documentFor(page: Page, request: HttpRequest): Promise<string> {
    return this.frame.around(page, request).catch(() => this.frame.aroundNobody(page));
  }
}

/** Nobody is signed in, or no longer; a sign-in that went wrong is told of on a page. */
function isSignInNeeded(exception: unknown): boolean {
  if (!(exception instanceof HttpException) || exception.getStatus() !== 401) return false;
  const body = exception.getResponse();
  const code = typeof body === 'object' && 'code' in body ? String(body.code) : 'COGNITO_TOKEN_MISSING';
  return code.startsWith('COGNITO_TOKEN_') || code === 'COGNITO_SIGNED_OUT';
}

function signInPathFor({ url, method }: WebRequest): string {
  return method === 'GET' ? `/sign-in?${new URLSearchParams({ return: url }).toString()}` : '/sign-in';
}

function pageFor(exception: unknown, status: number): Page {
  return {
    title: status === 404 ? 'Not found' : 'Not possible',
    status,
    alert: alertOf(exception, status),
    body: () =>
      html`<h1>${status === 404 ? 'Not found' : 'Not possible'}</h1>
        <p><a href="/">To the start page</a></p>`,
  };
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
  protected override async answer(thrown: unknown, host: ArgumentsHost): Promise<void> {
    const { url } = host.switchToHttp().getRequest<WebRequest>();
    if (url.startsWith('/api/')) new BaseExceptionFilter(this.adapterHost.httpAdapter).catch(thrown, host);
    else await super.answer(thrown, host);
  }
}
