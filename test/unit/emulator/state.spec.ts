import { describe, expect, it } from 'vitest';
import { durationOf, movedOffset, OffsetClock, type ClockStep } from '../../../lib/emulator/state/clock.js';
import { Codes } from '../../../lib/emulator/state/codes.js';
import { ExpiringMap } from '../../../lib/emulator/state/expiring-map.js';
import { Grants } from '../../../lib/emulator/state/grants.js';
import { HourlyLimits } from '../../../lib/emulator/state/hourly-limits.js';
import { Inbox } from '../../../lib/emulator/state/inbox.js';
import { Lockout } from '../../../lib/emulator/state/lockout.js';
import { OneTimeStore } from '../../../lib/emulator/state/one-time-store.js';
import { DEFAULT_PASSWORD_POLICY, policyViolation } from '../../../lib/emulator/state/password-policy.js';
import { createSub, createUser, Users, type User } from '../../../lib/emulator/state/users.js';

class StandingClock {
  private time = Date.UTC(2026, 0, 1);
  now = () => this.time;
  advance = (step: ClockStep) => {
    this.time += durationOf(step);
  };
  reset = () => undefined;
}

describe('the offset clock', () => {
  it('moves with real time, and on from it by what it is told', () => {
    const clock = new OffsetClock();
    const before = Date.now();
    clock.advance({ days: 1, hours: 1, minutes: 1, seconds: 1 });
    const shifted = clock.now() - 90_061_000;
    expect(shifted).toBeGreaterThanOrEqual(before);
    expect(shifted).toBeLessThanOrEqual(Date.now());
    clock.reset();
    expect(clock.now()).toBeLessThanOrEqual(Date.now());
  });

  it.each<ClockStep>([
    { days: 1e308 },
    { days: -1e308 },
    { seconds: Infinity },
    { hours: NaN },
    { days: 1e308, seconds: -Infinity },
    { days: 91_250_001 },
    { days: -91_250_002 },
  ])('stays where it is when it is told to move by %j', (step) => {
    const clock = new OffsetClock();
    clock.advance({ days: 1 });
    expect(() => clock.advance(step)).toThrow(expect.objectContaining({ code: 'EMULATOR_CLOCK_OUT_OF_RANGE' }));
    expect(Math.abs(clock.now() - Date.now() - 86_400_000)).toBeLessThan(5_000);
    clock.reset();
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(5_000);
  });

  it('moves 250,000 years either way, in one step or in several, and no further', () => {
    const furthest = 250_000 * 365;
    const clock = new OffsetClock();
    for (const days of [furthest, -furthest, -furthest + 1, -1]) clock.advance({ days });
    expect(new Date(clock.now()).toISOString()).toMatch(/^-2\d{5}-/);
    expect(() => clock.advance({ days: -1 })).toThrow(/250000 years/);
    expect(movedOffset(0, { seconds: 0.0004 })).toBe(0);
  });
});

describe('the lock-out', () => {
  const failTimes = (lockout: Lockout, times: number) => {
    for (let i = 0; i < times; i += 1) lockout.recordFailure('alice');
  };

  it('leaves four wrong passwords free and locks for a second at the fifth', () => {
    const clock = new StandingClock();
    const lockout = new Lockout(clock);
    failTimes(lockout, 4);
    expect(lockout.isLocked('alice')).toBe(false);
    failTimes(lockout, 1);
    expect(lockout.isLocked('alice')).toBe(true);
    expect(lockout.isLocked('bob')).toBe(false);
    clock.advance({ seconds: 1 });
    expect(lockout.isLocked('alice')).toBe(false);
  });

  it('doubles with each further failure, up to 15 minutes', () => {
    const clock = new StandingClock();
    const lockout = new Lockout(clock);
    failTimes(lockout, 8);
    clock.advance({ seconds: 7 });
    expect(lockout.isLocked('alice')).toBe(true);
    clock.advance({ seconds: 1 });
    expect(lockout.isLocked('alice')).toBe(false);
    failTimes(lockout, 20);
    clock.advance({ minutes: 14, seconds: 59 });
    expect(lockout.isLocked('alice')).toBe(true);
    clock.advance({ seconds: 1 });
    expect(lockout.isLocked('alice')).toBe(false);
  });

  it('forgets after a success, and after 15 minutes without an attempt', () => {
    const clock = new StandingClock();
    const lockout = new Lockout(clock);
    failTimes(lockout, 4);
    lockout.recordSuccess('alice');
    failTimes(lockout, 4);
    expect(lockout.isLocked('alice')).toBe(false);
    clock.advance({ minutes: 15 });
    failTimes(lockout, 4);
    expect(lockout.isLocked('alice')).toBe(false);
  });
});

