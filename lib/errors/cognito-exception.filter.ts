import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Injectable, Logger } from '@nestjs/common';
import { BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { CognitoError } from './cognito.error.js';
import { toHttpException } from './http-exception.js';

/**
 * Answers a {@link CognitoError} that a controller let through with its HTTP status, code and public sentence.
 *
 * {@link CognitoModule} registers it for the whole application. An application with a catch-all filter of its own uses
 * {@link toHttpException} there instead: Nest asks only one filter.
 */
@Injectable()
@Catch(CognitoError)
export class CognitoExceptionFilter implements ExceptionFilter<CognitoError> {
  readonly #logger = new Logger(CognitoExceptionFilter.name);

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  catch(error: CognitoError, host: ArgumentsHost): HttpException | void {
    const exception = toHttpException(error);
    if (error.status >= 500) this.#logger.error(`${error.code}: ${error.message}`);
    // Other transports render what a filter returns; only HTTP writes the answer here.
    if (host.getType<string>() !== 'http') return exception;
    if (error.retryAfter !== undefined) {
      this.adapterHost.httpAdapter.setHeader(
        host.switchToHttp().getResponse(),
        'Retry-After',
        String(error.retryAfter),
      );
    }
    new BaseExceptionFilter(this.adapterHost.httpAdapter).catch(exception, host);
  }
}
