import { APP_GUARD } from '@nestjs/core';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoAuthApiModule } from '../../lib/auth-api/index.js';
import { CognitoModule } from '../../lib/index.js';
import { CognitoEmulator } from '../../lib/testing/index.js';
import { adapters, startApp } from '../support/nest-app.js';

const LIMIT = 3;

let pool: CognitoEmulator;
let asked: string[] = [];

beforeAll(async () => {
  pool = await CognitoEmulator.start({ users: adapters.map(([name]) => ({ username: name, password: 'Passw0rd!' })) });
  pool.hooks.beforeAnswer = (operation, answer) => {
    asked.push(operation);
    return answer;
  };
});
afterAll(() => pool.stop());

describe.each(adapters)('the ready-made endpoints behind @nestjs/throttler on %s', (username, adapter) => {
  it('are limited by it alone, and Cognito is not asked beyond it', async () => {
    const app = await startApp(adapter, {
      imports: [
        ThrottlerModule.forRoot([{ ttl: 60_000, limit: LIMIT }]),
        CognitoModule.forRoot(pool.options),
        CognitoAuthApiModule.forRoot({ tokens: 'body', limiter: false }),
      ],
      providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
    });
    asked = [];
    const seen: [status: number, waits: boolean][] = [];
    for (let attempt = 0; attempt <= LIMIT; attempt += 1) {
      const answer = await fetch(`${app.url}/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username, password: 'wrong' }),
      });
      seen.push([answer.status, answer.headers.has('retry-after')]);
    }
    await app.close();

    expect(seen).toEqual([...Array.from({ length: LIMIT }, () => [401, false]), [429, true]]);
    expect(asked.filter((operation) => operation === 'InitiateAuth')).toHaveLength(LIMIT);
  });
});
