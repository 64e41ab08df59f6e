import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  HttpException,
  Logger,
  Module,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-custom';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  COGNITO_OPTIONS,
  CognitoAuthenticator,
  CognitoAuthGuard,
  CognitoModule,
  type CognitoOptions,
  CognitoOptionsFactory,
  type CognitoPrincipal,
  CognitoService,
  CognitoStrategy,
  CognitoTokenVerifier,
  CognitoUser,
  LocalUsers,
  OptionalAuth,
  Public,
  RequireGroups,
  RequireScopes,
  TokenUse,
  UserPool,
} from '../../lib/index.js';
import { CognitoEmulator } from '../../lib/testing/index.js';
import { adapters, type RunningApp, startApp } from '../support/nest-app.js';

@UseGuards(CognitoAuthGuard)
@Controller('notes')
class NotesController {
  @Get('me') me(@CognitoUser() principal: CognitoPrincipal) {
    return { sub: principal.sub, username: principal.username, groups: principal.groups, use: principal.tokenUse };
  }

  @Public() @Get('open') open(@CognitoUser() principal: CognitoPrincipal | undefined) {
    return { anonymous: principal === undefined };
  }

  @OptionalAuth() @Get('optional') optional(@CognitoUser() principal: CognitoPrincipal | undefined) {
    return { username: principal?.username ?? null };
  }

  @TokenUse('id') @Get('id') byIdToken() {
    return {};
  }

  @UserPool('staff') @Get('staff') staff() {
    return {};
  }

  @RequireGroups({ any: ['admin', 'editors'], none: ['suspended'] }) @Get('edit') edit() {
    return {};
  }

  @RequireScopes({ all: ['notes/read'] }) @Get('scoped') scoped() {
    return {};
  }
}

@UseGuards(CognitoAuthGuard)
@RequireGroups({ any: ['staff'] })
@Controller('back-office')
class BackOfficeController {
  @Get() look() {
    return {};
  }

  @RequireGroups({ all: ['admin'] }) @Get('change') change() {
    return {};
  }
}

@UseGuards(CognitoAuthGuard)
@RequireGroups({ any: ['editors', 'admin'] })
class RestrictedBase {}

@RequireGroups({ none: ['suspended'] })
@Controller('stacked')
class StackedController extends RestrictedBase {
  @Get() look() {
    return {};
  }

  @RequireGroups({ any: ['admin'] }) @RequireGroups({ none: ['away'] }) @Get('twice') twice() {
    return {};
  }
}

@UseGuards(CognitoAuthGuard)
@UserPool('staff')
@Controller('staff')
class StaffController {
  @Get() look() {
    return {};
  }
}

@UseGuards(CognitoAuthGuard)
@TokenUse('id')
@Controller('by-id')
class ByIdController {
  @Get() look() {
    return {};
  }

  @OptionalAuth() @RequireScopes({ any: ['notes/read'] }) @TokenUse('access') @Get('scoped') scoped() {
    return {};
  }
}

@Controller()
class BareController {
  @Get('bare') bare() {
    return {};
  }

  @Public() @Get('bare-public') open() {
    return {};
  }
}

class WithSession extends AuthGuard(['cognito', 'always']) {
  override getAuthenticateOptions() {
    return { session: true };
  }
}

@Controller('passport')
class PassportController {
  @UseGuards(WithSession) @Get('session') withSession() {
    return {};
  }

  @UseGuards(AuthGuard('cognito')) @Get() only(@CognitoUser() principal: CognitoPrincipal) {
    return { username: principal.username };
  }

  @UseGuards(AuthGuard(['cognito', 'always'])) @Get('either') either(@CognitoUser() user: unknown) {
    return { user };
  }
}

class AlwaysStrategy extends PassportStrategy(Strategy, 'always') {
  validate(): { via: string } {
    return { via: 'always' };
  }
}

/** Keeps the status of HTTP exceptions and makes a 500 of everything else, as many applications do. */
@Catch()
class CatchAllFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    const status = exception instanceof HttpException ? exception.getStatus() : 500;
    const response = host.switchToHttp().getResponse<{ status(code: number): { send(body: unknown): void } }>();
    response.status(status).send({ caught: status });
  }
}

const users = [
  { username: 'alice', password: 'Passw0rd!', attributes: { email: 'alice@example.com' }, groups: ['editors'] },
  { username: 'admin', password: 'Passw0rd!', attributes: { email: 'admin@example.com' }, groups: ['admin', 'staff'] },
];

