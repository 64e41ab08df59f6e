import { Logger } from '@nestjs/common';
import type { z } from 'zod';
import type { ResolvedSecrets } from '../options/secrets.options.js';
import { SealBrokenError, Sealer } from '../sealing/sealer.js';

/** Seals what belongs to a session: it leaves the server, or lies where others may read. */
export class SessionSeal {
  readonly #sealer: Sealer;
  readonly #secrets: ResolvedSecrets;
  #warned = false;

  constructor(secrets: ResolvedSecrets) {
    this.#secrets = secrets;
    this.#sealer = new Sealer(secrets.read);
  }

  /** @param lifetime seconds */
  async seal(value: unknown, lifetime: number): Promise<string> {
    if (this.#secrets.madeUp) this.#warn();
    return this.#sealer.seal('session', value, lifetime);
  }

  /** @returns undefined for what is not sealed by us, was changed, has expired or is of another shape */
  async open<T>(sealed: string, schema: z.ZodType<T>): Promise<T | undefined> {
    try {
      return schema.safeParse(await this.#sealer.open('session', sealed)).data;
    } catch (thrown) {
      if (thrown instanceof SealBrokenError) return undefined;
      throw thrown;
    }
  }

  #warn(): void {
    if (this.#warned) return;
    this.#warned = true;
    new Logger('CognitoSessionModule').warn('No `secrets` are configured: sessions end with this process.');
  }
}
