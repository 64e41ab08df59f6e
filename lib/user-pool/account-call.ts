import { secretHashFor } from './secret-hash.js';
import { toUserContextData, type UserContext } from './user-context.js';
import type { UserPoolClient } from './user-pool-client.js';

/** What may accompany any call about an account that nobody is signed in to. */
export interface AccountDetails {
  /** Handed to the pool's Lambda triggers. */
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
  /** Where the user comes from, for threat protection. */
  readonly userContext?: UserContext | undefined;
}

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
