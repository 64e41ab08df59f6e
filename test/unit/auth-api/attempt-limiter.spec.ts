import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Attempt, CognitoAttemptLimiter } from '../../../lib/auth-api/attempt-limiter.js';
import { type AttemptStore, MemoryAttemptStore, RedisAttemptStore } from '../../../lib/auth-api/attempt-store.js';
import { resolveAuthApiOptions } from '../../../lib/auth-api/auth-api.options.js';
import { clientNetworkOf } from '../../../lib/auth-api/client-network.js';
import { OWN_ATTRIBUTES } from '../../../lib/user-pool/attribute-mapping.js';

const limits = { window: 900, perAddress: 6, perAccount: 9, perAccountAndAddress: 3, perChallenge: 2 };

beforeEach(() => vi.useFakeTimers({ now: 900_000 * 1000, toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

function limiter(store: AttemptStore = new MemoryAttemptStore(), timeout = 1000): CognitoAttemptLimiter {
  return new CognitoAttemptLimiter({ store, prefix: 'app', limits, timeout });
}

const fails = () => Promise.reject(new Error('wrong password'));

/** How many of so many attempts were let through. */
async function letThrough(on: CognitoAttemptLimiter, times: number, attempt: Attempt, work = fails): Promise<number> {
  let count = 0;
  for (let time = 0; time < times; time += 1) {
    const counted = async () => {
      count += 1;
      return work();
    };
    await on.attempt(attempt, counted).catch(() => undefined);
  }
  return count;
}

describe('attempts that fail', () => {
  const mallory = { action: 'login', ip: '192.0.2.1' } as const;

  it('are refused after so many for an account from one address', async () => {
    const on = limiter();
    expect(await letThrough(on, 5, { ...mallory, account: 'alice' })).toBe(3);
    expect(await letThrough(on, 1, { ...mallory, account: ' ALICE ' })).toBe(0);
    expect(await letThrough(on, 5, { ...mallory, ip: '192.0.2.2', account: 'alice' })).toBe(3);
    expect(await letThrough(on, 1, { ...mallory, ip: '192.0.2.2', account: 'ａｌｉｃｅ' })).toBe(0);
  });

  it('are refused after so many from one address, and of IPv6 from one network', async () => {
    const on = limiter();
    for (let account = 0; account < 5; account += 1) await letThrough(on, 1, { ...mallory, account: String(account) });
    expect(await letThrough(on, 3, { ...mallory, account: 'last' })).toBe(1);
    const household = Array.from({ length: 8 }, (_, host) => `2001:db8:1:2::${host}`);
    let count = 0;
    for (const ip of household) count += await letThrough(on, 1, { action: 'login', ip, account: ip });
    expect(count).toBe(6);
    expect(await letThrough(on, 1, { action: 'login', ip: '2001:db8:1:3::1', account: 'a' })).toBe(1);
  });

  it('are refused after so many for an account from anywhere, and those of one caller alone never come to that', async () => {
    const on = limiter();
    await letThrough(on, 1000, { ...mallory, account: 'alice' });
    expect(await letThrough(on, 1, { action: 'login', ip: '198.51.100.1', account: 'alice' })).toBe(1);
    let count = 0;
    for (let host = 0; host < 9; host += 1) {
      count += await letThrough(on, 1, { action: 'login', ip: `203.0.113.${host}`, account: 'alice' });
    }
    expect(count).toBe(9 - 3 - 1);
  });

  it('are refused after so many answers to one challenge, in the next window too', async () => {
    const on = limiter();
    const answer = (host: number): Attempt => ({ action: 'challenge', ip: `203.0.113.${host}`, challenge: 'session' });
    expect(await letThrough(on, 1, answer(1))).toBe(1);
    vi.setSystemTime(Date.now() + 900_000);
    expect(await letThrough(on, 1, answer(2))).toBe(1);
    expect(await letThrough(on, 1, answer(3))).toBe(0);
  });

  it('are counted by what is attempted, and forgotten with the window', async () => {
    const on = limiter();
    await letThrough(on, 9, { ...mallory, account: 'alice' });
    expect(await letThrough(on, 1, { ...mallory, action: 'confirm', account: 'alice' })).toBe(1);
    vi.setSystemTime(Date.now() + 100_000);
    const refused = on.attempt({ ...mallory, account: 'alice' }, fails);
    await expect(refused).rejects.toMatchObject({ code: 'COGNITO_LIMIT_EXCEEDED', status: 429, retryAfter: 800 });
    vi.setSystemTime(Date.now() + 800_000);
    expect(await letThrough(on, 1, { ...mallory, account: 'alice' })).toBe(1);
  });

  it('are no more at once than one by one', async () => {
    const on = limiter();
    let count = 0;
    const wrong = async () => {
      count += 1;
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error('wrong password');
    };
    await Promise.allSettled(Array.from({ length: 50 }, () => on.attempt({ ...mallory, account: 'alice' }, wrong)));
    expect(count).toBe(3);
  });
});

describe('attempts that succeed', () => {
  const office = { action: 'login', ip: '192.0.2.1', account: 'alice' } as const;
  const works = () => Promise.resolve('done' as never);

  it('are not counted, unless each sends a message', async () => {
    expect(await letThrough(limiter(), 30, office, works)).toBe(30);
    expect(await letThrough(limiter(), 30, { ...office, action: 'code' }, works)).toBe(3);
    expect(await letThrough(limiter(), 30, { ...office, action: 'signup' }, works)).toBe(3);
  });

  it('stay done where they cannot be taken back', async () => {
    const store = { increment: () => Promise.resolve(1), decrement: () => Promise.reject(new Error('away')) };
    await expect(limiter(store).attempt(office, works)).resolves.toBe('done');
  });
});

describe('a store of counts', () => {
  it('that cannot be reached lets nobody try', async () => {
    const hangs: AttemptStore = { increment: () => new Promise(() => undefined), decrement: () => Promise.resolve() };
    const throws: AttemptStore = {
      increment: () => Promise.reject(new Error('away')),
      decrement: () => Promise.resolve(),
    };
    for (const store of [hangs, throws]) {
      const work = vi.fn<() => Promise<void>>();
      const attempt = limiter(store, 20).attempt({ action: 'login', ip: '192.0.2.1' }, work);
      await expect(attempt).rejects.toMatchObject({ code: 'COGNITO_ATTEMPTS_UNAVAILABLE', status: 503 });
      expect(work).not.toHaveBeenCalled();
    }
  });

  it('in memory is bounded, and keeps what is in use', async () => {
    const store = new MemoryAttemptStore(3);
    for (const key of ['a', 'b', 'a', 'c', 'a', 'd']) await store.increment(key, 1000);
    expect(await store.increment('a', 1000)).toBe(4);
    expect(await store.increment('b', 1000)).toBe(1);
  });

  it('in Redis sees neither names nor addresses, and every key expires', async () => {
    const calls: string[] = [];
    const client = {
      incr: (key: string) => Promise.resolve(calls.push(`incr ${key}`)),
      decr: (key: string) => Promise.resolve(calls.push(`decr ${key}`)),
      expire: (key: string, seconds: number) => Promise.resolve(calls.push(`expire ${key} ${seconds}`)),
    };
    await limiter(new RedisAttemptStore({ ...client, incr: async (key) => (await client.incr(key), 1) })).attempt(
      { action: 'login', ip: '192.0.2.1', account: 'alice' },
      () => Promise.resolve(),
    );
    expect(calls.join('\n')).not.toMatch(/alice|192\.0/);
    expect(calls.filter((call) => /^expire app:login:[\w-]{43} 1800$/.test(call))).toHaveLength(3);
  });
});

it('a count in Redis that was forgotten before it is taken back leaves nothing that stays', async () => {
  const counts = new Map<string, number>();
  const expiring = new Set<string>();
  const add = (key: string, by: number) => {
    counts.set(key, (counts.get(key) ?? 0) + by);
    return Promise.resolve(counts.get(key));
  };
  const store = new RedisAttemptStore({
    incr: (key) => add(key, 1),
    decr: (key) => add(key, -1),
    expire: (key) => Promise.resolve(expiring.add(key)),
  });

  await store.increment('kept', 1000);
  expiring.clear();
  await store.decrement('kept');
  await store.decrement('forgotten');
  expect([[...counts], [...expiring]]).toEqual([
    [
      ['kept', 0],
      ['forgotten', -1],
    ],
    ['forgotten'],
  ]);
});

describe('the network of a caller', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0DB8:0:0:ffff:ffff:ffff:ffff', '2001:db8:0:0::/64'],
    ['2001:db8:a:b:c:d:e:f', '2001:db8:a:b::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    [undefined, 'unknown'],
    ['', 'unknown'],
  ])('of %s is %s', (ip, network) => {
    expect(clientNetworkOf(ip)).toBe(network);
  });
});

describe('the options of the endpoints', () => {
  it('have safe defaults', () => {
    const options = resolveAuthApiOptions({});
    expect(options).toMatchObject({ tokens: 'cookie', flow: 'USER_SRP_AUTH', pool: 'default', hidesUsers: false });
    expect(options.limiter?.limits).toEqual({
      window: 900,
      perAddress: 20,
      perAccount: 50,
      perAccountAndAddress: 5,
      perChallenge: 5,
    });
    expect(options.signUpAttributes).toBeUndefined();
    expect(OWN_ATTRIBUTES).toContain('given_name');
    for (const name of ['email_verified', 'sub', 'custom:role']) expect(OWN_ATTRIBUTES).not.toContain(name);
  });

  it.each<[string, object]>([
    ['tokens', { tokens: 'header' }],
    ['flow', { flow: 'REFRESH_TOKEN_AUTH' }],
    ['limiter', { limiter: true }],
    ['window', { limiter: { window: 0 } }],
    ['perAddress', { limiter: { perAddress: 1.5 } }],
    ['store', { limiter: { store: {} } }],
    ['perUser', { limiter: { perUser: 3 } }],
    ['tokenz', { tokenz: 'body' }],
  ])('name a bad %s', (name, written) => {
    expect(() => resolveAuthApiOptions(written)).toThrow(expect.objectContaining({ code: 'COGNITO_OPTIONS_INVALID' }));
    expect(() => resolveAuthApiOptions(written)).toThrow(name);
  });
});