let pool: CognitoEmulator;
let staff: CognitoEmulator;

beforeAll(async () => {
  [pool, staff] = await Promise.all([CognitoEmulator.start({ users }), CognitoEmulator.start({ users })]);
});

afterAll(() => Promise.all([pool.stop(), staff.stop()]));

/** Options for the controllers above, which name a second pool. */
function bothPools(): CognitoOptions {
  return { ...pool.options, pools: { staff: staff.options } };
}

function appModule(options: Partial<CognitoOptions> = {}) {
  @Module({
    imports: [PassportModule, CognitoModule.forRoot({ ...bothPools(), ...options })],
    controllers: [
      NotesController,
      BackOfficeController,
      StackedController,
      StaffController,
      ByIdController,
      BareController,
      PassportController,
    ],
    providers: [AlwaysStrategy],
  })
  class AppModule {}
  return AppModule;
}

const accessTokenOf = async (username: string, claims = {}): Promise<string> =>
  (await pool.tokensFor(username, { claims })).accessToken;

describe.each(adapters)('a guarded application on %s', (_, adapter) => {
  let app: RunningApp;

  beforeAll(async () => {
    app = await startApp(adapter, appModule());
  });

  afterAll(() => app.close());
  afterEach(() => pool.clock.reset());

  it('lets a good token pass, as its user', async () => {
    const { status, body } = await app.get('/notes/me', await accessTokenOf('alice'));
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ username: 'alice', groups: ['editors'], use: 'access' }),
    ]);
  });

  it('takes the scheme in any case', async () => {
    const token = await accessTokenOf('alice');
    for (const scheme of ['bearer', 'BEARER', 'Bearer ']) {
      expect((await app.get('/notes/me', undefined, { authorization: `${scheme} ${token}` })).status).toBe(200);
    }
  });

  it('answers 401 with a challenge and no error where no token was sent', async () => {
    for (const authorization of ['', 'Bearer', 'Basic YWxpY2U6eA==', 'token abc']) {
      const { status, body, headers } = await app.get('/notes/me', undefined, authorization ? { authorization } : {});
      expect([status, body.code]).toEqual([401, 'COGNITO_TOKEN_MISSING']);
      expect(headers.get('www-authenticate')).toBe('Bearer realm="api"');
    }
  });

  it('answers 401 with the error where a bad token was sent, and repeats nothing of it', async () => {
    const token = await accessTokenOf('alice');
    const [header, payload] = token.split('.');
    for (const bad of [`${header}.${payload}.AAAA`, 'not-a-token', `${token} twice`, `${token},${token}`]) {
      const { status, headers, text } = await app.get('/notes/me', bad);
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toMatch(
        /^Bearer realm="api", error="invalid_token", error_description="[\w .]+"$/,
      );
      expect(text).not.toContain(payload);
      expect(text).not.toContain('stack');
    }
  });

  it('answers 401 to the token of another pool, another client and another use', async () => {
    const answers = await Promise.all([
      app.get('/notes/me', (await staff.tokensFor('alice')).accessToken),
      app.get('/notes/me', (await pool.tokensFor('alice', { clientId: 'foreign' })).accessToken),
      app.get('/notes/me', (await pool.tokensFor('alice')).idToken),
      app.get('/notes/id', await accessTokenOf('alice')),
      app.get('/notes/id', (await pool.tokensFor('alice')).idToken),
    ]);
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [401, 'COGNITO_TOKEN_WRONG_ISSUER'],
      [401, 'COGNITO_TOKEN_WRONG_CLIENT'],
      [401, 'COGNITO_TOKEN_WRONG_USE'],
      [401, 'COGNITO_TOKEN_WRONG_USE'],
      [200, undefined],
    ]);
  });

  it('takes the tokens of a named pool where a route asks for it, and only there', async () => {
    const { accessToken } = await staff.tokensFor('alice');
    expect((await app.get('/notes/staff', accessToken)).status).toBe(200);
    expect((await app.get('/notes/staff', await accessTokenOf('alice'))).body.code).toBe('COGNITO_TOKEN_WRONG_ISSUER');
  });

  it('refuses the old token once it has expired, and a new SRP sign-in succeeds', async () => {
    const cognito = app.nest.get(CognitoService);
    const signIn = async (): Promise<string> => {
      const result = await cognito.signIn({ username: 'alice', password: 'Passw0rd!' });
      if (result.status !== 'authenticated') throw new Error(`a challenge: ${result.challenge.name}`);
      return result.tokens.accessToken;
    };
    const old = await signIn();
    expect((await app.get('/notes/me', old)).status).toBe(200);
    pool.clock.advance({ hours: 1, minutes: 1 });
    const refused = await app.get('/notes/me', old);
    expect([refused.status, refused.body.code]).toEqual([401, 'COGNITO_TOKEN_EXPIRED']);
    expect(refused.headers.get('www-authenticate')).toContain('The token has expired.');
    expect((await app.get('/notes/me', await signIn())).status).toBe(200);
  });

  it('answers 403 to a good token without the right, and passes one with it', async () => {
    const codes = async (path: string, ...groups: string[]) => {
      const { status, body } = await app.get(path, await accessTokenOf('alice', { 'cognito:groups': groups }));
      return [status, body.code];
    };
    const refused = [403, 'COGNITO_GROUPS_REQUIRED'];
    expect(await codes('/notes/edit', 'editors')).toEqual([200, undefined]);
    expect(await codes('/notes/edit', 'readers')).toEqual(refused);
    expect(await codes('/notes/edit', 'Editors')).toEqual(refused);
    expect(await codes('/notes/edit', 'editors', 'suspended')).toEqual(refused);
    expect(await codes('/notes/edit')).toEqual(refused);
  });

  it('combines the rules of a class and its method with AND', async () => {
    const statuses = async (...groups: string[]) => {
      const token = await accessTokenOf('alice', { 'cognito:groups': groups });
      const answers = await Promise.all(['', '/change'].map((path) => app.get(`/back-office${path}`, token)));
      return answers.map(({ status }) => status);
    };
    expect(await statuses('staff', 'admin')).toEqual([200, 200]);
    expect(await statuses('staff')).toEqual([200, 403]);
    expect(await statuses('admin')).toEqual([403, 403]);
  });

  it('adds every rule to the others: two on one target, and those of a class to those of its ancestors', async () => {
    const statuses = async (...groups: string[]) => {
      const token = await accessTokenOf('alice', { 'cognito:groups': groups });
      return [(await app.get('/stacked', token)).status, (await app.get('/stacked/twice', token)).status];
    };
    expect(await statuses('admin')).toEqual([200, 200]);
    expect(await statuses('editors')).toEqual([200, 403]);
    expect(await statuses('admin', 'away')).toEqual([200, 403]);
    expect(await statuses('admin', 'suspended')).toEqual([403, 403]);
    expect(await statuses('readers')).toEqual([403, 403]);
  });

  it('takes pool and kind of token from the class where the method says nothing', async () => {
    const ours = await pool.tokensFor('alice');
    expect((await app.get('/staff', (await staff.tokensFor('alice')).accessToken)).status).toBe(200);
    expect((await app.get('/staff', ours.accessToken)).status).toBe(401);
    expect((await app.get('/by-id', ours.idToken)).status).toBe(200);
    expect((await app.get('/by-id', ours.accessToken)).status).toBe(401);
    expect((await app.get('/by-id/scoped', await accessTokenOf('alice', { scope: 'notes/read' }))).status).toBe(200);
  });

  it('does not let the anonymous into an optional route that asks for something', async () => {
    expect((await app.get('/by-id/scoped')).status).toBe(401);
  });

  it('asks a token for its scopes', async () => {
    const { status, body, headers } = await app.get('/notes/scoped', await accessTokenOf('alice'));
    expect([status, body.code]).toEqual([403, 'COGNITO_SCOPE_MISSING']);
    expect(headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect((await app.get('/notes/scoped', await accessTokenOf('alice', { scope: 'openid notes/read' }))).status).toBe(
      200,
    );
    expect((await app.get('/notes/scoped', await accessTokenOf('alice', { scope: 'notes/reader' }))).status).toBe(403);
  });

  it('leaves a public route alone, and an optional one to whoever sends no token', async () => {
    expect((await app.get('/notes/open')).body).toEqual({ anonymous: true });
    expect((await app.get('/notes/open', 'not-a-token')).status).toBe(200);
    expect((await app.get('/notes/optional')).body).toEqual({ username: null });
    expect((await app.get('/notes/optional', await accessTokenOf('alice'))).body).toEqual({ username: 'alice' });
    expect((await app.get('/notes/optional', 'not-a-token')).status).toBe(401);
  });

  it('lets machines pass where no group is asked for', async () => {
    const machine = { username: undefined, sub: pool.options.clientId, origin_jti: undefined };
    const token = await accessTokenOf('alice', { ...machine, 'cognito:groups': ['editors'] });
    expect((await app.get('/notes/me', token)).body).toMatchObject({ sub: pool.options.clientId, groups: [] });
    expect((await app.get('/notes/edit', token)).status).toBe(403);
  });

  it('does not guard what nobody asked it to guard', async () => {
    expect((await app.get('/bare')).status).toBe(200);
  });

  it('works for Passport too, where a request without a good token is left to the next strategy', async () => {
    const token = await accessTokenOf('alice');
    expect((await app.get('/passport', token)).body).toEqual({ username: 'alice' });
    expect((await app.get('/passport')).status).toBe(401);
    expect((await app.get('/passport', 'not-a-token')).status).toBe(401);
    expect((await app.get('/passport', (await staff.tokensFor('alice')).accessToken)).status).toBe(401);
    expect((await app.get('/passport/either', token)).body).toMatchObject({ user: { username: 'alice' } });
    expect((await app.get('/passport/either')).body).toEqual({ user: { via: 'always' } });
    expect((await app.get('/passport/either', 'not-a-token')).body).toEqual({ user: { via: 'always' } });
  });

  it('keeps no session for Passport, and says so', async () => {
    const logged = vi.spyOn(Logger.prototype, 'error').mockReturnValue();
    const { status, body } = await app.get('/passport/session', await accessTokenOf('alice'));
    expect([status, body.code]).toEqual([500, 'COGNITO_OPTIONS_INVALID']);
    expect(logged).toHaveBeenCalledWith(expect.stringContaining('Take `session: true` out'));
    logged.mockRestore();
  });
});

