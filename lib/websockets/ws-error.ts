import { type ArgumentsHost, Catch } from '@nestjs/common';
import { BaseWsExceptionFilter, WsException } from '@nestjs/websockets';
import type { CognitoErrorCode } from '../errors/catalogue.js';
import { CognitoError } from '../errors/cognito.error.js';

/** What a client reads of an error, in the event `exception`. */
export interface CognitoWsError {
  /** Nest's word for a message that failed. */
  readonly status: 'error';
  readonly code: CognitoErrorCode;
  /** The HTTP status that answers this error. */
  readonly statusCode: number;
  readonly message: string;
  /** Seconds after which another attempt makes sense; for 429 and 503. */
  readonly retryAfter?: number;
}

/** What a client reads of an error. */
export function wsErrorOf({ code, status, publicMessage, retryAfter }: CognitoError): CognitoWsError {
  const more = retryAfter === undefined ? {} : { retryAfter };
  return { status: 'error', code, statusCode: status, message: publicMessage, ...more };
}

/** The form of an error in a gateway: a {@link CognitoWsError}. */
export function toWsException(error: CognitoError): WsException {
  return new WsException(wsErrorOf(error));
}

/**
 * Tells the client a {@link CognitoError} that a message handler let through, such as one of a service. Nest asks no global
 * filter in gateways: write `@UseFilters(CognitoWsExceptionFilter)` there.
 */
@Catch(CognitoError)
export class CognitoWsExceptionFilter extends BaseWsExceptionFilter {
  /** Nest asks this for every {@link CognitoError} that the handler has not caught. */
  override catch(error: CognitoError, host: ArgumentsHost): void {
    const ws = host.switchToWs();
    this.handleError(ws.getClient<never>(), toWsException(error), {
      pattern: ws.getPattern(),
      data: ws.getData<unknown>(),
    });
  }
}
