import type { CognitoError } from './cognito.error.js';
import { toHttpException } from './http-exception.js';

/** How an error is told on one kind of transport. */
export type ErrorForm = (error: CognitoError) => Error;

/**
 * By the type of Nest's execution context. The map belongs to the process and not to an application: a form knows nothing of
 * the application that it is used in.
 */
const forms = new Map<string, ErrorForm>([['http', toHttpException]]);

/** Teaches the package to refuse on a further transport; its room does so when its module is set up. */
export function addErrorForm(type: string, form: ErrorForm): void {
  forms.set(type, form);
}

/**
 * How an error is told in a context of this type.
 *
 * @returns undefined for a transport whose room the application has not imported
 */
export function errorFormOf(type: string): ErrorForm | undefined {
  return forms.get(type);
}
