import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { CognitoError } from '../errors/cognito.error.js';
import { definedOnly, type Environment, readList } from './environment.js';

const LEAST_BYTES = 32;

/** The application's own secrets, under which whatever leaves it sealed is encrypted. */
export interface SecretsOptions {
  /**
   * Random secrets of at least 32 bytes each; the first seals, all open, so that a new one can be put in front.
   *
   * Default: random ones for the life of the process, with a warning; under `NODE_ENV=production` sealing is refused.
   */
  secrets?: readonly string[] | undefined;
}

/** The shape of {@link SecretsOptions}. */
export const secretsOptionsShape = {
  secrets: z
    .array(
      z
        .string()
        .refine((secret) => Buffer.byteLength(secret) >= LEAST_BYTES, `needs at least ${LEAST_BYTES} random bytes`),
    )
    .min(1, 'needs at least one secret')
    .optional(),
};

/** Token of {@link ResolvedSecrets}, for modules beside `CognitoModule` that seal something. */
export const RESOLVED_SECRETS = Symbol.for('nest-cognito:secrets');

/** Where sealing gets its secrets from. */
export interface ResolvedSecrets {
  /** The secrets, the sealing one first. Throws `COGNITO_OPTIONS_INVALID` in production when none were written. */
  readonly read: () => readonly [string, ...string[]];
  /** True when the secrets were made up for this process: what they seal, no other process opens. */
  readonly madeUp: boolean;
}

/** Resolves the secrets late: an application that seals nothing needs none, in production either. */
export function resolveSecrets(written: readonly string[] | undefined, production: boolean): ResolvedSecrets {
  const [first, ...rest] = written ?? [];
  if (first !== undefined) return { read: () => [first, ...rest], madeUp: false };
  if (production) return { read: refuse, madeUp: false };
  let drawn: string | undefined;
  return { read: () => [(drawn ??= randomBytes(LEAST_BYTES).toString('base64url'))], madeUp: true };
}

function refuse(): never {
  throw new CognitoError('COGNITO_OPTIONS_INVALID', {
    detail:
      'secrets: is missing; in production write at least one random secret of 32 bytes or more, the same in every process.',
  });
}

/** Reads `COGNITO_SECRETS`: JSON, or separated by commas. */
export function secretsOptionsFromEnv(environment: Environment): SecretsOptions {
  return definedOnly({ secrets: readList(environment, 'COGNITO_SECRETS') });
}
