import { type DynamicModule, Module } from '@nestjs/common';
import { RESOLVED_POOLS, type ResolvedPool } from '../options/resolved-pool.js';
import { CognitoTokenVerifier } from '../tokens/token-verifier.service.js';
import { CognitoMachineTokens } from './cognito-machine-tokens.js';
import { type MachineTokensOptions, resolveMachineTokensOptions } from './machine-tokens.options.js';

/**
 * Provides {@link CognitoMachineTokens}: tokens for calls from service to service.
 *
 * Needs {@link CognitoModule} with the `domain` and the `clientSecret` of the app client that the service is.
 */
@Module({})
export class CognitoMachineTokensModule {
  /**
   * Sets the module up.
   *
   * @param options see {@link MachineTokensOptions}; checked when the application starts
   */
  static forRoot(options: MachineTokensOptions = {}): DynamicModule {
    return {
      module: CognitoMachineTokensModule,
      global: options.isGlobal ?? true,
      providers: [
        {
          provide: CognitoMachineTokens,
          useFactory: (pools: readonly ResolvedPool[], verifier: CognitoTokenVerifier) =>
            new CognitoMachineTokens(resolveMachineTokensOptions(options), pools, verifier),
          inject: [RESOLVED_POOLS, CognitoTokenVerifier],
        },
      ],
      exports: [CognitoMachineTokens],
    };
  }
}
