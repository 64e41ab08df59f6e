import { inspect } from 'node:util';
import type { CognitoErrorCode } from '../../lib/errors/catalogue.js';
import { CognitoError } from '../../lib/errors/cognito.error.js';
import type { AwsCredentials } from '../../lib/options/credentials.options.js';
import type { PoolOptions } from '../../lib/options/pool.options.js';
import { resolvePool } from '../../lib/options/resolved-pool.js';
import { resolveSecrets } from '../../lib/options/secrets.options.js';
import { CognitoTokenVerifier } from '../../lib/tokens/token-verifier.service.js';
import { resolveTokensOptions } from '../../lib/tokens/tokens.options.js';
import { AttributeMapper, type AttributeMapping } from '../../lib/user-pool/attribute-mapping.js';
import type { AnyChallenge, ChallengeName } from '../../lib/user-pool/challenges.js';
import type { CognitoService } from '../../lib/user-pool/cognito.service.js';
import type { AuthenticatedResult, SignInResult } from '../../lib/user-pool/sign-in-result.js';
import { UserPools } from '../../lib/user-pool/user-pools.js';

export interface DeskOptions {
  /** Further pools by name. */
  readonly pools?: Readonly<Record<string, PoolOptions>>;
  readonly secrets?: ReturnType<typeof resolveSecrets>;
  readonly attributes?: AttributeMapping;
  /** Default: a pair that an emulator takes. */
  readonly credentials?: AwsCredentials | undefined;
  /** Default: one without revocation. */
  readonly verifier?: CognitoTokenVerifier;
}

const opened: UserPools[] = [];

/** The desk of a pool, as the module builds it. */
export function deskOf(options: PoolOptions, more: DeskOptions = {}): CognitoService {
  const pools = Object.entries({ default: options, ...more.pools }).map(([name, pool]) => resolvePool(name, pool));
  const belongings = {
    credentials: more.credentials ?? { accessKeyId: 'local', secretAccessKey: 'local' },
    client: undefined,
    secrets: more.secrets ?? resolveSecrets(undefined, false),
    attributes: new AttributeMapper(more.attributes),
  };
  const verifier = more.verifier ?? new CognitoTokenVerifier(pools, resolveTokensOptions({}));
  const desks = new UserPools(pools, belongings, verifier);
  opened.push(desks);
  return desks.main;
}

/** Closes what {@link deskOf} opened. */
export async function closeDesks(): Promise<void> {
  await Promise.all(opened.splice(0).map((desks) => desks.close()));
}

/** The challenge of this name that a sign-in came to. */
export function challengeOf<Name extends ChallengeName>(
  result: SignInResult,
  name: Name,
): Extract<AnyChallenge, { name: Name }> {
  if (result.status === 'challenge' && hasName(result.challenge, name)) return result.challenge;
  throw new Error(`not ${name} but ${result.status === 'challenge' ? result.challenge.name : result.status}`);
}

function hasName<Name extends ChallengeName>(
  challenge: AnyChallenge,
  name: Name,
): challenge is Extract<AnyChallenge, { name: Name }> {
  return challenge.name === name;
}

/** A sign-in that is over, and well. */
export function signedIn(result: SignInResult): AuthenticatedResult {
  if (result.status === 'authenticated') return result;
  throw new Error(`a challenge: ${result.challenge.name}`);
}

/** What a call was refused with. */
export async function errorOf(outcome: Promise<unknown>): Promise<CognitoError> {
  const thrown: unknown = await outcome.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof CognitoError)) throw new Error(`no CognitoError but ${inspect(thrown)}`);
  return thrown;
}

/** The code that a call was refused with. */
export async function codeOf(outcome: Promise<unknown>): Promise<CognitoErrorCode> {
  return (await errorOf(outcome)).code;
}
