import { RpcException } from '@nestjs/microservices';
import type { CognitoErrorCode } from '../errors/catalogue.js';
import type { CognitoError } from '../errors/cognito.error.js';

/** What the service that sent the message reads of an error. */
export interface CognitoRpcError {
  /** Nest's word for a message that failed. */
  readonly status: 'error';
  readonly code: CognitoErrorCode;
  /** The HTTP status that answers this error. */
  readonly statusCode: number;
  readonly message: string;
  /** Seconds after which another attempt makes sense; for 429 and 503. */
  readonly retryAfter?: number;
}

/** The form of an error between services: a {@link CognitoRpcError}. */
export function toRpcException({ code, status, publicMessage, retryAfter }: CognitoError): RpcException {
  const told: CognitoRpcError = {
    status: 'error',
    code,
    statusCode: status,
    message: publicMessage,
    ...(retryAfter !== undefined && { retryAfter }),
  };
  return new RpcException(told);
}
