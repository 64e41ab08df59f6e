import type { Pool } from '../state/pool.js';
import { descriptionOperations } from './descriptions.js';
import { deviceOperations } from './devices.js';
import { groupOperations } from './groups.js';
import { linkedProviderOperations } from './linked-providers.js';
import { mfaOperations } from './mfa.js';
import type { Operations } from './operation.js';
import { passkeyOperations } from './passkeys.js';
import { profileOperations } from './profile.js';
import { recoveryOperations } from './recovery.js';
import { signInOperations } from './sign-in.js';
import { signUpOperations } from './sign-up.js';
import { tokenOperations } from './tokens.js';
import { userSessionOperations } from './user-sessions.js';
import { userOperations } from './users.js';

/** Every operation that the pool knows. */
export function operationsOf(pool: Pool): Operations {
  return {
    ...signInOperations(pool),
    ...tokenOperations(pool),
    ...signUpOperations(pool),
    ...recoveryOperations(pool),
    ...profileOperations(pool),
    ...mfaOperations(pool),
    ...deviceOperations(pool),
    ...passkeyOperations(pool),
    ...userOperations(pool),
    ...groupOperations(pool),
    ...linkedProviderOperations(pool),
    ...userSessionOperations(pool),
    ...descriptionOperations(pool),
  };
}
