import type { ModuleRef } from '@nestjs/core';
import { CognitoError } from '../errors/cognito.error.js';
import type { CognitoService } from '../user-pool/cognito.service.js';
import type { ResolvedUserSyncOptions } from './user-sync.options.js';
import { UserSyncService } from './user-sync.service.js';

/**
 * Builds the service, or the application's own subclass of it.
 *
 * @throws {@link CognitoError} `COGNITO_USER_SYNC_INVALID` for a class that is no subclass
 */
export function userSyncServiceOf(
  options: ResolvedUserSyncOptions | undefined,
  cognito: CognitoService,
  moduleRef: ModuleRef,
  poolNames: readonly string[],
): UserSyncService {
  const Chosen = options?.service ?? UserSyncService;
  if (isService(Chosen)) return new Chosen(options, cognito, moduleRef, poolNames);
  const detail = `userSync: \`service\` (${Chosen.name}) has to extend UserSyncService.`;
  throw new CognitoError('COGNITO_USER_SYNC_INVALID', { detail });
}

function isService(candidate: unknown): candidate is typeof UserSyncService {
  return candidate === UserSyncService || Object.prototype.isPrototypeOf.call(UserSyncService, candidate as object);
}
