import type { AccountDetails } from './account-details.js';
import { toUserContextData } from './context-data.js';
import { secretHashFor } from './secret-hash.js';
import type { UserPoolClient } from './user-pool-client.js';

/**
 * What every call says that names a user and shows no token. The secret hash is over the very name that is sent.
 *
 * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` for an address in `userContext` that is none
 */
export function accountCall({ pool }: UserPoolClient, input: AccountDetails & { readonly username: string }) {
  const { username, clientMetadata, userContext } = input;
  return {
    ClientId: pool.clientId,
    SecretHash: secretHashFor(pool, username),
    Username: username,
    ClientMetadata: clientMetadata,
    UserContextData: toUserContextData(userContext),
  };
}
