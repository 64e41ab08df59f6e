import { Controller, Get, Req } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CognitoModule, CognitoService } from '../../lib/index.js';
import { awsError, FaultServer } from '../support/fault-server.js';
import { adapters, type RunningApp, startApp } from '../support/nest-app.js';

@Controller('sign-in')
class SignInController {
  constructor(private readonly cognito: CognitoService) {}

  @Get()
  async signIn(@Req() request: { readonly ip: string }): Promise<void> {
    const userContext = { ipAddress: request.ip };
    await this.cognito.signIn({ username: 'alice', password: 'Passw0rd!', userContext });
  }

  @Get('without')
  async withoutContext(): Promise<void> {
    await this.cognito.signIn({ username: 'alice', password: 'Passw0rd!' });
  }
}

let server: FaultServer;
let app: RunningApp | undefined;

beforeEach(async () => {
  server = await FaultServer.start(() => awsError('NotAuthorizedException', 'Incorrect username or password.'));
});

afterEach(async () => {
  await app?.close();
  server.stop();
});

/** The address that Cognito is told when somebody asks with headers of their own making. */
async function addressTold(adapter: () => ExpressAdapter | FastifyAdapter, path: string): Promise<unknown> {
  const jwks = { warmUp: false };
  const pool = { userPoolId: 'local_AbCdEfGhI', clientId: 'client', region: 'local', endpoint: server.endpoint, jwks };
  const controllers = [SignInController];
  app = await startApp(adapter, { imports: [CognitoModule.forRoot(pool)], controllers });
  const forged = { 'x-forwarded-for': '198.51.100.9', 'x-real-ip': '198.51.100.9', forwarded: 'for=198.51.100.9' };
  expect((await app.get(path, undefined, forged)).status).toBe(401);
  return server.seen[0]?.body['UserContextData'];
}

describe.each(adapters)('the address of a user on %s', (name, adapter) => {
  it('is that of the connection, whatever a header says', async () => {
    expect(await addressTold(adapter, '/sign-in')).toEqual({
      IpAddress: expect.stringMatching(/^(::ffff:)?127\.0\.0\.1$/) as string,
    });
  });

  it('is that of the header only where the application trusts its proxy', async () => {
    const trusting = () => {
      if (name === 'Fastify') return new FastifyAdapter({ trustProxy: true });
      const express = new ExpressAdapter();
      express.set('trust proxy', true);
      return express;
    };
    expect(await addressTold(trusting, '/sign-in')).toEqual({ IpAddress: '198.51.100.9' });
  });

  it('is not told by the library on its own', async () => {
    expect(await addressTold(adapter, '/sign-in/without')).toBeUndefined();
  });
});
