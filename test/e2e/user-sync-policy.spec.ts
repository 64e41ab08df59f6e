import { Controller, Get, Injectable, type INestApplication, UseGuards } from '@nestjs/common';
import { EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  ClaimsUserStore,
  CognitoAuthGuard,
  CognitoModule,
  CognitoService,
  LocalUser,
  USER_EVENTS,
  type UserEvent,
  UserSyncService,
  type UserSyncOptions,
} from '../../lib/index.js';
import { CognitoEmulator } from '../../lib/testing/index.js';

@Entity('people')
class Person {
  @PrimaryGeneratedColumn() id!: number;
  @Column('varchar', { unique: true }) sub!: string;
  @Column('varchar', { nullable: true }) email!: string | null;
  @Column('simple-json', { nullable: true }) teams!: string[] | null;
  @Column({ type: 'datetime', nullable: true }) syncedAt!: Date | null;
}

@Controller()
@UseGuards(CognitoAuthGuard)
class MeController {
  @Get('me')
  me(@LocalUser() user: object | undefined): object {
    return { user: user ?? null };
  }
}

@Injectable()
class Welcome {
  readonly heard: string[] = [];

  @OnEvent(USER_EVENTS.created)
  created({ user }: UserEvent<Person>): void {
    this.heard.push(`created ${user.email}`);
  }

  @OnEvent(USER_EVENTS.updated)
  updated({ user }: UserEvent<Person>): void {
    this.heard.push(`updated ${user.email}`);
  }
}

describe.each(['Express', 'Fastify'])('user sync behind the guard on %s', (adapter) => {
  let pool: CognitoEmulator;
  let application: INestApplication;

  beforeAll(async () => {
    pool = await CognitoEmulator.start({
      users: [
        { username: 'alice', password: 'Passw0rd!', attributes: { email: 'alice@example.com' }, groups: ['admin'] },
        { username: 'bob', password: 'Passw0rd!' },
      ],
    });
  });
  afterEach(async () => {
    pool.clock.reset();
    await application.close();
  });
  afterAll(() => pool.stop());

  async function start(options: Partial<UserSyncOptions> = {}): Promise<void> {
    const module = await Test.createTestingModule({
      imports: [
        EventEmitterModule.forRoot(),
        TypeOrmModule.forRoot({ type: 'sqljs', entities: [Person], synchronize: true }),
        CognitoModule.forRoot({
          ...pool.options,
          tokenUse: 'either',
          userSync: options.store === undefined ? { entity: Person, ...options } : options,
        }),
      ],
      controllers: [MeController],
      providers: [Welcome],
    }).compile();
    application =
      adapter === 'Fastify'
        ? module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false })
        : module.createNestApplication({ logger: false });
    await application.listen(0, '127.0.0.1');
  }

  async function ask(token: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${await application.getUrl()}/me`, { headers });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  const tokenOf = async (name: string): Promise<string> => (await pool.tokensFor(name)).accessToken;
  const people = (): Promise<Person[]> => application.get(DataSource).getRepository(Person).find();

  it('keeps attributes, groups and the time of asking, and says what it wrote once', async () => {
    await start({ groups: 'teams' });
    const token = await tokenOf('alice');
    const first = await ask(token);
    expect(first).toMatchObject({ status: 200, body: { user: { email: 'alice@example.com', teams: ['admin'] } } });
    expect(await ask(token)).toEqual(first);
    expect(await people()).toMatchObject([{ syncedAt: expect.any(Date) as Date }]);

    const attributes = { email: 'new@example.com' };
    await application.get(CognitoService).users.updateAttributes({ username: 'alice', attributes });
    expect(await ask(token)).toEqual(first);
    pool.clock.advance({ minutes: 61 });
    expect(await ask(await tokenOf('alice'))).toMatchObject({ body: { user: { email: 'new@example.com' } } });
    expect(application.get(Welcome).heard).toEqual(['created alice@example.com', 'updated new@example.com']);
  });

  it.each([
    // Disabling ends the tokens that GetUser takes; an administrator sees the account itself.
    ['auto', 401, 'COGNITO_TOKEN_REVOKED'],
    ['admin-get-user', 403, 'COGNITO_USER_INACTIVE'],
  ] as const)('refuses by `staleAfter` who was disabled at the pool: %s', async (attributesFrom, status, code) => {
    await start({ attributesFrom, staleAfter: 60, cacheTtl: 30 });
    const token = await tokenOf('bob');
    expect((await ask(token)).status).toBe(200);
    await application.get(CognitoService).users.disable({ username: 'bob' });
    pool.clock.advance({ seconds: 61 });
    expect(await ask(token)).toMatchObject({ status, body: { code } });
    await application.get(CognitoService).users.enable({ username: 'bob' });
  });

  it('needs no database with a store of its own, and lets a subclass decide', async () => {
    class Named extends UserSyncService {
      protected override create(...[question, told]: Parameters<UserSyncService['create']>): Promise<object> {
        return super.create(question, { ...told, attributes: { name: question.principal.username } });
      }
    }
    await start({ store: new ClaimsUserStore(), service: Named });
    const { status, body } = await ask(await tokenOf('alice'));
    expect(status).toBe(200);
    expect(body).toMatchObject({ user: { pool: 'default', groups: ['admin'], attributes: { name: 'alice' } } });
    expect(application.get(UserSyncService)).toBeInstanceOf(Named);
    expect(await people()).toEqual([]);
  });
});
