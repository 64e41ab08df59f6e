import { z } from 'zod';
import { type AttributeMapping, faultsOfMapping } from './attribute-mapping.js';

/** The part of an AWS SDK client that is called: `CognitoIdentityProviderClient` fits. */
export interface CognitoSdkClient {
  send(command: never): Promise<unknown>;
  destroy?(): void;
}

/**
 * How tokens are renewed. `GetTokensFromRefreshToken` works with and without rotation and takes the client's secret as it is;
 * `REFRESH_TOKEN_AUTH` is the older flow of InitiateAuth, refused by clients that rotate, for servers that know no other.
 */
export type RefreshFlow = 'GetTokensFromRefreshToken' | 'REFRESH_TOKEN_AUTH';

/** How the user pool's API is called. */
export interface UserPoolOptions {
  /**
   * A `CognitoIdentityProviderClient` of your own, used as it is for every call to the default pool; what must not be carried out
   * twice is sent once, whatever its retry strategy says. Default: one that is made on first use and tries up to three times.
   */
  client?: CognitoSdkClient | undefined;
  /** Milliseconds until an answer of the API is given up; not for a `client` of your own. Default 15000, at most 300000. */
  requestTimeout?: number | undefined;
  /** How `refresh` renews tokens, for every pool. Default `GetTokensFromRefreshToken`. */
  refreshFlow?: RefreshFlow | undefined;
  /**
   * Seconds for which a `GetUser` of `@RequireLiveSession()` is remembered: a session that was ended passes for at most this
   * long. 0 asks with every request. Default 5, at most 300.
   */
  liveSessionCacheTtl?: number | undefined;
  /**
   * The application's own names and types for attributes, for every pool: `{ given_name: 'firstName' }`, or
   * `{ 'custom:age': { property: 'age', type: 'number' } }`. Default: Cognito's names, all text but the two `..._verified`.
   */
  attributeMapping?: AttributeMapping | undefined;
}

const mappedAttribute = z.strictObject({
  property: z.string(),
  type: z.enum(['string', 'number', 'boolean']).optional(),
});

const mappedTo = "has to be a name of your own, or { property, type } with the type 'string', 'number' or 'boolean'";

const requestTimeout = 'is a whole number of milliseconds above 0, at most 300000';
const refreshFlow = "is 'GetTokensFromRefreshToken' or 'REFRESH_TOKEN_AUTH'";
const liveTtl = 'is a number of seconds from 0 to 300';

/** The shape of {@link UserPoolOptions}. */
export const userPoolOptionsShape = {
  client: z
    .custom<CognitoSdkClient>(hasSend, 'has to be a CognitoIdentityProviderClient, an object with a method `send`')
    .optional(),
  requestTimeout: z.int({ error: requestTimeout }).positive(requestTimeout).max(300_000, requestTimeout).optional(),
  refreshFlow: z.enum(['GetTokensFromRefreshToken', 'REFRESH_TOKEN_AUTH'], { error: refreshFlow }).optional(),
  liveSessionCacheTtl: z.number({ error: liveTtl }).min(0, liveTtl).max(300, liveTtl).optional(),
  attributeMapping: z
    .record(z.string(), z.union([z.string(), mappedAttribute], { error: mappedTo }))
    .superRefine((mapping, context) => {
      for (const { attribute, mend } of faultsOfMapping(mapping)) {
        context.addIssue({ code: 'custom', path: [attribute], message: mend });
      }
    })
    .optional(),
};

function hasSend(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'send' in value && typeof value.send === 'function';
}
