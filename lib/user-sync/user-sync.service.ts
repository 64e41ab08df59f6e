import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { LocalUsers } from '../access/local-users.js';
import type { CognitoPrincipal } from '../access/principal.js';
import { CognitoError } from '../errors/cognito.error.js';
import { CognitoService } from '../user-pool/cognito.service.js';
import type { ResolvedUserSyncOptions } from './user-sync.options.js';

/** Keeps one row of the application's database for each user of the pool. */
@Injectable()
export class UserSyncService extends LocalUsers implements OnModuleInit {
  /** @internal Built by the module. */
  constructor(
    protected readonly options: ResolvedUserSyncOptions | undefined,
    protected readonly cognito: CognitoService,
    protected readonly moduleRef: ModuleRef,
    protected readonly poolNames: readonly string[],
  ) {
    super();
  }

  async onModuleInit(): Promise<void> {}

  /** The local row of a principal. */
  getOrCreate<T extends object = object>(_principal: CognitoPrincipal, _request?: unknown): Promise<T> {
    return Promise.reject(new CognitoError('COGNITO_USER_SYNC_NOT_CONFIGURED'));
  }

  override async resolve(principal: CognitoPrincipal, request: unknown): Promise<object | undefined> {
    return this.options === undefined ? undefined : this.getOrCreate(principal, request);
  }
}
