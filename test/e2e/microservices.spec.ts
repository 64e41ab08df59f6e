import { Controller, type INestMicroservice, Module, UseGuards } from '@nestjs/common';
import {
  type ClientProxy,
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  type MicroserviceOptions,
  Payload,
  type TcpClientOptions,
  Transport,
} from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import type { AddressInfo, Server } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  BearerExtractor,
  CognitoAuthGuard,
  CognitoError,
  CognitoModule,
  type CognitoPrincipal,
  CognitoUser,
  OptionalAuth,
  Public,
  RequireGroups,
} from '../../lib/index.js';
import { CognitoMicroservicesModule, PayloadExtractor } from '../../lib/microservices/index.js';
import { CognitoEmulator } from '../../lib/testing/index.js';

const seen: unknown[] = [];

@UseGuards(CognitoAuthGuard)
@Controller()
class OrdersController {
  @MessagePattern('me') me(@CognitoUser() principal: CognitoPrincipal, @Payload() data: unknown): object {
    return { username: principal.username, data };
  }

  @RequireGroups({ any: ['editors'] }) @MessagePattern('edit') edit(): string {
    return 'edited';
  }

  @Public() @MessagePattern('open') open(@CognitoUser() principal: CognitoPrincipal | undefined): string {
    return principal === undefined ? 'nobody' : 'somebody';
  }

  @OptionalAuth() @MessagePattern('optional') optional(@CognitoUser() principal: CognitoPrincipal | undefined): string {
    return principal?.username ?? 'nobody';
  }

  @MessagePattern('failing') failing(): never {
    throw new CognitoError('COGNITO_THROTTLED', { retryAfter: 7 });
  }

  @EventPattern('placed') placed(@CognitoUser('username') username: string): void {
    seen.push(username);
  }
}

let pool: CognitoEmulator;

beforeAll(async () => {
  pool = await CognitoEmulator.start({
    users: [
      { username: 'alice', password: 'Passw0rd!', groups: ['editors'] },
      { username: 'bob', password: 'Passw0rd!' },
    ],
  });
});

afterAll(() => pool.stop());

const tokenOf = async (username: string): Promise<string> => (await pool.tokensFor(username)).accessToken;

describe.each([
  ['behind the guard', false],
  ['in an application that is guarded as a whole', true],
])('message handlers %s', (_, globalGuard) => {
  let service: INestMicroservice;
  let port: number;

  beforeAll(async () => {
    const extractors = [new BearerExtractor(), new PayloadExtractor({ property: 'accessToken' })];
    @Module({
      imports: [CognitoModule.forRoot({ ...pool.options, extractors, globalGuard }), CognitoMicroservicesModule],
      controllers: [OrdersController],
    })
    class AppModule {}
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
    service = module.createNestMicroservice<MicroserviceOptions>({
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port: 0 },
      logger: false,
    } as MicroserviceOptions);
    await service.listen();
    port = (service.unwrap<Server>().address() as AddressInfo).port;
  });

  afterAll(() => service.close());

  /** Another service, which sends one message. */
  async function send(pattern: string, data: unknown = {}, metadata: Record<string, string> = {}): Promise<unknown> {
    const options: TcpClientOptions = { transport: Transport.TCP, options: { host: '127.0.0.1', port } };
    const client: ClientProxy = ClientProxyFactory.create(options);
    client.setOnDispatchHook((packet) => (packet.metadata = metadata));
    try {
      if (pattern === 'placed') return await firstValueFrom(client.emit(pattern, data), { defaultValue: undefined });
      return await firstValueFrom(client.send<unknown>(pattern, data));
    } catch (refusal) {
      return refusal;
    } finally {
      client.close();
    }
  }

  const bearer = async (username: string) => ({ authorization: `Bearer ${await tokenOf(username)}` });

  it('take the token from the metadata of a message', async () => {
    expect(await send('me', { id: 7 }, await bearer('alice'))).toEqual({ username: 'alice', data: { id: 7 } });
    expect(await send('me', 7, await bearer('bob'))).toEqual({ username: 'bob', data: 7 });
  });

  it('take it from its data where an extractor says so', async () => {
    expect(await send('me', { accessToken: await tokenOf('bob') })).toMatchObject({ username: 'bob' });
  });

  it('refuse with the code, and repeat nothing of the token', async () => {
    const token = await tokenOf('alice');
    const [header, payload] = token.split('.');
    expect(await send('me')).toEqual({
      status: 'error',
      code: 'COGNITO_TOKEN_MISSING',
      statusCode: 401,
      message: 'Authentication is required.',
    });
    const tampered = await send('me', { accessToken: `${header}.${payload}.AAAA` });
    expect(tampered).toMatchObject({ status: 'error', code: 'COGNITO_TOKEN_SIGNATURE_INVALID', statusCode: 401 });
    expect(JSON.stringify(tampered)).not.toContain(payload);
    const idToken = (await pool.tokensFor('alice')).idToken;
    expect(await send('me', { accessToken: idToken })).toMatchObject({ code: 'COGNITO_TOKEN_WRONG_USE' });
  });

  it('refuse a token that came twice, also where none is needed and where another would be found', async () => {
    const { authorization } = await bearer('alice');
    const twice = { authorization, Authorization: 'Bearer bad' };
    const answers = [await send('optional', {}, twice), await send('me', { accessToken: await tokenOf('bob') }, twice)];
    for (const answer of answers) expect(answer).toMatchObject({ code: 'COGNITO_TOKEN_MALFORMED', statusCode: 401 });
  });

  it('are not deceived by a message that looks like a request', async () => {
    const data = { headers: await bearer('alice'), user: { username: 'alice' } };
    expect(await send('me', data)).toMatchObject({ code: 'COGNITO_TOKEN_MISSING' });
  });

  it('ask for groups, and know public and optional ones', async () => {
    expect(await send('edit', {}, await bearer('alice'))).toBe('edited');
    expect(await send('edit', {}, await bearer('bob'))).toMatchObject({
      code: 'COGNITO_GROUPS_REQUIRED',
      statusCode: 403,
    });
    expect([await send('open'), await send('optional'), await send('optional', {}, await bearer('bob'))]).toEqual([
      'nobody',
      'nobody',
      'bob',
    ]);
    expect(await send('optional', { accessToken: 'bad' })).toMatchObject({ code: 'COGNITO_TOKEN_MALFORMED' });
  });

  it('let an event pass with a token, and none without', async () => {
    seen.length = 0;
    await send('placed');
    await send('placed', {}, await bearer('alice'));
    await vi.waitUntil(() => seen.length > 0);
    expect(seen).toEqual(['alice']);
  });

  it('tell an error of a service in the same form', async () => {
    expect(await send('failing', {}, await bearer('alice'))).toMatchObject({
      code: 'COGNITO_THROTTLED',
      retryAfter: 7,
    });
  });
});
