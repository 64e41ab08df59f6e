import { Controller, Get, Injectable, Logger, Scope, type Type, UseGuards } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard, PassportModule } from '@nestjs/passport';
import { Query, Resolver } from '@nestjs/graphql';
import { MessagePattern } from '@nestjs/microservices';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  Authorize,
  CognitoAuthGuard,
  CognitoModule,
  type CognitoOptions,
  CognitoTokens,
  CognitoUser,
  OptionalAuth,
  Public,
  RequireClaims,
  RequireGroups,
  RequireScopes,
  type RequestTokens,
  TokenUse,
  UserPool,
} from '../../lib/index.js';
import { CognitoEmulator } from '../../lib/testing/index.js';
import { adapters, type RunningApp, startApp } from '../support/nest-app.js';

let pool: CognitoEmulator;
let staff: CognitoEmulator;

beforeAll(async () => {
  const users = [{ username: 'alice', password: 'Passw0rd!', attributes: { email: 'alice@example.com' } }];
  [pool, staff] = await Promise.all([CognitoEmulator.start({ users }), CognitoEmulator.start({ users })]);
});

afterAll(() => Promise.all([pool.stop(), staff.stop()]));
afterEach(() => vi.restoreAllMocks());

const accessToken = async (claims: object): Promise<string> =>
  (await pool.tokensFor('alice', { claims: { ...claims } })).accessToken;

function cognito(options: Partial<CognitoOptions> = {}) {
  return CognitoModule.forRoot({ ...pool.options, pools: { staff: staff.options }, ...options });
}

interface TableRow {
  readonly rules: string;
  readonly statuses: readonly number[];
}

const guide = readFileSync(join(import.meta.dirname, '../../docs/guide/guards.md'), 'utf8');

/** The table of the guide: what rules come to, for each of five callers. */
const table: readonly TableRow[] = [...guide.matchAll(/^\| (.+?) +((?:\| [2345]\d\d +){5})\|$/gm)].map(
  ([, rules = '', statuses = '']) => ({ rules, statuses: (statuses.match(/\d+/g) ?? []).map(Number) }),
);

const decorators = { Authorize, OptionalAuth, Public, RequireClaims, RequireGroups, RequireScopes, TokenUse, UserPool };