describe('a one-time store', () => {
  it('gives a value once, within its life, and knows used, expired and unknown apart', () => {
    const clock = new StandingClock();
    const store = new OneTimeStore<{ name: string }>(clock, 1000);
    store.put('a', { name: 'first' });
    store.put('b', { name: 'second' });
    expect(store.take('a')).toEqual({ state: 'live', value: { name: 'first' } });
    expect(store.take('a')).toEqual({ state: 'used' });
    expect(store.take('c')).toEqual({ state: 'unknown' });
    clock.advance({ seconds: 1 });
    expect(store.take('b')).toEqual({ state: 'expired' });
    clock.advance({ hours: 2 });
    store.put('d', { name: 'fourth' });
    expect(store.find('b')).toEqual({ state: 'unknown' });
    expect(store.find('d')).toEqual({ state: 'live', value: { name: 'fourth' } });
  });

  it('forgets the oldest when there are too many', () => {
    const store = new OneTimeStore<{ name: string }>(new StandingClock(), 1000);
    for (let i = 0; i <= 10_000; i += 1) store.put(String(i), { name: 'x' });
    expect(store.find('0')).toEqual({ state: 'unknown' });
    expect(store.find('1').state).toBe('live');
    expect(store.find('10000').state).toBe('live');
  });
});

describe('a map that forgets what has ended', () => {
  it('keeps what lives and does not grow with the dead, though they end in another order than they came', () => {
    const clock = new StandingClock();
    const map = new ExpiringMap<number>(clock);
    for (let i = 0; i < 3000; i += 1) map.set(`long ${i}`, i, clock.now() + 10_000_000);
    for (let i = 0; i < 3000; i += 1) map.set(`short ${i}`, i, clock.now() + 1000);
    expect(map.size).toBe(6000);
    clock.advance({ seconds: 1 });
    for (let i = 0; i < 3000; i += 1) map.set(`new ${i}`, i, clock.now() + 10_000_000);
    expect(map.size).toBe(6000);
    expect([map.get('long 0'), map.get('short 0'), map.get('new 0')]).toEqual([0, undefined, 0]);
  });

  it('looks at few of them in one go', () => {
    const clock = new StandingClock();
    const map = new ExpiringMap<number>(clock);
    for (let i = 0; i < 3000; i += 1) map.set(String(i), i, clock.now() + 1000);
    clock.advance({ seconds: 1 });
    map.set('one more', 1, clock.now() + 1000);
    expect(map.size).toBeGreaterThan(2990);
    expect(map.size).toBeLessThan(3000);
  });

  it('leaves a small number alone, for a clock that is set back', () => {
    const clock = new StandingClock();
    const map = new ExpiringMap<number>(clock);
    for (let i = 0; i < 900; i += 1) map.set(String(i), i, clock.now() - 1);
    expect(map.get('0')).toBe(0);
  });
});

describe('sign-ins', () => {
  const client = {
    clientId: 'client',
    clientSecret: undefined,
    explicitAuthFlows: [],
    preventUserExistenceErrors: 'ENABLED',
    accessTokenValidity: 60,
    idTokenValidity: 60,
    refreshTokenValidity: 600,
    authSessionValidity: 3,
    rotationGrace: undefined,
    enableTokenRevocation: true,
    readAttributes: undefined,
    writeAttributes: undefined,
    oauth: { callbackUrls: [], logoutUrls: [], defaultRedirectUri: undefined, flows: ['code'], scopes: undefined },
  } as const;

  it('are forgotten once neither a refresh token nor an access token of theirs can be alive', () => {
    const clock = new StandingClock();
    const grants = new Grants(clock);
    const open = () => grants.open({ username: 'alice' } as User, client);
    const { grant, refreshToken } = open();
    for (let i = 0; i < 2000; i += 1) open();
    expect(grants.byRefreshToken(refreshToken)).toBe(grant);
    clock.advance({ seconds: 659 });
    for (let i = 0; i < 1000; i += 1) open();
    expect(grants.byRefreshToken(refreshToken)).toBeUndefined();
    expect(grants.byOriginJti(grant.originJti)).toBe(grant);
    clock.advance({ seconds: 1 });
    for (let i = 0; i < 1000; i += 1) open();
    expect(grants.byOriginJti(grant.originJti)).toBeUndefined();
    expect(grants.size).toBeLessThan(2100);
  });
});

describe('the password policy', () => {
  it('passes a password that keeps every rule', () => {
    expect(policyViolation('Passw0rd!', DEFAULT_PASSWORD_POLICY)).toBeUndefined();
    expect(policyViolation('Passw0rd with space', DEFAULT_PASSWORD_POLICY)).toBeUndefined();
  });

  it.each([
    ['Pw0!', 'Password not long enough'],
    ['PASSW0RD!', 'Password must have lowercase characters'],
    ['passw0rd!', 'Password must have uppercase characters'],
    ['Password!', 'Password must have numeric characters'],
    ['Passw0rdd', 'Password must have symbol characters'],
  ])('names the first rule that %s breaks', (password, violation) => {
    expect(policyViolation(password, DEFAULT_PASSWORD_POLICY)).toBe(violation);
  });

  it('asks only for what is switched on', () => {
    const policy = { ...DEFAULT_PASSWORD_POLICY, requireSymbols: false, requireNumbers: false };
    expect(policyViolation('Passwordd', policy)).toBeUndefined();
  });
});

