import { type DynamicModule, Inject, Module, type OnModuleInit, type Provider } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { LocalUsers } from '../access/local-users.js';
import { CognitoError } from '../errors/cognito.error.js';
import { RESOLVED_POOLS, type ResolvedPool } from '../options/resolved-pool.js';
import { RESOLVED_SECRETS, type ResolvedSecrets } from '../options/secrets.options.js';
import { noteResponses } from '../request/response-of.js';
import { Sealer } from '../sealing/sealer.js';
import { CognitoSessionService } from '../session/cognito-session.service.js';
import { CognitoTokenVerifier } from '../tokens/token-verifier.service.js';
import { CognitoOAuthService, type SessionKeeper } from './cognito-oauth.service.js';
import { faultOfRedirectUri, faultOfTarget, OAUTH_ROUTES, type OAuthRoutes, routesOf } from './oauth-routes.js';
import { callbackController, oauthController } from './oauth.controllers.js';
import {
  type CognitoOAuthModuleExtras,
  invalidOAuthOptions,
  type OAuthAsyncOptions,
  type OAuthOptions,
  type OAuthOptionsFactory,
  RESOLVED_OAUTH_OPTIONS,
  type ResolvedOAuthOptions,
  resolveOAuthOptions,
} from './oauth.options.js';

/** Token of the options as they were written; a test overrides this provider. */
export const OAUTH_OPTIONS = Symbol.for('nest-cognito:oauth-options');

/**
 * Sign-in at Cognito's own pages: `GET /oauth/login`, the callback, `POST /oauth/logout`.
 *
 * ```ts
 * CognitoOAuthModule.forRoot({ redirectUri: 'https://app.example.com/oauth/callback', errorRedirect: '/sign-in' })
 * ```
 *
 * Needs {@link CognitoModule} with a `domain`, and either `CognitoSessionModule` or `onSuccess`. Import it once for each pool.
 * Provides {@link CognitoOAuthService}.
 */
@Module({})
export class CognitoOAuthModule implements OnModuleInit {
  /** @internal Built by Nest. */
  constructor(
    @Inject(RESOLVED_OAUTH_OPTIONS) private readonly options: ResolvedOAuthOptions,
    @Inject(OAUTH_ROUTES) private readonly routes: OAuthRoutes,
    @Inject(CognitoOAuthService) private readonly oauth: CognitoOAuthService,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
  ) {}

  /**
   * Sets the module up with options that are known now.
   *
   * @param options see {@link OAuthOptions}; checked when the application starts
   */
  static forRoot(options: OAuthOptions & CognitoOAuthModuleExtras): DynamicModule {
    const { path, callbackPath, proxyPath, isGlobal, ...written } = options;
    return dynamicModule(
      { path, callbackPath, proxyPath, isGlobal },
      [{ provide: OAUTH_OPTIONS, useValue: written }],
      [],
    );
  }

  /**
   * Sets the module up with options that other providers make. Where the routes are has to be known here.
   *
   * @param options `useFactory` with `inject`, or `useClass` / `useExisting` with an {@link OAuthOptionsFactory}
   */
  static forRootAsync(options: OAuthAsyncOptions): DynamicModule {
    return dynamicModule(options, optionsProviders(options), options.imports ?? []);
  }

