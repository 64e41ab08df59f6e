import type { UserPoolClient } from './user-pool-client.js';

/** The devices that a signed-in user has signed in with. */
export class DevicesService {
  /** @internal Built by {@link CognitoService}. */
  constructor(_client: UserPoolClient) {}
}
