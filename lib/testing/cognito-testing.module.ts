import { type DynamicModule, Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { CognitoModule } from '../cognito.module.js';
import type { CognitoOptions } from '../cognito.options.js';
import type { EmulatorOptions } from '../emulator/index.js';
import { CognitoEmulator } from './cognito-emulator.js';

/** How to set up a pool and a module for a test. */
export interface CognitoTestingOptions extends EmulatorOptions {
  /** What the module shall be told beside the pool's address: `userSync`, `globalGuard`, `tokenUse`, … */
  cognito?: Partial<CognitoOptions> | undefined;
}

/**
 * A {@link CognitoModule} with a local user pool of its own, for tests of one feature:
 *
 * ```ts
 * const module = await Test.createTestingModule({
 *   imports: [CognitoTestingModule.forRoot({ users: [{ username: 'alice', password: 'Passw0rd!' }] }), NotesModule],
 * }).compile();
 * const { accessToken } = await module.get(CognitoEmulator).tokensFor('alice');
 * ```
 *
 * The pool stops when the application is closed. A test of the whole application overrides the provider `COGNITO_OPTIONS`
 * with `pool.options` instead.
 */
@Module({})
export class CognitoTestingModule {
  /** Starts a pool and sets {@link CognitoModule} up with it. */
  static forRoot({ cognito = {}, ...emulator }: CognitoTestingOptions = {}): DynamicModule {
    const pool: DynamicModule = {
      module: TestPoolModule,
      global: true,
      providers: [{ provide: CognitoEmulator, useFactory: () => CognitoEmulator.start(emulator) }],
      exports: [CognitoEmulator],
    };
    return {
      module: CognitoTestingModule,
      imports: [
        pool,
        CognitoModule.forRootAsync({
          useFactory: (running: CognitoEmulator): CognitoOptions => ({ ...running.options, ...cognito }),
          inject: [CognitoEmulator],
        }),
      ],
    };
  }
}

@Module({})
class TestPoolModule implements OnModuleDestroy {
  constructor(@Inject(CognitoEmulator) private readonly pool: CognitoEmulator) {}

  async onModuleDestroy(): Promise<void> {
    await this.pool.stop();
  }
}
