import {
  type DynamicModule,
  Inject,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type OnModuleInit,
  type Provider,
  type Type,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { CognitoError } from '../errors/cognito.error.js';
import { noteResponses } from '../request/response-of.js';
import { CognitoSessionService } from '../session/cognito-session.service.js';
import { CognitoService } from '../user-pool/cognito.service.js';
import { CognitoAttemptLimiter } from './attempt-limiter.js';
import { AUTH_API_PARTS, authApiController } from './auth-api.controller.js';
import {
  type CognitoAuthApiAsyncOptions,
  type CognitoAuthApiModuleExtras,
  type CognitoAuthApiOptions,
  type CognitoAuthApiOptionsFactory,
  type ResolvedAuthApiOptions,
  resolveAuthApiOptions,
} from './auth-api.options.js';
import type { AuthApiRoutes } from './auth-api.routes.js';
import { describeForSwagger } from './swagger.js';
import type { AuthApiParts } from './sign-in-desk.js';

/** Token of the options as they were written; a test overrides this provider. */
export const COGNITO_AUTH_API_OPTIONS = Symbol.for('nest-cognito:auth-api-options');

/** Token of the options as the room reads them. */
const RESOLVED_AUTH_API_OPTIONS = Symbol.for('nest-cognito:resolved-auth-api-options');

/** Token of the controller of a set-up. */
const CONTROLLER = Symbol.for('nest-cognito:auth-api-controller');

/** Token of the promise that the endpoints are described. */
const DESCRIPTION = Symbol.for('nest-cognito:auth-api-description');

/**
 * Ready-made JSON endpoints below `/auth`: login, challenge, refresh, logout, signup, confirm-signup, resend, forgot-password,
 * confirm-forgot-password, csrf and me.
 *
 * ```ts
 * @Module({
 *   imports: [CognitoModule.forRoot({ userPoolId, clientId, secrets }), CognitoSessionModule.forRoot(), CognitoAuthApiModule.forRoot()],
 * })
 * export class AppModule {}
 * ```
 *
 * Needs `CognitoModule`, and `CognitoSessionModule` unless `tokens` is `body`. Provides {@link CognitoAttemptLimiter}.
 */
@Module({})
export class CognitoAuthApiModule implements NestModule, OnModuleInit {
  /** @internal Built by Nest. */
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @Inject(CONTROLLER) private readonly controller: Type<AuthApiRoutes>,
  ) {}

  /** Sets the module up with options that are known now; they are checked when the application starts. */
  static forRoot(options: CognitoAuthApiOptions & CognitoAuthApiModuleExtras = {}): DynamicModule {
    const { path, aliases, ...written } = options;
    return dynamicModule({ path, aliases }, [{ provide: COGNITO_AUTH_API_OPTIONS, useValue: written }], []);
  }

  /** Sets the module up with options that other providers make; `path` and `aliases` are given here. */
  static forRootAsync(options: CognitoAuthApiAsyncOptions): DynamicModule {
    const { path, aliases, imports } = options;
    return dynamicModule({ path, aliases }, optionsProviders(options), imports ?? []);
  }

  /** No answer of these endpoints is anybody's to keep, a refusal by a guard included. */
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(keepNothing).forRoutes(this.controller);
  }

  /** Lets sessions find the answer to a request. */
  onModuleInit(): void {
    noteResponses(this.adapterHost.httpAdapter?.getInstance());
  }
}

/** On Fastify this is Node's own answer; what is set there is sent, too. */
function keepNothing(
  _request: unknown,
  response: { setHeader(name: string, value: string): unknown },
  next: () => void,
): void {
  response.setHeader('Cache-Control', 'no-store');
  next();
}

function dynamicModule(
  { path = 'auth', aliases = false }: CognitoAuthApiModuleExtras,
  optionsOf: Provider[],
  imports: NonNullable<CognitoAuthApiAsyncOptions['imports']>,
): DynamicModule {
  const controller = authApiController(path, aliases);
  return {
    module: CognitoAuthApiModule,
    imports,
    controllers: [controller],
    providers: [...optionsOf, ...providers, { provide: CONTROLLER, useValue: controller }],
    exports: [CognitoAttemptLimiter],
  };
}

function optionsProviders(options: CognitoAuthApiAsyncOptions): Provider[] {
  const { useFactory, useClass, useExisting, inject } = options;
  if (useFactory !== undefined) return [{ provide: COGNITO_AUTH_API_OPTIONS, useFactory, inject: inject ?? [] }];
  const factory = useExisting ?? useClass;
  if (factory === undefined) {
    throw new CognitoError('COGNITO_OPTIONS_INVALID', {
      detail: 'CognitoAuthApiModule.forRootAsync needs `useFactory`, `useClass` or `useExisting`.',
    });
  }
  const fromFactory: Provider = {
    provide: COGNITO_AUTH_API_OPTIONS,
    useFactory: (made: CognitoAuthApiOptionsFactory) => made.createCognitoAuthApiOptions(),
    inject: [factory],
  };
  return useExisting === undefined ? [{ provide: factory, useClass: factory }, fromFactory] : [fromFactory];
}

const providers: Provider[] = [
  {
    provide: RESOLVED_AUTH_API_OPTIONS,
    useFactory: (written: CognitoAuthApiOptions) => resolveAuthApiOptions(written),
    inject: [COGNITO_AUTH_API_OPTIONS],
  },
  {
    provide: CognitoAttemptLimiter,
    useFactory: ({ limiter }: ResolvedAuthApiOptions) => new CognitoAttemptLimiter(limiter),
    inject: [RESOLVED_AUTH_API_OPTIONS],
  },
  {
    provide: AUTH_API_PARTS,
    useFactory: partsOf,
    inject: [
      RESOLVED_AUTH_API_OPTIONS,
      CognitoService,
      CognitoAttemptLimiter,
      { token: CognitoSessionService, optional: true },
    ],
  },
  {
    provide: DESCRIPTION,
    // Waited for before the application is there, so that a document that is made of it right away is whole.
    useFactory: (controller: Type<AuthApiRoutes>) => describeForSwagger(controller),
    inject: [CONTROLLER],
  },
];

function partsOf(
  options: ResolvedAuthApiOptions,
  cognito: CognitoService,
  limiter: CognitoAttemptLimiter,
  sessions: CognitoSessionService | undefined,
): AuthApiParts {
  if (options.tokens === 'cookie' && sessions === undefined) {
    throw new CognitoError('COGNITO_OPTIONS_INVALID', {
      detail: "CognitoAuthApiModule: import CognitoSessionModule, or write tokens: 'body'.",
    });
  }
  return {
    options,
    limiter,
    cognito: cognito.pool(options.pool),
    sessions: options.tokens === 'cookie' ? sessions : undefined,
  };
}
