import type { UserPoolClient } from './user-pool-client.js';

/** The passkeys of a signed-in user. */
export class PasskeysService {
  /** @internal Built by {@link CognitoService}. */
  constructor(_client: UserPoolClient) {}
}
