import type { UserPoolClient } from './user-pool-client.js';

/** Sets a new password for users who forgot theirs. */
export class RecoveryService {
  /** @internal Built by {@link CognitoService}. */
  constructor(_client: UserPoolClient) {}
}
