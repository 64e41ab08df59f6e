import { z } from 'zod';
import { invalidOAuthOptions, type TokenEndpointOptions, tokenEndpointShape } from './oauth.options.js';

/** The options of {@link CognitoMachineTokensModule}. All are optional. */
export interface MachineTokensOptions extends TokenEndpointOptions {
  /** Seconds before its expiry at which a token is replaced; at most half of its life. Default 60. */
  leeway?: number | undefined;
  /** Whether {@link CognitoMachineTokens} is there in every module of the application. Default true. */
  isGlobal?: boolean | undefined;
}

/** {@link MachineTokensOptions} as the room reads them. */
export interface ResolvedMachineTokensOptions {
  /** Milliseconds. */
  readonly leeway: number;
  readonly endpoint: TokenEndpointOptions;
}

const schema = z.strictObject({
  ...tokenEndpointShape,
  leeway: z.number({ error: 'is a number of seconds' }).min(0, 'is 0 or more').optional(),
  isGlobal: z.boolean().optional(),
});

/** Checks the options. @throws {@link CognitoError} `COGNITO_OPTIONS_INVALID` */
export function resolveMachineTokensOptions(written: MachineTokensOptions): ResolvedMachineTokensOptions {
  const parsed = schema.safeParse(written);
  if (!parsed.success) {
    throw invalidOAuthOptions(
      parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'options'}: ${message}`),
    );
  }
  const { leeway = 60, tokenUrl, clientAuthentication, requestTimeout } = written;
  return Object.freeze({ leeway: leeway * 1000, endpoint: { tokenUrl, clientAuthentication, requestTimeout } });
}
