import { Controller, Get, UseGuards } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CognitoAuthGuard, type CognitoPrincipal, CognitoService, CognitoUser } from '../../../lib/index.js';
import { CognitoEmulator, CognitoTestingModule, ProcessClock } from '../../../lib/testing/index.js';

const RealDate = Date;
const HOUR = 60 * 60 * 1000;

describe('the clock of the process', () => {
  const clocks: ProcessClock[] = [];
  const newClock = (): ProcessClock => {
    const clock = new ProcessClock();
    clocks.push(clock);
    return clock;
  };

  afterEach(() => {
    for (const clock of clocks) clock.reset();
  });

  it('moves every way to ask for the time, and nothing else about Date', () => {
    const before = RealDate.now();
    newClock().advance({ hours: 2 });
    for (const time of [Date.now(), new Date().getTime(), Date.parse(Date()), clocks.at(-1)?.now() ?? 0]) {
      expect(Math.abs(time - before - 2 * HOUR)).toBeLessThan(5_000);
    }
    expect(new Date(0).toISOString()).toBe('1970-01-01T00:00:00.000Z');
    expect(new Date(2000, 1, 1)).toBeInstanceOf(Date);
    expect(new RealDate(1)).toBeInstanceOf(Date);
    expect(Date.UTC(2000, 0)).toBe(RealDate.UTC(2000, 0));
    class Later extends Date {}
    expect(new Later()).toBeInstanceOf(Later);
  });

  it('is set right again, by the last of several clocks', () => {
    const [first, second] = [newClock(), newClock()];
    first.advance({ days: 1 });
    second.advance({ hours: -1 });
    first.reset();
    expect(Math.abs(Date.now() - RealDate.now() + HOUR)).toBeLessThan(1_000);
    second.reset();
    expect(Date).toBe(RealDate);
  });

  it.each([{ days: 1e308 }, { days: -1e308 }, { seconds: NaN }, { days: 91_250_001 }])(
    'refuses to move by %j, and nothing moves then',
    (step) => {
      const clock = newClock();
      clock.advance({ hours: 1 });
      expect(() => clock.advance(step)).toThrow(expect.objectContaining({ code: 'EMULATOR_CLOCK_OUT_OF_RANGE' }));
      expect(Math.abs(Date.now() - RealDate.now() - HOUR)).toBeLessThan(5_000);
      clock.reset();
      expect(Date).toBe(RealDate);
      expect(Number.isFinite(Date.now())).toBe(true);
    },
  );

  it('stays a time that Date can hold, whichever of several clocks is reset', () => {
    const [first, second, third] = [newClock(), newClock(), newClock()];
    const years = (count: number) => ({ days: count * 365 });
    first.advance(years(200_000));
    expect(() => second.advance(years(100_000))).toThrow(/250000 years/);
    expect(() => second.advance(years(-100_000))).toThrow(/250000 years/);
    second.advance(years(-50_000));
    expect(() => third.advance(years(1))).toThrow(/250000 years/);
    first.reset();
    third.advance(years(200_000));
    expect(Number.isNaN(new Date().getTime())).toBe(false);
  });

  it('comes back to real time from steps of parts of a millisecond', () => {
    const [first, second] = [newClock(), newClock()];
    first.advance({ seconds: 1.0001 });
    second.advance({ seconds: 1.0002 });
    expect(Number.isInteger(Date.now())).toBe(true);
    first.reset();
    second.reset();
    expect(Date).toBe(RealDate);
  });

  it('leaves alone what somebody else put in its place', () => {
    const clock = newClock();
    clock.advance({ hours: 1 });
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000 });
    const theirs = Date;
    clock.reset();
    expect(Date).toBe(theirs);
    vi.useRealTimers();
    globalThis.Date = RealDate;
  });
});

describe('the testing module', () => {
  @UseGuards(CognitoAuthGuard)
  @Controller()
  class MeController {
    @Get('me') me(@CognitoUser() principal: CognitoPrincipal) {
      return { username: principal.username };
    }
  }

  it('is one line to a signed-in request, and stops its pool with the application', async () => {
    const module = await Test.createTestingModule({
      imports: [CognitoTestingModule.forRoot({ users: [{ username: 'alice', password: 'Passw0rd!' }] })],
      controllers: [MeController],
    }).compile();
    const app = module.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    const pool = app.get(CognitoEmulator);
    const me = async (authorization: string) => fetch(`${await app.getUrl()}/me`, { headers: { authorization } });

    const { accessToken } = await pool.tokensFor('alice');
    expect(await (await me(`Bearer ${accessToken}`)).json()).toEqual({ username: 'alice' });
    const signedIn = await app.get(CognitoService).signIn({ username: 'alice', password: 'Passw0rd!' });
    expect(signedIn.status).toBe('authenticated');
    pool.clock.advance({ hours: 2 });
    expect((await me(`Bearer ${accessToken}`)).status).toBe(401);

    await app.close();
    expect(Date).toBe(RealDate);
    await expect(fetch(pool.options.endpoint)).rejects.toThrow(/fetch failed/);
  });

  it('takes options of the module beside those of the pool', async () => {
    const module = await Test.createTestingModule({
      imports: [CognitoTestingModule.forRoot({ cognito: { globalGuard: true } })],
      controllers: [MeController],
    }).compile();
    const app = module.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    expect((await fetch(`${await app.getUrl()}/nowhere`)).status).toBe(404);
    expect((await fetch(`${await app.getUrl()}/me`)).status).toBe(401);
    await app.close();
  });
});
