import type { TypeOrmModuleOptions } from '@nestjs/typeorm';
import { type CognitoOptions, cognitoOptionsFromEnv, type Environment } from 'nest-cognito';
import { chooseDatabase } from './database.js';
import { StartError } from './start-error.js';

/** Everything that the environment decides. */
export interface Settings {
  readonly pool: PoolChoice;
  readonly database: TypeOrmModuleOptions;
  readonly adapter: 'express' | 'fastify';
  /** 0 takes any free one. */
  readonly port: number;
}

/** Reads the settings. @throws StartError naming what cannot be meant */
export function readSettings(environment: Environment): Settings {
  return {
    pool: choosePool(environment),
    database: chooseDatabase(environment),
    adapter: readAdapter(environment),
    port: readPort(environment),
  };
}

/** What the environment asks for: a pool at AWS, or the local one. */
export type PoolChoice = { readonly kind: 'local' } | { readonly kind: 'aws'; readonly options: CognitoOptions };

const BOTH = 'COGNITO_USER_POOL_ID and COGNITO_CLIENT_ID';

/**
 * Chooses the pool. Whoever wrote down anything about a pool at AWS meant one: what is missing then is an error, and never
 * a reason to let people in with the well-known passwords of the local pool.
 */
function choosePool(environment: Environment): PoolChoice {
  const options = cognitoOptionsFromEnv(environment);
  if (options.userPoolId !== '' && options.clientId.length > 0) return { kind: 'aws', options };
  const traces = tracesOfAws(environment, options);
  if (traces.length > 0) {
    throw new StartError(
      `The user pool is half configured (set: ${traces.join(', ')}). Set ${BOTH} for a pool at AWS; ` +
        'for the local pool remove every COGNITO_ setting.',
    );
  }
  if (environment['NODE_ENV']?.trim().toLowerCase() === 'production') {
    throw new StartError(`The local user pool is for development only. With NODE_ENV=production set ${BOTH}.`);
  }
  return { kind: 'local' };
}

/** Names only: some of the values are secrets. A setting that is there but blank was meant too. */
function tracesOfAws(environment: Environment, options: CognitoOptions): string[] {
  const names = Object.keys(environment).filter((name) => name.startsWith('COGNITO_'));
  const { userPoolId, clientId, clientSecret } = options;
  // Older packages had names for these that do not begin with COGNITO_.
  const fromOtherNames = userPoolId !== '' || clientId.length > 0 || clientSecret !== undefined;
  return names.length === 0 && fromOtherNames ? ['an app client or its secret'] : names;
}

/** What Nest stands on: `HTTP_ADAPTER`, default express. */
function readAdapter(environment: Environment): 'express' | 'fastify' {
  const written = environment['HTTP_ADAPTER']?.trim() || 'express';
  if (written === 'express' || written === 'fastify') return written;
  throw new StartError('HTTP_ADAPTER is express or fastify.');
}

/** The port to listen on: `PORT`, default 3000; 0 takes any free one. */
function readPort(environment: Environment): number {
  const written = environment['PORT']?.trim() || '3000';
  const port = Number(written);
  if (!/^\d{1,5}$/.test(written) || port > 65_535) throw new StartError('PORT must be a number from 0 to 65535.');
  return port;
}
