import { z } from 'zod';
import { type Environment, readText } from './environment.js';

/** A pair of AWS keys, with a session token if they are temporary. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Which AWS identity signs the operations that have to be signed (all that AWS calls `Admin…`, and the lists). */
export interface CredentialsOptions {
  /**
   * Keys, or a function that fetches them. Default: the AWS credential chain (environment, profile, role, metadata). An
   * application that calls no signed operation needs none.
   */
  credentials?: AwsCredentials | (() => Promise<AwsCredentials>) | undefined;
}

const keyMend = 'needs accessKeyId and secretAccessKey, or a function that fetches them';

/** A whole pair of keys. */
export const credentialsSchema = z.looseObject({ accessKeyId: z.string().min(1), secretAccessKey: z.string().min(1) });

/** The shape of {@link CredentialsOptions}. */
export const credentialsOptionsShape = {
  credentials: z
    .union([z.custom<() => Promise<AwsCredentials>>((value) => typeof value === 'function'), credentialsSchema], {
      error: keyMend,
    })
    .optional(),
};

/** Reads the one pair of names that the AWS credential chain does not know; half a pair is ignored. */
export function credentialsOptionsFromEnv(environment: Environment): CredentialsOptions {
  const accessKeyId = readText(environment, 'AWS_ACCESS_KEY');
  const secretAccessKey = readText(environment, 'AWS_SECRET_KEY');
  const chainHasKeys = readText(environment, 'AWS_ACCESS_KEY_ID') !== undefined;
  if (chainHasKeys || accessKeyId === undefined || secretAccessKey === undefined) return {};
  return { credentials: { accessKeyId, secretAccessKey } };
}
