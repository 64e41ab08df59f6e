import type { NowOrLater } from './after.js';
import type { CognitoPrincipal } from './principal.js';

/** Finds the application's own user for a principal. The user-sync room fills this port. */
export abstract class LocalUsers {
  /**
   * Finds the local user of whoever signed in.
   *
   * @param principal who signed in; never called for machines
   * @param request the request that carries the token
   * @returns the local user; undefined, at once, when the application keeps none
   * @throws `COGNITO_USER_UNKNOWN`, `COGNITO_USER_INACTIVE` (403), `COGNITO_USER_STORE_UNAVAILABLE` (503)
   */
  abstract resolve(principal: CognitoPrincipal, request: unknown): NowOrLater<object | undefined>;
}
