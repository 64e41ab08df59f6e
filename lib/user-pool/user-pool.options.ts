import { z } from 'zod';

/** The part of an AWS SDK client that is called: `CognitoIdentityProviderClient` fits. */
export interface CognitoSdkClient {
  send(command: never): Promise<unknown>;
  destroy?(): void;
}

/** How the user pool's API is called. */
export interface UserPoolOptions {
  /**
   * A `CognitoIdentityProviderClient` of your own, used as it is for every call to the default pool. Default: two clients made
   * on first use, one that retries and one that does not.
   */
  client?: CognitoSdkClient | undefined;
}

/** The shape of {@link UserPoolOptions}. */
export const userPoolOptionsShape = {
  client: z
    .custom<CognitoSdkClient>(hasSend, 'has to be a CognitoIdentityProviderClient, an object with a method `send`')
    .optional(),
};

function hasSend(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'send' in value && typeof value.send === 'function';
}
