import { Controller, Get, Module } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CognitoHealthIndicator } from '../../lib/health/index.js';
import { CognitoModule, type CognitoOptions } from '../../lib/index.js';
import { CognitoEmulator } from '../../lib/testing/index.js';
import { type Answer, adapters, startApp } from '../support/nest-app.js';

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly cognito: CognitoHealthIndicator,
  ) {}

  @Get() @HealthCheck() check() {
    return this.health.check([() => this.cognito.check()]);
  }

  @Get('named') @HealthCheck() named() {
    return this.health.check([() => this.cognito.check('user-pool')]);
  }
}

let pool: CognitoEmulator;
let staff: CognitoEmulator;

beforeAll(async () => {
  [pool, staff] = await Promise.all([CognitoEmulator.start(), CognitoEmulator.start()]);
});

afterAll(() => Promise.all([pool.stop(), staff.stop()]));

describe.each(adapters)('the health of an application on %s', (_, adapter) => {
  const ask = async (options: Partial<CognitoOptions>, path = '/health'): Promise<Answer> => {
    @Module({
      imports: [CognitoModule.forRoot({ ...pool.options, ...options }), TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController],
      providers: [CognitoHealthIndicator],
    })
    class AppModule {}
    const app = await startApp(adapter, AppModule);
    const answer = await app.get(path);
    await app.close();
    return answer;
  };

  it('is good when the keys of every pool are there, and says how old they are', async () => {
    const { status, body } = await ask({ pools: { staff: staff.options } });
    const well = { status: 'up', keyAgeSeconds: expect.any(Number) as number };
    expect([status, body['info']]).toEqual([200, { cognito: { status: 'up', pools: { default: well, staff: well } } }]);
  });

  it('is 503 when those of one pool cannot be had, and says why', async () => {
    const { status, body } = await ask({
      pools: { staff: { ...staff.options, jwks: { uri: `${staff.options.issuer}/nowhere` } } },
    });
    const ill = { status: 'down', lastError: 'status 404' };
    expect([status, body['error']]).toEqual([
      503,
      { cognito: { status: 'down', pools: { default: expect.objectContaining({ status: 'up' }), staff: ill } } },
    ]);
  });

  it('stands under the name that was asked for', async () => {
    const { status, body } = await ask({}, '/health/named');
    expect([status, Object.keys(body['details'] as object)]).toEqual([200, ['user-pool']]);
  });
});
