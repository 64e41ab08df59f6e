import { Controller, Get, Post, UseGuards } from '@nestjs/common';
import { AuthGuard, PassportModule } from '@nestjs/passport';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  BearerExtractor,
  CognitoAuthGuard,
  CognitoModule,
  type CognitoOptions,
  type CognitoRequest,
  CookieExtractor,
  OptionalAuth,
  Public,
} from '../../lib/index.js';
import { CognitoCsrfGuard, CognitoSessionModule, CognitoSessionService } from '../../lib/session/index.js';
import { CognitoEmulator } from '../../lib/testing/index.js';
import { adapters, type RunningApp, startApp } from '../support/nest-app.js';

const done = { done: true };

@Controller()
class NotesController {
  @UseGuards(CognitoAuthGuard) @Post('notes') add() {
    return done;
  }

  @UseGuards(CognitoAuthGuard) @Get('notes') list() {
    return done;
  }

  @OptionalAuth({ badToken: 'anonymous' }) @UseGuards(CognitoAuthGuard) @Post('votes') vote() {
    return done;
  }

  @UseGuards(AuthGuard('cognito')) @Post('passport') byPassport() {
    return done;
  }
}

@Controller()
class FormsController {
  @Public() @UseGuards(CognitoCsrfGuard) @Post('form') submit() {
    return done;
  }

  @UseGuards(CognitoAuthGuard, CognitoCsrfGuard) @Post('api') api() {
    return done;
  }

  @Public() @UseGuards(CognitoCsrfGuard) @Get('form') show() {
    return done;
  }
}

const SECRETS = ['a-secret-of-this-test-of-more-than-32-bytes'];
let pool: CognitoEmulator;
let token: string;
let app: RunningApp;

beforeAll(async () => {
  pool = await CognitoEmulator.start({ users: [{ username: 'alice', password: 'Passw0rd!' }] });
  token = (await pool.tokensFor('alice')).accessToken;
});

afterEach(() => app.close());
afterAll(() => pool.stop());

function options(more: Partial<CognitoOptions> = {}): CognitoOptions {
  const extractors = [new BearerExtractor(), new CookieExtractor({ name: 'access' })];
  return { ...pool.options, secrets: SECRETS, extractors, ...more };
}

/** Posts with these headers, and says what came of it. */
async function posted(path: string, headers: Record<string, string>, body?: string): Promise<number | string> {
  const response = await fetch(`${app.url}${path}`, { method: 'POST', headers, body: body ?? null });
  if (response.ok) return response.status;
  const { code } = (await response.json()) as { code: string };
  return `${response.status} ${code}`;
}

const REFUSED = '403 COGNITO_CSRF_REFUSED';

describe.each(adapters)('a request that counts by its cookie, on %s', (_, adapter) => {
  it('has to come from a page of the application, on every kind of guard and without any other', async () => {
    const imports = [CognitoModule.forRoot(options({ allowedOrigins: ['https://admin.example.com'] })), PassportModule];
    app = await startApp(adapter, { imports, controllers: [NotesController] });
    const cookie = `access=${token}`;
    for (const path of ['/notes', '/votes', '/passport']) {
      for (const headers of [
        {},
        { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
        { 'sec-fetch-site': 'same-site', origin: 'https://blog.example.com' },
        { 'sec-fetch-site': 'cross-site', origin: app.url },
        { origin: 'null' },
        { origin: `${app.url}.evil.example` },
      ]) {
        expect(await posted(path, { cookie, ...headers })).toBe(REFUSED);
      }
      for (const headers of [
        { 'sec-fetch-site': 'same-origin' },
        { origin: app.url },
        { 'sec-fetch-site': 'same-site', origin: 'https://admin.example.com' },
      ]) {
        expect(await posted(path, { cookie, ...headers })).toBe(201);
      }
      const evil = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
      expect(await posted(path, { authorization: `Bearer ${token}`, ...evil })).toBe(201);
    }
    expect(await posted('/notes', { cookie: 'access=made-up', 'sec-fetch-site': 'same-origin' })).toBe(
      '401 COGNITO_TOKEN_MALFORMED',
    );
    expect((await app.get('/notes', undefined, { cookie, 'sec-fetch-site': 'cross-site' })).status).toBe(200);
  });

  it('needs the CSRF token as well with CognitoSessionModule, and so does a form behind CognitoCsrfGuard', async () => {
    const imports = [CognitoModule.forRoot(options()), CognitoSessionModule.forRoot()];
    const prepare = (nest: RunningApp['nest']): void => {
      nest.getHttpAdapter().get('/token', (request: CognitoRequest, response: { send(text: string): void }) => {
        void nest
          .get(CognitoSessionService)
          .csrfToken(request)
          .then((text) => response.send(text));
      });
    };
    const controllers = [NotesController, FormsController];
    app = await startApp(adapter, { imports: [...imports, PassportModule], controllers }, { prepare });
    const given = await app.get('/token');
    const csrf = given.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const own = { 'sec-fetch-site': 'same-origin' };
    const cookie = `access=${token}; ${csrf}`;

    expect(await posted('/notes', { cookie, ...own })).toBe(REFUSED);
    expect(await posted('/notes', { cookie, ...own, 'x-csrf-token': given.text })).toBe(201);
    expect(await posted('/notes', { cookie, 'x-csrf-token': given.text })).toBe(201);
    expect(await posted('/notes', { cookie, 'x-csrf-token': given.text, 'sec-fetch-site': 'same-site' })).toBe(REFUSED);

    const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };
    const field = new URLSearchParams({ _csrf: given.text }).toString();
    expect(await posted('/form', { cookie: csrf, ...urlencoded }, field)).toBe(201);
    expect(await posted('/form', { cookie: csrf, ...urlencoded }, 'a=b')).toBe(REFUSED);
    expect(await posted('/form', { ...urlencoded }, field)).toBe(REFUSED);
    expect(await posted('/form', { cookie: csrf, 'content-type': 'text/plain' }, field)).toBe(REFUSED);
    expect(await posted('/form', { cookie: csrf, origin: 'https://evil.example', ...urlencoded }, field)).toBe(REFUSED);
    expect((await app.get('/form')).status).toBe(200);
    // What came by a bearer token cannot have been made by a foreign page.
    expect(await posted('/api', { authorization: `Bearer ${token}` })).toBe(201);
    expect(await posted('/api', { cookie: `access=${token}`, ...own })).toBe(REFUSED);
  });
});
