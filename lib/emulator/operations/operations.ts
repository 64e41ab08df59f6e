import type { Pool } from '../state/pool.js';
import type { Operations } from './operation.js';
import { profileOperations } from './profile.js';
import { signInOperations } from './sign-in.js';
import { signUpOperations } from './sign-up.js';
import { tokenOperations } from './tokens.js';
import { userOperations } from './users.js';

/** Every operation that the pool knows. */
export function operationsOf(pool: Pool): Operations {
  return {
    ...signInOperations(pool),
    ...signUpOperations(pool),
    ...profileOperations(pool),
    ...tokenOperations(pool),
    ...userOperations(pool),
  };
}