/** Decorators as the guide writes them: the very text is run. */
function decoratorsIn(cell: string): (ClassDecorator & MethodDecorator)[] {
  return [...cell.matchAll(/`(@[^`]+)`/g)].map(([, text = '']) => decoratorOf(text));
}

function decoratorOf(text: string): ClassDecorator & MethodDecorator {
  return runInNewContext(text.replace('@', ''), decorators) as ClassDecorator & MethodDecorator;
}

function controllerOf({ rules }: TableRow, index: number): Type {
  class RowController {
    look(): object {
      return {};
    }
  }
  const [onClass = '', onMethod = ''] = rules.startsWith('class') ? rules.split(' method ') : ['', rules];
  for (const decorator of decoratorsIn(onMethod))
    decorator(RowController.prototype, 'look', descriptorOf(RowController));
  for (const decorator of decoratorsIn(onClass)) decorator(RowController);
  Get()(RowController.prototype, 'look', descriptorOf(RowController));
  UseGuards(CognitoAuthGuard)(RowController);
  Controller(`row-${index}`)(RowController);
  return RowController;
}

function descriptorOf(itsClass: Type): PropertyDescriptor {
  return Object.getOwnPropertyDescriptor(itsClass.prototype, 'look') ?? {};
}

describe.each(adapters)('the table of the guide on %s', (_, adapter) => {
  it('is what the guard does', async () => {
    vi.spyOn(Logger.prototype, 'error').mockReturnValue();
    const app = await startApp(adapter, { imports: [cognito()], controllers: table.map(controllerOf) });
    const notes = { scope: 'notes/read', tenant: 'blue' };
    const callers = [
      undefined,
      'not-a-token',
      await accessToken({}),
      await accessToken({ ...notes, 'cognito:groups': ['admin'] }),
      await accessToken({ ...notes, username: undefined, sub: pool.options.clientId, origin_jti: undefined }),
    ];
    const seen = await Promise.all(
      table.map(async ({ rules }, index) => {
        const answers = await Promise.all(callers.map((token) => app.get(`/row-${index}`, token)));
        return { rules, statuses: answers.map(({ status }) => status) };
      }),
    );
    await app.close();
    expect(seen).toEqual(table);
    expect(table.length).toBeGreaterThan(20);
  });
});

interface NamedRequest {
  readonly headers: { readonly 'x-name'?: string };
}

@UseGuards(CognitoAuthGuard)
@Authorize(({ kind }) => kind === 'user')
@Controller('own')
class OwnRulesController {
  @Authorize(async ({ username }, { headers }: NamedRequest) => headers['x-name'] === username) @Get('name') name() {
    return {};
  }

  @Authorize(() => 'yes' as never) @Get('vague') vague() {
    return {};
  }

  @Authorize(() => Promise.reject(Object.assign(new Error('S3cr3t'), { statusCode: 200 }))) @Get('broken') broken() {
    return {};
  }

  @Get('claim') claim(@CognitoUser('tenant') tenant: unknown, @CognitoUser('constructor') inherited: unknown) {
    return { tenant, inherited: inherited ?? null };
  }

  @Get('tokens') tokens(@CognitoTokens() tokens: RequestTokens) {
    return { ...tokens, frozen: Object.isFrozen(tokens) };
  }
}

@UseGuards(CognitoAuthGuard)
@OptionalAuth({ badToken: 'anonymous' })
@Controller('anonymous')
class AnonymousController {
  @Get() look(@CognitoTokens() tokens: unknown, @CognitoUser('sub') sub: unknown) {
    return { tokens: tokens ?? null, sub: sub ?? null };
  }
}

describe.each(adapters)('rules of an application on %s', (_, adapter) => {
  let app: RunningApp;

  beforeAll(async () => {
    app = await startApp(adapter, { imports: [cognito()], controllers: [OwnRulesController, AnonymousController] });
  });

  afterAll(() => app.close());

  it('are asked about principal and request, and nothing but true is a yes', async () => {
    const token = await accessToken({});
    expect((await app.get('/own/name', token, { 'x-name': 'alice' })).status).toBe(200);
    const other = await app.get('/own/name', token, { 'x-name': 'bob' });
    expect([other.status, other.body.code]).toEqual([403, 'COGNITO_POLICY_REFUSED']);
    expect((await app.get('/own/vague', token)).body.code).toBe('COGNITO_POLICY_REFUSED');
  });

  it('fail closed, and say why in the log alone', async () => {
    const logged = vi.spyOn(Logger.prototype, 'error').mockReturnValue();
    const { status, text } = await app.get('/own/broken', await accessToken({}));
    expect([status, text.includes('S3cr3t')]).toEqual([500, false]);
    expect(JSON.stringify(logged.mock.calls)).toContain('S3cr3t');
  });

  it('hand a claim and the tokens of the request to the handler', async () => {
    const token = await accessToken({ tenant: ['blue'] });
    expect((await app.get('/own/claim', token)).body).toEqual({ tenant: ['blue'], inherited: null });
    expect((await app.get('/own/tokens', token)).body).toEqual({ accessToken: token, frozen: true });
  });

  it('take the bearer of a bad token for anonymous where that is written, and an outage for an outage', async () => {
    const nobody = { tokens: null, sub: null };
    expect((await app.get('/anonymous')).body).toEqual(nobody);
    expect((await app.get('/anonymous', 'not-a-token')).body).toEqual(nobody);
    expect((await app.get('/anonymous', await accessToken({}))).body).not.toEqual(nobody);
    const down = await startApp(adapter, {
      imports: [cognito({ jwks: { uri: 'http://127.0.0.1:1/keys' } })],
      controllers: [AnonymousController],
    });
    expect((await down.get('/anonymous', await accessToken({}))).status).toBe(503);
    await down.close();
  });
});

describe('an application whose rules do not hold', () => {
  @Public()
  @RequireGroups({ any: ['admin'] })
  @UseGuards(CognitoAuthGuard)
  @Controller('contradiction')
  class ContradictionController {
    @Get() look() {
      return {};
    }
  }

  @Authorize(() => true)
  @UseGuards(CognitoAuthGuard)
  @Controller('opened')
  class OpenedController {
    @Public() @Get() look() {
      return {};
    }
  }

  @UserPool('nobody')
  @UseGuards(CognitoAuthGuard)
  @Controller('unknown')
  class UnknownPoolController {
    @Get() look() {
      return {};
    }
  }

  @RequireGroups({ any: ['admin'] })
  @Controller('bare')
  class UnguardedController {
    @Get() look() {
      return {};
    }
  }

  @UseGuards(AuthGuard('cognito'))
  @Controller('passport')
  class PassportController {
    @RequireScopes({ any: ['notes/read'] }) @Get() look() {
      return {};
    }
  }

  @Injectable()
  class DelegatingGuard {
    canActivate() {
      return false;
    }
  }

  @UseGuards(DelegatingGuard)
  @RequireGroups({ any: ['admin'] })
  @Controller('delegating')
  class DelegatingController {
    @Get() look() {
      return {};
    }
  }

  @Controller()
  class MessageController {
    @MessagePattern('list') list() {
      return [];
    }
  }

  @WebSocketGateway()
  class Gateway {
    @SubscribeMessage('say') say() {
      return {};
    }
  }

  @WebSocketGateway()
  class MuteGateway {}

  const starting = async (metadata: { controllers?: Type[]; providers?: Type[] }, options = {}, global = false) => {
    const app = await startApp(
      adapters[0][1],
      { imports: [PassportModule, cognito(options)], ...metadata },
      { prepare: (nest) => (global ? nest.useGlobalGuards(nest.get(CognitoAuthGuard)) : nest) },
    );
    await app.close();
  };
  const refusal = (message: RegExp) => ({
    code: 'COGNITO_ACCESS_RULES_INVALID',
    message: expect.stringMatching(message) as string,
  });

  it.each<[string, Type, RegExp]>([
    ['public and restricted', ContradictionController, /ContradictionController\.look is @Public/],
    ['public in a restricted class', OpenedController, /OpenedController\.look is @Public/],
    ['of an unknown pool', UnknownPoolController, /UnknownPoolController\.look has @UserPool\("nobody"\)/],
    ['restricted and not guarded', UnguardedController, /UnguardedController\.look has rules/],
    ['restricted behind Passport alone', PassportController, /PassportController\.look has rules/],
  ])('does not start with a route that is %s', async (_, controller, message) => {
    await expect(starting({ controllers: [controller] })).rejects.toMatchObject(refusal(message));
  });

  it('is told of every place at once', async () => {
    const start = starting({ controllers: [UnknownPoolController, UnguardedController] });
    await expect(start).rejects.toMatchObject(refusal(/UnknownPool[^]*Unguarded/));
  });

  it('starts where a guard of its own may ask ours, or ours is everywhere', async () => {
    await expect(starting({ controllers: [DelegatingController] })).resolves.toBeUndefined();
    await expect(
      starting({ controllers: [UnguardedController, PassportController] }, { globalGuard: true }),
    ).resolves.toBeUndefined();
    await expect(
      starting({ controllers: [UnguardedController, PassportController] }, {}, true),
    ).resolves.toBeUndefined();
  });

  it('starts with a guard that is made for each request, and with the one that a test put in the place of ours', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class ScopedGuard extends CognitoAuthGuard {}
    const scoped = { provide: APP_GUARD, useClass: ScopedGuard };
    const guarded = { controllers: [UnguardedController], imports: [cognito()], providers: [scoped] };
    const app = await startApp(adapters[0][1], guarded);
    expect((await app.get('/bare')).status).toBe(401);
    await app.close();

    const replaced = await startApp(
      adapters[0][1],
      { controllers: [UnguardedController], imports: [cognito({ globalGuard: true })] },
      { override: (builder) => builder.overrideProvider(CognitoAuthGuard).useValue({ canActivate: () => true }) },
    );
    expect((await replaced.get('/bare')).status).toBe(200);
    await replaced.close();
  });

  it.each<[string, { controllers?: Type[]; providers?: Type[] }]>([
    ['a message handler', { controllers: [MessageController] }],
    ['a gateway', { providers: [Gateway] }],
    ['a gateway that only sends', { providers: [MuteGateway] }],
  ])('does not start with %s that no guard reaches, when every route is to be guarded', async (_, metadata) => {
    await expect(starting(metadata, { globalGuard: true })).rejects.toMatchObject(refusal(/is reached by no global/));
  });

  it('starts with message handlers and gateways that are guarded or public', async () => {
    @UseGuards(CognitoAuthGuard)
    @Controller()
    class GuardedMessageController extends MessageController {}
    @Public()
    @WebSocketGateway()
    class OpenGateway extends Gateway {}
    @UseGuards(CognitoAuthGuard)
    @WebSocketGateway()
    class GuardedMuteGateway {}
    const metadata = { controllers: [GuardedMessageController], providers: [OpenGateway, GuardedMuteGateway] };
    await expect(starting(metadata, { globalGuard: true })).resolves.toBeUndefined();
    await expect(
      starting({ controllers: [MessageController], providers: [Gateway, MuteGateway] }),
    ).resolves.toBeUndefined();
  });

  describe('by a method that is written anew', () => {
    @UseGuards(CognitoAuthGuard)
    @Controller('parent')
    class ParentController {
      @RequireGroups({ any: ['admin'] }) @TokenUse('id') @Get() look() {
        return {};
      }
    }

    class GuardedMethodController {
      @UseGuards(CognitoAuthGuard) @Get() look() {
        return {};
      }

      @UseGuards(CognitoAuthGuard) @MessagePattern('list') list() {
        return [];
      }
    }

    it('does not start without the rules of the method that it overrides', async () => {
      @Controller('child')
      class ChildController extends ParentController {
        @TokenUse('id') @Get() override look() {
          return {};
        }
      }
      @Controller('grandchild')
      class GrandchildController extends ChildController {
        @Get() override look() {
          return {};
        }
      }
      await expect(starting({ controllers: [ChildController] })).rejects.toMatchObject(
        refusal(/ChildController\.look overrides a method with @RequireGroups, and/),
      );
      await expect(starting({ controllers: [GrandchildController] })).rejects.toMatchObject(
        refusal(/GrandchildController\.look overrides a method with @RequireGroups, @TokenUse, and/),
      );
    });

    it('does not start without the guard of the method that it overrides', async () => {
      @Controller('bare-child')
      class ChildController extends GuardedMethodController {
        @Get() override look() {
          return {};
        }
      }
      @Controller()
      class MessageChildController extends GuardedMethodController {
        @MessagePattern('list') override list() {
          return [];
        }
      }
      await expect(starting({ controllers: [ChildController] })).rejects.toMatchObject(
        refusal(/ChildController\.look overrides a method that CognitoAuthGuard guards/),
      );
      await expect(starting({ controllers: [MessageChildController] })).rejects.toMatchObject(refusal(/is reached by/));
      await expect(starting({ controllers: [ChildController] }, { globalGuard: true })).resolves.toBeUndefined();
    });

    it('starts where it repeats them, says who may pass, or is no route any more', async () => {
      @Controller('repeating')
      class RepeatingController extends ParentController {
        @RequireGroups({ any: ['staff'] }) @TokenUse('id') @Get() override look() {
          return {};
        }
      }
      @Controller('deliberate')
      class DeliberateController extends ParentController {
        @Public() @Get() override look() {
          return {};
        }
      }
      @Controller('undecorated')
      class UndecoratedController extends ParentController {
        override look() {
          return {};
        }
      }
      @Controller('inheriting')
      class InheritingController extends ParentController {}
      const app = await startApp(adapters[0][1], {
        imports: [cognito()],
        controllers: [RepeatingController, DeliberateController, UndecoratedController, InheritingController],
      });
      const statusOf = async (path: string) => (await app.get(path)).status;
      const paths = ['/repeating', '/deliberate', '/undecorated', '/inheriting'];
      expect(await Promise.all(paths.map(statusOf))).toEqual([401, 200, 404, 401]);
      await app.close();
    });
  });

  it('does not start with a resolver that is not guarded, though a factory or the application itself made it', async () => {
    @RequireGroups({ any: ['admin'] })
    @Resolver()
    class BareResolver {
      @Query(() => String) look() {
        return '';
      }
    }
    const provide = BareResolver.name;
    for (const provider of [
      { provide, useFactory: () => new BareResolver() },
      { provide, useValue: new BareResolver() },
    ]) {
      const app = startApp(adapters[0][1], { imports: [cognito()], providers: [provider] });
      await expect(app).rejects.toMatchObject(refusal(/BareResolver\.look has rules/));
    }
  });
});
