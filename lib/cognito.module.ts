import {
  type DynamicModule,
  Inject,
  Module,
  type OnModuleDestroy,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common';
import {
  APP_FILTER,
  APP_GUARD,
  ExternalContextCreator,
  HttpAdapterHost,
  ModuleRef,
  ModulesContainer,
} from '@nestjs/core';
import { ACCESS_OPTIONS } from './access/access.options.js';
import { CognitoAuthenticator } from './access/authenticator.service.js';
import { assertAccessRules } from './access/boot-scan.js';
import { CognitoAuthGuard } from './access/cognito-auth.guard.js';
import { CognitoStrategy } from './access/cognito.strategy.js';
import { CredentialKeepers } from './access/credential-keepers.js';
import { LocalUsers } from './access/local-users.js';
import { RequestForgeryCheck } from './access/request-forgery-check.js';
import {
  type CognitoAsyncOptions,
  type CognitoModuleExtras,
  type CognitoOptions,
  type CognitoOptionsFactory,
  type ResolvedCognitoOptions,
  resolveCognitoOptions,
} from './cognito.options.js';
import { CognitoError } from './errors/cognito.error.js';
import { CognitoExceptionFilter } from './errors/cognito-exception.filter.js';
import { RESOLVED_POOLS } from './options/resolved-pool.js';
import { RESOLVED_SECRETS } from './options/secrets.options.js';
import { LiveSessions } from './tokens/live-sessions.js';
import { CognitoTokenVerifier } from './tokens/token-verifier.service.js';
import { CognitoService } from './user-pool/cognito.service.js';
import { LiveSessionCheck } from './user-pool/live-session-check.js';
import { UserPools } from './user-pool/user-pools.js';
import { userSyncServiceOf } from './user-sync/chosen-service.js';
import { UserSyncService } from './user-sync/user-sync.service.js';

/** Token of the options as they were written; a test overrides this provider to point the module at another pool. */
export const COGNITO_OPTIONS = Symbol.for('nest-cognito:options');

/** Token of the options as the rooms read them. */
const RESOLVED_OPTIONS = Symbol.for('nest-cognito:resolved-options');

/**
 * Makes an AWS Cognito user pool the user system of a Nest application.
 *
 * ```ts
 * @Module({ imports: [CognitoModule.forRoot({ userPoolId: 'eu-west-1_AbCdEfGhI', clientId: '1example23456789' })] })
 * export class AppModule {}
 * ```
 *
 * Provides {@link CognitoService}, {@link CognitoAuthGuard}, the Passport strategy `cognito`, {@link UserSyncService} and
 * {@link CognitoAuthenticator}.
 */
@Module({})
export class CognitoModule implements OnModuleInit, OnModuleDestroy {
  /** @internal Built by Nest. */
  constructor(
    private readonly modules: ModulesContainer,
    private readonly contexts: ExternalContextCreator,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedCognitoOptions,
    @Inject(UserPools) private readonly pools: UserPools,
  ) {}

  /**
   * Sets the module up with options that are known now.
   *
   * @param options see {@link CognitoOptions}; checked when the application starts, not here, so that a test can override
   * {@link COGNITO_OPTIONS}
   */
  static forRoot(options: CognitoOptions & CognitoModuleExtras): DynamicModule {
    const { isGlobal, ...written } = options;
    return dynamicModule(isGlobal, [{ provide: COGNITO_OPTIONS, useValue: written }], []);
  }

  /**
   * Sets the module up with options that other providers make, a ConfigService for instance.
   *
   * @param options `useFactory` with `inject`, or `useClass` / `useExisting` with a {@link CognitoOptionsFactory}
   */
  static forRootAsync(options: CognitoAsyncOptions): DynamicModule {
    return dynamicModule(options.isGlobal, optionsProviders(options), options.imports ?? []);
  }

  /**
   * Refuses a second set-up in one application, for two sets of guards and strategies would judge each other's requests; and
   * access rules that do not hold.
   */
  onModuleInit(): void {
    const setUps = [...this.modules.values()].filter(({ providers }) => providers.has(COGNITO_OPTIONS));
    if (setUps.length > 1) {
      throw new CognitoError('COGNITO_MODULE_DUPLICATE', {
        detail: 'CognitoModule.forRoot is imported twice in one application; write further pools under `pools`.',
      });
    }
    assertAccessRules({
      modules: this.modules,
      contexts: this.contexts,
      pools: this.options.pools.map(({ name }) => name),
      globalGuard: this.options.access.globalGuard,
    });
  }

  /** Closes the connections to AWS. */
  async onModuleDestroy(): Promise<void> {
    await this.pools.close();
  }
}

function dynamicModule(
  isGlobal: boolean | undefined,
  optionsOf: Provider[],
  imports: NonNullable<CognitoAsyncOptions['imports']>,
): DynamicModule {
  return {
    module: CognitoModule,
    global: isGlobal ?? true,
    imports,
    providers: [...optionsOf, ...providers],
    exports: [
      ACCESS_OPTIONS,
      RESOLVED_POOLS,
      RESOLVED_SECRETS,
      CognitoService,
      CognitoAuthGuard,
      CognitoAuthenticator,
      CognitoTokenVerifier,
      CredentialKeepers,
      LiveSessions,
      LocalUsers,
      RequestForgeryCheck,
      UserSyncService,
    ],
  };
}

function optionsProviders(options: CognitoAsyncOptions): Provider[] {
  const { useFactory, useClass, useExisting, inject } = options;
  if (useFactory !== undefined) return [{ provide: COGNITO_OPTIONS, useFactory, inject: inject ?? [] }];
  const factory = useExisting ?? useClass;
  if (factory === undefined) {
    throw new CognitoError('COGNITO_OPTIONS_INVALID', {
      detail: 'CognitoModule.forRootAsync needs `useFactory`, `useClass` or `useExisting`.',
    });
  }
  const fromFactory: Provider = {
    provide: COGNITO_OPTIONS,
    useFactory: (made: CognitoOptionsFactory) => made.createCognitoOptions(),
    inject: [factory],
  };
  return useExisting === undefined ? [{ provide: factory, useClass: factory }, fromFactory] : [fromFactory];
}

const providers: Provider[] = [
  {
    provide: RESOLVED_OPTIONS,
    useFactory: (written: CognitoOptions) => resolveCognitoOptions(written),
    inject: [COGNITO_OPTIONS],
  },
  {
    provide: CognitoTokenVerifier,
    useFactory: ({ pools, tokens }: ResolvedCognitoOptions) => new CognitoTokenVerifier(pools, tokens),
    inject: [RESOLVED_OPTIONS],
  },
  {
    provide: RESOLVED_POOLS,
    useFactory: ({ pools }: ResolvedCognitoOptions) => pools,
    inject: [RESOLVED_OPTIONS],
  },
  {
    provide: RESOLVED_SECRETS,
    useFactory: ({ secrets }: ResolvedCognitoOptions) => secrets,
    inject: [RESOLVED_OPTIONS],
  },
  {
    provide: ACCESS_OPTIONS,
    useFactory: ({ access }: ResolvedCognitoOptions) => access,
    inject: [RESOLVED_OPTIONS],
  },
  {
    provide: CognitoAuthenticator,
    useFactory: (
      { access, tokens }: ResolvedCognitoOptions,
      verifier: CognitoTokenVerifier,
      keepers: CredentialKeepers,
      forgery: RequestForgeryCheck,
    ) => new CognitoAuthenticator(access, verifier, tokens.tokenUse, keepers, forgery),
    inject: [RESOLVED_OPTIONS, CognitoTokenVerifier, CredentialKeepers, RequestForgeryCheck],
  },
  {
    provide: RequestForgeryCheck,
    useFactory: ({ access }: ResolvedCognitoOptions) => new RequestForgeryCheck(access.allowedOrigins),
    inject: [RESOLVED_OPTIONS],
  },
  { provide: CredentialKeepers, useFactory: () => new CredentialKeepers() },
  {
    provide: UserPools,
    useFactory: (
      { pools, credentials, poolCredentials, client, secrets, attributes, calls }: ResolvedCognitoOptions,
      verifier: CognitoTokenVerifier,
    ) => new UserPools(pools, { credentials, poolCredentials, client, secrets, attributes, ...calls }, verifier),
    inject: [RESOLVED_OPTIONS, CognitoTokenVerifier],
  },
  { provide: CognitoService, useFactory: (pools: UserPools) => pools.main, inject: [UserPools] },
  {
    provide: LiveSessions,
    useFactory: ({ liveSessionCacheTtl }: ResolvedCognitoOptions, cognito: CognitoService) =>
      new LiveSessionCheck(cognito, liveSessionCacheTtl),
    inject: [RESOLVED_OPTIONS, CognitoService],
  },
  {
    provide: UserSyncService,
    useFactory: ({ userSync, pools }: ResolvedCognitoOptions, cognito: CognitoService, moduleRef: ModuleRef) =>
      userSyncServiceOf(
        userSync,
        cognito,
        moduleRef,
        pools.map(({ name }) => name),
      ),
    inject: [RESOLVED_OPTIONS, CognitoService, ModuleRef],
  },
  { provide: LocalUsers, useExisting: UserSyncService },
  CognitoAuthGuard,
  CognitoStrategy,
  {
    provide: APP_GUARD,
    // Decided here and not when the module is defined, so that `globalGuard` may come from forRootAsync.
    useFactory: ({ access }: ResolvedCognitoOptions, guard: CognitoAuthGuard) =>
      access.globalGuard ? guard : { canActivate: () => true },
    inject: [RESOLVED_OPTIONS, CognitoAuthGuard],
  },
  {
    provide: APP_FILTER,
    useFactory: (adapterHost: HttpAdapterHost) => new CognitoExceptionFilter(adapterHost),
    inject: [HttpAdapterHost],
  },
];