describe.each(adapters)('an application with a catch-all filter on %s', (_, adapter) => {
  let app: RunningApp;

  beforeAll(async () => {
    app = await startApp(adapter, appModule({ jwks: { uri: `${pool.options.issuer}/.well-known/jwks.json` } }), {
      prepare: (nest) => nest.useGlobalFilters(new CatchAllFilter()),
    });
  });

  afterAll(() => app.close());

  it('still answers 401, 403 and 503 with their headers', async () => {
    const missing = await app.get('/notes/me');
    expect([missing.status, missing.body, missing.headers.get('www-authenticate')]).toEqual([
      401,
      { caught: 401 },
      'Bearer realm="api"',
    ]);
    expect((await app.get('/notes/edit', await accessTokenOf('alice', { 'cognito:groups': [] }))).status).toBe(403);
    expect((await app.get('/notes/me', await accessTokenOf('alice'))).status).toBe(200);
  });

  it('answers 503, and not 401, while the keys cannot be had', async () => {
    const down = await startApp(adapter, appModule({ jwks: { uri: 'http://127.0.0.1:1/keys' } }), {
      prepare: (nest) => nest.useGlobalFilters(new CatchAllFilter()),
    });
    const answer = await down.get('/notes/me', await accessTokenOf('alice'));
    const byPassport = await down.get('/passport', await accessTokenOf('alice'));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(answer.headers.get('www-authenticate')).toBeNull();
    expect(byPassport.status).toBe(503);
    await down.close();
  });
});

