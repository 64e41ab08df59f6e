import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LiveSessionCheck } from '../../../lib/user-pool/live-session-check.js';
import { CognitoEmulator } from '../../../lib/testing/index.js';
import { closeDesks, codeOf, deskOf, errorOf, signedIn } from '../../support/desk.js';
import { awsError, type Fault, FaultServer } from '../../support/fault-server.js';

const alice = { username: 'alice', password: 'Passw0rd!' };
let pool: CognitoEmulator;

beforeAll(async () => {
  pool = await CognitoEmulator.start({ users: [alice, { username: 'bob', password: 'Passw0rd!' }] });
});

afterEach(() => {
  vi.useRealTimers();
});

afterAll(async () => {
  await closeDesks();
  await pool.stop();
});

describe('a live session', () => {
  it('passes, and one that was ended does not; what was said is remembered for the time that was written', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const desk = deskOf(pool.options);
    const { tokens } = signedIn(await desk.signIn(alice));
    const live = new LiveSessionCheck(desk, 5_000);
    await live.assertLive(tokens.accessToken, 'default');
    await desk.signOut({ accessToken: tokens.accessToken });
    vi.setSystemTime(Date.now() + 4_900);
    await live.assertLive(tokens.accessToken, 'default');
    vi.setSystemTime(Date.now() + 200);
    expect(await codeOf(live.assertLive(tokens.accessToken, 'default'))).toBe('COGNITO_TOKEN_REVOKED');
  });

  it('is not one of a user who is disabled or gone, nor of a token that may not ask', async () => {
    const desk = deskOf(pool.options);
    const { tokens } = signedIn(await desk.signIn({ ...alice, username: 'bob' }));
    const live = new LiveSessionCheck(desk, 0);
    await live.assertLive(tokens.accessToken, 'default');
    const { accessToken: scopeless } = await pool.tokensFor('bob', { claims: { scope: 'openid' } });
    expect(await codeOf(live.assertLive(scopeless, 'default'))).toBe('COGNITO_SCOPE_MISSING');
    await desk.users.delete({ username: 'bob' });
    expect((await errorOf(live.assertLive(tokens.accessToken, 'default'))).status).toBe(401);
  });

  it('of a pool that nobody configured is refused', async () => {
    const live = new LiveSessionCheck(deskOf(pool.options), 0);
    expect(await codeOf(live.assertLive('token', 'guests'))).toBe('COGNITO_POOL_UNKNOWN');
  });
});

describe('Cognito', () => {
  const profile: Fault = { status: 200, body: JSON.stringify({ Username: 'alice', UserAttributes: [] }) };

  async function withAnswers(
    answer: () => Fault,
    test: (live: LiveSessionCheck, server: FaultServer) => Promise<void>,
  ) {
    const server = await FaultServer.start(answer);
    const { clientId, userPoolId } = pool.options;
    try {
      await test(new LiveSessionCheck(deskOf({ clientId, userPoolId, endpoint: server.endpoint }), 5_000), server);
    } finally {
      server.stop();
    }
  }

  it('is asked once by all who wait for the same session, and once more for another', async () => {
    await withAnswers(
      () => profile,
      async (live, server) => {
        await Promise.all(Array.from({ length: 20 }, () => live.assertLive('one', 'default')));
        await live.assertLive('other', 'default');
        expect(server.count('GetUser')).toBe(2);
      },
    );
  });

  it('that throttles is 429, out of reach it is 503, and neither is remembered', async () => {
    let answer: Fault = awsError('TooManyRequestsException', 'slow down');
    await withAnswers(
      () => answer,
      async (live) => {
        expect(await errorOf(live.assertLive('one', 'default'))).toMatchObject({ status: 429, retryAfter: 1 });
        answer = { status: 503, body: '' };
        expect(await errorOf(live.assertLive('one', 'default'))).toMatchObject({ status: 503 });
        answer = profile;
        await live.assertLive('one', 'default');
      },
    );
  });
});
