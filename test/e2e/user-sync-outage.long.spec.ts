import { setTimeout as pause } from 'node:timers/promises';
import { Controller, Get, type INestApplication, UseGuards } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoEmulator } from '../../lib/emulator/index.js';
import { CognitoAuthGuard, CognitoModule, LocalUser } from '../../lib/index.js';
import { startPostgres } from '../support/postgres.js';

@Entity('outage_users')
class OutageUser {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { unique: true }) sub!: string;
  @Column('varchar', { nullable: true }) firstName!: string | null;
}

@Controller()
@UseGuards(CognitoAuthGuard)
class MeController {
  @Get('me')
  me(@LocalUser() user: OutageUser): OutageUser {
    return user;
  }
}

/** Milliseconds within which every request is answered. */
const TIME_OUT = 5_000;
const NAMES = Array.from({ length: 8 }, (_, index) => `user${index}`);

const server = await startPostgres();

describe.skipIf(server === undefined)('a PostgreSQL that is killed under load and started again', () => {
  let pool: CognitoEmulator;
  let application: INestApplication;
  let url: string;

  beforeAll(async () => {
    pool = await CognitoEmulator.start({ users: NAMES.map((username) => ({ username, password: 'Passw0rd!' })) });
    const module = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url: server?.url ?? '',
          entities: [OutageUser],
          synchronize: true,
          poolSize: 5,
          connectTimeoutMS: 2_000,
          extra: { query_timeout: 3_000 },
        }),
        CognitoModule.forRoot({
          ...pool.options,
          tokenUse: 'id',
          userSync: {
            entity: OutageUser,
            attributes: { given_name: 'firstName' },
            attributesFrom: 'claims',
            cacheTtl: 0,
          },
        }),
      ],
      controllers: [MeController],
    }).compile();
    application = module.createNestApplication({ logger: false });
    await application.listen(0, '127.0.0.1');
    url = await application.getUrl();
  });

  afterAll(async () => {
    await application.close();
    await pool.stop();
    await server?.stop();
  });

  it('is 503 meanwhile and soon 200 again, with one row for each user and no write lost that was answered', async () => {
    const seen: number[] = [];
    const answered = new Map<string, number>();
    const load = { isOver: false };

    /** One user, whose given name counts up with every request. */
    async function visit(name: string): Promise<void> {
      for (let version = 1; !load.isOver; version++) {
        const { idToken } = await pool.tokensFor(name, { claims: { given_name: String(version) } });
        const { status, body } = await ask(url, idToken);
        seen.push(status);
        if (status === 200) {
          expect(body).toMatchObject({ firstName: String(version) });
          answered.set((body as OutageUser).sub, version);
        } else expect(body).toMatchObject({ code: 'COGNITO_USER_STORE_UNAVAILABLE' });
      }
    }

    const visits = Promise.all(NAMES.map(visit));
    await expect.poll(() => seen.filter((status) => status === 200).length, { timeout: 20_000 }).toBeGreaterThan(50);
    await server?.kill();
    const killedAt = seen.length;
    await expect
      .poll(() => seen.slice(killedAt).filter((status) => status === 503).length, { timeout: 20_000 })
      .toBeGreaterThan(50);
    await server?.restart();
    const restartedAt = seen.length;
    await expect
      .poll(() => seen.slice(restartedAt).filter((status) => status === 200).length, { timeout: 5_000 })
      .toBeGreaterThan(0);
    await pause(500);
    load.isOver = true;
    await visits;

    expect(new Set(seen)).toEqual(new Set([200, 503]));
    const rows = await application.get(DataSource).getRepository(OutageUser).find();
    expect(rows).toHaveLength(NAMES.length);
    // A write that was made and not answered may be there as well.
    expect(answered.size).toBe(NAMES.length);
    for (const { sub, firstName } of rows) expect(Number(firstName)).toBeGreaterThanOrEqual(answered.get(sub) ?? 0);
  });
});

async function ask(url: string, token: string): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/me`, { headers, signal: AbortSignal.timeout(TIME_OUT) });
  return { status: response.status, body: await response.json() };
}