describe('two applications in one process', () => {
  it.each(adapters)('do not accept the tokens of each other on %s', async (_, adapter) => {
    const moduleOf = (which: CognitoEmulator) => appModule(which.options);
    const first = await startApp(adapter, moduleOf(pool));
    const second = await startApp(adapter, moduleOf(staff));
    const ofFirst = await accessTokenOf('alice');
    const ofSecond = (await staff.tokensFor('alice')).accessToken;
    for (const path of ['/notes/me', '/passport']) {
      const answers = await Promise.all([
        first.get(path, ofFirst),
        first.get(path, ofSecond),
        second.get(path, ofFirst),
        second.get(path, ofSecond),
      ]);
      expect([path, ...answers.map(({ status }) => status)]).toEqual([path, 200, 401, 401, 200]);
    }
    await Promise.all([first.close(), second.close()]);
  });
});

describe('the global guard', () => {
  it.each(adapters)('covers every route that is not public on %s, and may be decided late', async (_, adapter) => {
    const late = CognitoModule.forRootAsync({ useFactory: async () => ({ ...bothPools(), globalGuard: true }) });
    const app = await startApp(adapter, { imports: [late], controllers: [BareController, NotesController] });
    const token = await accessTokenOf('alice');
    const verify = vi.spyOn(app.nest.get(CognitoTokenVerifier), 'verify');
    expect((await app.get('/bare')).status).toBe(401);
    expect((await app.get('/bare', token)).status).toBe(200);
    expect((await app.get('/bare-public')).status).toBe(200);
    verify.mockClear();
    expect((await app.get('/notes/me', token)).status).toBe(200);
    expect(verify).toHaveBeenCalledTimes(1);
    await app.close();
  });
});

