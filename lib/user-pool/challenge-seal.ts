import { Logger } from '@nestjs/common';
import { z } from 'zod';
import { CognitoError } from '../errors/cognito.error.js';
import type { ResolvedSecrets } from '../options/secrets.options.js';
import { SealBrokenError, Sealer } from '../sealing/sealer.js';
import type { AnyChallenge } from './challenges.js';
import { readChallenge } from './read-challenge.js';
import type { UserPoolClient } from './user-pool-client.js';

/** Cognito's sessions live from 3 to 15 minutes; a seal that lives longer opens nothing that still helps. */
const LONGEST_LIFETIME = 15 * 60;

/** What is inside: whose challenge it is, and the challenge as Cognito put it, which is short and is read anew. */
const sealedSchema = z.object({
  pool: z.string(),
  client: z.string(),
  output: z.object({
    ChallengeName: z.string(),
    ChallengeParameters: z.record(z.string(), z.string()),
    AvailableChallenges: z.array(z.string()).optional(),
    Session: z.string().optional(),
  }),
  origin: z.object({ username: z.string(), admin: z.boolean(), deviceKey: z.string().optional() }),
});

type SealedChallenge = z.infer<typeof sealedSchema>;

/** Carries a challenge through hands that must not read or change it. */
export class ChallengeSeal {
  readonly #logger = new Logger(ChallengeSeal.name);
  readonly #sealer: Sealer;
  readonly #client: UserPoolClient;
  readonly #secrets: ResolvedSecrets;
  #warned = false;

  constructor(client: UserPoolClient, secrets: ResolvedSecrets) {
    this.#client = client;
    this.#secrets = secrets;
    this.#sealer = new Sealer(secrets.read);
  }

  /** Seals a challenge of this pool and client. */
  async seal(challenge: AnyChallenge): Promise<string> {
    if (this.#secrets.madeUp) this.#warn();
    const { userPoolId: pool, clientId: client } = this.#client.pool;
    const { username, admin, deviceKey } = challenge;
    const sealed: SealedChallenge = {
      pool,
      client,
      output: outputOf(challenge),
      origin: { username, admin, deviceKey },
    };
    return this.#sealer.seal('challenge', sealed, LONGEST_LIFETIME);
  }

  /** Opens a challenge of this pool and client. */
  async open(sealed: string): Promise<AnyChallenge> {
    const opened = sealedSchema.safeParse(await this.#sealer.open('challenge', sealed).catch(broken));
    if (!opened.success || !this.#isOurs(opened.data)) throw new CognitoError('COGNITO_SESSION_INVALID');
    const { output, origin } = opened.data;
    return readChallenge(output, { ...origin, deviceKey: origin.deviceKey }, this.#client.attributes);
  }

  #isOurs({ pool, client }: SealedChallenge): boolean {
    const { userPoolId, clientId } = this.#client.pool;
    return pool === userPoolId && client === clientId;
  }

  #warn(): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#logger.warn('No `secrets` are configured: what is sealed now opens in this process only.');
  }
}

function outputOf(challenge: AnyChallenge): SealedChallenge['output'] {
  const { name, parameters, session } = challenge;
  const available = challenge.name === 'SELECT_CHALLENGE' ? { AvailableChallenges: [...challenge.choices] } : {};
  return { ChallengeName: name, ChallengeParameters: parameters, Session: session, ...available };
}

function broken(thrown: unknown): undefined {
  if (!(thrown instanceof SealBrokenError)) throw thrown;
}
