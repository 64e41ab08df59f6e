import { Controller, Get, type INestApplication, UseGuards } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { CognitoAuthGuard, CognitoModule, LocalUser, Public, type UserSyncOptions } from '../../lib/index.js';
import { RaceUser } from './user-sync-race/race-user.entity.js';

@Controller()
@UseGuards(CognitoAuthGuard)
class MeController {
  @Get('me')
  me(@LocalUser() user: RaceUser): RaceUser {
    return user;
  }

  @Public()
  @Get('open')
  open(@LocalUser() user: RaceUser | undefined): { user: RaceUser | null } {
    return { user: user ?? null };
  }
}

describe('a guarded route with user sync', () => {
  let pool: CognitoEmulator;
  let application: INestApplication;

  beforeAll(async () => {
    const users = ['alice', 'mallory'].map((username) => ({
      username,
      password: 'Passw0rd!',
      attributes: { email: 'alice@example.com' },
    }));
    pool = await CognitoEmulator.start({ users });
  });

  afterEach(() => application.close());
  afterAll(() => pool.stop());

  async function start(options: Partial<UserSyncOptions> = {}): Promise<void> {
    const module = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({ type: 'sqljs', entities: [RaceUser], synchronize: true }),
        CognitoModule.forRoot({ ...pool.options, tokenUse: 'either', userSync: { entity: RaceUser, ...options } }),
      ],
      controllers: [MeController],
    }).compile();
    application = module.createNestApplication({ logger: false });
    await application.listen(0, '127.0.0.1');
  }

  async function ask(path: string, name?: string, tokenUse: 'accessToken' | 'idToken' = 'accessToken') {
    const headers = name === undefined ? {} : { authorization: `Bearer ${(await pool.tokensFor(name))[tokenUse]}` };
    const response = await fetch(`${await application.getUrl()}${path}`, { headers });
    return { status: response.status, body: await response.json() };
  }

  const rows = (): Promise<RaceUser[]> => application.get(DataSource).getRepository(RaceUser).find();

  it('hands out the row of the user, made from an access token with the e-mail that GetUser tells', async () => {
    await start();
    const first = await ask('/me', 'alice');
    expect(first).toMatchObject({ status: 200, body: { email: 'alice@example.com' } });
    expect(await ask('/me', 'alice')).toEqual(first);
    expect(await ask('/me', 'alice', 'idToken')).toEqual(first);
    expect(await rows()).toEqual([first.body]);
  });

  it('makes no row for a token that is refused, nor on a public route', async () => {
    await start();
    expect(await ask('/me')).toMatchObject({ status: 401, body: { code: 'COGNITO_TOKEN_MISSING' } });
    expect(await ask('/open', 'alice')).toEqual({ status: 200, body: { user: null } });
    expect(await rows()).toEqual([]);
  });

  it('answers 403 to a user whom the application does not know', async () => {
    await start({ createUnknownUsers: false });
    expect(await ask('/me', 'alice')).toMatchObject({ status: 403, body: { code: 'COGNITO_USER_UNKNOWN' } });
    expect(await rows()).toEqual([]);
  });

  it("answers 409 to a user with somebody else's e-mail, and says no more", async () => {
    await start();
    await ask('/me', 'alice');
    const refused = await ask('/me', 'mallory');
    expect(refused).toMatchObject({ status: 409, body: { code: 'COGNITO_USER_CONFLICT' } });
    expect(JSON.stringify(refused.body)).not.toContain('alice');
    expect(await rows()).toHaveLength(1);
  });

  it('answers 503 while the database is closed, never 401 or 403', async () => {
    await start();
    const database = application.get(DataSource);
    await database.destroy();
    expect(await ask('/me', 'alice')).toMatchObject({ status: 503, body: { code: 'COGNITO_USER_STORE_UNAVAILABLE' } });
    await database.initialize();
    expect(await ask('/me', 'alice')).toMatchObject({ status: 200 });
  });
});
