import type { UserPoolClient } from './user-pool-client.js';

/** The groups of the pool. Every call is signed with AWS credentials. */
export class GroupsService {
  /** @internal Built by {@link CognitoService}. */
  constructor(_client: UserPoolClient) {}
}