describe('codes', () => {
  it('are six digits, replace one another, and last a day', () => {
    const clock = new StandingClock();
    const codes = new Codes(clock);
    const address = { contact: 'email', destination: 'alice@example.com' } as const;
    const first = codes.issue('confirmation', 'alice', address);
    expect(first).toMatch(/^\d{6}$/);
    expect(codes.check('confirmation', 'alice', first)).toEqual({ state: 'right', address });
    expect(codes.check('confirmation', 'bob', first)).toEqual({ state: 'expired' });
    let second = codes.issue('confirmation', 'alice', address);
    while (second === first) second = codes.issue('confirmation', 'alice', address);
    expect(codes.check('confirmation', 'alice', first)).toEqual({ state: 'wrong' });
    clock.advance({ hours: 24 });
    expect(codes.check('confirmation', 'alice', second)).toEqual({ state: 'expired' });
  });
});

describe('hourly limits', () => {
  it('admit so many calls in an hour, and again when the hour is over', () => {
    const clock = new StandingClock();
    const limits = new HourlyLimits(clock);
    const resend = () => limits.admits('ResendConfirmationCode', 'alice');
    expect([resend(), resend(), resend(), resend(), resend(), resend()]).toEqual([true, true, true, true, true, false]);
    expect(limits.admits('ResendConfirmationCode', 'bob')).toBe(true);
    clock.advance({ hours: 1 });
    expect(resend()).toBe(true);
  });

  it('forget whom they have not seen for an hour', () => {
    const clock = new StandingClock();
    const limits = new HourlyLimits(clock);
    for (let i = 0; i < 2000; i += 1) limits.admits('ConfirmSignUp', `early ${i}`);
    clock.advance({ hours: 1 });
    for (let i = 0; i < 1000; i += 1) limits.admits('ConfirmSignUp', `late ${i}`);
    expect(limits.size).toBeLessThan(1010);
  });
});

describe('the inbox', () => {
  const message = (destination: string, code: string) =>
    ({ destination, medium: 'EMAIL', username: 'alice', purpose: 'SignUp', code, sentAt: new Date(0) }) as const;

  it('finds the newest message by address or by user name', () => {
    const inbox = new Inbox();
    inbox.deliver(message('a@example.com', '1'));
    inbox.deliver(message('b@example.com', '2'));
    expect(inbox.last('a@example.com')?.code).toBe('1');
    expect(inbox.last('alice')?.code).toBe('2');
    expect(inbox.last()?.code).toBe('2');
    expect(inbox.last('nobody')).toBeUndefined();
    expect(inbox.all().map(({ code }) => code)).toEqual(['1', '2']);
  });

  it('keeps the last 1000', () => {
    const inbox = new Inbox();
    for (let i = 0; i < 1002; i += 1) inbox.deliver(message('a@example.com', String(i)));
    expect(inbox.all()).toHaveLength(1000);
    expect(inbox.all()[0]?.code).toBe('2');
  });
});

describe('users', () => {
  const user = (username: string, attributes: Record<string, string>): User =>
    createUser({ username, sub: createSub(), attributes, status: 'CONFIRMED' }, 0);

  it('are found by user name in any case', () => {
    const users = new Users({ usernameCaseSensitive: false, usernameAttributes: [], aliasAttributes: [] });
    users.add(user('Alice', { email: 'alice@example.com', email_verified: 'true' }));
    expect(users.bySignInName('aLICE')?.username).toBe('Alice');
    expect(users.bySignInName('alice@example.com')).toBeUndefined();
  });

  it('are found by an alias once it is verified', () => {
    const users = new Users({ usernameCaseSensitive: false, usernameAttributes: [], aliasAttributes: ['email'] });
    const alice = user('alice', { email: 'alice@example.com', email_verified: 'false' });
    users.add(alice);
    expect(users.bySignInName('Alice@example.com')).toBeUndefined();
    alice.attributes['email_verified'] = 'true';
    expect(users.bySignInName('Alice@example.com')).toBe(alice);
  });

  it('are found by an address that is their user name, verified or not', () => {
    const users = new Users({ usernameCaseSensitive: false, usernameAttributes: ['email'], aliasAttributes: [] });
    const alice = user(createSub(), { email: 'alice@example.com' });
    users.add(alice);
    expect(users.bySignInName('alice@example.com')).toBe(alice);
    expect(users.ownerOf('email', 'alice@example.com', alice)).toBeUndefined();
  });

  it('have subjects shaped like UUIDs', () => {
    expect(createSub()).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });
});
