import type { CognitoError } from 'nest-cognito';
import type { Alert } from './answer.js';
import type { Html } from './html.js';

/** What a page may say about an error of the library. */
export function alertFor(error: CognitoError, help?: Html): Alert {
  return { code: error.code, message: error.publicMessage, help };
}
