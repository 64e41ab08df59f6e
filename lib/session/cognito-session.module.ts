import { type DynamicModule, Inject, Logger, Module, type OnModuleInit, type Provider } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { CredentialKeepers } from '../access/credential-keepers.js';
import { RequestForgeryCheck } from '../access/request-forgery-check.js';
import { CognitoError } from '../errors/cognito.error.js';
import { RESOLVED_SECRETS, type ResolvedSecrets } from '../options/secrets.options.js';
import { noteResponses } from '../request/response-of.js';
import { Signer } from '../sealing/signer.js';
import { CognitoTokenVerifier } from '../tokens/token-verifier.service.js';
import { CognitoService } from '../user-pool/cognito.service.js';
import { CognitoCsrfGuard } from './cognito-csrf.guard.js';
import { CognitoSessionService } from './cognito-session.service.js';
import { SealedCookieCarrier } from './sealed-cookie-carrier.js';
import { ServerSessionCarrier } from './server-session-carrier.js';
import { SessionCookies } from './session-cookies.js';
import { SessionLedger } from './session-ledger.js';
import { SessionRenewal } from './session-renewal.js';
import { SessionSeal } from './session-seal.js';
import {
  type CognitoSessionAsyncOptions,
  type CognitoSessionModuleExtras,
  type CognitoSessionOptions,
  type CognitoSessionOptionsFactory,
  type ResolvedSessionOptions,
  resolveSessionOptions,
} from './session.options.js';

/** Token of the options as they were written; a test overrides this provider. */
export const COGNITO_SESSION_OPTIONS = Symbol.for('nest-cognito:session-options');

/** Token of the options as the room reads them. */
export const RESOLVED_SESSION_OPTIONS = Symbol.for('nest-cognito:resolved-session-options');

/**
 * Keeps browsers signed in. With it `CognitoAuthGuard`, the option `globalGuard` and `AuthGuard('cognito')` take the session of a
 * browser for a credential, where the request carries no token.
 *
 * ```ts
 * @Module({ imports: [CognitoModule.forRoot({ userPoolId, clientId, secrets }), CognitoSessionModule.forRoot()] })
 * export class AppModule {}
 * ```
 *
 * Needs {@link CognitoModule} in the application. Provides {@link CognitoSessionService} and {@link CognitoCsrfGuard}.
 */
@Module({})
export class CognitoSessionModule implements OnModuleInit {
  /** @internal Built by Nest. */
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @Inject(CredentialKeepers) private readonly keepers: CredentialKeepers,
    @Inject(CognitoSessionService) private readonly sessions: CognitoSessionService,
    @Inject(RESOLVED_SESSION_OPTIONS) private readonly options: ResolvedSessionOptions,
  ) {}

  /** Sets the module up with options that are known now; they are checked when the application starts. */
  static forRoot(options: CognitoSessionOptions & CognitoSessionModuleExtras = {}): DynamicModule {
    const { isGlobal, ...written } = options;
    return dynamicModule(isGlobal, [{ provide: COGNITO_SESSION_OPTIONS, useValue: written }], []);
  }

  /** Sets the module up with options that other providers make. */
  static forRootAsync(options: CognitoSessionAsyncOptions): DynamicModule {
    return dynamicModule(options.isGlobal, optionsProviders(options), options.imports ?? []);
  }

  /** Begins to take part in what guards ask. */
  onModuleInit(): void {
    noteResponses(this.adapterHost.httpAdapter?.getInstance());
    this.keepers.add(this.sessions);
    if (this.options.isStorePerProcess) {
      const warning = "store is 'memory': the end of a session is known to this process alone, until it stops.";
      new Logger('CognitoSessionModule').warn(warning);
    }
  }
}

function dynamicModule(
  isGlobal: boolean | undefined,
  optionsOf: Provider[],
  imports: NonNullable<CognitoSessionAsyncOptions['imports']>,
): DynamicModule {
  return {
    module: CognitoSessionModule,
    global: isGlobal ?? true,
    imports,
    providers: [...optionsOf, ...providers],
    exports: [CognitoSessionService, CognitoCsrfGuard, RESOLVED_SESSION_OPTIONS],
  };
}

function optionsProviders(options: CognitoSessionAsyncOptions): Provider[] {
  const { useFactory, useClass, useExisting, inject } = options;
  if (useFactory !== undefined) return [{ provide: COGNITO_SESSION_OPTIONS, useFactory, inject: inject ?? [] }];
  const factory = useExisting ?? useClass;
  if (factory === undefined) {
    throw new CognitoError('COGNITO_OPTIONS_INVALID', {
      detail: 'CognitoSessionModule.forRootAsync needs `useFactory`, `useClass` or `useExisting`.',
    });
  }
  const fromFactory: Provider = {
    provide: COGNITO_SESSION_OPTIONS,
    useFactory: (made: CognitoSessionOptionsFactory) => made.createCognitoSessionOptions(),
    inject: [factory],
  };
  return useExisting === undefined ? [{ provide: factory, useClass: factory }, fromFactory] : [fromFactory];
}

const providers: Provider[] = [
  {
    provide: RESOLVED_SESSION_OPTIONS,
    useFactory: (written: CognitoSessionOptions) => resolveSessionOptions(written),
    inject: [COGNITO_SESSION_OPTIONS],
  },
  {
    provide: CognitoSessionService,
    useFactory: serviceOf,
    inject: [RESOLVED_SESSION_OPTIONS, RESOLVED_SECRETS, CognitoService, CognitoTokenVerifier, RequestForgeryCheck],
  },
  CognitoCsrfGuard,
];

function serviceOf(
  options: ResolvedSessionOptions,
  secrets: ResolvedSecrets,
  cognito: CognitoService,
  verifier: CognitoTokenVerifier,
  forgery: RequestForgeryCheck,
): CognitoSessionService {
  // Without secrets no session could begin: in production that is said when the application starts, not to its first visitor.
  secrets.read();
  const seal = new SessionSeal(secrets);
  const ledger = new SessionLedger(options, seal);
  const cookies = new SessionCookies(options);
  const { lifetime, idleTimeout } = options;
  const carrier =
    options.carrier === 'server'
      ? new ServerSessionCarrier(seal, { lifetime, idleTimeout })
      : new SealedCookieCarrier(seal, cookies, { lifetime, idleTimeout, persistent: options.cookies.persistent });
  const signer = new Signer('csrf', secrets.read);
  const renewal = new SessionRenewal(cognito, verifier, ledger, options.signOut);
  return new CognitoSessionService({ options, verifier, carrier, ledger, renewal, cookies, signer, forgery });
}