describe('setting the module up', () => {
  class Factory implements CognitoOptionsFactory {
    createCognitoOptions(): CognitoOptions {
      return bothPools();
    }
  }

  @Module({ providers: [Factory], exports: [Factory] })
  class FactoryModule {}

  it.each([
    ['useFactory', () => CognitoModule.forRootAsync({ useFactory: () => bothPools() })],
    [
      'useFactory with inject',
      () =>
        CognitoModule.forRootAsync({
          imports: [FactoryModule],
          inject: [Factory],
          useFactory: (factory: Factory) => factory.createCognitoOptions(),
        }),
    ],
    ['useClass', () => CognitoModule.forRootAsync({ useClass: Factory })],
    ['useExisting', () => CognitoModule.forRootAsync({ imports: [FactoryModule], useExisting: Factory })],
  ])('works by %s', async (_, cognito) => {
    const app = await startApp(adapters[0][1], { imports: [cognito()], controllers: [NotesController] });
    expect((await app.get('/notes/me', await accessTokenOf('alice'))).status).toBe(200);
    await app.close();
  });

  it('is not global when that is asked for', async () => {
    const local = CognitoModule.forRoot({ ...bothPools(), isGlobal: false });
    @Module({ controllers: [NotesController] })
    class FeatureModule {}
    const start = startApp(adapters[0][1], { imports: [local, FeatureModule] });
    await expect(start).rejects.toThrowError(/CognitoAuthGuard/);
  });

  it('says at start, and not when the module is defined, which options are bad', async () => {
    const broken = CognitoModule.forRoot({ userPoolId: '', clientId: '' });
    await expect(startApp(adapters[0][1], { imports: [broken] })).rejects.toMatchObject({
      code: 'COGNITO_OPTIONS_INVALID',
      message: expect.stringMatching(/userPoolId: [^]*clientId: /),
    });
    expect(() => CognitoModule.forRootAsync({})).toThrowError(
      expect.objectContaining({ code: 'COGNITO_OPTIONS_INVALID' }),
    );
  });

  it('may be overridden by a test, in its options and in its authenticator', async () => {
    const broken = CognitoModule.forRoot({ userPoolId: '', clientId: '' });
    const metadata = {
      imports: [broken],
      controllers: [NotesController, PassportController],
      providers: [AlwaysStrategy],
    };
    const pointed = await startApp(adapters[0][1], metadata, {
      override: (builder) => builder.overrideProvider(COGNITO_OPTIONS).useValue(bothPools()),
    });
    expect((await pointed.get('/notes/me', await accessTokenOf('alice'))).status).toBe(200);
    await pointed.close();

    const principal = { kind: 'user', sub: 's', username: 'fake', groups: ['editors'], scopes: [], tokenUse: 'access' };
    const faked = await startApp(adapters[0][1], metadata, {
      override: (builder) =>
        builder
          .overrideProvider(COGNITO_OPTIONS)
          .useValue(bothPools())
          .overrideProvider(CognitoAuthenticator)
          .useValue({ authenticate: async () => principal }),
    });
    expect((await faked.get('/notes/me')).body).toMatchObject({ username: 'fake' });
    expect((await faked.get('/notes/edit')).status).toBe(200);
    expect((await faked.get('/notes/scoped')).status).toBe(403);
    expect((await faked.get('/passport')).body).toEqual({ username: 'fake' });
    await faked.close();
  });

  it('is refused twice in one application', async () => {
    const twice = { imports: [CognitoModule.forRoot(pool.options), CognitoModule.forRoot(staff.options)] };
    await expect(startApp(adapters[0][1], twice)).rejects.toMatchObject({ code: 'COGNITO_MODULE_DUPLICATE' });
  });

  it('refuses an access rule that asks for nothing', () => {
    const notLists = { any: 'admin' } as never;
    const withTypo = { any: ['admin'], noone: ['suspended'] } as never;
    for (const rule of [{}, { any: undefined }, { all: [] }, { none: [] }, notLists, withTypo]) {
      expect(() => RequireGroups(rule)).toThrowError(expect.objectContaining({ code: 'COGNITO_OPTIONS_INVALID' }));
    }
    expect(() => RequireGroups({ none: ['suspended'] })).not.toThrow();
  });

  it('is refused where another application has the HTTP instance, until that is closed', async () => {
    const express = new ExpressAdapter();
    const sharing = () => new ExpressAdapter(express.getInstance());
    const first = await startApp(sharing, appModule());
    await expect(startApp(sharing, appModule())).rejects.toMatchObject({ code: 'COGNITO_MODULE_DUPLICATE' });
    await first.close();
    const second = await startApp(sharing, appModule());
    await second.close();
  });

  it('leaves a request of no application that it knows to other strategies', async () => {
    const app = await startApp(adapters[0][1], appModule());
    const request = { headers: { authorization: `Bearer ${await accessTokenOf('alice')}` } };
    expect(await app.nest.get(CognitoStrategy).validate(request)).toEqual([false, 'Bearer']);
    await app.close();
  });

  it('asks for no local user of a machine, and for that of a user once', async () => {
    const localUsers = { resolve: vi.fn<() => Promise<object>>(async () => ({ row: 1 })) };
    const app = await startApp(adapters[0][1], appModule({ globalGuard: true }), {
      override: (builder) => builder.overrideProvider(LocalUsers).useValue(localUsers),
    });
    const machine = { username: undefined, sub: pool.options.clientId, origin_jti: undefined };
    expect((await app.get('/notes/me', await accessTokenOf('alice', machine))).status).toBe(200);
    expect((await app.get('/passport', await accessTokenOf('alice', machine))).status).toBe(200);
    expect(localUsers.resolve).not.toHaveBeenCalled();
    expect((await app.get('/notes/me', await accessTokenOf('alice'))).status).toBe(200);
    expect(localUsers.resolve).toHaveBeenCalledTimes(1);
    await app.close();
  });

  it('answers for each pool and kind of token of one request by itself', async () => {
    const app = await startApp(adapters[0][1], appModule());
    const authenticator = app.nest.get(CognitoAuthenticator);
    const request = { headers: { authorization: `Bearer ${await accessTokenOf('alice')}` } };
    expect(await authenticator.authenticate(request)).toMatchObject({ username: 'alice' });
    await expect(authenticator.authenticate(request, { pool: 'staff' })).rejects.toMatchObject({
      code: 'COGNITO_TOKEN_WRONG_ISSUER',
    });
    await expect(authenticator.authenticate(request, { tokenUse: 'id' })).rejects.toMatchObject({
      code: 'COGNITO_TOKEN_WRONG_USE',
    });
    await app.close();
  });

  it.each<[string, unknown, string]>([
    ['nothing', null, 'COGNITO_TOKEN_MISSING'],
    ['false', false, 'COGNITO_TOKEN_MISSING'],
    ['a promise', Promise.resolve({ token: 'x' }), 'COGNITO_TOKEN_MALFORMED'],
    ['no text', { token: 42 }, 'COGNITO_TOKEN_MALFORMED'],
  ])('answers 401 when an extractor of the application returns %s', async (_, returned, code) => {
    const extractors = [{ extract: () => returned as never }];
    const app = await startApp(adapters[0][1], appModule({ extractors }));
    const { status, body } = await app.get('/notes/me', await accessTokenOf('alice'));
    expect([status, body.code]).toEqual([401, code]);
    await app.close();
  });

  it('answers a refusal that is also a Nest exception', async () => {
    const caught: unknown[] = [];
    @Catch(UnauthorizedException)
    class OnUnauthorized implements ExceptionFilter {
      catch(exception: unknown, host: ArgumentsHost): void {
        caught.push(exception);
        host.switchToHttp().getResponse<{ sendStatus(code: number): void }>().sendStatus(401);
      }
    }
    const app = await startApp(adapters[0][1], appModule(), {
      prepare: (nest) => nest.useGlobalFilters(new OnUnauthorized()),
    });
    await app.get('/notes/me');
    expect(caught).toEqual([expect.objectContaining({ code: 'COGNITO_TOKEN_MISSING' })]);
    await app.close();
  });
});
