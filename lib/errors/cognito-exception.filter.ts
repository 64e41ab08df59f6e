import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable, Logger } from '@nestjs/common';
import { BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { type Observable, throwError } from 'rxjs';
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
  catch(error: CognitoError, host: ArgumentsHost): Error | Observable<never> | undefined {
    if (error.status >= 500) this.#logger.error(`${error.code}: ${error.message}`);
    switch (host.getType<string>()) {
      case 'http':
        this.#answer(error, host);
        return undefined;
      case 'graphql':
        // GraphQL takes an error that is returned for one that was thrown.
        return (errorFormOf('graphql') ?? toHttpException)(error);
      case 'rpc':
        return failureOf(errorFormOf('rpc')?.(error));
      default:
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

/**
 * What a message handler's filter returns is sent as a result, unless it is a stream that fails. What is undefined is left to
 * Nest, which says that something went wrong.
 */
function failureOf(exception: Error | undefined): Observable<never> | undefined {
  if (exception === undefined || !('getError' in exception) || typeof exception.getError !== 'function')
    return undefined;
  const told: unknown = exception.getError();
  return throwError(() => told);
}
