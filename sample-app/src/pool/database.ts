import type { TypeOrmModuleOptions } from '@nestjs/typeorm';
import type { Environment } from 'nest-cognito';
import { StartError } from './start-error.js';

/** Where rows are kept: in memory unless `DATABASE_URL` names a server. */
export function chooseDatabase(environment: Environment): TypeOrmModuleOptions {
  const url = environment['DATABASE_URL']?.trim();
  if (url === undefined || url === '') return { type: 'sqljs' };
  const scheme = /^([a-z]+):\/\//.exec(url)?.[1] ?? '';
  if (scheme === 'postgres' || scheme === 'postgresql') return { type: 'postgres', url };
  if (scheme === 'mysql' || scheme === 'mariadb') return { type: 'mysql', url: url.replace(/^mariadb:/, 'mysql:') };
  throw new StartError('DATABASE_URL begins with postgres://, mysql:// or mariadb://.');
}
