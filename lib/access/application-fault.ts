import { HttpException, Logger } from '@nestjs/common';
import { CognitoError, isCognitoError } from '../errors/cognito.error.js';

const logger = new Logger('CognitoAuthGuard');

/**
 * What a function of the application threw, as it may go on: an answer that was meant stays as it is; what went wrong becomes
 * 500, for an error of another library may name a status of its own, and 200 is one.
 *
 * @param where the function, as the application wrote it: `@Authorize`, `poolOf`
 */
export function applicationFault(thrown: unknown, where: string): unknown {
  if (thrown instanceof HttpException || isCognitoError(thrown)) return thrown;
  logger.error(`A function of the application failed: ${where}`, thrown instanceof Error ? thrown.stack : undefined);
  return new CognitoError('COGNITO_UNEXPECTED', { detail: `The function of ${where} failed.`, cause: thrown });
}
