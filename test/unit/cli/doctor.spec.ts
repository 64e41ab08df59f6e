import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../../lib/cli/run.js';
import { CognitoEmulator, errorAnswer } from '../../../lib/emulator/index.js';

let pool: CognitoEmulator | undefined;

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIADOCTOR');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'the secret of AWS');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
  await pool?.stop();
});

async function doctor(...args: string[]): Promise<{ code: number; out: string[]; err: string[] }> {
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    untilStopped: () => new Promise<void>(() => undefined),
  };
  return { code: await run(['doctor', ...args], io), out, err };
}

async function looksAt(seed: Parameters<typeof CognitoEmulator.start>[0], more: string[] = []) {
  pool = await CognitoEmulator.start(seed);
  const { userPoolId, clientId, endpoint, issuer } = pool.options;
  // A pool makes its keys when it starts, and on a busy machine that takes longer than the doctor waits.
  await (await fetch(`${issuer}/.well-known/jwks.json`)).text();
  return async () =>
    doctor('--pool', userPoolId, '--client', clientId, '--endpoint', endpoint, '--region', 'eu-west-1', ...more);
}

const verdicts = (out: readonly string[]) => out.map((line) => line.split(/: /)[0]?.replaceAll(/ +/g, ' '));

describe('nest-cognito doctor', () => {
  it('finds nothing wrong with a pool that is set up well', async () => {
    const ask = await looksAt({ clientSecret: 'the secret of the client' });
    vi.stubEnv('COGNITO_CLIENT_SECRET', 'the secret of the client');
    const { code, out } = await ask();

    expect(verdicts(out)).toEqual([
      'ok keys',
      'ok clock',
      'ok client secret',
      'ok sign-in',
      'ok unknown users',
      'ok refresh',
      'ok revocation',
    ]);
    expect(code).toBe(0);
    expect(out.join()).not.toMatch(/secret of/);
  });

  it('names what is wrong with an app client, and the mend', async () => {
    const ask = await looksAt({
      clientSecret: 'the secret of the client',
      explicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
      preventUserExistenceErrors: 'LEGACY',
      refreshTokenRotation: { feature: 'ENABLED', retryGracePeriodSeconds: 0 },
      enableTokenRevocation: false,
    });
    const { code, out } = await ask();

    expect(code).toBe(1);
    expect(verdicts(out).slice(2)).toEqual([
      'fail client secret',
      'fail sign-in',
      'warn unknown users',
      'warn refresh',
      'warn revocation',
    ]);
    expect(out[3]).toMatch(/ - add ALLOW_USER_SRP_AUTH/);
  });

  it('looks at what it may, and says what it could not see', async () => {
    const ask = await looksAt({});
    const refused = errorAnswer('AccessDeniedException', 'no');
    if (pool !== undefined) {
      pool.hooks.beforeAnswer = (name, answer) => (name === 'DescribeUserPoolClient' ? refused : answer);
    }
    const { code, out } = await ask();
    expect([code, verdicts(out)]).toEqual([0, ['ok keys', 'ok clock', 'warn app client']]);
  });

  it('sees a clock that is wrong', async () => {
    const ask = await looksAt({});
    // A whole second: the header has no parts of one.
    vi.useFakeTimers({ toFake: ['Date'], now: Math.floor(Date.now() / 1000) * 1000 - 3_600_000 });
    // Node writes the Date header by the same clock: only a server elsewhere shows the difference.
    const real = globalThis.fetch;
    const later = new Date(Date.now() + 3_600_000).toUTCString();
    const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (...asked) => {
      const answer = await real(...asked);
      return new Response(await answer.text(), { headers: { date: later } });
    });
    const { code, out } = await ask();
    spy.mockRestore();
    expect([code, out[1]]).toEqual([1, expect.stringMatching(/^fail {2}clock: 3600 s slow - set it by NTP/)]);
  });

  it('fails for keys that cannot be had, and for an app client of another pool', async () => {
    const ask = await looksAt({}, ['--client', 'unknown']);
    const { code, out } = await ask();
    expect([code, verdicts(out).at(-1)]).toEqual([1, 'fail app client']);

    const away = await doctor(
      '--pool',
      'local_x',
      '--client',
      'c',
      '--region',
      'eu-west-1',
      '--endpoint',
      'http://127.0.0.1:1',
    );
    expect([away.code, verdicts(away.out)[0]]).toEqual([1, 'fail keys']);
  });

  it('ends with 2 when it is not said which pool or app client', async () => {
    expect(await doctor()).toMatchObject({ code: 2, err: [expect.stringMatching(/^Which pool\?/)] });
    expect(await doctor('--pool', 'eu-west-1_x')).toMatchObject({
      code: 2,
      err: [expect.stringMatching(/^Which app/)],
    });
  });
});
