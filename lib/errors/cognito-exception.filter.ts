import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable, Logger } from '@nestjs/common';
import { BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { CognitoError } from './cognito.error.js';
import { errorFormOf } from './error-forms.js';
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

  /** Nest asks this for every {@link CognitoError} that nobody else has caught. */
  catch(error: CognitoError, host: ArgumentsHost): Error | undefined {
    if (error.status >= 500) this.#logger.error(`${error.code}: ${error.message}`);
    switch (host.getType<string>()) {
      case 'http':
        this.#answer(error, host);
        return undefined;
      case 'graphql':
        // GraphQL takes an error that is returned for one that was thrown.
        return (errorFormOf('graphql') ?? toHttpException)(error);
      default:
        // A message handler would send what its filter returns as a result: Nest's own handling says that it failed.
        return undefined;
    }
  }

  #answer(error: CognitoError, host: ArgumentsHost): void {
    const { httpAdapter } = this.adapterHost;
    if (error.retryAfter !== undefined) {
      httpAdapter.setHeader(host.switchToHttp().getResponse(), 'Retry-After', String(error.retryAfter));
    }
    new BaseExceptionFilter(httpAdapter).catch(toHttpException(error), host);
  }
}
