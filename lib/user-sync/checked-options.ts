import { CognitoError } from '../errors/cognito.error.js';
import { type ResolvedUserSyncOptions, resolveUserSyncOptions, type UserSyncOptions } from './user-sync.options.js';
import { userSyncOptionsShape } from './user-sync-schema.js';

/**
 * Checks options that come to this room without the module around them, and fills in their defaults.
 *
 * @throws {@link CognitoError} `COGNITO_OPTIONS_INVALID`: every bad key and its mend
 */
export function checkedUserSyncOptions(written: UserSyncOptions): ResolvedUserSyncOptions {
  const { error } = userSyncOptionsShape.userSync.safeParse(written);
  const resolved = error === undefined ? resolveUserSyncOptions(written) : undefined;
  if (resolved !== undefined) return resolved;
  const faults = (error?.issues ?? []).map(({ path, message }) => `  userSync.${path.join('.')}: ${message}`);
  throw new CognitoError('COGNITO_OPTIONS_INVALID', { detail: `The options are not valid:\n${faults.join('\n')}` });
}
