import { randomUUID } from 'node:crypto';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/testing/index.js';
import { ApiBrowser } from '../support/api-browser.js';
import { type ChildApplication, startChild } from '../support/child-application.js';
import { findRedis } from '../support/redis.js';
import { type Transpiled, transpile } from './user-sync-race/transpiled.js';
import type { ApplicationSettings } from './auth-api/application.js';

const redis = await findRedis();
const PASSWORD = 'Passw0rd!';
const totpSecret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const prefix = `nest-cognito-test:${randomUUID()}`;

describe.skipIf(redis === undefined)('two processes that count attempts in one Redis', () => {
  let sources: Transpiled;
  let pool: CognitoEmulator;
  let processes: ChildApplication[] = [];
  let phones: ApiBrowser[] = [];
  let asked: string[] = [];

  beforeAll(async () => {
    sources = transpile(['lib', 'test/e2e/auth-api']);
    const mfa = { totpSecret, preferred: 'SOFTWARE_TOKEN_MFA' } as const;
    pool = await CognitoEmulator.start({
      mfaConfiguration: 'OPTIONAL',
      users: [
        { username: 'alice', password: PASSWORD },
        { username: 'carol', password: PASSWORD, mfa },
      ],
    });
    pool.hooks.beforeAnswer = (operation, answer) => {
      asked.push(operation);
      return answer;
    };
    const cognito = { ...pool.options, secrets: ['a-secret-of-this-test-of-more-than-32-bytes'] };
    const settings: ApplicationSettings = { cognito, prefix, redisUrl: redis ?? '' };
    const environment = { AUTH_API_SETTINGS: JSON.stringify(settings) };
    const program = sources.pathOf('test/e2e/auth-api/application.ts');
    processes = await Promise.all([startChild(program, environment), startChild(program, environment)]);
    phones = processes.map(({ url }) => new ApiBrowser(`${url}/auth`));
  });

  afterAll(async () => {
    await Promise.all(processes.map((one) => one.stop()));
    await pool?.stop();
    sources?.remove();
    const client = await createClient({ url: redis ?? '' }).connect();
    for await (const keys of client.scanIterator({ MATCH: `${prefix}:*` })) {
      if (keys.length > 0) await client.del(keys);
    }
    await client.close();
  });

  const phone = (turn: number): ApiBrowser => phones[turn % 2] as ApiBrowser;
  const from = (host: number) => ({ headers: { 'x-forwarded-for': `198.51.${Math.floor(host / 250)}.${host % 250}` } });

  it('take five answers to one challenge together, and Cognito sees no more', async () => {
    const { challenge } = (await phone(0).post('/login', { username: 'carol', password: PASSWORD }, from(1))).body;
    asked = [];
    const answers = Array.from({ length: 20 }, (_, turn) =>
      phone(turn).post('/challenge', { challenge, answer: { code: '000000' } }, from(10 + turn)),
    );
    const statuses = (await Promise.all(answers)).map(({ status }) => status);

    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(15);
    expect(asked).toEqual(Array<string>(5).fill('RespondToAuthChallenge'));
  });

  it('let 1,000 wrong passwords from one address through five times for one account, and its owner in from another', async () => {
    asked = [];
    const statuses: number[] = [];
    for (let turn = 0; turn < 1000; turn += 25) {
      const wrong = Array.from({ length: 25 }, (_, index) =>
        phone(turn + index).post('/login', { username: 'alice', password: `wrong-${turn + index}` }, from(2)),
      );
      const answers = await Promise.all(wrong);
      statuses.push(...answers.map(({ status }) => status));
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.every(({ headers }) => Number(headers.get('retry-after')) > 0)).toBe(true);
    }
    expect(statuses.filter((status) => status !== 429)).toEqual([401, 401, 401, 401, 401]);
    expect(asked.filter((operation) => operation === 'InitiateAuth')).toHaveLength(5);

    // Cognito has locked her for a second.
    pool.clock.advance({ seconds: 2 });
    const signedIn = await phone(0).post('/login', { username: 'alice', password: PASSWORD }, from(3));
    expect(signedIn.status).toBe(200);
  });
});
