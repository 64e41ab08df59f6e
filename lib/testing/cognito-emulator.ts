import { CognitoEmulator as LocalPool, type EmulatorClock } from '../emulator/index.js';
import { ProcessClock } from './process-clock.js';

/**
 * The local user pool, as a test wants it: its clock moves the `Date` of the process too, so that after
 * `pool.clock.advance({ hours: 2 })` the application under test sees expired tokens.
 *
 * ```ts
 * const pool = await CognitoEmulator.start({ users: [{ username: 'alice', password: 'Passw0rd!' }] });
 * CognitoModule.forRoot(pool.options);
 * ```
 */
export class CognitoEmulator extends LocalPool {
  protected static override newClock(): EmulatorClock {
    return new ProcessClock();
  }

  /** Stops the pool and sets the time right again. */
  override async stop(): Promise<void> {
    this.clock.reset();
    await super.stop();
  }
}
