import {
  type ArgumentsHost,
  Body,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  Headers,
  Post,
  UseGuards,
} from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  CognitoAuthGuard,
  CognitoError,
  CognitoModule,
  CognitoService,
  isCognitoError,
  type SignInInput,
  toHttpException,
} from '../../lib/index.js';
import { CognitoEmulator, errorAnswer } from '../../lib/testing/index.js';
import { adapters, type RunningApp, startApp } from '../support/nest-app.js';

@Controller()
class AccountController {
  constructor(private readonly cognito: CognitoService) {}

  @Post('login') login(@Body() input: SignInInput) {
    return this.cognito.signIn(input);
  }

  @Get('profile') profile(@Headers('x-token') accessToken: string) {
    return this.cognito.profile.get({ accessToken });
  }

  @UseGuards(CognitoAuthGuard) @Get('guarded') guarded() {
    return {};
  }

  @Get('bug') bug() {
    throw new TypeError('a bug of the application');
  }
}

/** What an application with a filter for everything does with the errors of this package. */
@Catch()
class OwnFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    const status = isCognitoError(exception) ? toHttpException(exception).getStatus() : 500;
    host
      .switchToHttp()
      .getResponse<{ status(code: number): { send(body: unknown): void } }>()
      .status(status)
      .send({ own: status });
  }
}

/** Everything that Nest logs, in one text. */
class Recorder {
  text = '';
  readonly #write = (...messages: unknown[]): void => {
    this.text += `${messages.map((message) => (typeof message === 'string' ? message : inspect(message, { depth: 9 }))).join(' ')}\n`;
  };
  readonly log = this.#write;
  readonly error = this.#write;
  readonly warn = this.#write;
  readonly debug = this.#write;
  readonly verbose = this.#write;
  readonly fatal = this.#write;
}

const password = 'Passw0rd!-S3cr3t';
const users = [
  { username: 'alice', password, attributes: { email: 'alice@example.com' } },
  { username: 'fresh', password, status: 'UNCONFIRMED' as const },
];

let pool: CognitoEmulator;

beforeAll(async () => {
  pool = await CognitoEmulator.start({ users });
});

afterAll(() => pool.stop());

describe.each(adapters)('an application whose controllers let errors through, on %s', (_, adapter) => {
  let app: RunningApp;
  const recorder = new Recorder();

  beforeAll(async () => {
    const metadata = { imports: [CognitoModule.forRoot(pool.options)], controllers: [AccountController] };
    app = await startApp(adapter, metadata, { prepare: (nest) => nest.useLogger(recorder) });
  });

  afterAll(() => app.close());

  afterEach(() => {
    pool.hooks.beforeAnswer = undefined;
  });

  async function login(body: object) {
    const answer = await fetch(`${app.url}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
  }

  it('answers each with its status, its code and the sentence for the caller', async () => {
    expect((await login({ username: 'alice', password })).body).toMatchObject({ status: 'authenticated' });
    const wrong = await login({ username: 'alice', password: 'wrong' });
    expect([wrong.status, wrong.body]).toEqual([
      401,
      {
        statusCode: 401,
        error: 'Unauthorized',
        message: 'Incorrect username or password.',
        code: 'COGNITO_CREDENTIALS_INCORRECT',
      },
    ]);
    expect(await login({ username: 'nobody', password: 'wrong' })).toMatchObject({ status: 401, body: wrong.body });
    expect(await login({ username: 'fresh', password })).toMatchObject({
      status: 403,
      body: { code: 'COGNITO_USER_NOT_CONFIRMED' },
    });
  });

  it('answers throttling with 429 and when to come back, and an outage with 503', async () => {
    pool.hooks.beforeAnswer = () => errorAnswer('TooManyRequestsException', 'Rate exceeded');
    const throttled = await app.get('/profile', undefined, { 'x-token': (await pool.tokensFor('alice')).accessToken });
    expect([throttled.status, throttled.body.code, throttled.headers.get('retry-after')]).toEqual([
      429,
      'COGNITO_THROTTLED',
      '1',
    ]);
    pool.hooks.beforeAnswer = () => errorAnswer('InternalErrorException', 'oops', 500);
    expect(await login({ username: 'alice', password })).toMatchObject({
      status: 503,
      body: { code: 'COGNITO_UNAVAILABLE' },
    });
  });

  it('leaves errors that are not ours to Nest', async () => {
    expect((await app.get('/bug')).body).toEqual({ statusCode: 500, message: 'Internal server error' });
  });

  it('logs why, and never what: no token, password or code', async () => {
    const tokens = await pool.tokensFor('alice');
    const [header, payload] = tokens.accessToken.split('.');
    await app.get('/guarded', `${header}.${payload}.AAAA`);
    await app.get('/guarded', tokens.idToken);
    await app.get('/profile', undefined, { 'x-token': `${tokens.accessToken}x` });
    await login({ username: 'alice', password: `${password}-wrong`, flow: 'USER_PASSWORD_AUTH' });
    expect(recorder.text).toContain('COGNITO_TOKEN_SIGNATURE_INVALID');
    expect(recorder.text).toContain('COGNITO_TOKEN_WRONG_USE');
    for (const secret of [password, payload, tokens.idToken, tokens.refreshToken])
      expect(recorder.text).not.toContain(secret);
  });
});

describe.each(adapters)('an application with a filter of its own, on %s', (_, adapter) => {
  it('tells the errors apart by one call', async () => {
    const metadata = { imports: [CognitoModule.forRoot(pool.options)], controllers: [AccountController] };
    const app = await startApp(adapter, metadata, { prepare: (nest) => nest.useGlobalFilters(new OwnFilter()) });
    const { status, body } = await app.get('/profile', undefined, { 'x-token': 'a.b.c' });
    expect([status, body]).toEqual([401, { own: 401 }]);
    expect((await app.get('/bug')).body).toEqual({ own: 500 });
    await app.close();
  });
});

describe('the filter on other transports', () => {
  it('returns an error where that is rendered as one, and nothing where it would pass for a result', async () => {
    // Loaded anew: the modules of before may have been taught forms of other transports by whoever used them.
    vi.resetModules();
    const { CognitoExceptionFilter } = await import('../../lib/errors/cognito-exception.filter.js');
    const untaught = await import('../../lib/errors/cognito.error.js');
    const filter = new CognitoExceptionFilter({} as HttpAdapterHost);
    const caughtOn = (type: string): unknown =>
      filter.catch(new untaught.CognitoError('COGNITO_CODE_MISMATCH'), {
        getType: () => type,
      } as unknown as ArgumentsHost);

    expect(caughtOn('graphql')).toMatchObject({ code: 'COGNITO_CODE_MISMATCH' });
    expect([caughtOn('rpc'), caughtOn('ws')]).toEqual([undefined, undefined]);
  });
});

describe('an error', () => {
  it('is known by its code and keeps its cause', () => {
    const cause = new Error('underneath');
    const error = new CognitoError('COGNITO_CODE_MISMATCH', { cause });
    expect(isCognitoError(error, 'COGNITO_CODE_MISMATCH', 'COGNITO_CODE_EXPIRED')).toBe(true);
    expect(isCognitoError(error, 'COGNITO_CODE_EXPIRED')).toBe(false);
    expect(isCognitoError(new Error('another'))).toBe(false);
    expect(error.cause).toBe(cause);
  });
});