  /**
   * Finds who keeps the sessions, and refuses a set-up in which a sign-in could not end well.
   *
   * @throws {@link CognitoError} `COGNITO_OPTIONS_INVALID`
   */
  onModuleInit(): void {
    const application: unknown = this.adapterHost.httpAdapter?.getInstance();
    const sessions = this.#findSessions();
    this.oauth.meet(sessions, (pool) => this.#services().find(({ poolName }) => poolName === pool));
    if (sessions === undefined && this.options.onSuccess === undefined) {
      throw invalidOAuthOptions(['onSuccess: is missing; without CognitoSessionModule nobody would keep the tokens']);
    }
    // An application context without a server has no routes.
    if (application === undefined) return;
    noteResponses(application);
    if (this.#sharesRoutes()) throw invalidOAuthOptions(['path: another import of this module has it']);
    const fault = faultOfRedirectUri(this.options.redirectUri, this.routes, application);
    if (fault !== undefined) throw invalidOAuthOptions([`redirectUri: ${fault}`]);
    this.#assertEndsSomewhere();
  }

  #assertEndsSomewhere(): void {
    for (const key of ['successRedirect', 'errorRedirect'] as const) {
      const target = this.options[key];
      const fault = target === undefined ? undefined : faultOfTarget(target, this.options.redirectUri, this.routes);
      if (fault !== undefined) throw invalidOAuthOptions([`${key}: ${fault}`]);
    }
  }

  /** Those of every import of this module, one for each pool. */
  #services(): CognitoOAuthService[] {
    return [...this.modules.values()].flatMap(({ providers }) => {
      const instance: unknown = providers.get(CognitoOAuthService)?.instance;
      return instance instanceof CognitoOAuthService ? [instance] : [];
    });
  }

  /** The router would give every request to one of the two. */
  #sharesRoutes(): boolean {
    const { path, callbackPath } = this.routes;
    return [...this.modules.values()].some(({ providers }) => {
      const other = providers.get(OAUTH_ROUTES)?.instance as OAuthRoutes | undefined;
      if (other === undefined || other === this.routes) return false;
      return other.path === path || other.callbackPath === callbackPath;
    });
  }

  #findSessions(): SessionKeeper | undefined {
    try {
      return this.moduleRef.get(CognitoSessionService, { strict: false });
    } catch {
      return undefined;
    }
  }
}

function dynamicModule(
  extras: CognitoOAuthModuleExtras,
  optionsOf: Provider[],
  imports: NonNullable<OAuthAsyncOptions['imports']>,
): DynamicModule {
  const routes = routesOf(extras);
  return {
    module: CognitoOAuthModule,
    global: extras.isGlobal ?? true,
    imports,
    controllers: [oauthController(routes), callbackController(routes)],
    providers: [...optionsOf, { provide: OAUTH_ROUTES, useValue: routes }, ...providers],
    exports: [CognitoOAuthService],
  };
}

function optionsProviders(options: OAuthAsyncOptions): Provider[] {
  const { useFactory, useClass, useExisting, inject } = options;
  if (useFactory !== undefined) return [{ provide: OAUTH_OPTIONS, useFactory, inject: inject ?? [] }];
  const factory = useExisting ?? useClass;
  if (factory === undefined) {
    throw new CognitoError('COGNITO_OPTIONS_INVALID', {
      detail: 'CognitoOAuthModule.forRootAsync needs `useFactory`, `useClass` or `useExisting`.',
    });
  }
  const fromFactory: Provider = {
    provide: OAUTH_OPTIONS,
    useFactory: (made: OAuthOptionsFactory) => made.createOAuthOptions(),
    inject: [factory],
  };
  return useExisting === undefined ? [{ provide: factory, useClass: factory }, fromFactory] : [fromFactory];
}

const providers: Provider[] = [
  {
    provide: RESOLVED_OAUTH_OPTIONS,
    useFactory: (written: OAuthOptions, pools: readonly ResolvedPool[]) => resolveOAuthOptions(written, pools),
    inject: [OAUTH_OPTIONS, RESOLVED_POOLS],
  },
  {
    provide: CognitoOAuthService,
    useFactory: (
      options: ResolvedOAuthOptions,
      verifier: CognitoTokenVerifier,
      localUsers: LocalUsers,
      secrets: ResolvedSecrets,
    ) => {
      // Every sign-in is sealed: an application that cannot do that does not start.
      secrets.read();
      return new CognitoOAuthService(options, verifier, localUsers, new Sealer(secrets.read));
    },
    inject: [RESOLVED_OAUTH_OPTIONS, CognitoTokenVerifier, LocalUsers, RESOLVED_SECRETS],
  },
];
