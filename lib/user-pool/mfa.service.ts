import type { UserPoolClient } from './user-pool-client.js';

/** The second factors of a signed-in user. */
export class MfaService {
  /** @internal Built by {@link CognitoService}. */
  constructor(_client: UserPoolClient) {}
}
