import {
  ForbiddenException,
  HttpException,
  type HttpExceptionBody,
  ServiceUnavailableException,
  UnauthorizedException,
} from '@nestjs/common';
import type { CognitoErrorCode } from './catalogue.js';
import type { CognitoError } from './cognito.error.js';

/** What the caller reads: the shape of Nest's own errors, and the code. */
export interface CognitoErrorBody extends HttpExceptionBody {
  readonly code: CognitoErrorCode;
}

/** An HttpException that carries the code of the {@link CognitoError} it stands for. */
export type CognitoHttpException = HttpException & { readonly code: CognitoErrorCode };

/** 401 with a code; also a Nest `UnauthorizedException`, so that existing filters find it. */
export class CognitoUnauthorizedException extends UnauthorizedException {
  readonly code: CognitoErrorCode;

  constructor(error: CognitoError) {
    super(bodyOf(error, 'Unauthorized'), { cause: error });
    this.code = error.code;
  }
}

/** 403 with a code; also a Nest `ForbiddenException`. */
export class CognitoForbiddenException extends ForbiddenException {
  readonly code: CognitoErrorCode;

  constructor(error: CognitoError) {
    super(bodyOf(error, 'Forbidden'), { cause: error });
    this.code = error.code;
  }
}

/** 503 with a code; also a Nest `ServiceUnavailableException`. */
export class CognitoServiceUnavailableException extends ServiceUnavailableException {
  readonly code: CognitoErrorCode;

  constructor(error: CognitoError) {
    super(bodyOf(error, 'Service Unavailable'), { cause: error });
    this.code = error.code;
  }
}

/** Every other status with a code: 400, 409, 415, 429, 500. */
export class CognitoRequestException extends HttpException {
  readonly code: CognitoErrorCode;

  constructor(error: CognitoError) {
    super(bodyOf(error, phrases[error.status] ?? 'Error'), error.status, { cause: error });
    this.code = error.code;
  }
}

/** The HTTP form of an error: its status and code, and the little that a caller may read. */
export function toHttpException(error: CognitoError): CognitoHttpException {
  switch (error.status) {
    case 401:
      return new CognitoUnauthorizedException(error);
    case 403:
      return new CognitoForbiddenException(error);
    case 503:
      return new CognitoServiceUnavailableException(error);
    default:
      return new CognitoRequestException(error);
  }
}

const phrases: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  409: 'Conflict',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
};

function bodyOf(error: CognitoError, phrase: string): CognitoErrorBody {
  return { statusCode: error.status, message: error.publicMessage, error: phrase, code: error.code };
}
